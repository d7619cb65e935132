import { PictureError } from '../../errors';
import { charactersAt } from './bytes';
import { gifHeader } from './gif';
import type { Header } from './header';
import { heifHeader } from './heif';
import { jpegHeader } from './jpeg';
import { type PngHeader, pngHeader } from './png';
import { tiffHeader } from './tiff';
import { webpHeader } from './webp';

// Why no library for these containers: decoders, browsers' above all, say little of what a file carries beside pixels, and exifr, which
// knows JPEG, PNG, TIFF and HEIC, but neither WebP nor GIF, puts nothing in. sharp takes profiles and EXIF from its input alone.

const KINDS: [RegExp, (file: Uint8Array) => Header | Promise<PngHeader>][] = [
  [/^\xff\xd8\xff/, jpegHeader],
  [/^\x89PNG\r\n/, pngHeader],
  [/^RIFF[\s\S]{4}WEBP/, webpHeader],
  [/^GIF8[79]a/, gifHeader],
  [/^[\s\S]{4}ftyp/, heifHeader],
  [/^(II\*\0|MM\0\*)/, tiffHeader],
];

/**
 * Reads a picture file's header, whatever its format, told by the first bytes. Nothing is decoded.
 *
 * @throws PictureError: `format` for what is no picture or an animation, `damaged` for one that is cut short or contradicts itself,
 * `pixel-limit` for more pixels than allowed
 */
export async function readHeader(file: Uint8Array, pixelLimit: number): Promise<Header | PngHeader> {
  const start = charactersAt(file, 0, 16);
  const read = KINDS.find(([magic]) => magic.test(start))?.[1];
  if (!read)
    throw new PictureError('format', 'these bytes are no picture: expected JPEG, PNG, WebP, AVIF or GIF', { expected: 'jpeg, png, webp, avif or gif' });
  const header = await read(file);
  const { width, height, frames = 1, animated = frames > 1 } = header;
  if (animated) throw new PictureError('format', 'the picture is animated: expected a still picture', { expected: 'a still picture', actual: 'an animation' });
  if (width * height > pixelLimit) {
    throw new PictureError('pixel-limit', `the picture has ${width} x ${height} pixels, more than the limit of ${pixelLimit}`, {
      expected: pixelLimit,
      actual: { width, height },
    });
  }
  return header;
}

/** Whether a header came with what decoding a PNG needs. */
export const isPng = (header: Header): header is PngHeader => header.format === 'png';
