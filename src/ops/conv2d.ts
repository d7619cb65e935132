import { add, backend_util, engine, fused, pad, type Tensor1D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkOneOf, checkSameShape, checkShape, checkWhole } from '../check';
import { type Activation, activate, activations } from './activation';
import { conv2dValid } from './conv2d-valid';
import { leakyRelu } from './leaky-relu';
import { checkImage, likeRank, toBatch } from './rank';

/** Options of {@link conv2d}. */
export interface ConvOptions {
  /** [output channels], added before the activation. */
  bias?: Tensor1D;
  /** Step between windows in pixels, a whole number >= 1. Default 1. */
  stride?: number;
  /** Distance between the pixels of a window, a whole number >= 1. Default 1. */
  dilation?: number;
  /**
   * Zeros around the picture: `'same'` (default) as TensorFlow lays them, which for even sizes and stride 2 is more at the
   * bottom right; `'valid'` none; a number, so many on all four sides, as PyTorch does.
   */
  padding?: 'same' | 'valid' | number;
  /** What the result goes through. Default `'linear'`. */
  activation?: Activation;
}

// A leaky ReLU follows by itself: the op of that name is many times as fast as tfjs's own on wasm.
const FUSED: Partial<Record<Activation, 'linear' | 'elu' | 'relu'>> = { linear: 'linear', elu: 'elu', relu: 'relu', 'leaky-relu': 'linear' };

/**
 * Convolves a picture (cross-correlation, as everywhere in deep learning).
 *
 * y[i, j, o] = activation(b[o] + sum over (p, q, c) of w[p, q, c, o] x[stride i + dilation p - top, stride j + dilation q - left, c])
 *
 * Unlike `tf.conv2d` it has a gradient for every dilation and on every backend; where none is asked for, bias and
 * activation are fused into the convolution.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @param weights [k, k, C, output channels], float32.
 * @param options bias, stride, dilation, padding, activation.
 * @returns [.., rows, columns, output channels].
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const y = conv2d(x, w, { bias, stride: 2, activation: 'elu' });
 * ```
 */
export function conv2d<T extends Tensor3D | Tensor4D>(x: T, weights: Tensor4D, options: ConvOptions = {}): T {
  const { bias, stride = 1, dilation = 1, padding = 'same', activation = 'linear' } = options;
  checkImage(x, 'conv2d', 'x');
  checkShape(weights, 'KKCO', 'conv2d', 'weights');
  const [size, , , output] = weights.shape;
  checkSameShape(weights.shape, [size, size, x.shape[x.rank - 1], output], 'conv2d', 'weights');
  if (bias) checkSameShape(bias.shape, [output], 'conv2d', 'bias');
  checkWhole(stride, 1, 'conv2d', 'stride');
  checkWhole(dilation, 1, 'conv2d', 'dilation');
  if (padding !== 'same' && padding !== 'valid') checkWhole(padding, 0, 'conv2d', 'padding');
  checkOneOf(activation, activations, 'conv2d', 'activation');

  return tidy(() => {
    const batch = toBatch(x);
    const around = zerosAround(batch.shape, size, stride, dilation, padding);
    const extent = dilation * (size - 1) + 1;
    const smallest = Math.min(batch.shape[1] + around[1][0] + around[1][1], batch.shape[2] + around[2][0] + around[2][1]);
    checkArgument(extent <= smallest, 'conv2d', 'weights', `no larger than the padded picture (${smallest} pixels)`, extent);
    // tfjs has no kernel for a stride and a dilation at once, and no gradient for dilations.
    const fuses = engine().state.gradientDepth === 0 && (stride === 1 || dilation === 1) && FUSED[activation] !== undefined;
    if (fuses) {
      const y = fused.conv2d({
        x: batch,
        filter: weights,
        strides: stride,
        dilations: dilation,
        // Where windows don't touch, wasm's own idea of 'same' is another.
        pad: padding === 'same' && stride <= size ? 'same' : around,
        bias,
        activation: FUSED[activation],
      });
      return likeRank(activation === 'leaky-relu' ? leakyRelu(y) : y, x);
    }
    const padded = around.flat().some((n) => n > 0) ? pad(batch, around) : batch;
    const sum = conv2dValid(padded, weights, stride, dilation);
    return likeRank(activate[activation](bias ? add(sum, bias) : sum) as Tensor4D, x);
  });
}

type Around = [[number, number], [number, number], [number, number], [number, number]];

/** How many zeros go before and after each axis. */
function zerosAround(shape: number[], size: number, stride: number, dilation: number, padding: 'same' | 'valid' | number): Around {
  if (padding === 'same') {
    const { top, bottom, left, right } = backend_util.computeConv2DInfo(
      shape as [number, number, number, number],
      [size, size, shape[3], 1],
      stride,
      dilation,
      'same',
    ).padInfo;
    return [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
  }
  const margin = padding === 'valid' ? 0 : padding;
  return [
    [0, 0],
    [margin, margin],
    [margin, margin],
    [0, 0],
  ];
}
