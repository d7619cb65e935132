import { checkWhole } from '../check';

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

/**
 * Reads pictures [low.height, low.width, 3] as if upsampled to a size: bilinearly, by half-pixel centres, the border repeated.
 *
 * Its twin is `resizeBilinear` with `{ flavour: 'half-pixel' }`, with which it agrees to float32's precision.
 *
 * @param low the size of the pictures.
 * @param height of the size to read at, in pixels.
 * @param width likewise.
 * @returns a function of the picture, and of row, column and channel at that size.
 * @throws ArgumentError
 * @example
 * ```ts
 * const sample = upsampler(low, 3000, 4000);
 * const red = sample(low.colours, 1500, 2000, 0);
 * ```
 */
export function upsampler(
  low: { height: number; width: number },
  height: number,
  width: number,
): (image: Float32Array, y: number, x: number, channel: number) => number {
  checkWhole(low.height, 1, 'upsampler', 'low.height');
  checkWhole(low.width, 1, 'upsampler', 'low.width');
  checkWhole(height, 1, 'upsampler', 'height');
  checkWhole(width, 1, 'upsampler', 'width');
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

/** Where {@link sampleColours} reads pictures of a size as if upsampled to another. */
export interface Upsampling {
  /** Pixels in a row of the pictures. */
  width: number;
  vertical: ReturnType<typeof between>;
  horizontal: ReturnType<typeof between>;
}

/** What {@link sampleColours} reads by. */
export const upsampling = (low: { height: number; width: number }, height: number, width: number): Upsampling => ({
  width: low.width,
  vertical: between(height, low.height),
  horizontal: between(width, low.width),
});

/** {@link upsampler} of all three channels at once, into `out`: where one pixel after the other is read, the places are looked up once. */
export function sampleColours({ width, vertical, horizontal }: Upsampling, image: Float32Array, y: number, x: number, out: Float64Array): void {
  const upper = 3 * width * vertical.first[y];
  const lower = 3 * width * vertical.second[y];
  const left = 3 * horizontal.first[x];
  const right = 3 * horizontal.second[x];
  const fx = horizontal.share[x];
  const fy = vertical.share[y];
  for (let c = 0; c < 3; c++) {
    const a = image[upper + left + c] + (image[upper + right + c] - image[upper + left + c]) * fx;
    const b = image[lower + left + c] + (image[lower + right + c] - image[lower + left + c]) * fx;
    out[c] = a + (b - a) * fy;
  }
}

/** The pixel of a line that is seen at a place beyond its end, where the line goes on as its own mirror image; the end pixel comes twice. */
export function mirrored(place: number, length: number): number {
  const turn = place % (2 * length);
  return turn < length ? turn : 2 * length - 1 - turn;
}
