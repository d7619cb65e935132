import { randomIntegers } from '../arrays/random';
import { type CopyField, type FieldLevel, refineField } from '../kernels/cpu/refine-field';
import { channelMaximum, colourChannels, type Picture } from '../picture';
import type { LowField } from './correspondence';
import type { CellScores } from './detail-attention';
import { averageRows, type LowResolution } from './low-resolution';
import { composer, upsampler } from './pixels';
import { type Box, boxHeight, boxWidth, type Window } from './plan';

/** A low-resolution fill, ready to be given the photo's own detail. */
export interface FilledWindow {
  window: Window;
  low: LowResolution;
  /** [height, width, 3] in [-1, 1]: the low-resolution picture with its hole filled, smoothed. */
  base: Float32Array;
  /** [height, width, 3] in [-1, 1]: the known low-resolution picture, smoothed over known pixels only. */
  knownBase: Float32Array;
  /** Where each pixel's look is copied from; none where there are scores, or where no detail is wanted. */
  copies?: LowField;
  /** How much of each cell's look goes to each other cell, where the generator attends softly. */
  scores?: CellScores;
}

/**
 * The finest size that copies are aligned at: full size divided by this. At half of it they are aligned to two pixels
 * and cross-faded over them, for a quarter of the work.
 */
export const FINEST = 2;
// Pixels beyond the hole that the field covers at each size.
const RIM = 5;

/** Averages the photo down to a size between the low resolution and the full one, in 8 bits. */
async function fieldLevel(
  photo: Picture,
  isUnknown: (pixel: number) => boolean,
  view: Box,
  width: number,
  height: number,
  pause: () => Promise<void>,
): Promise<FieldLevel> {
  const colours = new Uint8Array(height * width * 3);
  const hole = new Uint8Array(height * width);
  const cell = (boxWidth(view) / width) * (boxHeight(view) / height);
  const scale = 255 / channelMaximum(photo);
  for (const { row, sums, known } of averageRows(photo, isUnknown, view, width, height)) {
    for (let x = 0; x < width; x++) {
      const p = row * width + x;
      if (known[x] < cell * 0.999) hole[p] = 1;
      else for (let c = 0; c < 3; c++) colours[3 * p + c] = (sums[3 * x + c] / known[x]) * scale + 0.5;
    }
    await pause();
  }
  return { height, width, colours, hole };
}

/** The field of copies, aligned at one size after the other up to half of full resolution. */
export async function alignField(
  photo: Picture,
  isUnknown: (pixel: number) => boolean,
  { window, low }: FilledWindow,
  { offsets, covered }: LowField,
  finest: number,
  seed: number,
  pause: () => Promise<void>,
): Promise<CopyField> {
  const height = boxHeight(window.view);
  const width = boxWidth(window.view);
  let field: CopyField = { height: low.height, width: low.width, top: 0, left: 0, rows: low.height, columns: low.width, offsets, covered };
  field = cropToTarget(field, window);
  const shrink = Math.min(height / low.height, width / low.width);
  const shares: number[] = [];
  for (let share = finest; share < shrink * 0.75; share *= 2) shares.unshift(share);
  const random = randomIntegers(seed);
  for (const share of shares) {
    const level = await fieldLevel(photo, isUnknown, window.view, Math.round(width / share), Math.round(height / share), pause);
    field = await refineField(level, field, RIM, random(), pause);
  }
  return field;
}

/** The part of a field that the window's target lies in. */
function cropToTarget(field: CopyField, { view, target }: Window): CopyField {
  const down = field.height / boxHeight(view);
  const across = field.width / boxWidth(view);
  const top = Math.max(0, Math.floor((target.top - view.top) * down) - 1);
  const left = Math.max(0, Math.floor((target.left - view.left) * across) - 1);
  const rows = Math.min(field.height, Math.ceil((target.bottom - view.top) * down) + 1) - top;
  const columns = Math.min(field.width, Math.ceil((target.right - view.left) * across) + 1) - left;
  const offsets = new Int32Array(rows * columns * 2);
  const covered = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const from = (top + r) * field.width + left;
    offsets.set(field.offsets.subarray(2 * from, 2 * (from + columns)), 2 * r * columns);
    covered.set(field.covered.subarray(from, from + columns), r * columns);
  }
  return { ...field, top, left, rows, columns, offsets, covered };
}

