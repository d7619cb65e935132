import { channelMaximum, colourChannels, hasAlpha, type Picture } from '../picture';
import { averageRows } from '../pixels/average';
import { viewOf } from '../pixels/view';
import type { Window } from '../pixels/window';

// How much of a line a pixel must hold to be on it, as a share of the range: half a pixel of a line that is half clear,
// or a line of one pixel that falls on two of them.
const INK = 0.25;

/**
 * Where the lines of a sketch are, as a picture of one channel, 0 or 255. Where some of the sketch is transparent, its
 * lines are what is not, whatever their colour; else they are what is light.
 */
export function sketchLines(sketch: Picture): Picture {
  const { width, height, channels, data } = sketch;
  const limit = INK * channelMaximum(sketch);
  const colours = colourChannels(sketch);
  const alphaOf = (p: number) => data[p * channels + channels - 1];
  let byAlpha = false;
  if (hasAlpha(sketch)) for (let p = 0; p < width * height && !byAlpha; p++) byAlpha = alphaOf(p) < channelMaximum(sketch);
  const lines = new Uint8Array(width * height);
  for (let p = 0; p < lines.length; p++) {
    let ink = 0;
    if (byAlpha) ink = alphaOf(p);
    else for (let c = 0; c < colours; c++) ink += data[p * channels + c] / colours;
    if (ink >= limit) lines[p] = 255;
  }
  return { width, height, channels: 1, data: lines };
}

/**
 * The lines of a part of a sketch at low resolution: [height, width], 1 on a line. A pixel is on one if its share of line
 * is at least half of the largest among its neighbours and itself: however thin, a line survives, one pixel
 * wide, or two where it falls on both by halves, and unbroken; a thick one keeps its width.
 */
export function lowResolutionLines(lines: Picture, { view, low: { width, height } }: Pick<Window, 'view' | 'low'>): Float32Array {
  const shares = new Float32Array(height * width);
  for (const { row, sums, known } of averageRows(viewOf(lines, view), () => false, width, height)) {
    for (let x = 0; x < width; x++) shares[row * width + x] = sums[3 * x] / known[x];
  }
  const out = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const share = shares[y * width + x];
      if (share === 0) continue;
      let largest = 0;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) largest = Math.max(largest, shares[v * width + u]);
      }
      // Rounding must not break a line that falls on two rows by halves.
      if (share >= 0.499 * largest) out[y * width + x] = 1;
    }
  }
  return out;
}
