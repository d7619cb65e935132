import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { placesOf } from '../arrays/places';
import { checkArgument, checkSameShape, checkShape, checkWhole } from '../check';
import type { Correspondence, NearestField, SoftAttention } from './correspondence';

/** Which part of the picture {@link aggregateResidual} computes, and how. */
export interface AggregateOptions {
  /** First row and the row after the last, in pixels of the residual. Default: all. */
  rows?: [number, number];
  /** First column and the column after the last. Default: all. */
  columns?: [number, number];
  /** Soft attention: rows * columns numbers, row-major; cells with 0 are not computed and stay 0. Default: all cells. */
  cells?: ArrayLike<number>;
  /**
   * Nearest field: whether a pixel blends the residuals that the four low-resolution pixels around it point to, bilinearly, instead of
   * taking the one that its own points to. Pixels without a correspondent (offset 0, 0) take no part. Default false.
   */
  crossFade?: boolean;
}

/** Options of {@link aggregateResidualBands}. */
export interface AggregateBandsOptions {
  /** Rows of a band, a whole number >= 1; what is held at a time is in proportion to it. Default 64. */
  bandHeight?: number;
  /** As in {@link AggregateOptions}. */
  crossFade?: boolean;
}

/** One part of the aggregated residual. The consumer disposes the tensor. */
export interface ResidualBand {
  /** Row of the band's first pixel in the picture. */
  row: number;
  /** Column of the band's first pixel in the picture. */
  column: number;
  /** [rows, columns, C], float32. */
  residual: Tensor3D;
}

/**
 * Gathers for each pixel the detail of the places that its own place resembles.
 *
 * Soft attention over a grid of cells of H / rows x W / columns pixels, each cell a patch of its own, no overlap:
 * y[patch q] = sum over r of scores[q, r] * residual[patch r]
 *
 * Nearest field at low resolution h x w, with o the offsets and s = (H / h, W / w):
 * y[p] = residual[p + floor(s * o[floor(p / s)] + 0.5)], and with cross-fading the bilinear mean of that over the four low-resolution
 * pixels around p. Places beyond the border are clipped to it.
 *
 * Differentiable with respect to the residual and the scores.
 *
 * @param residual [H, W, C], float32, any range: the picture less its upsampled low resolution, 0 in the hole.
 * @param correspondence for soft attention H and W must be whole multiples of rows and columns; for a nearest field any size will do.
 * @param options the part of the picture to compute; see {@link AggregateOptions}.
 * @returns [rows of the part, columns of the part, C], float32.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const detail = aggregateResidual(residual, { kind: 'soft-attention', scores });
 * ```
 * Source: Yi et al., Contextual Residual Aggregation (arXiv 2005.09704), section 3.2.
 */
export function aggregateResidual(residual: Tensor3D, correspondence: Correspondence, options: AggregateOptions = {}): Tensor3D {
  const op = 'aggregateResidual';
  checkShape(residual, 'HWC', op, 'residual');
  checkCorrespondence(residual, correspondence, op);
  const [height, width] = residual.shape;
  const { rows = [0, height], columns = [0, width], cells, crossFade = false } = options;
  checkRange(rows, height, op, 'rows');
  checkRange(columns, width, op, 'columns');
  return tf.tidy(() => {
    if (correspondence.kind === 'nearest-field') return nearestPart(residual, correspondence, rows, columns, crossFade);
    const { scores } = correspondence;
    if (cells) checkArgument(cells.length === scores.shape[2], op, 'cells', `${scores.shape[2]} numbers`, cells.length);
    return softPart(residual, scores, rows, columns, cells);
  });
}

/**
 * Aggregates the residual of the hole band by band, so that what is held at a time does not grow with the picture's height.
 *
 * The bands are those of {@link aggregateResidual}; only rows and columns (and, for soft attention, cells) that the hole touches are computed.
 * All bands but the last of a cell or picture have the same size. With soft attention the bands come interleaved: all that share the same rows
 * of their cells follow each other, because they read the same rows of the residual.
 *
 * @param residual as for {@link aggregateResidual}.
 * @param correspondence as for {@link aggregateResidual}.
 * @param hole [H, W, 1], hole where > 0; read back once a band at the start.
 * @param options see {@link AggregateBandsOptions}.
 * @returns an async generator of bands; none where there is no hole.
 * @throws ShapeError, ArgumentError (at the first band)
 * @example
 * ```ts
 * for await (const { row, column, residual } of aggregateResidualBands(detail, correspondence, hole)) {
 *   addTo(result, await residual.data(), row, column);
 *   residual.dispose();
 * }
 * ```
 */
