import {
  add,
  customGrad,
  getBackend,
  getKernel,
  matMul,
  pad,
  reshape,
  reverse,
  slice,
  stack,
  stridedSlice,
  type Tensor,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
  conv2d as tfConv2d,
  conv2dTranspose as tfConv2dTranspose,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape, checkShape, checkWhole } from '../check';
import { extractPatches, foldPatches } from './patches';
import { checkImage, likeRank, toBatch } from './rank';

/** Options of {@link transposedConv2d}. */
export interface TransposedConvOptions {
  /** [output channels], added in the end. */
  bias?: Tensor1D;
  /** How far apart input pixels come to lie in the output, a whole number >= 1. Default 2. */
  stride?: number;
  /** How many pixels are cut off the full result on all four sides, a whole number >= 0, as in PyTorch. Default 1. */
  padding?: number;
  /** How many rows and columns more are kept at the bottom and right, a whole number >= 0 and < stride, as in PyTorch. Default 0. */
  outputPadding?: number;
}

/**
 * Enlarges a picture by a learned kernel: the transpose of a strided convolution (fractionally strided convolution).
 *
 * y[i, j, o] = b[o] + sum over (a, b, c) of x[a, b, c] w[i + padding - stride a, j + padding - stride b, o, c], where those
 * places are in the kernel
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @param weights [k, k, output channels, C], float32: the output's channels come first, as in `tf.conv2dTranspose`.
 * @param options bias, stride, padding, output padding. The defaults, with a 4 x 4 kernel, enlarge twofold; so does a 3 x 3 kernel
 * with an output padding of 1.
 * @returns [.., (H - 1) stride + k - 2 padding + outputPadding, likewise for W, output channels]. Differentiable in everything.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const larger = transposedConv2d(x, w, { bias, stride: 2, padding: 1 });
 * ```
 */
export function transposedConv2d<T extends Tensor3D | Tensor4D>(x: T, weights: Tensor4D, options: TransposedConvOptions = {}): T {
  const { bias, stride = 2, padding = 1, outputPadding = 0 } = options;
  checkImage(x, 'transposedConv2d', 'x');
  checkShape(weights, 'KKOC', 'transposedConv2d', 'weights');
  const [size, , output] = weights.shape;
  checkSameShape(weights.shape, [size, size, output, x.shape[x.rank - 1]], 'transposedConv2d', 'weights');
  if (bias) checkSameShape(bias.shape, [output], 'transposedConv2d', 'bias');
  checkWhole(stride, 1, 'transposedConv2d', 'stride');
  checkWhole(padding, 0, 'transposedConv2d', 'padding');
  checkWhole(outputPadding, 0, 'transposedConv2d', 'outputPadding');
  checkArgument(outputPadding < stride, 'transposedConv2d', 'outputPadding', `less than the stride, ${stride}`, outputPadding);
  const smallest = Math.min(x.shape[x.rank - 3], x.shape[x.rank - 2]);
  const most = Math.floor(((smallest - 1) * stride + size - 1) / 2);
  checkArgument(padding <= most, 'transposedConv2d', 'padding', `at most ${most}, which leaves a pixel`, padding);

  return tidy(() => {
    const batch = toBatch(x);
    const cut: Cut = { stride, padding, outputPadding };
    const y = getKernel('Conv2DBackpropFilter', getBackend()) ? spread(batch, weights, cut) : spreadWithGradient(batch, weights, cut);
    return likeRank((bias ? add(y, bias) : y) as Tensor4D, x);
  });
}

type Cut = Required<Pick<TransposedConvOptions, 'stride' | 'padding' | 'outputPadding'>>;

/** The length of all that kernels are laid over along an axis, and zeros beyond it where the output padding reaches further. */
const wholeLength = (n: number, size: number, { stride, padding, outputPadding }: Cut) => (n - 1) * stride + size + Math.max(0, outputPadding - padding);
const keptLength = (n: number, size: number, { stride, padding, outputPadding }: Cut) => (n - 1) * stride + size - 2 * padding + outputPadding;

function spread(x: Tensor4D, weights: Tensor4D, cut: Cut): Tensor4D {
  const [batch, height, width] = x.shape;
  const [size, , output] = weights.shape;
  const { stride, padding, outputPadding } = cut;
  // What tfjs calls 'same' cuts (size - stride) / 2 off each side. Not every backend takes numbers.
  if (2 * padding === size - stride && outputPadding === 0) {
    return tfConv2dTranspose(x, weights, [batch, height * stride, width * stride, output], stride, 'same');
  }
  const full = (n: number) => Math.max(n * stride, wholeLength(n, size, cut));
  const whole = tfConv2dTranspose(x, weights, [batch, full(height), full(width), output], stride, 'valid');
  return slice(whole, [0, padding, padding, 0], [batch, keptLength(height, size, cut), keptLength(width, size, cut), output]);
}

// The patches are as many times larger than the output as the kernel is larger than the stride.
const MOST_PATCH_VALUES = 2 ** 25;

