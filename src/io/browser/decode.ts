import { throwIfAborted } from '../../abort';
import { PictureError } from '../../errors';
import type { Picture } from '../../picture';
import { damaged, type Header } from '../containers/header';
import { jpegExifBlocks } from '../containers/jpeg';
import { isPng, readHeader } from '../containers/read-header';
import { webpExifBlocks } from '../containers/webp';
import { exifOrientation, resetOrientationInPlace } from '../exif';
import { keptMetadata } from '../metadata';
import { orientationOf } from '../orient';
import { decodePng } from '../png/decode';
import { expandedChannels } from '../png/expand';
import { keepsNumbers } from './keeps-numbers';
import { pictureOf, readTiles } from './tiles';
import { upright } from './upright';

/** Decodes by the browser: the numbers as they are stored, if it can be asked for them. */
async function bitmapOf(file: Uint8Array<ArrayBuffer>, { format, cmyk }: Header): Promise<ImageBitmap> {
  const colorSpaceConversion = cmyk ? 'default' : 'none';
  try {
    return await createImageBitmap(new Blob([file], { type: `image/${format}` }), { colorSpaceConversion, premultiplyAlpha: 'none' });
  } catch (cause) {
    if (format === 'tiff' || format === 'heic') {
      throw new PictureError('format', `this browser can't decode ${format.toUpperCase()}: convert it to JPEG, PNG or WebP`, { actual: format, cause });
    }
    throw damaged(format === 'avif' ? 'it can not be decoded, or this browser has no AVIF' : 'it can not be decoded', cause);
  }
}

/** Takes the orientation out of the file's EXIF blocks and returns it: browsers differ in where they heed it. */
function takenOrientation(file: Uint8Array, { format, metadata }: Header): number {
  const orientation = metadata.exif && (format === 'jpeg' || format === 'webp') ? exifOrientation(metadata.exif) : 1;
  const blocks = format === 'jpeg' ? jpegExifBlocks(file) : format === 'webp' ? webpExifBlocks(file) : [];
  for (const block of blocks) resetOrientationInPlace(block);
  return orientation;
}

/**
 * Decodes a picture file: PNG here, the rest by the browser.
 *
 * @param file the file's bytes; the orientation in them is reset
 */
export async function decodeFile(file: Uint8Array<ArrayBuffer>, pixelLimit: number, signal?: AbortSignal): Promise<Picture> {
  const header = await readHeader(file, pixelLimit);
  throwIfAborted(signal);
  const metadata = keptMetadata(header);
  if (isPng(header)) {
    const data = await decodePng(header, signal);
    const stored: Picture = { width: header.width, height: header.height, channels: expandedChannels(header), data, metadata };
    return header.metadata.exif ? upright(stored, exifOrientation(header.metadata.exif)) : stored;
  }
  const turned = takenOrientation(file, header);
  const bitmap = await bitmapOf(file, header);
  try {
    const { width, height } = bitmap;
    // An AVIF or HEIC may come out turned, as its own properties say.
    if (width * height !== header.width * header.height) {
      throw new PictureError('format', `this browser decodes ${header.width} x ${header.height} pixels as ${width} x ${height}: they are too many for it`, {
        expected: { width: header.width, height: header.height },
        actual: { width, height },
      });
    }
    const orientation = orientationOf(turned, width, height);
    const channels = header.grey ? 1 : header.alpha ? 4 : 3;
    const data = await readTiles(bitmap, { width, height, channels, orientation, signal });
    if (metadata.icc && !(await keepsNumbers())) {
      // The browser has converted the colours to sRGB: the profile is no longer theirs.
      delete metadata.icc;
      delete metadata.colorSpace;
    }
    return pictureOf(data, orientation, channels, metadata);
  } finally {
    bitmap.close();
  }
}
