import { div, log, maximum, mean, mul, type Scalar, square, sub, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkedRange, meanWithin, pairOf, type RangeOptions, type WithinOptions } from './pair';

/** Below this share of the squared range, a mean squared error is float32's own: 120 dB. */
const LEAST = 1e-12;

/**
 * Peak signal-to-noise ratio, higher is better.
 *
 * y = mean over pictures of 10 log10(L^2 / mean of (a - b)^2), L = the range's length
 *
 * @param a [B, H, W, C] or [H, W, C], in the range.
 * @param b the same shape.
 * @param options the range of values, and a mask of what counts, such as the hole.
 * @returns a scalar in decibels; no picture counts for more than 120, not even one that equals the other: nothing in a log is infinite.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const decibels = psnr(composite, truth);
 * ```
 */
export function psnr(a: Tensor3D | Tensor4D, b: Tensor3D | Tensor4D, options: RangeOptions & WithinOptions = {}): Scalar {
  const { range = [-1, 1], within } = options;
  const length = checkedRange(range, 'psnr');
  return tidy(() => {
    const [x, y] = pairOf(a, b, 'psnr');
    const error = maximum(LEAST, meanWithin(square(div<Tensor4D>(sub(x, y), length)), within, 'psnr'));
    return mul(mean(log(error)), -10 / Math.LN10);
  });
}
