import { PictureError } from '../../errors';
import type { Picture } from '../../picture';
import { orientationOf } from '../orient';
import type { Drawable } from './canvas-reader';
import { pictureOf, readTiles } from './tiles';

type Canvas = HTMLCanvasElement | OffscreenCanvas;

/** Whether the source is a canvas, on a page or off it. */
export const isCanvas = (source: object): source is Canvas =>
  (typeof HTMLCanvasElement !== 'undefined' && source instanceof HTMLCanvasElement) ||
  (typeof OffscreenCanvas !== 'undefined' && source instanceof OffscreenCanvas);
const isFrame = (source: object): source is VideoFrame => typeof VideoFrame !== 'undefined' && source instanceof VideoFrame;

/** Whether the source is an image element of a page. */
export const isImage = (source: object): source is HTMLImageElement => typeof HTMLImageElement !== 'undefined' && source instanceof HTMLImageElement;

/** Waits until an image element can be drawn. */
export async function loaded(image: HTMLImageElement): Promise<void> {
  await image.decode().catch((cause) => {
    throw new PictureError('file-read', `the image element has not loaded ${(image.currentSrc || image.src).slice(0, 200)}`, { cause });
  });
}

/** Whether the source can be drawn on a canvas. */
export const isDrawable = (source: object): source is Drawable =>
  isImage(source) || isCanvas(source) || isFrame(source) || (typeof ImageBitmap !== 'undefined' && source instanceof ImageBitmap);

function sizeOf(source: Drawable): { width: number; height: number } {
  if (isFrame(source)) return { width: source.displayWidth, height: source.displayHeight };
  if (isImage(source)) return { width: source.naturalWidth, height: source.naturalHeight };
  return { width: source.width, height: source.height };
}

/** The colour space of a canvas's context, and whether it has alpha. */
export function canvasSettings(canvas: Canvas): { colorSpace: PredefinedColorSpace; alpha: boolean } {
  // A context of another kind is refused by null: then it is a WebGL, WebGPU or bitmap one.
  let drawn: CanvasRenderingContext2D | null;
  try {
    drawn = canvas.getContext('2d') as CanvasRenderingContext2D | null;
  } catch {
    // Its drawing has been transferred to a worker. What is shown can be read all the same.
    return { colorSpace: 'srgb', alpha: true };
  }
  if (drawn) {
    const { colorSpace = 'srgb', alpha = true } = drawn.getContextAttributes?.() ?? {};
    return { colorSpace, alpha };
  }
  const gl = (canvas.getContext('webgl2') ?? canvas.getContext('webgl')) as WebGL2RenderingContext | null;
  return { colorSpace: gl?.drawingBufferColorSpace ?? 'srgb', alpha: gl?.getContextAttributes()?.alpha ?? true };
}

function settingsOf(source: Drawable): { colorSpace?: PredefinedColorSpace; alpha: boolean } {
  if (isCanvas(source)) return canvasSettings(source);
  if (!isFrame(source)) return { alpha: true };
  // P3 primaries with sRGB's curve; frames of a film keep to what the browser makes of them.
  const wide = source.colorSpace?.primaries === ('smpte432' as VideoColorPrimaries);
  return { colorSpace: wide ? 'display-p3' : 'srgb', alpha: /A/.test(source.format ?? 'A') };
}

/**
 * Reads what can be drawn: canvases, bitmaps, video frames, and image elements whose file can't be fetched. The source stays as it is
 * and the caller's.
 */
export async function readDrawable(source: Drawable, pixelLimit: number, signal?: AbortSignal): Promise<Picture> {
  const { width, height } = sizeOf(source);
  if (!(width > 0 && height > 0)) {
    throw new PictureError('damaged', 'the picture has no pixels: it is empty, not loaded, or closed', { expected: 'a size', actual: { width, height } });
  }
  if (width * height > pixelLimit) {
    throw new PictureError('pixel-limit', `the picture has ${width} x ${height} pixels, more than the limit of ${pixelLimit}`, {
      expected: pixelLimit,
      actual: { width, height },
    });
  }
  const { colorSpace, alpha } = settingsOf(source);
  const channels = alpha ? 4 : 3;
  const orientation = orientationOf(1, width, height);
  const data = await readTiles(source, { width, height, channels, orientation, colorSpace, signal });
  return pictureOf(data, orientation, channels, { grey: false, ...(colorSpace === 'display-p3' ? { colorSpace } : {}) });
}
