import { throwIfAborted } from '../../abort';
import { checkArgument, checkOneOf } from '../../check';
import { PictureError } from '../../errors';
import { throwIfOutOfMemory, withinMemory } from '../../memory';
import { checkPicture, hasAlpha, type Picture, type PictureFormat } from '../../picture';
import { type OnWarning, toConsole } from '../../warning';
import { cargoFor } from '../cargo';
import { jpegHeader, jpegWith } from '../containers/jpeg';
import { webpHeader, webpWith } from '../containers/webp';
import { placeless } from '../location';
import { encodePng } from '../png/encode';
import { drawn } from './canvas';
import { surface, surfaceBlob } from './surface';

/** Options of {@link encodePicture}. */
export interface EncodeOptions {
  /** The file format: `'png'`, `'jpeg'` or `'webp'`. Default: the one that the picture was read from, else PNG. */
  format?: PictureFormat;
  /** 1 to 100 for JPEG and WebP. Default 95. */
  quality?: number;
  /** Whether the file may say where the picture was taken, by coordinates or names of places in EXIF, XMP and IPTC. Default true. */
  location?: boolean;
  /** Aborts encoding. */
  signal?: AbortSignal;
  /** Told what the format has no place for (`metadata-dropped`, `colour-dropped`). Default: `console.warn`. */
  onWarning?: OnWarning;
}

const unwritable = ({ width, height }: Picture, format: PictureFormat, cause?: unknown): PictureError =>
  new PictureError('format', `this browser can't write a picture of ${width} x ${height} as ${format}: choose png`, { actual: { width, height }, cause });

/** A picture as the browser encodes it, with the picture's metadata in place of the browser's. */
async function encodedByCanvas(picture: Picture, format: 'jpeg' | 'webp', quality: number, warn: OnWarning): Promise<Uint8Array<ArrayBuffer>[]> {
  const { width, height } = picture;
  const type = `image/${format}`;
  const canvas = drawn(picture, surface(1, 1), format === 'jpeg' || !hasAlpha(picture));
  let blob: Blob | null = null;
  let cause: unknown;
  try {
    blob = await surfaceBlob(canvas, type, quality / 100);
  } catch (error) {
    cause = error;
  }
  canvas.width = 1;
  canvas.height = 1;
  throwIfOutOfMemory(cause, "the picture can't be encoded");
  if (!blob || blob.size === 0) throw unwritable(picture, format, cause);
  if (blob.type !== type) throw new PictureError('format', `this browser can't write ${format}: choose jpeg or png`, { expected: type, actual: blob.type });
  const file = new Uint8Array(await blob.arrayBuffer());
  // Beyond a format's own limit Chromium cuts the picture off, without a word.
  const written = (format === 'jpeg' ? jpegHeader : webpHeader)(file);
  if (written.width !== width || written.height !== height) throw unwritable(picture, format);
  // Canvases write colours, also where all are grey.
  const cargo = cargoFor(picture, format, false, warn);
  return (format === 'jpeg' ? jpegWith : webpWith)(file, cargo) as Uint8Array<ArrayBuffer>[];
}

/**
 * Encodes a picture in a browser, on a page or in a worker, with what it carries: ICC profile and other descriptions of its
 * colours, EXIF, XMP, Photoshop's resources (IPTC), texts and density. What the format has no place for is told to `onWarning`.
 *
 * PNG is written here: without loss, 8 and 16 bit, grey and alpha, of any size. JPEG and WebP are the browser's, 8 bit, and within the
 * limits of its canvases: colours of pixels that are transparent in part are rounded, because canvases premultiply them, and JPEG shows
 * them on white. Browsers write JPEG with chroma at half size below a quality of 100. Where every pixel outside the hole is to stay as it
 * was, write PNG. In WebP a density is kept as EXIF. A profile of grey
 * levels is kept in PNG alone: the rest is written in colour. Browsers write no AVIF, TIFF or GIF.
 *
 * @param picture the Picture to encode
 * @returns a Blob with its MIME type
 * @throws PictureError (`format`) for a format that the browser can't write or a picture beyond its limits; ShapeError, ArgumentError,
 * AbortError, MemoryError (`out-of-memory`)
 * @example
 * const file = await encodePicture(result, { format: 'jpeg', quality: 90 });
 */
export function encodePicture(picture: Picture, options: EncodeOptions = {}): Promise<Blob> {
  return withinMemory("the picture can't be encoded", () => encoded(picture, options));
}

async function encoded(given: Picture, options: EncodeOptions): Promise<Blob> {
  checkPicture(given, 'encodePicture: picture');
  const { format = given.metadata?.format ?? 'png', quality = 95, location = true, signal, onWarning: warn = toConsole } = options;
  checkArgument(Number.isFinite(quality) && quality >= 1 && quality <= 100, 'encodePicture', 'quality', 'from 1 to 100', quality);
  if (format !== 'png' && format !== 'jpeg' && format !== 'webp') {
    throw new PictureError('format', `${format} can't be written in a browser: choose png, jpeg or webp`, {
      expected: ['png', 'jpeg', 'webp'],
      actual: format,
    });
  }
  checkOneOf(location, [true, false], 'encodePicture', 'location');
  throwIfAborted(signal);
  const picture = location ? given : placeless(given);
  const parts =
    format === 'png'
      ? await encodePng(picture, cargoFor(picture, format, picture.channels < 3, warn), signal)
      : await encodedByCanvas(picture, format, quality, warn);
  throwIfAborted(signal);
  return new Blob(parts, { type: `image/${format}` });
}