export async function* aggregateResidualBands(
  residual: Tensor3D,
  correspondence: Correspondence,
  hole: Tensor3D,
  options: AggregateBandsOptions = {},
): AsyncGenerator<ResidualBand, void, undefined> {
  const op = 'aggregateResidualBands';
  const { bandHeight = 64, crossFade = false } = options;
  checkShape(residual, 'HWC', op, 'residual');
  checkCorrespondence(residual, correspondence, op);
  checkSameShape(hole.shape, [residual.shape[0], residual.shape[1], 1], op, 'hole');
  checkWhole(bandHeight, 1, op, 'bandHeight');
  if (correspondence.kind === 'nearest-field') yield* nearestBands(residual, correspondence, hole, bandHeight, crossFade);
  else yield* softBands(residual, correspondence, hole, bandHeight);
}

function checkCorrespondence(residual: Tensor3D, correspondence: Correspondence, op: string): void {
  const [height, width] = residual.shape;
  if (correspondence.kind === 'nearest-field') {
    checkShape(correspondence.offsets, 'HW2', op, 'correspondence.offsets');
    return;
  }
  const { scores } = correspondence;
  checkShape(scores, 'HWC', op, 'correspondence.scores');
  const [rows, columns] = scores.shape;
  checkArgument(scores.shape[2] === rows * columns, op, 'correspondence.scores', '[rows, columns, rows * columns]', `[${scores.shape.join(', ')}]`);
  checkArgument(height % rows === 0 && width % columns === 0, op, 'residual', `a whole multiple of ${rows} x ${columns} cells`, `${height} x ${width}`);
}

function checkRange([from, to]: [number, number], length: number, op: string, argument: string): void {
  const holds = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= length;
  checkArgument(holds, op, argument, `[from, to) within 0 .. ${length}`, `[${from}, ${to}]`);
}

/** Rows [from, to) of each cell, as one row per cell: [rows * columns, (to - from) * cell width * C]. */
function cellRows(residual: Tensor3D, [rows, columns]: number[], from: number, to: number): Tensor2D {
  const [height, width, channels] = residual.shape;
  const lines = tf.slice(tf.reshape(residual, [rows, height / rows, width * channels]), [0, from, 0], [rows, to - from, width * channels]);
  const apart = tf.transpose(tf.reshape(lines, [rows, to - from, columns, width / columns, channels]), [0, 2, 1, 3, 4]);
  return tf.reshape(apart, [rows * columns, -1]);
}

/** Cells [first, last) of one row of cells, mixed from `patches`: [rows of the patches, columns, C]. Cells that are not wanted are 0. */
function mixedCells(
  scores: Tensor3D,
  patches: Tensor2D,
  cellRow: number,
  [first, last]: [number, number],
  channels: number,
  cellWidth: number,
  cells?: ArrayLike<number>,
): Tensor3D {
  const count = last - first;
  const weights = tf.reshape(tf.slice(scores, [cellRow, first, 0], [1, count, scores.shape[2]]), [count, scores.shape[2]]) as Tensor2D;
  const wanted = Array.from({ length: count }, (_, k) => first + k).filter((k) => !cells || cells[cellRow * scores.shape[1] + k]);
  const lines = patches.shape[1] / (channels * cellWidth);
  let mixed: Tensor;
  if (wanted.length === count) mixed = tf.matMul(weights, patches);
  else if (wanted.length === 0) return tf.zeros([lines, count * cellWidth, channels]);
  else {
    const some = tf.matMul(
      tf.gather(
        weights,
        tf.tensor1d(
          wanted.map((k) => k - first),
          'int32',
        ),
      ),
      patches,
    );
    // One row of zeros more, for the cells that were left out.
    const rank = new Map(wanted.map((k, i) => [k - first, i]));
    const places = Array.from({ length: count }, (_, k) => rank.get(k) ?? wanted.length);
    mixed = tf.gather(tf.concat([some, tf.zeros([1, patches.shape[1]])]), tf.tensor1d(places, 'int32'));
  }
  const apart = tf.transpose(tf.reshape(mixed, [count, lines, cellWidth, channels]), [1, 0, 2, 3]);
  return tf.reshape(apart, [lines, count * cellWidth, channels]);
}