/**
 * Adds the aggregated residual to the upsampled fill and lays the result into the photo, row by row of the hole and its
 * seam: contextual residual aggregation with a field of copies.
 *
 * result(p) = up(base)(p) + sum over the offsets o around p of w_o [photo(p + o) - up(knownBase)(p + o)]
 *
 * A known pixel that the field does not reach, as in a wide seam, keeps its own detail (o = 0): without any it would show
 * as a soft ring. Without a field nothing gets detail.
 *
 * Each row reads the photo's own pixels and writes the result's, so nothing of the photo's size is allocated.
 */
export async function aggregateRows(
  photo: Picture,
  result: Picture,
  weights: Uint8Array,
  isUnknown: (pixel: number) => boolean,
  filled: FilledWindow,
  field: CopyField | undefined,
  pause: () => Promise<void>,
): Promise<void> {
  const { window, low, base, knownBase } = filled;
  const { view, target } = window;
  const { channels, data } = photo;
  const colours = colourChannels(photo);
  const half = channelMaximum(photo) / 2;
  const height = boxHeight(view);
  const width = boxWidth(view);
  const down = field ? height / field.height : 1;
  const across = field ? width / field.width : 1;
  const sample = upsampler(low, height, width);
  const compose = composer(photo, result, weights);

  // The copies around the pixel at hand, at most four, equal ones joined.
  const copies = { count: 0, y: new Int32Array(4), x: new Int32Array(4), weight: new Float64Array(4) };
  const addSource = (sy: number, sx: number, weight: number) => {
    for (let i = 0; i < copies.count; i++) {
      if (copies.y[i] === sy && copies.x[i] === sx) {
        copies.weight[i] += weight;
        return;
      }
    }
    if (sy < 0 || sx < 0 || sy >= height || sx >= width || isUnknown((sy + view.top) * photo.width + sx + view.left)) return;
    copies.y[copies.count] = sy;
    copies.x[copies.count] = sx;
    copies.weight[copies.count++] = weight;
  };
  const addCopy = ({ top, left, rows, columns, covered, offsets }: CopyField, row: number, column: number, weight: number, y: number, x: number) => {
    if (weight <= 0) return;
    const r = row - top;
    const c = column - left;
    const at = r * columns + c;
    if (r < 0 || c < 0 || r >= rows || c >= columns || !covered[at]) addSource(y, x, weight);
    else addSource(y + Math.round(offsets[2 * at] * down), x + Math.round(offsets[2 * at + 1] * across), weight);
  };

  for (let row = target.top; row < target.bottom; row++) {
    const y = row - view.top;
    const fy = (y + 0.5) / down - 0.5;
    const y0 = Math.floor(fy);
    const wy = fy - y0;
    for (let column = target.left; column < target.right; column++) {
      const pixel = row * photo.width + column;
      if (weights[pixel] === 0 || !window.owns(row, column)) continue;
      const x = column - view.left;
      const fx = (x + 0.5) / across - 0.5;
      const x0 = Math.floor(fx);
      const wx = fx - x0;
      copies.count = 0;
      if (field) {
        addCopy(field, y0, x0, (1 - wy) * (1 - wx), y, x);
        addCopy(field, y0, x0 + 1, (1 - wy) * wx, y, x);
        addCopy(field, y0 + 1, x0, wy * (1 - wx), y, x);
        addCopy(field, y0 + 1, x0 + 1, wy * wx, y, x);
        if (copies.count === 0) addSource(y, x, 1);
      }
      let total = 0;
      for (let i = 0; i < copies.count; i++) total += copies.weight[i];
      for (let c = 0; c < colours; c++) {
        let value = (sample(base, y, x, c) + 1) * half;
        for (let i = 0; i < copies.count; i++) {
          const sy = copies.y[i];
          const sx = copies.x[i];
          const residual = data[((sy + view.top) * photo.width + sx + view.left) * channels + c] - (sample(knownBase, sy, sx, c) + 1) * half;
          value += (copies.weight[i] / total) * residual;
        }
        compose(pixel, c, value);
      }
    }
    await pause();
  }
}
