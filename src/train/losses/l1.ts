import { mean, mul, type Scalar, sub, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkSameShape, checkShape } from '../../check';
import { magnitude } from './magnitude';

/**
 * The mean absolute difference.
 *
 * loss = mean of |x - target| over all values
 *
 * @param x [B, H, W, C], float32, any range.
 * @param target of x's shape.
 * @returns a scalar >= 0. Differentiable; its slope is 0 where both agree.
 * @throws ShapeError
 * @example
 * ```ts
 * const loss = tf.mul(100, l1(translated, target));
 * ```
 */
export function l1(x: Tensor4D, target: Tensor4D): Scalar {
  checkPair(x, target, 'l1');
  return tidy(() => mean(magnitude(sub(x, target))) as Scalar);
}

/**
 * The mean absolute difference in the hole, over all values of the picture: small holes count for little.
 *
 * loss = mean of hole |x - target|
 *
 * @param x [B, H, W, C], float32, any range.
 * @param target of x's shape.
 * @param hole [B, H, W, 1], hole = 1.
 * @returns a scalar >= 0. Differentiable.
 * @throws ShapeError
 * @example
 * ```ts
 * const loss = holeL1(fill, photo, hole);
 * ```
 * Source: Liu et al. (arXiv 1804.07723), L_hole.
 */
export function holeL1(x: Tensor4D, target: Tensor4D, hole: Tensor4D): Scalar {
  checkMasked(x, target, hole, 'holeL1');
  return tidy(() => mean(mul(magnitude(sub(x, target)), hole)) as Scalar);
}

/**
 * The mean absolute difference outside the hole, over all values of the picture.
 *
 * loss = mean of (1 - hole) |x - target|
 *
 * @param x [B, H, W, C], float32, any range.
 * @param target of x's shape.
 * @param hole [B, H, W, 1], hole = 1.
 * @returns a scalar >= 0. Differentiable.
 * @throws ShapeError
 * @example
 * ```ts
 * const loss = validL1(fill, photo, hole);
 * ```
 * Source: Liu et al. (arXiv 1804.07723), L_valid.
 */
export function validL1(x: Tensor4D, target: Tensor4D, hole: Tensor4D): Scalar {
  checkMasked(x, target, hole, 'validL1');
  return tidy(() => mean(mul(magnitude(sub(x, target)), sub(1, hole))) as Scalar);
}

/** Checks two pictures of one shape. */
export function checkPair(x: Tensor4D, target: Tensor4D, owner: string): void {
  checkShape(x, 'BHWC', owner, 'x');
  checkSameShape(target.shape, x.shape, owner, 'target');
}

/** Checks two pictures of one shape and a hole of their size. */
export function checkMasked(x: Tensor4D, target: Tensor4D, hole: Tensor4D, owner: string): void {
  checkPair(x, target, owner);
  checkSameShape(hole.shape, [...x.shape.slice(0, 3), 1], owner, 'hole');
}
