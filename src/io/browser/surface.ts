import { PictureError } from '../../errors';

/** A canvas that is on no page: in a worker, too, where the browser has them there. */
export function surface(width: number, height: number): OffscreenCanvas | HTMLCanvasElement {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height);
  if (typeof document === 'undefined') {
    throw new PictureError('format', 'this browser has no canvases in workers: only PNGs and pixels can be read and written there', {
      expected: 'OffscreenCanvas',
    });
  }
  return Object.assign(document.createElement('canvas'), { width, height });
}

/** The surface's content as a file of a MIME type, or of another where the browser can't write that one. */
export function surfaceBlob(canvas: OffscreenCanvas | HTMLCanvasElement, type: string, quality: number): Promise<Blob | null> {
  if ('convertToBlob' in canvas) return canvas.convertToBlob({ type, quality });
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}
