import { throwIfAborted } from '../../abort';
import { PictureError } from '../../errors';
import type { Picture, PictureMetadata } from '../../picture';
import type { OnWarning } from '../../warning';
import { bytesOf, joined } from '../containers/bytes';
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

/** Decodes by the browser, upright, and looks whether the size is the one that the header says. */
async function pixelsOf(file: Uint8Array<ArrayBuffer>, header: Header, turned: number, metadata: PictureMetadata, signal?: AbortSignal): Promise<Picture> {
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
    return pictureOf(data, orientation, channels, metadata);
  } finally {
    bitmap.close();
  }
}

/**
 * Whether nothing but the end marker is missing. Browsers fill up rows that are missing without a word; but what stands behind the last
 * row is not looked at: so all rows are there if it makes no difference.
 */
async function isWholeWithEnd(picture: Picture, file: Uint8Array, header: Header, turned: number, signal?: AbortSignal): Promise<boolean> {
  const other = await pixelsOf(joined([file, new Uint8Array(4096).fill(0x55), END]), header, turned, {}, signal);
  return picture.data.every((value, i) => value === other.data[i]);
}

const END = bytesOf('\xff\xd9');

/**
 * Decodes a picture file: PNG here, the rest by the browser.
 *
 * @param file the file's bytes; the orientation in them is reset
 */
export async function decodeFile(file: Uint8Array<ArrayBuffer>, { pixelLimit, signal, warn }: Decoding): Promise<Picture> {
  const header = await readHeader(file, pixelLimit);
  throwIfAborted(signal);
  const metadata = keptMetadata(header, { name: 'the picture', turned: true, warn });
  if (isPng(header)) {
    const data = await decodePng(header, signal);
    const stored: Picture = { width: header.width, height: header.height, channels: expandedChannels(header), data, metadata };
    return header.metadata.exif ? upright(stored, exifOrientation(header.metadata.exif)) : stored;
  }
  const turned = takenOrientation(file, header);
  if ((metadata.icc || metadata.colour) && !(await keepsNumbers())) {
    // The browser will convert the colours to sRGB: what the file says of them will no longer be true.
    delete metadata.icc;
    delete metadata.colorSpace;
    delete metadata.colour;
  }
  if (!header.endMissing) return pixelsOf(file, header, turned, metadata, signal);
  const picture = await pixelsOf(joined([file, END]), header, turned, metadata, signal);
  if (!(await isWholeWithEnd(picture, file, header, turned, signal))) throw damaged('the JPEG ends too soon');
  warn({ code: 'end-missing', message: 'the picture lacks its end marker; all its rows are there' });
  return picture;
}

/** How a file is decoded. */
export interface Decoding {
  pixelLimit: number;
  signal?: AbortSignal;
  warn: OnWarning;
}