function softPart(residual: Tensor3D, scores: Tensor3D, rows: [number, number], columns: [number, number], cells?: ArrayLike<number>): Tensor3D {
  const [height, width, channels] = residual.shape;
  const [cellHeight, cellWidth] = [height / scores.shape[0], width / scores.shape[1]];
  const across: [number, number] = [Math.floor(columns[0] / cellWidth), Math.ceil(columns[1] / cellWidth)];
  const parts: Tensor3D[] = [];
  let patches: { from: number; to: number; rows: Tensor2D } | undefined;
  for (let cellRow = Math.floor(rows[0] / cellHeight); cellRow * cellHeight < rows[1]; cellRow++) {
    const from = Math.max(rows[0] - cellRow * cellHeight, 0);
    const to = Math.min(rows[1] - cellRow * cellHeight, cellHeight);
    if (patches?.from !== from || patches.to !== to) patches = { from, to, rows: cellRows(residual, scores.shape, from, to) };
    parts.push(mixedCells(scores, patches.rows, cellRow, across, channels, cellWidth, cells));
  }
  const joined = parts.length === 1 ? parts[0] : tf.concat(parts, 0);
  return tf.slice(joined, [0, columns[0] - across[0] * cellWidth, 0], [joined.shape[0], columns[1] - columns[0], channels]);
}

async function* softBands(residual: Tensor3D, { scores }: SoftAttention, hole: Tensor3D, bandHeight: number): AsyncGenerator<ResidualBand, void, undefined> {
  const [height, width, channels] = residual.shape;
  const [rows, columns] = scores.shape;
  const [cellHeight, cellWidth] = [height / rows, width / columns];
  const touched = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const pooled = tf.tidy(() => {
      const lines = tf.slice(hole, [i * cellHeight, 0, 0], [cellHeight, width, 1]);
      return tf.max(tf.reshape(tf.max(lines, 0), [columns, cellWidth]), 1);
    });
    touched.set(await pooled.data(), i * columns);
    pooled.dispose();
  }
  const cells = touched.map((v) => (v > 0 ? 1 : 0));
  const inHole = placesOf(cells);
  if (inHole.length === 0) return;
  const cellRowsInHole = [...new Set(inHole.map((k) => Math.floor(k / columns)))];
  const byColumn = inHole.map((k) => k % columns);
  const across: [number, number] = [byColumn.reduce((a, b) => Math.min(a, b)), byColumn.reduce((a, b) => Math.max(a, b)) + 1];
  for (let from = 0; from < cellHeight; from += bandHeight) {
    const patches = tf.tidy(() => cellRows(residual, [rows, columns], from, Math.min(from + bandHeight, cellHeight)));
    try {
      for (const cellRow of cellRowsInHole) {
        const part = tf.tidy(() => mixedCells(scores, patches, cellRow, across, channels, cellWidth, cells));
        yield { row: cellRow * cellHeight + from, column: across[0] * cellWidth, residual: part };
      }
    } finally {
      patches.dispose();
    }
  }
}

/** For each pixel of [from, to), the low-resolution pixel before it, the one after it, and how far it is on the way between. */
function between([from, to]: [number, number], length: number, coarse: number) {
  const places = Array.from({ length: to - from }, (_, k) => Math.min(Math.max(((from + k + 0.5) * coarse) / length - 0.5, 0), coarse - 1));
  const before = places.map(Math.floor);
  return { before, after: before.map((i) => Math.min(i + 1, coarse - 1)), way: places.map((p, k) => p - before[k]) };
}

/** For each pixel of [from, to), the low-resolution pixel that it lies in. */
const under = ([from, to]: [number, number], length: number, coarse: number) =>
  Array.from({ length: to - from }, (_, k) => Math.floor(((from + k + 0.5) * coarse) / length));

const wholes = (x: number[]): Tensor1D => tf.tensor1d(x, 'int32');
const ramp = ([from, to]: [number, number]) => Array.from({ length: to - from }, (_, k) => from + k);

