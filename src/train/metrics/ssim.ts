import { mean, type Scalar, sub, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument } from '../../check';
import { checkedRange, pairOf, type RangeOptions } from './pair';
import { similarity, WINDOW } from './similarity';

/**
 * Structural similarity (SSIM): how alike pictures are in brightness, contrast and structure, higher is better.
 *
 * y = mean of (2 mx my + c1)(2 sxy + c2) / ((mx^2 + my^2 + c1)(sxx + syy + c2)) over pictures, channels and windows of 11 x 11 that lie wholly
 * inside, weighted by a Gaussian of deviation 1.5; c1 = (0.01 L)^2, c2 = (0.03 L)^2, L = the range's length. As `tf.image.ssim`.
 *
 * @param a [B, H, W, C] or [H, W, C], in the range; H and W at least 11.
 * @param b the same shape.
 * @param options the range of values.
 * @returns a scalar in [-1, 1], 1 where the pictures are equal.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const likeness = ssim(composite, truth);
 * ```
 * Source: Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity (2004).
 */
export function ssim(a: Tensor3D | Tensor4D, b: Tensor3D | Tensor4D, options: RangeOptions = {}): Scalar {
  const { range = [-1, 1] } = options;
  const length = checkedRange(range, 'ssim');
  return tidy(() => {
    const [x, y] = pairOf(a, b, 'ssim');
    const side = Math.min(x.shape[1], x.shape[2]);
    checkArgument(side >= WINDOW, 'ssim', 'a', `at least ${WINDOW} pixels high and wide`, side);
    return mean(similarity(sub(x, range[0]), sub(y, range[0]), length).whole);
  });
}
