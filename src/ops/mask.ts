import { abs, cast, div, greater, lessEqual, logicalNot, max, maxPool, mul, pad, slice, sub, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkOneOf, checkWhole } from '../check';
import { squaredDistance } from './distance';
import { checkImage, likeRank, toBatch } from './rank';

/** Options of {@link normalizeMask}. */
export interface NormalizeMaskOptions {
  /** The colour of the hole; `'alpha'` takes transparent pixels for the hole, `'opaque'` those that are not. Default `'white'`. */
  hole?: 'white' | 'black' | 'alpha' | 'opaque';
  /** How far a pixel may be from the keep colour and still be kept, as a share of the full range, in [0, 1). Default 0.1. */
  threshold?: number;
  /** The value of white. Default 255 for int32 masks, 1 for float32 and bool ones. */
  maximum?: number;
}

/**
 * Brings a mask picture of any polarity to [.., 1] with hole = 1 and everything else 0.
 *
 * hole = max over colours of |value - keep| / maximum > threshold, where keep is black if the hole is white and the
 * other way round; colours are laid over the keep colour by their alpha first. For `'alpha'`: 1 - alpha / maximum > threshold;
 * for `'opaque'`: alpha / maximum > threshold
 *
 * A pixel that is not clearly to be kept belongs to the hole: the soft edges of JPEG and of antialiased brushes do too.
 *
 * @param mask [H, W, C] or [B, H, W, C] with C = 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA), values in [0, maximum].
 * @param options polarity and threshold.
 * @returns [.., 1] of the mask's rank, float32, hole = 1, keep = 0.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const hole = normalizeMask(maskPixels, { hole: 'black' });
 * ```
 */
export function normalizeMask<T extends Tensor3D | Tensor4D>(mask: T, options: NormalizeMaskOptions = {}): T {
  const { hole = 'white', threshold = 0.1, maximum = mask.dtype === 'int32' ? 255 : 1 } = options;
  checkImage(mask, 'normalizeMask', 'mask');
  const channels = mask.shape[mask.rank - 1];
  checkArgument(channels >= 1 && channels <= 4, 'normalizeMask', 'mask', 'of 1 to 4 channels', channels);
  checkOneOf(hole, ['white', 'black', 'alpha', 'opaque'], 'normalizeMask', 'hole');
  const byAlpha = hole === 'alpha' || hole === 'opaque';
  checkArgument(!byAlpha || channels % 2 === 0, 'normalizeMask', 'mask', `of 2 or 4 channels where hole is '${hole}'`, channels);
  checkArgument(threshold >= 0 && threshold < 1, 'normalizeMask', 'threshold', 'in [0, 1)', threshold);
  checkArgument(maximum > 0, 'normalizeMask', 'maximum', '> 0', maximum);
  return tidy(() => {
    const values = div(toBatch(cast(mask, 'float32')), maximum);
    const colours = channels < 3 ? 1 : 3;
    const [batch, height, width] = values.shape;
    const colour = slice(values, [0, 0, 0, 0], [batch, height, width, colours]);
    const alpha = channels % 2 === 0 ? slice(values, [0, 0, 0, colours], [batch, height, width, 1]) : undefined;
    let away = max<Tensor4D>(abs(sub(colour, hole === 'white' ? 0 : 1)), 3, true);
    if (alpha) away = hole === 'alpha' ? sub<Tensor4D>(1, alpha) : hole === 'opaque' ? (alpha as Tensor4D) : mul<Tensor4D>(away, alpha);
    // Not "greater": a NaN is not clearly to be kept either.
    return likeRank(cast(logicalNot(lessEqual(away, threshold)), 'float32') as Tensor4D, mask);
  });
}

/**
 * Grows a hole by a disc (dilation).
 *
 * y[p] = 1 where a hole pixel lies within `radius` of p by Euclidean distance, else 0
 *
 * @param hole [H, W, 1] or [B, H, W, 1], hole where > 0.
 * @param radius in pixels, >= 0, may be fractional; below 1 the hole stays as it is.
 * @returns the grown hole, float32 in {0, 1}, of the shape of `hole`.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const grown = growMask(hole, 3);
 * ```
 */
export function growMask<T extends Tensor3D | Tensor4D>(hole: T, radius: number): T {
  checkImage(hole, 'growMask', 'hole', '1');
  checkArgument(Number.isFinite(radius) && radius >= 0, 'growMask', 'radius', 'a finite number >= 0', radius);
  return tidy(() => cast(lessEqual(squaredDistance(hole, radius), Math.floor(radius * radius)), 'float32') as T);
}

/** Options of {@link poolMask}. */
export interface PoolMaskOptions {
  /** How many cells the pooled mask is grown by on every side, diagonals included. Default 0; the CRA networks use 1. */
  dilate?: number;
}

/**
 * Pools a hole mask to cells: a cell is hole if any of its pixels is.
 *
 * y[i, j] = max of hole over the cell's pixels, then the max over (2 dilate + 1)^2 cells
 *
 * Cells start at the top left corner; those cut by the right and bottom border count the pixels they have.
 *
 * @param hole [H, W, 1] or [B, H, W, 1], hole where > 0.
 * @param cell the side of a cell in pixels, a whole number >= 1.
 * @param options growth in cells.
 * @returns [.., ceil(H / cell), ceil(W / cell), 1], float32 in {0, 1}.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const invalid = poolMask(hole, 16, { dilate: 1 }); // 512 x 512 -> 32 x 32
 * ```
 * Source: Yi et al., Contextual Residual Aggregation (arXiv 2005.09704), the mask of the attention.
 */
export function poolMask<T extends Tensor3D | Tensor4D>(hole: T, cell: number, options: PoolMaskOptions = {}): T {
  const dilate = options.dilate ?? 0;
  checkImage(hole, 'poolMask', 'hole', '1');
  checkWhole(cell, 1, 'poolMask', 'cell');
  checkWhole(dilate, 0, 'poolMask', 'dilate');
  return tidy(() => {
    const binary = cast(greater(toBatch(hole), 0), 'float32') as Tensor4D;
    const [, height, width] = binary.shape;
    const whole = pad(binary, [
      [0, 0],
      [0, (cell - (height % cell)) % cell],
      [0, (cell - (width % cell)) % cell],
      [0, 0],
    ]);
    const cells = maxPool(whole, cell, cell, 'valid');
    return likeRank(dilate === 0 ? cells : maxPool(cells, 2 * dilate + 1, 1, 'same'), hole);
  });
}
