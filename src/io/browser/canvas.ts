import { ArgumentError, PictureError } from '../../errors';
import { throwIfOutOfMemory } from '../../memory';
import { checkPicture, colourChannels, hasAlpha, type Picture } from '../../picture';
import { surface } from './surface';

/** Writes rows of a picture as RGBA of 8 bits. */
function rgbaRows(picture: Picture, top: number, rows: number, onWhite: boolean): Uint8ClampedArray<ArrayBuffer> {
  const { width, channels, data } = picture;
  const out = new Uint8ClampedArray(width * rows * 4);
  const colours = colourChannels(picture);
  const alpha = hasAlpha(picture);
  // 65535 = 255 * 257. A clamped array rounds what it is given.
  const scale = data instanceof Uint16Array ? 1 / 257 : 1;
  for (let from = top * width * channels, to = 0; to < out.length; from += channels, to += 4) {
    const opacity = alpha ? data[from + channels - 1] * scale : 255;
    for (let c = 0; c < 3; c++) {
      const value = data[from + (colours === 1 ? 0 : c)] * scale;
      out[to + c] = onWhite ? (value * opacity + 255 * (255 - opacity)) / 255 : value;
    }
    out[to + 3] = onWhite ? 255 : opacity;
  }
  return out;
}

const colorSpaceOf = ({ metadata }: Picture): PredefinedColorSpace => metadata?.colorSpace ?? 'srgb';

/**
 * A picture as ImageData, RGBA of 8 bits, in `metadata.colorSpace`.
 *
 * 16 bits are rounded to 8 and grey becomes RGB. The numbers are the picture's own: those in an ICC profile other than sRGB and
 * Display P3 are not converted.
 *
 * @param picture any Picture
 * @returns an ImageData with its own pixels
 * @throws ShapeError (`shape`), PictureError (`format`) where the browser can't make one so large, MemoryError (`out-of-memory`)
 * @example
 * context.putImageData(toImageData(result), 0, 0);
 */
export function toImageData(picture: Picture): ImageData {
  checkPicture(picture, 'toImageData: picture');
  try {
    return new ImageData(rgbaRows(picture, 0, picture.height, false), picture.width, picture.height, { colorSpace: colorSpaceOf(picture) });
  } catch (cause) {
    throwIfOutOfMemory(cause, "the picture can't be made an ImageData");
    throw tooLarge(picture, cause);
  }
}

const tooLarge = ({ width, height }: Picture, cause?: unknown): PictureError =>
  new PictureError('format', `a picture of ${width} x ${height} is more than this browser's canvases hold: write it as PNG, or make it smaller`, {
    expected: 'a size within the canvas limits',
    actual: { width, height },
    cause,
  });

function contextOf(canvas: HTMLCanvasElement | OffscreenCanvas, settings: CanvasRenderingContext2DSettings): CanvasRenderingContext2D {
  let context: unknown;
  let cause: unknown;
  try {
    context = canvas.getContext('2d', settings);
  } catch (error) {
    cause = error;
  }
  if (context) return context as CanvasRenderingContext2D;
  const expected = 'a canvas with a 2D context or none yet, that has not been transferred';
  throw new ArgumentError('argument', `toCanvas: canvas must be ${expected}`, { expected, actual: canvas, cause });
}

/** Draws a picture on a canvas, band by band; on white, with no alpha, where `opaque`. */
export function drawn<T extends HTMLCanvasElement | OffscreenCanvas>(picture: Picture, canvas: T, opaque: boolean): T {
  const { width, height } = picture;
  const colorSpace = colorSpaceOf(picture);
  const rows = Math.min(height, Math.max(1, Math.floor(2 ** 22 / width)));
  const context = contextOf(canvas, { colorSpace, alpha: !opaque });
  try {
    canvas.width = width;
    canvas.height = height;
    for (let top = 0; top < height; top += rows) {
      const band = Math.min(rows, height - top);
      context.putImageData(new ImageData(rgbaRows(picture, top, band, opaque), width, band, { colorSpace }), 0, top);
    }
    // A canvas beyond the limits draws nothing, without a word.
    const [, , , corner] = context.getImageData(width - 1, height - 1, 1, 1).data;
    const last = hasAlpha(picture) && !opaque ? picture.data[picture.data.length - 1] : 1;
    if (corner === 0 && last > 0 && !(picture.data instanceof Uint16Array && last < 129)) throw new RangeError('the canvas stays empty');
  } catch (cause) {
    throwIfOutOfMemory(cause, "the picture can't be drawn");
    throw tooLarge(picture, cause);
  }
  return canvas;
}

/**
 * Draws a picture on a canvas of its size, in `metadata.colorSpace`, as {@link toImageData} would.
 *
 * Canvases store premultiplied colours: those of pixels that are transparent in part are rounded.
 *
 * @param picture any Picture
 * @param canvas the canvas to draw on, which takes on the picture's size; a context that it has already must be a 2D one, and keeps its
 * colour space. Default: a new OffscreenCanvas
 * @returns the canvas
 * @throws ShapeError (`shape`), PictureError (`format`) for a picture beyond the browser's limits, ArgumentError for a canvas that can't
 * be drawn on
 * @example
 * toCanvas(result, document.querySelector('canvas'));
 */
export function toCanvas<T extends HTMLCanvasElement | OffscreenCanvas = HTMLCanvasElement | OffscreenCanvas>(picture: Picture, canvas?: T): T {
  checkPicture(picture, 'toCanvas: picture');
  return drawn(picture, canvas ?? (surface(1, 1) as T), false);
}
