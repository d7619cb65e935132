import { channelMaximum, colourChannels, type Picture } from '../picture';
import { type Box, boxHeight, boxWidth, type LowResolution } from './window';

/**
 * Averages the known pixels of a part of the photo down to a size, row by row, from the photo's own 8 or 16 bits: no
 * pixel of the hole leaks into anything, and no float copy of the photo is made. Each row is handed on with its sums of
 * colour and of known area; the arrays are reused for the next but one.
 */
export function* averageRows(
  photo: Picture,
  isUnknown: (pixel: number) => boolean,
  view: Box,
  width: number,
  height: number,
): Generator<{ row: number; sums: Float64Array; known: Float64Array }, void> {
  const { channels, data } = photo;
  const grey = colourChannels(photo) === 1;
  const across = boxWidth(view) / width;
  const down = boxHeight(view) / height;
  // Which one or two columns each pixel falls on, and its share in the first.
  const column = new Int32Array(boxWidth(view));
  const share = new Float64Array(boxWidth(view));
  for (let x = 0; x < column.length; x++) {
    column[x] = Math.min(Math.floor(x / across + 1e-9), width - 1);
    share[x] = Math.min(1, (column[x] + 1) * across - x);
    if (column[x] === width - 1) share[x] = 1;
  }
  let sums = new Float64Array(width * 3);
  let known = new Float64Array(width);
  let nextSums = new Float64Array(width * 3);
  let nextKnown = new Float64Array(width);
  let row = 0;
  for (let y = 0; y < boxHeight(view); y++) {
    let upper = Math.min(1, (row + 1) * down - y);
    if (upper < 1e-9 && row < height - 1) upper = 0;
    if (row === height - 1) upper = 1;
    const lower = 1 - upper;
    let pixel = (y + view.top) * photo.width + view.left;
    for (let x = 0; x < column.length; x++, pixel++) {
      if (isUnknown(pixel)) continue;
      const at = pixel * channels;
      const r = data[at];
      const g = grey ? r : data[at + 1];
      const b = grey ? r : data[at + 2];
      const c = column[x];
      const left = share[x];
      for (let side = 0; side < 2; side++) {
        const part = side === 0 ? left : 1 - left;
        if (part <= 0) break;
        const to = 3 * (c + side);
        const up = part * upper;
        sums[to] += up * r;
        sums[to + 1] += up * g;
        sums[to + 2] += up * b;
        known[c + side] += up;
        if (lower > 0) {
          const low = part * lower;
          nextSums[to] += low * r;
          nextSums[to + 1] += low * g;
          nextSums[to + 2] += low * b;
          nextKnown[c + side] += low;
        }
      }
    }
    // The row is done when the next pixel row begins at or below its lower edge.
    if (y + 1 >= (row + 1) * down - 1e-9 && row < height - 1) {
      yield { row: row++, sums, known };
      [sums, nextSums] = [nextSums, sums];
      [known, nextKnown] = [nextKnown, known];
      nextSums.fill(0);
      nextKnown.fill(0);
    }
  }
  yield { row, sums, known };
}

/** The low-resolution picture of a part of the photo, as a generator wants it. */
export function lowResolution(photo: Picture, isUnknown: (pixel: number) => boolean, view: Box, width: number, height: number): LowResolution {
  const colours = new Float32Array(height * width * 3);
  const hole = new Float32Array(height * width);
  const cell = (boxWidth(view) / width) * (boxHeight(view) / height);
  const scale = 2 / channelMaximum(photo);
  for (const { row, sums, known } of averageRows(photo, isUnknown, view, width, height)) {
    for (let x = 0; x < width; x++) {
      const p = row * width + x;
      if (known[x] < cell * 0.999) hole[p] = 1;
      if (known[x] > 0) for (let c = 0; c < 3; c++) colours[3 * p + c] = (sums[3 * x + c] / known[x]) * scale - 1;
    }
  }
  return { width, height, colours, hole };
}
