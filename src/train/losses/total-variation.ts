import { add, mean, mul, type Scalar, slice, sub, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkSameShape, checkShape } from '../../check';
import { poolMask } from '../../ops/mask';
import { magnitude } from './magnitude';

/**
 * How much neighbouring pixels differ in and around a hole.
 *
 * loss = mean of |z[i, j + 1] - z[i, j]| + mean of |z[i + 1, j] - z[i, j]|, z = x times the hole grown by one pixel on all sides
 *
 * @param x [B, H, W, C], float32, H and W >= 2: a fill with the picture's own pixels around it. What it holds there counts
 * in the loss, but not in what can be learnt from it.
 * @param hole [B, H, W, 1], hole = 1.
 * @returns a scalar >= 0. Differentiable in x.
 * @throws ShapeError
 * @example
 * ```ts
 * const loss = totalVariation(composite(fill, photo, hole), hole);
 * ```
 * Source: Liu et al. (arXiv 1804.07723), L_tv.
 */
export function totalVariation(x: Tensor4D, hole: Tensor4D): Scalar {
  checkShape(x, 'BHWC', 'totalVariation', 'x');
  checkSameShape(hole.shape, [...x.shape.slice(0, 3), 1], 'totalVariation', 'hole');
  return tidy(() => {
    const z = mul(x, poolMask(hole, 1, { dilate: 1 })) as Tensor4D;
    return add(mean(magnitude(step(z, 1))), mean(magnitude(step(z, 2)))) as Scalar;
  });
}

/** Each pixel less the one before it along an axis. */
function step(x: Tensor4D, axis: 1 | 2): Tensor4D {
  const size = x.shape.map((n, i) => (i === axis ? n - 1 : n)) as [number, number, number, number];
  const second = [0, 0, 0, 0].map((_, i) => Number(i === axis)) as [number, number, number, number];
  return sub(slice(x, second, size), slice(x, [0, 0, 0, 0], size));
}
