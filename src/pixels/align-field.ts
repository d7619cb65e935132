import { randomIntegers } from '../arrays/random';
import { channelMaximum, type Picture } from '../picture';
import { averageRows } from './average';
import { type CopyField, type FieldLevel, refineField } from './refine-field';
import { type Box, boxHeight, boxWidth, type FilledWindow, type LowField, type Window } from './window';

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
