import { mirrorPad, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkWhole } from '../check';
import { type AxisMap, applyMaps, linear, transposeMap } from './axis-map';
import { checkImage, likeRank, toBatch } from './rank';

/**
 * Lays a margin around a picture that mirrors it, the border itself not repeated.
 *
 * y[i, j] = x[m(i - margin), m(j - margin)], m(i) = |i|, and 2 (n - 1) - i beyond the far border
 *
 * A margin that is wider than the picture goes on mirroring; a single pixel is repeated. Values are copied bit for bit. The
 * gradient is the exact adjoint (that of `tf.mirrorPad` forgets what the margin adds), to any order, on every backend.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @param margin pixels on each of the four sides, a whole number >= 0.
 * @returns [.., H + 2 margin, W + 2 margin, C].
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const y = conv2d(reflectPad(x, 1), w, { padding: 'valid' });
 * ```
 */
export function reflectPad<T extends Tensor3D | Tensor4D>(x: T, margin: number): T {
  checkImage(x, 'reflectPad', 'x');
  checkWhole(margin, 0, 'reflectPad', 'margin');
  return tidy(() => {
    const batch = toBatch(x);
    const [, height, width] = batch.shape;
    const [rows, columns] = [mirrorMap(height, margin), mirrorMap(width, margin)];
    const y = linear(
      batch,
      (t) => (margin < Math.min(height, width) ? mirrored(t, margin) : applyMaps(t, rows, columns)),
      (dy) => applyMaps(dy, transposeMap(rows), transposeMap(columns)),
    );
    return likeRank(y, x);
  });
}

const mirrored = (x: Tensor4D, margin: number): Tensor4D =>
  mirrorPad(
    x,
    [
      [0, 0],
      [margin, margin],
      [margin, margin],
      [0, 0],
    ],
    'reflect',
  );

function mirrorMap(length: number, margin: number): AxisMap {
  const period = Math.max(1, 2 * (length - 1));
  const indices = Array.from({ length: length + 2 * margin }, (_, i) => {
    const place = (((i - margin) % period) + period) % period;
    return [Math.min(place, period - place) % length];
  });
  return { size: length, indices, weights: indices.map(() => [1]) };
}
