import {
  add,
  cast,
  engine,
  getBackend,
  getKernel,
  greater,
  minimum,
  mul,
  pad,
  reshape,
  slice,
  square,
  sub,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import { checkArgument } from '../check';
import '../kernels/cpu/squared-distance';
import { SQUARED_DISTANCE, type SquaredDistanceAttributes } from '../kernels/squared-distance';
import { checkImage, toBatch } from './rank';

/**
 * Measures the exact squared Euclidean distance from each pixel to the nearest hole pixel, as far as `reach`.
 *
 * y[p] = min((floor(reach) + 1)^2, min over hole pixels q of |p - q|^2)
 *
 * So it is exact up to `reach`, and larger than reach^2 beyond. Two passes, one along the rows and one along the columns. On cpu
 * and wasm the time is the same for any reach; elsewhere it grows with `reach`, not with its square.
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
    const [batch, height, width] = toBatch(hole).shape;
    // Without the channel axis, so that slices copy whole rows.
    const flat = reshape(cast(hole, 'float32'), [batch, height, width]) as Tensor3D;
    const squared = getKernel(SQUARED_DISTANCE, getBackend())
      ? (engine().runKernel(SQUARED_DISTANCE, { hole: flat }, { reach } satisfies SquaredDistanceAttributes) as Tensor)
      : composedSquaredDistance(flat, reach);
    return reshape(squared, hole.shape) as T;
  });
}

/** The distance as a composition of tfjs ops, over [B, H, W]: what runs where there is no kernel. */
export function composedSquaredDistance(hole: Tensor3D, reach: number): Tensor3D {
  return tidy(() => {
    const [, height, width] = hole.shape;
    const far = Math.floor(reach) + 1;
    let along: Tensor3D = mul(sub(1, cast(greater(hole, 0), 'float32')), far);
    // After steps of 1, 2, .., s every distance below 2 s is found.
    for (let step = 1; step <= Math.min(reach, width - 1); step *= 2) {
      const padded = pad(
        along,
        [
          [0, 0],
          [0, 0],
          [step, step],
        ],
        far,
      );
      const left = slice(padded, [0, 0, 0], along.shape);
      const right = slice(padded, [0, 0, 2 * step], along.shape);
      along = minimum(along, add(minimum(left, right), step));
    }
    let squared = square(minimum<Tensor3D>(along, far));
    const rows = Math.min(Math.floor(reach), height - 1);
    const padded = pad(
      squared,
      [
        [0, 0],
        [rows, rows],
        [0, 0],
      ],
      far * far,
    );
    for (let row = 1; row <= rows; row++) {
      const above = slice(padded, [0, rows - row, 0], squared.shape);
      const below = slice(padded, [0, rows + row, 0], squared.shape);
      squared = minimum(squared, add(minimum(above, below), row * row));
    }
    return squared;
  });
}
