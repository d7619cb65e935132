import { checkArgument, checkWhole } from '../check';
import { channelMaximum, colourChannels } from '../picture';
import { uncheckedUnknownTest } from './seam';
import { type CellRow, pixelRows, vectorRows } from './vector-rows';
import { checkPixels, checkWeights, layoutOf, type Pixels } from './view';
import type { LowResolution } from './window';

/** The share of a cell that must be known for it to be taken as known; the rest is rounding. */
export const WHOLLY = 0.999;

/**
 * Averages the known pixels down to a size, row by row, from the photo's own 8 or 16 bits: no
 * pixel of the hole leaks into anything, and no float copy of the photo is made. Each row is handed on with its sums of
 * colour and of known area; the arrays are reused for the next but one. Of the photo no more than the `pixelRows` of these rows need be there.
 */
export function* averageRows(
  photo: Pixels,
  isUnknown: (y: number, x: number) => boolean,
  width: number,
  height: number,
  from = 0,
  to = height,
): Generator<{ row: number; sums: Float64Array; known: Float64Array }, void> {
  const { channels, data } = photo;
  const { start, stride } = layoutOf(photo);
  const grey = colourChannels(photo) === 1;
  const across = photo.width / width;
  const down = photo.height / height;
  // Which one or two columns each pixel falls on, and its share in the first.
  const column = new Int32Array(photo.width);
  const share = new Float64Array(photo.width);
  for (let x = 0; x < column.length; x++) {
    column[x] = Math.min(Math.floor(x / across + 1e-9), width - 1);
    share[x] = Math.min(1, (column[x] + 1) * across - x);
    if (column[x] === width - 1) share[x] = 1;
  }
  let sums = new Float64Array(width * 3);
  let known = new Float64Array(width);
  let nextSums = new Float64Array(width * 3);
  let nextKnown = new Float64Array(width);
  const { top, bottom } = pixelRows(from, to, down, photo.height);
  let row = Math.max(0, from - 1);
  for (let y = top; y < bottom; y++) {
    let upper = Math.min(1, (row + 1) * down - y);
    if (upper < 1e-9 && row < height - 1) upper = 0;
    if (row === height - 1) upper = 1;
    const lower = 1 - upper;
    const line = start + y * stride;
    for (let x = 0; x < column.length; x++) {
      if (isUnknown(y, x)) continue;
      const at = line + x * channels;
      const r = data[at];
      const g = grey ? r : data[at + 1];
      const b = grey ? r : data[at + 2];
      const c = column[x];
      const left = share[x];
      for (let side = 0; side < 2; side++) {
        const part = side === 0 ? left : 1 - left;
        if (part <= 0) break;
        const i = 3 * (c + side);
        const up = part * upper;
        sums[i] += up * r;
        sums[i + 1] += up * g;
        sums[i + 2] += up * b;
        known[c + side] += up;
        if (lower > 0) {
          const low = part * lower;
          nextSums[i] += low * r;
          nextSums[i + 1] += low * g;
          nextSums[i + 2] += low * b;
          nextKnown[c + side] += low;
        }
      }
    }
    // The row is done when the next pixel row begins at or below its lower edge.
    if (y + 1 >= (row + 1) * down - 1e-9 && row < height - 1) {
      if (row >= from) yield { row, sums, known };
      if (++row === to) return;
      [sums, nextSums] = [nextSums, sums];
      [known, nextKnown] = [nextKnown, known];
      nextSums.fill(0);
      nextKnown.fill(0);
    }
  }
  yield { row, sums, known };
}

/** Averages down, row by row, what is neither hole nor wholly transparent: by compiled code where there is any. */
export const knownRows = (photo: Pixels, weights: Pixels, width: number, height: number, from = 0, to = height): Generator<CellRow, void> =>
  vectorRows(photo, weights, width, height, from, to) ?? plainRows(photo, weights, width, height, from, to);

/** {@link knownRows} in plain JavaScript. */
export function* plainRows(photo: Pixels, weights: Pixels, width: number, height: number, from = 0, to = height): Generator<CellRow, void> {
  const colours = new Uint8Array(width * 3);
  const hole = new Uint8Array(width);
  for (const { row, sums, known } of averageRows(photo, uncheckedUnknownTest(photo, weights), width, height, from, to)) {
    const bytes = (least: number, scale: number) => {
      for (let x = 0; x < width; x++) {
        hole[x] = known[x] < least ? 1 : 0;
        for (let c = 0; c < 3; c++) colours[3 * x + c] = hole[x] ? 0 : (sums[3 * x + c] / known[x]) * scale + 0.5;
      }
      return { colours, hole };
    };
    yield { row, sums, known, bytes };
  }
}

/**
 * Averages the known pixels down to a size, as a generator wants them.
 *
 * colours[i] = sum over the known pixels of the area that each has of cell i times its colour, by the sum of these areas;
 * hole[i] = 1 where more than a thousandth of the cell's area is unknown
 *
 * Its twin is `resizeValid`, whose means these are to float32's precision; nothing of the photo's size is made on the way.
 *
 * @param photo the pixels, 1 to 4 channels of 8 or 16 bits.
 * @param weights one channel, of the same size, from {@link seamWeights}: the hole is unknown, and so is what is wholly transparent.
 * @param size of the low-resolution picture, whole pixels, at most the photo's.
 * @returns the small picture and its hole.
 * @throws ArgumentError, ShapeError
 * @example
 * ```ts
 * const low = averageDown(retouch.photo, retouch.weights, window.low);
 * ```
 */
export function averageDown(photo: Pixels, weights: Pixels, { width, height }: { width: number; height: number }): LowResolution {
  checkPixels(photo, 'averageDown', 'photo');
  checkWeights(weights, photo, 'averageDown', 'weights');
  checkWhole(width, 1, 'averageDown', 'width');
  checkWhole(height, 1, 'averageDown', 'height');
  checkArgument(width <= photo.width, 'averageDown', 'width', "at most the photo's", width);
  checkArgument(height <= photo.height, 'averageDown', 'height', "at most the photo's", height);
  const colours = new Float32Array(height * width * 3);
  const hole = new Float32Array(height * width);
  const cell = (photo.width / width) * (photo.height / height);
  const scale = 2 / channelMaximum(photo);
  for (const row of knownRows(photo, weights, width, height)) takeMeans(row, width, cell * WHOLLY, scale, colours, hole);
  return { width, height, colours, hole };
}

/** Writes a row's means where they belong, and marks what is not known well enough. */
function takeMeans({ row, sums, known }: CellRow, width: number, least: number, scale: number, colours: Float32Array, hole: Float32Array): void {
  for (let x = 0, p = row * width; x < width; x++, p++) {
    if (known[x] < least) hole[p] = 1;
    if (known[x] > 0) for (let c = 0; c < 3; c++) colours[3 * p + c] = (sums[3 * x + c] / known[x]) * scale - 1;
  }
}