/** The same by one product of matrices: six times as fast on wasm, whose own kernel is a plain loop. */
function spreadByPatches(x: Tensor4D, weights: Tensor4D, cut: Cut): Tensor4D {
  const [batch, height, width, input] = x.shape;
  const [size, , output] = weights.shape;
  const { stride, padding } = cut;
  const [pixels, length] = [batch * height * width, size * size * output];
  if (stride > size) return spread(x, weights, cut);
  if (pixels * length > MOST_PATCH_VALUES) return spreadByPhases(x, weights, cut);
  return tidy(() => {
    const [picture, kernel] = [reshape(x, [pixels, input]), reshape(weights, [length, input])];
    // Products with a transposed factor are slow there; of the two ways, the one that moves less.
    const laid = pixels < input ? transpose(matMul(kernel, transpose(picture))) : matMul(picture, transpose(kernel));
    const patches = reshape(laid, [batch, height, width, length]) as Tensor4D;
    const shape: [number, number] = [wholeLength(height, size, cut), wholeLength(width, size, cut)];
    const whole = foldPatches(patches, { size, stride, padding: 'valid', shape });
    return slice(whole, [0, padding, padding, 0], [batch, keptLength(height, size, cut), keptLength(width, size, cut), output]);
  });
}

/**
 * The same by plain convolutions, one for the outputs of each place modulo the stride, with the taps that reach them: ten times as
 * fast on wasm as its own kernel, and without patches.
 */
export function spreadByPhases(x: Tensor4D, weights: Tensor4D, cut: Cut): Tensor4D {
  const [batch, height, width] = x.shape;
  const [size, , output, input] = weights.shape;
  const { stride } = cut;
  return tidy(() => {
    const kernel = transpose(weights, [0, 1, 3, 2]);
    const [rows, columns] = [keptLength(height, size, cut), keptLength(width, size, cut)];
    const [rowPhases, columnPhases] = [phasesOf(height, Math.ceil(rows / stride), size, cut), phasesOf(width, Math.ceil(columns / stride), size, cut)];
    const lines = rowPhases.map((row) => {
      const pixels = columnPhases.map((column) => {
        const taps = reverse(stridedSlice(kernel, [row.tap, column.tap, 0, 0], [size, size, input, output], [stride, stride, 1, 1]), [0, 1]) as Tensor4D;
        return tfConv2d(within(x, row, column), taps, 1, 'valid');
      });
      return reshape(stack(pixels, 3), [batch, Math.ceil(rows / stride), stride * Math.ceil(columns / stride), output]);
    });
    const whole = reshape(stack(lines, 2), [batch, stride * Math.ceil(rows / stride), stride * Math.ceil(columns / stride), output]) as Tensor4D;
    return slice(whole, [0, 0, 0, 0], [batch, rows, columns, output]);
  });
}

/** The first tap that reaches a phase's outputs along an axis, and how many pixels go before and after the input; negative ones are taken off. */
interface Phase {
  readonly tap: number;
  readonly before: number;
  readonly after: number;
}

const phasesOf = (length: number, count: number, size: number, { stride, padding }: Cut): Phase[] =>
  Array.from({ length: stride }, (_, place) => {
    const [tap, first] = [(place + padding) % stride, Math.floor((place + padding) / stride)];
    return { tap, before: Math.ceil((size - tap) / stride) - 1 - first, after: count + first - length };
  });

function within(x: Tensor4D, row: Phase, column: Phase): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const off = (n: number) => Math.max(0, -n);
  const size = (length: number, { before, after }: Phase) => length - off(before) - off(after);
  const kept = slice(x, [0, off(row.before), off(column.before), 0], [batch, size(height, row), size(width, column), channels]);
  const around = ({ before, after }: Phase): [number, number] => [Math.max(0, before), Math.max(0, after)];
  return pad(kept, [[0, 0], around(row), around(column), [0, 0]]);
}

// tfjs has a gradient in the weights only where the backend has a kernel for it, which wasm has not.
function spreadWithGradient(x: Tensor4D, weights: Tensor4D, cut: Cut): Tensor4D {
  const [size, , output, input] = weights.shape;
  const { stride, padding, outputPadding } = cut;
  return customGrad((...args) => {
    const [picture, kernel, save] = args as unknown as [Tensor4D, Tensor4D, (tensors: Tensor[]) => void];
    save([picture, kernel]);
    const gradFunc = (dy: Tensor, [p, w]: Tensor[]) => {
      const [batch, height, width] = p.shape as [number, number, number];
      const around: [number, number] = [padding, Math.max(0, padding - outputPadding)];
      const upstream = pad(dy as Tensor4D, [[0, 0], around, around, [0, 0]]);
      const patches = reshape(extractPatches(upstream, { size, stride, padding: 'valid' }), [batch * height * width, size * size * output]);
      const flat = reshape(p, [batch * height * width, input]);
      return [tfConv2d(upstream, w as Tensor4D, stride, 'valid') as Tensor, reshape(matMul(patches, flat, true), [size, size, output, input])];
    };
    return { value: spreadByPatches(picture, kernel, cut) as Tensor, gradFunc };
  })(x, weights) as Tensor4D;
}
