import { pauseFor } from '../../abort';
import type { Picture } from '../../picture';
import type { Orientation } from '../orient';
import { valuesFor } from '../values';
import { canvasReader, type Drawable } from './canvas-reader';
import { hasExactReader, unpremultipliedReader } from './webgl';

/** A canvas of this size is within every browser's limits, and takes 16 MB. */
export const TILE = 2048;

/** What is read from a drawable. */
export interface Wanted {
  /** Pixels in a row of the drawable. */
  width: number;
  /** Its rows. */
  height: number;
  /** 1 takes the red of grey pixels. */
  channels: 1 | 3 | 4;
  /** Where the pixels go. */
  orientation: Orientation;
  /** The colour space that is asked for. Default srgb. */
  colorSpace?: PredefinedColorSpace;
  signal?: AbortSignal;
}

/**
 * Reads a drawable's pixels tile by tile, so that no canvas's limit matters, and lays them out upright.
 *
 * Where there is alpha, WebGL2 reads the colours as they were decoded, not premultiplied; where it can't, a 2D canvas does, which
 * rounds the colours of what is transparent in part.
 */
export async function readTiles(source: Drawable, { width, height, channels, orientation, colorSpace, signal }: Wanted): Promise<Uint8Array> {
  const data = valuesFor(width, height, channels, 8) as Uint8Array;
  const pause = pauseFor(signal);
  const rounded = canvasReader(source, colorSpace);
  const transparent = channels === 4 && colorSpace === undefined && 'close' in source;
  const exact = transparent && (await hasExactReader()) ? unpremultipliedReader(source, rounded) : undefined;
  const read = exact?.read ?? rounded;
  const { first, across, down } = orientation;
  try {
    for (let top = 0; top < height; top += TILE) {
      for (let left = 0; left < width; left += TILE) {
        await pause();
        const columns = Math.min(TILE, width - left);
        const rows = Math.min(TILE, height - top);
        const tile = await read(left, top, columns, rows);
        for (let y = 0, from = 0; y < rows; y++) {
          let to = (first + (top + y) * down + left * across) * channels;
          for (let x = 0; x < columns; x++, from += 4, to += across * channels) {
            data[to] = tile[from];
            if (channels === 1) continue;
            data[to + 1] = tile[from + 1];
            data[to + 2] = tile[from + 2];
            if (channels === 4) data[to + 3] = tile[from + 3];
          }
        }
      }
    }
  } finally {
    exact?.dispose();
  }
  return data;
}

/** A picture of pixels that were read upright. */
export const pictureOf = (data: Uint8Array, { width, height }: Orientation, channels: 1 | 3 | 4, metadata: Picture['metadata']): Picture => ({
  width,
  height,
  channels,
  data,
  metadata,
});
