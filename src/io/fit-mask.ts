import { checkWhole } from '../check';
import { checkPicture, type Picture } from '../picture';
import { valuesFor } from './values';

/**
 * Brings a mask to its photo's size by nearest neighbour: `out(x, y) = mask(floor((x + 1/2) w / W), floor((y + 1/2) h / H))`.
 *
 * @param mask any Picture, w x h
 * @param width W, the photo's width in pixels
 * @param height H, the photo's height in pixels
 * @returns the mask itself where the size is right already, else a new Picture with the same channels and depth
 * @throws ShapeError (`shape`) for a Picture whose pixels don't fit its size, ArgumentError (`argument`) for a size that is none,
 * MemoryError (`out-of-memory`)
 * @example
 * const mask = fitMask(await readMask('mask.png'), photo.width, photo.height);
 */
export function fitMask(mask: Picture, width: number, height: number): Picture {
  checkPicture(mask, 'mask');
  checkWhole(width, 1, 'fitMask', 'width');
  checkWhole(height, 1, 'fitMask', 'height');
  if (mask.width === width && mask.height === height) return mask;
  const rows = Uint32Array.from({ length: height }, (_, y) => placeIn(mask.height, y, height));
  return { ...mask, ...fittedRows(mask, width, rows) };
}

/** Which of `from` rows or columns is shown at a place of `to`. */
export const placeIn = (from: number, place: number, to: number): number => Math.floor(((place + 0.5) * from) / to);

/** These rows of a mask, one below the other, brought to a width. */
export function fittedRows({ width: from, channels, data }: Picture, width: number, rows: Uint32Array): Picture {
  const fitted = valuesFor(width, rows.length, channels, data instanceof Uint16Array ? 16 : 8);
  const columns = Uint32Array.from({ length: width }, (_, x) => placeIn(from, x, width) * channels);
  let to = 0;
  for (const y of rows) {
    const row = y * from * channels;
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) fitted[to++] = data[row + columns[x] + c];
    }
  }
  return { width, height: rows.length, channels, data: fitted };
}
