import type { PictureFormat, SessionPatch } from 'cra-inpaint';
import { type BrowserSession, encodePicture } from 'cra-inpaint/browser';
import { hasOwnColours } from './encoding';
import type { PictureTask } from './picture.worker';
import { close, type Drawable, drawable, type Layer } from './picture-layers';

/** The photo that is worked on. */
export interface Photo {
  name: string;
  /** The file as it was picked, of which the library keeps the numbers, profile and metadata. */
  source: Blob;
  format: PictureFormat;
  /** Whether it says where it was taken, or may. */
  hasLocation: boolean;
  image: Drawable;
  width: number;
  height: number;
}

/** A picture file, once the library has read it, too. What the browser can't show is shown by the library, which reads more. */
export async function openPhoto(file: Blob, name: string, opened: Promise<BrowserSession>): Promise<Photo> {
  const [shown, session] = await Promise.all([drawable(file).catch(() => undefined), opened]);
  const { width, height, format = 'png', hasLocation } = session;
  return { name, source: file, format, hasLocation, width, height, image: shown ?? (await inWorker({ picture: await session.toPicture() })) };
}

export const closePhoto = ({ image }: Photo): void => close(image);

/** A piece as it is drawn over the photo. @param image its pixels, as a canvas has them */
export async function layerOf({ left, top, picture }: SessionPatch, image: ImageData): Promise<Layer> {
  const source = hasOwnColours(picture) ? await encodePicture(picture, { format: 'png' }) : image;
  return { left, top, image: await createImageBitmap(source), alpha: picture.channels % 2 === 0 };
}

/** What takes long for a large picture is done in a thread of its own, which ends with it. */
function inWorker(task: PictureTask): Promise<Drawable> {
  const worker = new Worker(new URL('./picture.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Drawable>((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => ('failure' in data ? reject(new Error(data.failure)) : resolve(data)));
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    worker.postMessage(task);
  }).finally(() => worker.terminate());
}
