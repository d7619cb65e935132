import { channelMaximum, type Picture } from '../picture';
import { HOLE } from './seam';

/** For each pixel of a line, the two low-resolution pixels it lies between and its share of the second. */
function between(full: number, low: number): { first: Int32Array; second: Int32Array; share: Float32Array } {
  const first = new Int32Array(full);
  const second = new Int32Array(full);
  const share = new Float32Array(full);
  for (let i = 0; i < full; i++) {
    const at = Math.min(Math.max(((i + 0.5) * low) / full - 0.5, 0), low - 1);
    first[i] = Math.floor(at);
    second[i] = Math.min(first[i] + 1, low - 1);
    share[i] = at - first[i];
  }
  return { first, second, share };
}

/** Reads pictures [low.height, low.width, 3] as if upsampled to a size: bilinearly, by half-pixel centres. */
export function upsampler(
  low: { height: number; width: number },
  height: number,
  width: number,
): (image: Float32Array, y: number, x: number, channel: number) => number {
  const vertical = between(height, low.height);
  const horizontal = between(width, low.width);
  return (image, y, x, channel) => {
    const upper = 3 * low.width * vertical.first[y] + channel;
    const lower = 3 * low.width * vertical.second[y] + channel;
    const left = 3 * horizontal.first[x];
    const right = 3 * horizontal.second[x];
    const fx = horizontal.share[x];
    const a = image[upper + left] + (image[upper + right] - image[upper + left]) * fx;
    const b = image[lower + left] + (image[lower + right] - image[lower + left]) * fx;
    return a + (b - a) * vertical.share[y];
  };
}

/** Lays a value of the fill, in the photo's levels, into the result: as much of it as the pixel's weight says, the rest the photo's own. */
export function composer(photo: Picture, result: Picture, weights: Uint8Array): (pixel: number, channel: number, value: number) => void {
  const { channels, data } = photo;
  const out = result.data;
  const maximum = channelMaximum(photo);
  // Plain arrays of whole numbers cut the fraction off; a clamped one rounds by itself.
  const half = out instanceof Uint8ClampedArray ? 0 : 0.5;
  return (pixel, channel, value) => {
    const at = pixel * channels + channel;
    const weight = weights[pixel];
    if (weight < HOLE) {
      const share = weight / HOLE;
      value = value * share + data[at] * (1 - share);
    }
    out[at] = value <= 0 ? 0 : value >= maximum ? maximum : value + half;
  };
}

/** The pixel of a line that is seen at a place beyond its end, where the line goes on as its own mirror image. */
export function mirrored(place: number, length: number): number {
  const turn = place % (2 * length);
  return turn < length ? turn : 2 * length - 1 - turn;
}
