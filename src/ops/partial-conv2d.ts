import {
  add,
  cast,
  div,
  greater,
  maximum,
  mul,
  ones,
  pad,
  sum,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
  tidy,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { checkArgument, checkOneOf, checkSameShape, checkShape, checkWhole } from '../check';
import { conv2dValid } from './conv2d-valid';
import { checkImage, likeRank, toBatch } from './rank';

/** Options of {@link partialConv2d}. */
export interface PartialConvOptions {
  /** [output channels], added where a window has seen anything valid. */
  bias?: Tensor1D;
  /** Step between windows in pixels, a whole number >= 1. Default 1. */
  stride?: number;
  /** Zeros on all four sides, a whole number >= 0, or `'same'`, which keeps an odd kernel centred: dilation (size - 1) / 2. Default `'same'`. */
  padding?: number | 'same';
  /** Distance between the pixels of a window, a whole number >= 1. Default 1. */
  dilation?: number;
  /**
   * `'single'`: one mask channel for all channels of x; `'multi'`: one each. Default: told from the channels of `valid`.
   * A single mask counts k k values to a window, one each k k C.
   */
  maskKind?: 'single' | 'multi';
}

/** What {@link partialConv2d} returns. */
export interface PartialConvResult<T extends Tensor3D | Tensor4D = Tensor3D | Tensor4D> {
  /** [.., rows, columns, output channels] */
  features: T;
  /** [.., rows, columns, 1], float32 in {0, 1}: 1 where the window has seen anything valid. */
  valid: T;
}

/**
 * Convolves a picture's valid values only, and tells where there were any.
 *
 * y = (sum of w x m over the window) * n / (sum of m over the window) + b where that sum is > 0, else 0; the new mask is 1
 * where it is > 0. m is `valid`, n the window's size (k k, or k k C with a mask each); what lies beyond the border counts as hole
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range; what stands where `valid` is 0 (NaN too) is not read.
 * @param valid [.., 1] or of x's shape, valid where > 0, hole = 0.
 * @param weights [k, k, C, output channels], float32.
 * @param options bias, stride, padding, dilation and kind of mask.
 * @returns the features and the new mask, both of x's rank. Differentiable in x, weights and bias.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { features, valid } = partialConv2d(x, tf.sub(1, hole), w, { bias, stride: 2 });
 * ```
 * Source: Liu et al., Image Inpainting for Irregular Holes Using Partial Convolutions (arXiv 1804.07723).
 */
export function partialConv2d<T extends Tensor3D | Tensor4D>(x: T, valid: T, weights: Tensor4D, options: PartialConvOptions = {}): PartialConvResult<T> {
  const { bias, stride = 1, dilation = 1 } = options;
  checkImage(x, 'partialConv2d', 'x');
  checkShape(weights, 'KKCO', 'partialConv2d', 'weights');
  const [size, , channels, output] = weights.shape;
  checkSameShape(weights.shape, [size, size, x.shape[x.rank - 1], output], 'partialConv2d', 'weights');
  const maskChannels = valid.shape[valid.rank - 1];
  const { maskKind = maskChannels === 1 ? 'single' : 'multi' } = options;
  checkOneOf(maskKind, ['single', 'multi'], 'partialConv2d', 'maskKind');
  checkSameShape(valid.shape, [...x.shape.slice(0, -1), maskKind === 'single' ? 1 : channels], 'partialConv2d', 'valid');
  if (bias) checkSameShape(bias.shape, [output], 'partialConv2d', 'bias');
  checkWhole(stride, 1, 'partialConv2d', 'stride');
  checkWhole(dilation, 1, 'partialConv2d', 'dilation');
  const extent = dilation * (size - 1) + 1;
  const { padding = 'same' } = options;
  checkArgument(padding !== 'same' || size % 2 === 1, 'partialConv2d', 'padding', "a number where the kernel's size is even", padding);
  const margin = padding === 'same' ? (extent - 1) / 2 : padding;
  checkWhole(margin, 0, 'partialConv2d', 'padding');
  const smallest = Math.min(x.shape[x.rank - 3], x.shape[x.rank - 2]) + 2 * margin;
  checkArgument(extent <= smallest, 'partialConv2d', 'weights', `no larger than the padded picture (${smallest} pixels)`, extent);

  return tidy(() => {
    const around: [number, number][] = [
      [0, 0],
      [margin, margin],
      [margin, margin],
      [0, 0],
    ];
    const known = greater(toBatch(valid), 0);
    const picture = toBatch(cast(x, 'float32'));
    const weighed = conv2dValid(pad(where(known, picture, zerosLike(picture)), around), weights, stride, dilation);
    const count = sum(cast(known, 'float32'), 3, true) as Tensor4D;
    const seen = conv2dValid(pad(count, around), ones([size, size, 1, 1]), stride, dilation);
    const newValid = cast(greater(seen, 0), 'float32') as Tensor4D;
    const whole = size * size * (maskKind === 'single' ? 1 : channels);
    const scaled = mul(weighed, div(mul(newValid, whole), maximum(seen, 1)));
    const features = bias ? add(scaled, mul(newValid, bias)) : scaled;
    return { features: likeRank(features as Tensor4D, x), valid: likeRank(newValid, x) };
  });
}
