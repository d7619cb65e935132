import { throwIfAborted } from '../../abort';
import { checkArgument } from '../../check';
import { InpaintError, PictureError } from '../../errors';
import { withinMemory } from '../../memory';
import { checkPicture, type Picture } from '../../picture';
import { type OnWarning, toConsole } from '../../warning';
import { type Decoding, decodeFile } from './decode';
import { isDrawable, isImage, loaded, readDrawable } from './drawable';
import { bytesFrom } from './fetch';
import { luminance } from './luminance';

/** Where a picture comes from in a browser: a file, an address, something that is drawn already, or a Picture. */
export type BrowserPictureSource =
  | Blob
  | URL
  | string
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | VideoFrame
  | Picture;

/** Options of {@link readPicture} and {@link readMask}. */
export interface ReadOptions {
  /** A picture that claims more pixels than this is refused before anything is decoded. Default 16384 * 16384. */
  pixelLimit?: number;
  /** Aborts fetching and decoding. */
  signal?: AbortSignal;
  /**
   * Told what the file carries that is not carried on (`metadata-dropped`, `claims-removed`), and that a JPEG lacks its end marker
   * (`end-missing`). Default: `console.warn`.
   */
  onWarning?: OnWarning;
}

/** An image element's own file where it can be fetched, for its exact numbers and metadata; else what it draws. */
async function readImage(image: HTMLImageElement, decoding: Decoding): Promise<Picture> {
  const { pixelLimit, signal } = decoding;
  await loaded(image);
  try {
    return await decodeFile(await bytesFrom(image.currentSrc || image.src, signal), decoding);
  } catch (error) {
    // What the browser shows can be drawn, though its file may be out of reach, or of a kind such as SVG that only it knows.
    if (error instanceof InpaintError && (error.code === 'file-read' || error.code === 'format')) return readDrawable(image, pixelLimit, signal);
    throw error;
  }
}

function readData(image: ImageData, pixelLimit: number): Picture {
  const { width, height, data, colorSpace } = image;
  const picture: Picture = {
    width,
    height,
    channels: 4,
    data: data as Uint8ClampedArray,
    metadata: { grey: false, ...(colorSpace === 'display-p3' ? { colorSpace } : {}) },
  };
  return checkedPicture(picture, pixelLimit);
}

function checkedPicture(picture: Picture, pixelLimit: number): Picture {
  checkPicture(picture, 'readPicture: source');
  const { width, height } = picture;
  if (width * height <= pixelLimit) return picture;
  throw new PictureError('pixel-limit', `the picture has ${width} x ${height} pixels, more than the limit of ${pixelLimit}`, {
    expected: pixelLimit,
    actual: { width, height },
  });
}

/**
 * Reads a picture in a browser, on a page or in a worker.
 *
 * Files (Blob, File, an address to fetch) are read in their own numbers and colour space; the ICC profile says which that is, and wide
 * gamuts stay wide. PNG is decoded here: exactly, 16 bits as 16, any palette and depth. JPEG, WebP, AVIF and still GIF are decoded by
 * the browser, to 8 bits; alpha is not premultiplied where there is WebGL2, and rounded by premultiplication where there isn't. CMYK is
 * converted to sRGB. A browser that can't leave colours as they are gives sRGB without a profile. TIFF and HEIC are read where the
 * browser knows them. The EXIF orientation is applied and reset. Pictures larger than any canvas are read in tiles.
 *
 * Canvases, bitmaps, ImageData and video frames have four channels unless they are known to have no alpha, and keep `display-p3` in
 * `metadata.colorSpace`. They stay the caller's: nothing is closed, and an ImageData's or a Picture's pixels are not copied. An image
 * element's file is fetched where that is allowed, and what it draws is taken where it isn't.
 *
 * @param source a Blob or File, an address, an element, canvas, bitmap, ImageData, VideoFrame, or a Picture, which comes back itself
 * @returns the Picture with format, ICC profile and other descriptions of its colours, EXIF, XMP, Photoshop's resources (IPTC), texts and
 * density in `metadata`
 * @throws PictureError: `file-read` for what can't be fetched or is another origin's, `format` for what is no still picture that this
 * browser reads, `damaged` for one cut short or broken, `pixel-limit` for more pixels than allowed. ShapeError for a Picture whose pixels
 * don't fit its size. ArgumentError for other sources and options out of range. AbortError (`aborted`). MemoryError (`out-of-memory`).
 * @example
 * const photo = await readPicture(input.files[0]);
 */
export function readPicture(source: BrowserPictureSource, options: ReadOptions = {}): Promise<Picture> {
  return withinMemory("the picture can't be read", () => pictureFrom(source, options));
}

async function pictureFrom(source: BrowserPictureSource, options: ReadOptions): Promise<Picture> {
  const { pixelLimit = 16384 * 16384, signal, onWarning = toConsole } = options;
  const decoding = { pixelLimit, signal, warn: onWarning };
  checkArgument(pixelLimit > 0, 'readPicture', 'pixelLimit', 'a number of pixels above 0', pixelLimit);
  throwIfAborted(signal);
  if (typeof source === 'string' || source instanceof URL || source instanceof Blob) {
    return decodeFile(await bytesFrom(source, signal), decoding);
  }
  checkArgument(
    typeof source === 'object' && source !== null && (isDrawable(source) || 'data' in source),
    'readPicture',
    'source',
    'a Blob, an address, an image, a canvas, a bitmap, an ImageData, a VideoFrame or a Picture',
    source,
  );
  if (isDrawable(source)) return isImage(source) ? readImage(source, decoding) : readDrawable(source, pixelLimit, signal);
  return 'channels' in source ? checkedPicture(source, pixelLimit) : readData(source, pixelLimit);
}

/**
 * Reads a mask as 8-bit grey, or grey and alpha where it has alpha.
 *
 * Colours become their luminance, 16 bits become 8; soft edges stay soft. Takes and throws the same as {@link readPicture}.
 *
 * @param source what {@link readPicture} takes
 * @returns a Picture of 1 channel, or 2 with alpha
 * @example
 * const mask = await readMask(maskCanvas);
 */
export function readMask(source: BrowserPictureSource, options: ReadOptions = {}): Promise<Picture> {
  const { onWarning = toConsole } = options;
  // What a mask carries beside its pixels is not wanted.
  const aboutPixels: OnWarning = (warning) => {
    if (warning.code === 'end-missing') onWarning(warning);
  };
  return withinMemory("the mask can't be read", async () => luminance(await readPicture(source, { ...options, onWarning: aboutPixels })));
}
