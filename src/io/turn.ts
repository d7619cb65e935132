import type { Picture } from '../picture';
import { orientationOf } from './orient';
import type { StoredPicture } from './stored';

// Bytes of stored rows that are turned together: the more, the fewer and longer the pieces that are written.
const BAND = 48 * 2 ** 20;

/**
 * A stored picture turned upright, as its EXIF orientation says, band by band: a decoder would hold all of it. The one given is removed.
 */
export async function turned(stored: StoredPicture, orientation: number, bytesOfBand = BAND): Promise<StoredPicture> {
  const { width, height } = orientationOf(orientation, stored.width, stored.height);
  const upright = await stored.another({ width, height });
  const rows = Math.max(1, Math.floor(bytesOfBand / ((stored.width * stored.channels * stored.bits) / 8)));
  for await (const { top, band } of stored.bands(rows)) {
    const piece = turnedBand(band, orientation);
    const below = stored.height - top - band.height;
    // Upright, a band of rows is one too, or one of columns.
    if (orientation < 5) await upright.write(orientation < 3 ? top : below, 0, piece);
    else await upright.write(0, orientation === 6 || orientation === 7 ? below : top, piece);
  }
  await stored.remove();
  return upright;
}

function turnedBand(band: Picture, orientation: number): Picture {
  const { channels, data } = band;
  const { width, height, first, across, down } = orientationOf(orientation, band.width, band.height);
  const out = data instanceof Uint16Array ? new Uint16Array(data.length) : new Uint8Array(data.length);
  for (let y = 0, from = 0; y < band.height; y++) {
    for (let x = 0, to = (first + y * down) * channels; x < band.width; x++, to += across * channels) {
      for (let c = 0; c < channels; c++) out[to + c] = data[from++];
    }
  }
  return { width, height, channels, data: out };
}
