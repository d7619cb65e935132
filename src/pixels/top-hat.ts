import { channelMaximum, colourChannels, hasAlpha } from '../picture';
import type { Steps } from './steps';
import { layoutOf, type Pixels } from './view';

// Rows that are worked on at a time.
const BAND = 128;

/** A picture's luminance in 8 bits, [height, width]; `nothing` where alpha is 0. */
export function* luminanceOf(pixels: Pixels, nothing: Uint8Array | undefined): Steps<Uint8Array> {
  const { width, height, channels, data } = pixels;
  const { start, stride } = layoutOf(pixels);
  const isColour = colourChannels(pixels) === 3;
  const alpha = hasAlpha(pixels) ? channels - 1 : -1;
  const scale = 255 / channelMaximum(pixels);
  const out = new Uint8Array(width * height);
  for (let y = 0, p = 0; y < height; y++) {
    if (y % BAND === BAND - 1) yield;
    for (let x = 0, at = start + y * stride; x < width; x++, p++, at += channels) {
      if (alpha >= 0 && nothing && data[at + alpha] === 0) nothing[p] = 1;
      const luminance = isColour ? 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2] : data[at];
      out[p] = luminance * scale + 0.5;
    }
  }
  return out;
}

/**
 * The white top-hat by a square of `size` pixels, [height, width]: by how much each pixel is lighter than the largest dark thing around it that holds
 * such a square, which is what is lighter than its surroundings and narrower than that. With `dark`, the black one: what is darker.
 *
 * Source: Meyer, Iterative image transformations for an automatic screening of cervical smears, J. Histochem. Cytochem. 27, 1979.
 */
export function* topHat(values: Uint8Array, width: number, height: number, size: number, dark: boolean): Steps<Uint8Array> {
  const out = new Uint8Array(width * height);
  // The picture's border is widened by its own pixels: what it cuts is not narrow for that.
  const columns = width + 2 * size;
  const flip = dark ? 255 : 0;
  for (let top = 0; top < height; top += BAND) {
    const bottom = Math.min(height, top + BAND);
    const rows = bottom - top + 2 * size;
    const band = new Uint8Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const y = Math.min(height - 1, Math.max(0, top - size + row));
      const line = band.subarray(row * columns, (row + 1) * columns);
      line.set(values.subarray(y * width, (y + 1) * width), size);
      line.fill(line[size], 0, size).fill(line[size + width - 1], size + width);
      if (dark) for (let x = 0; x < columns; x++) line[x] = 255 - line[x];
    }
    // Least from each pixel on, down and to the right, then greatest up to each, up and to the left: an opening.
    running(band, size, columns, true);
    runningInRows(band, rows, columns, size, true);
    running(band, size, columns, false);
    runningInRows(band, rows, columns, size, false);
    for (let y = top; y < bottom; y++) {
      const from = (y - top + size) * columns + size;
      for (let x = 0, p = y * width; x < width; x++, p++) out[p] = (values[p] ^ flip) - band[from + x];
    }
    yield;
  }
  return out;
}

/** The least of `size` values, `stride` apart, from each on, or the greatest of those up to each; by doubling how many it is of. Beyond the end there are fewer. */
function running(values: Uint8Array, size: number, stride: number, least: boolean): void {
  for (let of = 1; of < size; ) {
    const step = Math.min(of, size - of) * stride;
    const last = values.length - step;
    if (least) {
      for (let i = 0; i < last; i++) if (values[i + step] < values[i]) values[i] = values[i + step];
    } else {
      for (let i = values.length - 1; i >= step; i--) if (values[i - step] > values[i]) values[i] = values[i - step];
    }
    of += step / stride;
  }
}

function runningInRows(values: Uint8Array, rows: number, columns: number, size: number, least: boolean): void {
  for (let row = 0; row < rows; row++) running(values.subarray(row * columns, (row + 1) * columns), size, 1, least);
}