function nearestPart(residual: Tensor3D, field: NearestField, rows: [number, number], columns: [number, number], crossFade: boolean): Tensor3D {
  const [height, width, channels] = residual.shape;
  const [coarseHeight, coarseWidth] = field.offsets.shape;
  const [count, across] = [rows[1] - rows[0], columns[1] - columns[0]];
  const flat = tf.reshape(residual, [height * width, channels]);

  /** The offsets of the given low-resolution rows and columns, one for each pixel of the part: [count, across, 2]. */
  const offsetsAt = (i: number[], j: number[]) => tf.gather(tf.gather(tf.cast(field.offsets, 'float32'), wholes(i), 0), wholes(j), 1);
  const seenFrom = (offsets: Tensor): Tensor3D => {
    const [down, right] = tf.unstack(offsets, 2);
    const source = (own: Tensor, offset: Tensor, scale: number, length: number) =>
      tf.cast(tf.clipByValue(tf.add(own, tf.floor(tf.add(tf.mul(offset, scale), 0.5))), 0, length - 1), 'int32');
    const row = source(tf.reshape(tf.tensor1d(ramp(rows)), [-1, 1]), down, height / coarseHeight, height);
    const column = source(tf.reshape(tf.tensor1d(ramp(columns)), [1, -1]), right, width / coarseWidth, width);
    // In whole numbers: float32 can't tell neighbouring pixels apart beyond 16 million.
    const index = tf.add(tf.mul(row, tf.scalar(width, 'int32')), column);
    return tf.reshape(tf.gather(flat, tf.reshape(index, [-1])), [count, across, channels]);
  };
  if (!crossFade) return seenFrom(offsetsAt(under(rows, height, coarseHeight), under(columns, width, coarseWidth)));

  const i = between(rows, height, coarseHeight);
  const j = between(columns, width, coarseWidth);
  let sum: Tensor3D = tf.zeros([count, across, channels]);
  let total: Tensor3D = tf.zeros([count, across, 1]);
  for (const [vertical, wi] of [
    [i.before, i.way.map((w) => 1 - w)],
    [i.after, i.way],
  ]) {
    for (const [horizontal, wj] of [
      [j.before, j.way.map((w) => 1 - w)],
      [j.after, j.way],
    ]) {
      const offsets = offsetsAt(vertical, horizontal);
      const known = tf.cast(tf.greater(tf.max(tf.abs(offsets), 2, true), 0), 'float32');
      const weight = tf.mul(known, tf.mul(tf.reshape(tf.tensor1d(wi), [-1, 1, 1]), tf.reshape(tf.tensor1d(wj), [1, -1, 1]))) as Tensor3D;
      sum = tf.add(sum, tf.mul(seenFrom(offsets), weight));
      total = tf.add(total, weight);
    }
  }
  // Where no neighbour has a correspondent, a pixel keeps its own residual, as it does without cross-fading.
  const own = tf.slice(residual, [rows[0], columns[0], 0], [count, across, channels]);
  const none = tf.cast(tf.equal(total, 0), 'float32');
  return tf.add(tf.div(sum, tf.add(total, none)), tf.mul(own, none));
}

async function* nearestBands(
  residual: Tensor3D,
  field: NearestField,
  hole: Tensor3D,
  bandHeight: number,
  crossFade: boolean,
): AsyncGenerator<ResidualBand, void, undefined> {
  const [height, width] = residual.shape;
  const bands: [number, number][] = [];
  let [left, right] = [width, 0];
  for (let from = 0; from < height; from += bandHeight) {
    const to = Math.min(from + bandHeight, height);
    // How far the hole reaches from either side, in one small tensor: reading the mask itself would cost the picture's size.
    const reach = tf.tidy(() => {
      const any = tf.cast(tf.greater(tf.max(tf.reshape(tf.slice(hole, [from, 0, 0], [to - from, width, 1]), [to - from, width]), 0), 0), 'float32');
      const columns = tf.range(0, width);
      return tf.stack([tf.max(tf.mul(any, tf.sub(width, columns))), tf.max(tf.mul(any, tf.add(columns, 1)))]);
    });
    const [fromRight, fromLeft] = await reach.data();
    reach.dispose();
    if (fromLeft === 0) continue;
    bands.push([from, to]);
    left = Math.min(left, width - fromRight);
    right = Math.max(right, fromLeft);
  }
  for (const rows of bands) {
    const part = tf.tidy(() => nearestPart(residual, field, rows, [left, right], crossFade));
    yield { row: rows[0], column: left, residual: part };
  }
}
