import { abs, mean, type Scalar, sub, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { meanWithin, pairOf, type WithinOptions } from './pair';

/**
 * How far pictures are apart on average: the mean absolute difference, lower is better.
 *
 * y = mean over pictures of mean over values of |a - b|
 *
 * @param a [B, H, W, C] or [H, W, C], any range.
 * @param b the same shape.
 * @param options a mask of what counts, such as the hole: a picture's mean is then over that alone, and 0 where there is nothing.
 * @returns a scalar >= 0, in the unit of the values.
 * @throws ShapeError
 * @example
 * ```ts
 * const error = l1Distance(composite, truth, { within: hole });
 * ```
 */
export function l1Distance(a: Tensor3D | Tensor4D, b: Tensor3D | Tensor4D, options: WithinOptions = {}): Scalar {
  return tidy(() => {
    const [x, y] = pairOf(a, b, 'l1Distance');
    return mean(meanWithin(abs(sub<Tensor4D>(x, y)), options.within, 'l1Distance'));
  });
}
