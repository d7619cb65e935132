import type { Picture, PictureFormat } from 'cra-inpaint';
import { readPicture } from 'cra-inpaint/browser';
import type { PictureTask } from './picture.worker';
import { close, type Drawable, drawable } from './picture-layers';

/** The photo that is worked on: the file as it was picked, or a result that is gone on from. */
export interface Photo {
  name: string;
  /** What the library reads: the file itself, so that its own numbers, profile and metadata are kept; else pixels. */
  source: Blob | Picture;
  format: PictureFormat;
  image: Drawable;
  width: number;
  height: number;
}

/** Opens a picture file. What the browser can't show is given to the library, which reads more and says what is wrong. */
export async function openPhoto(file: Blob, name: string): Promise<Photo> {
  const format = await formatOf(file);
  try {
    return photoOf({ name, source: file, format, image: await drawable(file) });
  } catch {
    const picture = await readPicture(file);
    return photoOf({ name, source: picture, format: picture.metadata?.format ?? format, image: await imageOf(picture) });
  }
}

/** The photo that a result becomes when it is gone on from. */
export const photoFromResult = (photo: Photo, picture: Picture, image: Drawable): Photo =>
  photoOf({ name: photo.name, source: picture, format: photo.format, image });

export const closePhoto = ({ image }: Photo): void => close(image);

const photoOf = (photo: Omit<Photo, 'width' | 'height'>): Photo => ({ ...photo, width: photo.image.width, height: photo.image.height });

/** The format by a file's first bytes: names and types that browsers give are guesses. */
async function formatOf(file: Blob): Promise<PictureFormat> {
  const start = String.fromCharCode(...new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (/^RIFF[\s\S]{4}WEBP/.test(start)) return 'webp';
  if (/^[\s\S]{4}ftyp(avif|avis|mif1|miaf)/.test(start)) return 'avif';
  if (start.startsWith('GIF8')) return 'gif';
  return /^(II\*\0|MM\0\*)/.test(start) ? 'tiff' : 'png';
}

/** Pixels as they are drawn. */
export const imageOf = (picture: Picture): Promise<Drawable> => inWorker({ picture });

/** A result as a file in the photo's format; as PNG where this browser can't write that format. */
export const encodeResult = (picture: Picture, format: PictureFormat): Promise<{ blob: Blob; format: PictureFormat }> => inWorker({ picture, format });

/** What takes long for a large picture is done in a thread of its own, which ends with it. */
function inWorker<T>(task: PictureTask): Promise<T> {
  const worker = new Worker(new URL('./picture.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<T>((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => ('failure' in data ? reject(new Error(data.failure)) : resolve(data)));
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    worker.postMessage(task);
  }).finally(() => worker.terminate());
}
