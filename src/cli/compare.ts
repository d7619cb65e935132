import { loadSharp } from '../io/sharp';
import type { StoredPicture } from '../io/stored';
import type { Picture } from '../picture';

const WIDEST = 1600;
const GAP = 8;

/** A picture's colours in 8 bit, at most as wide as a half of what is shown. */
export async function halfOf({ path }: StoredPicture): Promise<Picture> {
  const sharp = await loadSharp();
  const { data, info } = await sharp(path, { limitInputPixels: false, sequentialRead: true })
    .flatten({ background: 'white' })
    .resize({ width: (WIDEST - GAP) / 2, withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: 3, data };
}

/** Before and after side by side, 1600 pixels wide at most, in the photo's own colour space. */
export function beside(before: Picture, after: Picture, { channels, metadata }: Pick<Picture, 'channels' | 'metadata'>): Picture {
  const sides = [before, after];
  const { width, height } = before;
  const total = 2 * width + GAP;
  const data = new Uint8Array(total * height * 3).fill(255);
  sides.forEach((side, i) => {
    for (let y = 0; y < height; y++) data.set(side.data.subarray(y * width * 3, (y + 1) * width * 3), (y * total + i * (width + GAP)) * 3);
  });
  const { icc, colour, colorSpace } = metadata ?? {};
  // A grey photo's profile describes grey pixels only.
  return { width: total, height, channels: 3, data, metadata: { format: 'png', icc: channels < 3 ? undefined : icc, colour, colorSpace } };
}
