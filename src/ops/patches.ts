import { cast, reshape, type Tensor3D, type Tensor4D, tidy, transpose } from '@tensorflow/tfjs-core';
import { checkArgument, checkOneOf, checkSameShape, checkWhole } from '../check';
import { type AxisMap, applyMaps, linear, transposeMap } from './axis-map';
import { checkImage, likeRank, toBatch } from './rank';

/** Where the patches of {@link extractPatches} lie. */
export interface PatchOptions {
  /** Side of a patch in pixels, a whole number >= 1. */
  size: number;
  /** Distance between neighbouring patches in pixels, a whole number >= 1. Default 1. */
  stride?: number;
  /** Distance between the pixels of a patch, a whole number >= 1. Default 1: every pixel. */
  rate?: number;
  /**
   * `'valid'` (default): patches wholly inside the picture. `'same'`: ceil(H / stride) rows and ceil(W / stride) columns,
   * zeros beyond the border, the odd one of them at the bottom and right, as in TensorFlow.
   */
  padding?: 'same' | 'valid';
}

/** Options of {@link foldPatches}. */
export interface FoldOptions extends PatchOptions {
  /** [height, width] of the picture that the patches were taken from. */
  shape: [number, number];
}

/**
 * Takes overlapping square patches out of a picture.
 *
 * y[r, c, (i size + j) C + k] = x[r stride + i rate - top, c stride + j rate - left, k], 0 beyond the border
 *
 * Values are copied bit for bit. The gradient is {@link foldPatches}, to any order, on every backend.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @param options size, stride, rate and padding.
 * @returns [.., rows, columns, size * size * C]; the last axis runs over row in the patch, column in the patch, channel.
 * @throws ShapeError, ArgumentError (also where a patch is larger than the picture and padding is `'valid'`)
 * @example
 * ```ts
 * const patches = extractPatches(features, { size: 3, stride: 2, padding: 'same' });
 * ```
 */
export function extractPatches<T extends Tensor3D | Tensor4D>(x: T, options: PatchOptions): T {
  checkImage(x, 'extractPatches', 'x');
  return tidy(() => {
    const batch = toBatch(cast(x, 'float32'));
    const grid = gridOf([batch.shape[1], batch.shape[2]], options, 'extractPatches');
    return likeRank(extract(batch, grid), x);
  });
}

/**
 * Adds patches up to a picture, overlaps summed: the adjoint of {@link extractPatches}.
 *
 * y[p, q, k] = sum of patches[r, c, (i size + j) C + k] over all r, c, i, j that lie at (p, q)
 *
 * Folding patches of ones gives the number of patches over each pixel. The gradient is {@link extractPatches}.
 *
 * @param patches [rows, columns, size * size * C] or the same with a batch axis in front, float32, any range, finite.
 * @param options those that the patches were taken with, and the picture's height and width.
 * @returns [.., height, width, C], of the patches' rank.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const sum = foldPatches(patches, { size: 8, stride: 4, padding: 'same', shape: [128, 128] });
 * ```
 */
export function foldPatches<T extends Tensor3D | Tensor4D>(patches: T, options: FoldOptions): T {
  checkImage(patches, 'foldPatches', 'patches');
  checkArgument(Array.isArray(options.shape) && options.shape.length === 2, 'foldPatches', 'shape', '[height, width]', options.shape);
  checkWhole(options.shape[0], 1, 'foldPatches', 'shape[0]');
  checkWhole(options.shape[1], 1, 'foldPatches', 'shape[1]');
  const grid = gridOf(options.shape, options, 'foldPatches');
  const channels = Math.max(1, Math.floor(patches.shape[patches.rank - 1] / grid.size ** 2));
  const expected = [grid.rows.count, grid.columns.count, grid.size ** 2 * channels];
  checkSameShape(patches.shape, patches.rank === 4 ? [patches.shape[0], ...expected] : expected, 'foldPatches', 'patches');
  return tidy(() => likeRank(fold(toBatch(cast(patches, 'float32')), grid), patches));
}

interface Axis {
  /** Pixels along the picture. */
  length: number;
  /** Patches along the picture. */
  count: number;
  /** For each patch, and in it for each of its pixels: where in the picture, or beyond its border. */
  indices: number[];
}

interface Grid {
  size: number;
  rows: Axis;
  columns: Axis;
}

function gridOf(shape: [number, number], options: PatchOptions, op: string): Grid {
  const { size, stride = 1, rate = 1, padding = 'valid' } = options;
  checkWhole(size, 1, op, 'size');
  checkWhole(stride, 1, op, 'stride');
  checkWhole(rate, 1, op, 'rate');
  checkOneOf(padding, ['same', 'valid'], op, 'padding');
  const extent = (size - 1) * rate + 1;
  const [rows, columns] = shape.map((length) => {
    checkArgument(padding === 'same' || extent <= length, op, 'size', `at most the picture's ${length} pixels ((size - 1) * rate + 1)`, extent);
    const count = padding === 'same' ? Math.ceil(length / stride) : Math.floor((length - extent) / stride) + 1;
    const before = padding === 'same' ? Math.floor(Math.max(0, (count - 1) * stride + extent - length) / 2) : 0;
    const indices = Array.from({ length: count * size }, (_, n) => Math.floor(n / size) * stride + (n % size) * rate - before);
    return { length, count, indices };
  });
  return { size, rows, columns };
}

// [B, H, W, C] -> [B, rows * size, columns * size, C] by picking lines and columns -> patches by a transposition.
function extract(x: Tensor4D, grid: Grid): Tensor4D {
  const { size, rows, columns } = grid;
  return linear(
    x,
    (t) => {
      const [batch, , , channels] = t.shape;
      const cells = applyMaps(t, pickMap(rows), pickMap(columns));
      const apart = transpose(reshape(cells, [batch, rows.count, size, columns.count, size, channels]), [0, 1, 3, 2, 4, 5]);
      return reshape(apart, [batch, rows.count, columns.count, size * size * channels]);
    },
    (dy) => fold(dy, grid),
  );
}

function fold(patches: Tensor4D, grid: Grid): Tensor4D {
  const { size, rows, columns } = grid;
  return linear(
    patches,
    (t) => {
      const batch = t.shape[0];
      const channels = t.shape[3] / size ** 2;
      const apart = reshape(t, [batch, rows.count, columns.count, size, size, channels]);
      const cells = reshape(transpose(apart, [0, 1, 3, 2, 4, 5]), [batch, rows.count * size, columns.count * size, channels]) as Tensor4D;
      return applyMaps(cells, transposeMap(pickMap(rows)), transposeMap(pickMap(columns)));
    },
    (dy) => extract(dy, grid),
  );
}

const pickMap = ({ indices, length }: Axis): AxisMap => {
  const inside = indices.map((i) => (i >= 0 && i < length ? [i] : []));
  return { size: length, indices: inside, weights: inside.map((row) => row.map(() => 1)) };
};
