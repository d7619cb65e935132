import { throwIfAborted } from '../../abort';
import { PictureError } from '../../errors';
import { throwIfOutOfMemory } from '../../memory';
import type { Picture } from '../../picture';
import type { OnWarning } from '../../warning';
import { bytesOf, joined } from '../containers/bytes';
import { damaged, type Header } from '../containers/header';
import type { Planes } from '../containers/heif-planes';
import { jpegExifBlocks, lacksRestarts } from '../containers/jpeg';
import { isPng, readHeader } from '../containers/read-header';
import { webpExifBlocks } from '../containers/webp';
import { exifOrientation, resetOrientationInPlace } from '../exif';
import { keptMetadata } from '../metadata';
import { orientationOf } from '../orient';
import { decodePng } from '../png/decode';
import { expandedChannels } from '../png/expand';
import { unpremultiply } from '../unpremultiply';
import { planesOf } from './avif-alpha';
import { keepsNumbers } from './keeps-numbers';
import { pictureOf, readTiles } from './tiles';
import { upright } from './upright';

/** Decodes by the browser: the numbers as they are stored, if it can be asked for them. */
async function bitmapOf(file: Uint8Array<ArrayBuffer>, { format, cmyk }: Header): Promise<ImageBitmap> {
  const colorSpaceConversion = cmyk ? 'default' : 'none';
  try {
    return await createImageBitmap(new Blob([file], { type: `image/${format}` }), { colorSpaceConversion, premultiplyAlpha: 'none' });
  } catch (cause) {
    throwIfOutOfMemory(cause, "the picture can't be decoded");
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
async function pixelsOf(file: Uint8Array<ArrayBuffer>, header: Header, channels: 1 | 3 | 4, turned: number, signal?: AbortSignal) {
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
    return { orientation, data: await readTiles(bitmap, { width, height, channels, orientation, signal }) };
  } finally {
    bitmap.close();
  }
}

/** Decodes by the browser what it would get wrong at once: first the colours, then the alpha. */
async function pixelsOfPlanes({ colours, alpha, premultiplied }: Planes, header: Header, signal?: AbortSignal) {
  const picture = await pixelsOf(colours, header, 4, 1, signal);
  const { data } = await pixelsOf(alpha, header, 1, 1, signal);
  if (data.length * 4 !== picture.data.length) throw damaged('its alpha is of another size');
  for (let i = 0; i < data.length; i++) picture.data[4 * i + 3] = data[i];
  if (premultiplied) unpremultiply(picture.data, 4);
  return picture;
}

/**
 * Decodes a JPEG that comes to no end, if nothing but its end marker is missing. Browsers fill up rows that are missing without a word;
 * but what stands behind the last row is not looked at: so all rows are there if it makes no difference.
 */
async function pixelsWithEnd(file: Uint8Array<ArrayBuffer>, header: Header, channels: 1 | 3 | 4, turned: number, { signal, warn }: Decoding) {
  // Between restart markers what stands behind is passed over, whether rows are missing or not.
  if (lacksRestarts(file)) throw damaged('the JPEG ends too soon');
  const picture = await pixelsOf(joined([file, END]), header, channels, turned, signal);
  const other = await pixelsOf(joined([file, new Uint8Array(4096).fill(0x55), END]), header, channels, turned, signal);
  if (!picture.data.every((value, i) => value === other.data[i])) throw damaged('the JPEG ends too soon');
  warn({ code: 'end-missing', message: 'the picture lacks its end marker; all its rows are there' });
  return picture;
}

const END = bytesOf('\xff\xd9');

/** How a file is decoded. */
export interface Decoding {
  pixelLimit: number;
  signal?: AbortSignal;
  warn: OnWarning;
}

/**
 * Decodes a picture file: PNG here, the rest by the browser.
 *
 * @param file the file's bytes; the orientation in them is reset
 */
export async function decodeFile(file: Uint8Array<ArrayBuffer>, decoding: Decoding): Promise<Picture> {
  const { pixelLimit, signal, warn } = decoding;
  const header = await readHeader(file, pixelLimit);
  throwIfAborted(signal);
  const kept = () => keptMetadata(header, { name: 'the picture', turned: true, warn });
  if (isPng(header)) {
    const data = await decodePng(header, signal);
    const metadata = kept();
    const stored: Picture = { width: header.width, height: header.height, channels: expandedChannels(header), data, metadata };
    return header.metadata.exif ? upright(stored, exifOrientation(header.metadata.exif)) : stored;
  }
  const turned = takenOrientation(file, header);
  const channels = header.grey ? 1 : header.alpha ? 4 : 3;
  const planes = header.format === 'avif' && header.alpha ? await planesOf(file) : undefined;
  const { data, orientation } = await (planes
    ? pixelsOfPlanes(planes, header, signal)
    : header.endMissing
      ? pixelsWithEnd(file, header, channels, turned, decoding)
      : pixelsOf(file, header, channels, turned, signal));
  const metadata = kept();
  if (header.cmyk) warn({ code: 'colour-dropped', message: 'the picture is CMYK: its colours are converted to sRGB, and its profile is not carried on' });
  if ((metadata.icc || metadata.colour) && !(await keepsNumbers())) {
    // The browser has converted the colours to sRGB: what the file says of them is no longer true.
    delete metadata.icc;
    delete metadata.colorSpace;
    delete metadata.colour;
  }
  return pictureOf(data, orientation, channels, metadata);
}
