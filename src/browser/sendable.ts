import { kindOf } from '../check';
import { ArgumentError, PictureError } from '../errors';
import { type BrowserPictureSource, readPicture } from '../io/browser';
import { canvasReader } from '../io/browser/canvas-reader';
import { canvasSettings, isCanvas, loaded } from '../io/browser/drawable';
import { throwIfOutOfMemory } from '../memory';
import { checkPicture, type Picture } from '../picture';
import type { MaskShapes } from '../shapes';
import { isRunMask } from '../shapes/run-mask';
import { isMaskShapes } from '../shapes/shapes';
import type { SentMask } from './protocol';

/** A source as a worker can be sent it, and what of it is handed over rather than copied. */
export interface Sendable<T = BrowserPictureSource> {
  source: T;
  transfer: Transferable[];
}

/** Frees bitmaps and frames at once: each may hold a whole picture in the memory of the GPU, and a decoder has few frames. */
export function closeAll(parts: readonly unknown[]): void {
  for (const part of parts) (part as { close?(): void } | undefined)?.close?.();
}

const is = (source: unknown, name: string): boolean => {
  const type = (globalThis as Record<string, unknown>)[name];
  return typeof type === 'function' && source instanceof type;
};

/**
 * Takes a picture as it is at the time of the call, and leaves the caller's own as it was: files go by reference, addresses
 * whole, elements and canvases as bitmaps, pixels as copies.
 */
export async function toSendable(source: BrowserPictureSource, argument: string): Promise<Sendable> {
  if (typeof source === 'string' || source instanceof URL) return { source: addressOf(source, argument), transfer: [] };
  if (is(source, 'Blob') || is(source, 'ImageData') || is(source, 'ImageBitmap')) return { source, transfer: [] };
  if (is(source, 'VideoFrame')) return handedOver(ofFrame(source as VideoFrame, argument));
  if (isCanvas(source)) return ofCanvas(source, argument);
  if (is(source, 'HTMLImageElement')) return ofImage(source as HTMLImageElement, argument);
  if (source === null || typeof source !== 'object' || !('channels' in source)) {
    const expected = 'a Blob, an address, an image, a canvas, an ImageBitmap, an ImageData, a VideoFrame or a Picture';
    throw new ArgumentError('argument', `inpaint: ${argument} must be ${expected}, got ${kindOf(source)}`, {
      expected,
      actual: source,
    });
  }
  return copied(source as Picture, argument);
}

/** Takes a mask as it is at the time of the call: shapes as data, runs without their pixels, and pictures as they are. */
export async function maskToSend(mask: BrowserPictureSource | MaskShapes, argument = 'mask'): Promise<Sendable<SentMask>> {
  if (isRunMask(mask)) {
    const { width, height, channels } = mask;
    const runs = mask.runs.slice();
    return { source: { width, height, channels, runs }, transfer: [runs.buffer] };
  }
  return isMaskShapes(mask) ? { source: structuredClone(mask), transfer: [] } : toSendable(mask, argument);
}

const handedOver = (source: ImageBitmap | VideoFrame): Sendable => ({ source, transfer: [source] });

function ofFrame(frame: VideoFrame, argument: string): VideoFrame {
  try {
    return frame.clone();
  } catch (cause) {
    throw new PictureError('damaged', `inpaint: ${argument} has no pixels: the frame is closed`, { expected: 'an open frame', cause });
  }
}

/** What is drawn. A bitmap of what another origin forbids to read can be made, but not sent: that is found out here, by a pixel of it. */
async function bitmapOf(source: HTMLImageElement | HTMLCanvasElement | OffscreenCanvas, argument: string): Promise<Sendable> {
  const bitmap = await createImageBitmap(source).catch((cause) => {
    throwIfOutOfMemory(cause, `inpaint: ${argument} can't be read`);
    throw new PictureError('damaged', `inpaint: ${argument} has no pixels: it is empty, not loaded, or too large`, { expected: 'a size', cause });
  });
  try {
    await canvasReader(bitmap)(0, 0, 1, 1);
  } catch (error) {
    bitmap.close();
    throw error;
  }
  return handedOver(bitmap);
}

/** A bitmap doesn't say which colours its numbers mean, nor that it has no alpha: where they aren't the usual ones, the pixels are read here. */
async function ofCanvas(canvas: HTMLCanvasElement | OffscreenCanvas, argument: string): Promise<Sendable> {
  const { colorSpace, alpha } = canvasSettings(canvas);
  if (colorSpace === 'srgb' && alpha) return bitmapOf(canvas, argument);
  return copied(await readPicture(canvas), argument);
}

/** The element's file, for its own numbers and what it carries beside them; where it is out of reach, or none that is read, what is drawn. */
async function ofImage(image: HTMLImageElement, argument: string): Promise<Sendable> {
  await loaded(image);
  const address = image.currentSrc || image.src;
  const file = await fetch(address).then(
    (response) => (response.ok ? response.blob() : undefined),
    () => undefined,
  );
  // A type may have parameters behind it.
  if (file && !file.type.startsWith('image/svg+xml')) return { source: file, transfer: [] };
  return bitmapOf(image, argument);
}

/** The whole address: a worker's own may lie elsewhere. */
export function addressOf(source: string | URL, argument: string): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(source, base).href;
  } catch (cause) {
    throw new ArgumentError('argument', `inpaint: ${argument} must be an address, got ${source}`, { expected: 'an address', actual: String(source), cause });
  }
}

/** A copy of its own memory: a view would be sent with all of the memory that it looks at. */
function copied(picture: Picture, argument: string): Sendable {
  checkPicture(picture, `inpaint: ${argument}`);
  const { width, height, channels } = picture;
  const data = picture.data instanceof Uint16Array ? new Uint16Array(picture.data) : new Uint8ClampedArray(picture.data);
  const metadata = Object.entries(picture.metadata ?? {}).map(([name, value]) => [name, value instanceof Uint8Array ? new Uint8Array(value) : value]);
  return { source: { width, height, channels, data, metadata: Object.fromEntries(metadata) }, transfer: [data.buffer] };
}
