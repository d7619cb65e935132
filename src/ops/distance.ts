import { add, cast, greater, minimum, mul, pad, slice, square, sub, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument } from '../check';
import { checkImage, likeRank, toBatch } from './rank';

/**
 * Measures the exact squared Euclidean distance from each pixel to the nearest hole pixel, as far as `reach`.
 *
 * y[p] = min over hole pixels q of |p - q|^2, where that is at most reach^2; larger than reach^2 elsewhere
 *
 * Two passes: distances along the rows by doubling steps, then the minimum over the rows within reach, so the work
 * grows with `reach`, not with its square.
 *
 * @param hole [H, W, 1] or [B, H, W, 1], hole where > 0.
 * @param reach in pixels, >= 0, may be fractional.
 * @returns squared distances in pixels, float32, of the shape of `hole`; 0 in the hole.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const near = tf.lessEqual(squaredDistance(hole, 8), 64);
 * ```
 */
export function squaredDistance<T extends Tensor3D | Tensor4D>(hole: T, reach: number): T {
  checkImage(hole, 'squaredDistance', 'hole', '1');
  checkArgument(Number.isFinite(reach) && reach >= 0, 'squaredDistance', 'reach', 'a finite number >= 0', reach);
  return tidy(() => {
    const batch = toBatch(cast(hole, 'float32'));
    const [, height, width] = batch.shape;
    const far = Math.floor(reach) + 1;
    let along: Tensor4D = mul(sub(1, cast(greater(batch, 0), 'float32')), far);
    // After steps of 1, 2, .., s every distance below 2 s is found.
    for (let step = 1; step <= Math.min(reach, width - 1); step *= 2) {
      const padded = pad(
        along,
        [
          [0, 0],
          [0, 0],
          [step, step],
          [0, 0],
        ],
        far,
      );
      const left = slice(padded, [0, 0, 0, 0], along.shape);
      const right = slice(padded, [0, 0, 2 * step, 0], along.shape);
      along = minimum(along, add(minimum(left, right), step));
    }
    along = minimum(along, far);
    let squared = square(along);
    const rows = Math.min(Math.floor(reach), height - 1);
    const padded = pad(
      squared,
      [
        [0, 0],
        [rows, rows],
        [0, 0],
        [0, 0],
      ],
      far * far,
    );
    for (let row = 1; row <= rows; row++) {
      const above = slice(padded, [0, rows - row, 0, 0], squared.shape);
      const below = slice(padded, [0, rows + row, 0, 0], squared.shape);
      squared = minimum(squared, add(minimum(above, below), row * row));
    }
    return likeRank(squared, hole);
  });
}
