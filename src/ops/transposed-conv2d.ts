import {
  add,
  customGrad,
  getBackend,
  getKernel,
  matMul,
  pad,
  reshape,
  slice,
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
}

/**
 * Enlarges a picture by a learned kernel: the transpose of a strided convolution (fractionally strided convolution).
 *
 * y[i, j, o] = b[o] + sum over (a, b, c) of x[a, b, c] w[i + padding - stride a, j + padding - stride b, o, c], where those
 * places are in the kernel
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @param weights [k, k, output channels, C], float32: the output's channels come first, as in `tf.conv2dTranspose`.
 * @param options bias, stride, padding. The defaults, with a 4 x 4 kernel, enlarge twofold.
 * @returns [.., (H - 1) stride + k - 2 padding, likewise for W, output channels]. Differentiable in everything.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const larger = transposedConv2d(x, w, { bias, stride: 2, padding: 1 });
 * ```
 */
export function transposedConv2d<T extends Tensor3D | Tensor4D>(x: T, weights: Tensor4D, options: TransposedConvOptions = {}): T {
  const { bias, stride = 2, padding = 1 } = options;
  checkImage(x, 'transposedConv2d', 'x');
  checkShape(weights, 'KKOC', 'transposedConv2d', 'weights');
  const [size, , output] = weights.shape;
  checkSameShape(weights.shape, [size, size, output, x.shape[x.rank - 1]], 'transposedConv2d', 'weights');
  if (bias) checkSameShape(bias.shape, [output], 'transposedConv2d', 'bias');
  checkWhole(stride, 1, 'transposedConv2d', 'stride');
  checkWhole(padding, 0, 'transposedConv2d', 'padding');
  const smallest = Math.min(x.shape[x.rank - 3], x.shape[x.rank - 2]);
  const most = Math.floor(((smallest - 1) * stride + size - 1) / 2);
  checkArgument(padding <= most, 'transposedConv2d', 'padding', `at most ${most}, which leaves a pixel`, padding);

  return tidy(() => {
    const batch = toBatch(x);
    const y = getKernel('Conv2DBackpropFilter', getBackend()) ? spread(batch, weights, stride, padding) : spreadWithGradient(batch, weights, stride, padding);
    return likeRank((bias ? add(y, bias) : y) as Tensor4D, x);
  });
}

function spread(x: Tensor4D, weights: Tensor4D, stride: number, padding: number): Tensor4D {
  const [batch, height, width] = x.shape;
  const [size, , output] = weights.shape;
  // What tfjs calls 'same' cuts (size - stride) / 2 off each side. Not every backend takes numbers.
  if (2 * padding === size - stride) return tfConv2dTranspose(x, weights, [batch, height * stride, width * stride, output], stride, 'same');
  const full = (n: number) => (n - 1) * stride + Math.max(size, stride);
  const whole = tfConv2dTranspose(x, weights, [batch, full(height), full(width), output], stride, 'valid');
  const kept = (n: number) => (n - 1) * stride + size - 2 * padding;
  return slice(whole, [0, padding, padding, 0], [batch, kept(height), kept(width), output]);
}

// The patches are as many times larger than the output as the kernel is larger than the stride.
const MOST_PATCH_VALUES = 2 ** 25;

/** The same by one product of matrices: six times as fast on wasm, whose own kernel is a plain loop. */
function spreadByPatches(x: Tensor4D, weights: Tensor4D, stride: number, padding: number): Tensor4D {
  const [batch, height, width, input] = x.shape;
  const [size, , output] = weights.shape;
  const [pixels, length] = [batch * height * width, size * size * output];
  if (pixels * length > MOST_PATCH_VALUES || stride > size) return spread(x, weights, stride, padding);
  return tidy(() => {
    const [picture, kernel] = [reshape(x, [pixels, input]), reshape(weights, [length, input])];
    // Products with a transposed factor are slow there; of the two ways, the one that moves less.
    const laid = pixels < input ? transpose(matMul(kernel, transpose(picture))) : matMul(picture, transpose(kernel));
    const full = (n: number) => (n - 1) * stride + size;
    const patches = reshape(laid, [batch, height, width, length]) as Tensor4D;
    const whole = foldPatches(patches, { size, stride, padding: 'valid', shape: [full(height), full(width)] });
    return slice(whole, [0, padding, padding, 0], [batch, full(height) - 2 * padding, full(width) - 2 * padding, output]);
  });
}

// tfjs has a gradient in the weights only where the backend has a kernel for it, which wasm has not.
function spreadWithGradient(x: Tensor4D, weights: Tensor4D, stride: number, padding: number): Tensor4D {
  const [size, , output, input] = weights.shape;
  return customGrad((...args) => {
    const [picture, kernel, save] = args as unknown as [Tensor4D, Tensor4D, (tensors: Tensor[]) => void];
    save([picture, kernel]);
    const gradFunc = (dy: Tensor, [p, w]: Tensor[]) => {
      const [batch, height, width] = p.shape as [number, number, number];
      const upstream = pad(dy as Tensor4D, [
        [0, 0],
        [padding, padding],
        [padding, padding],
        [0, 0],
      ]);
      const patches = reshape(extractPatches(upstream, { size, stride, padding: 'valid' }), [batch * height * width, size * size * output]);
      const flat = reshape(p, [batch * height * width, input]);
      return [tfConv2d(upstream, w as Tensor4D, stride, 'valid') as Tensor, reshape(matMul(patches, flat, true), [size, size, output, input])];
    };
    return { value: spreadByPatches(picture, kernel, stride, padding) as Tensor, gradFunc };
  })(x, weights) as Tensor4D;
}
