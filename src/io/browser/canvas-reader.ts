import { PictureError } from '../../errors';
import { throwIfOutOfMemory } from '../../memory';
import { damaged } from '../containers/header';
import { surface } from './surface';

/** What a canvas can be drawn from. */
export type Drawable = ImageBitmap | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | VideoFrame;

/** Reads the RGBA values of a stretch of a drawable. */
export type TileReader = (x: number, y: number, width: number, height: number) => Promise<Uint8Array | Uint8ClampedArray>;

/** Reads by way of a 2D canvas: exact where all is opaque, rounded where not, because canvases store premultiplied colours. */
export function canvasReader(source: Drawable, colorSpace: PredefinedColorSpace = 'srgb'): TileReader {
  const canvas = surface(1, 1);
  return async (x, y, width, height) => {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d', { willReadFrequently: true, colorSpace }) as OffscreenCanvasRenderingContext2D;
    try {
      context.drawImage(source, -x, -y);
      return context.getImageData(0, 0, width, height, { colorSpace }).data;
    } catch (cause) {
      throwIfOutOfMemory(cause, "the picture can't be drawn");
      if ((cause as Error).name !== 'SecurityError') throw damaged('it can not be drawn', cause);
      throw new PictureError('file-read', 'the picture comes from another origin that does not allow its pixels to be read', { cause });
    }
  };
}
