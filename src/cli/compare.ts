import { loadSharp } from '../io/sharp';
import type { Picture } from '../picture';

const WIDEST = 1600;
const GAP = 8;

/** The picture's colours in 8 bit, at most `width` wide. */
async function shrunk(picture: Picture, width: number): Promise<Picture> {
  const sharp = await loadSharp();
  const { channels, data } = picture;
  const pixels = data instanceof Uint16Array ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const { data: small, info } = await sharp(pixels as Buffer, { raw: { width: picture.width, height: picture.height, channels }, limitInputPixels: false })
    .flatten({ background: 'white' })
    .resize({ width, withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: 3, data: small };
}

/** Before and after side by side, 1600 pixels wide at most, in the photo's own colour space. */
export async function beforeAndAfter(before: Picture, after: Picture): Promise<Picture> {
  const half = (WIDEST - GAP) / 2;
  const sides = [await shrunk(before, half), await shrunk(after, half)];
  const [{ width, height }] = sides;
  const total = 2 * width + GAP;
  const data = new Uint8Array(total * height * 3).fill(255);
  sides.forEach((side, i) => {
    for (let y = 0; y < height; y++) data.set(side.data.subarray(y * width * 3, (y + 1) * width * 3), (y * total + i * (width + GAP)) * 3);
  });
  const { icc, colour, colorSpace } = before.metadata ?? {};
  // A grey photo's profile describes grey pixels only.
  return { width: total, height, channels: 3, data, metadata: { format: 'png', icc: before.channels < 3 ? undefined : icc, colour, colorSpace } };
}
