import { heifPlanes, type Planes } from '../containers/heif-planes';
import { canvasReader } from './canvas-reader';

/** An AVIF of one pixel, whose grey and whose alpha are both {@link LEVEL}, of the whole range from 0 to 255. */
const PROBE =
  'AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAUxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAALGlsb2MA' +
  'AAAARAAAAgABAAAAAQAAAXAAAAASAAIAAAABAAABcAAAABIAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABhdjAxAAAAABVpbmZlAgAAAAACAABhdjAxAAAAAJNp' +
  'cHJwAAAAbmlwY28AAAAUaXNwZQAAAAAAAAABAAAAAQAAAA5waXhpAAAAAAEIAAAADGF2MUOBABwAAAAAOGF1eEMAAAAAdXJuOm1wZWc6bXBlZ0I6Y2ljcDpzeXN0ZW1z' +
  'OmF1eGlsaWFyeTphbHBoYQAAAAAdaXBtYQAAAAAAAAACAAEDAQKDAAIEAQKDBAAAABppcmVmAAAAAAAAAA5hdXhsAAIAAQABAAAAGm1kYXQSAAoEGAAGFTIIEAAAGOFB' +
  'wRA=';
const LEVEL = 32;

let answer: Promise<boolean> | undefined;

async function pixelOf(file: Uint8Array<ArrayBuffer>): Promise<Uint8Array | Uint8ClampedArray> {
  const bitmap = await createImageBitmap(new Blob([file], { type: 'image/avif' }), { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  try {
    return await canvasReader(bitmap)(0, 0, 1, 1);
  } finally {
    bitmap.close();
  }
}

/** Whether the browser changes the alpha of an AVIF, and reads it as it is once it comes as a picture of its own. */
export async function changesAlpha(): Promise<boolean> {
  const probe = Uint8Array.from(atob(PROBE), (character) => character.charCodeAt(0));
  const [, , , alpha] = await pixelOf(probe);
  if (Math.abs(alpha - LEVEL) <= 1) return false;
  const [apart] = await pixelOf(heifPlanes(probe)!.alpha);
  return Math.abs(apart - LEVEL) <= 1;
}

/**
 * An AVIF's colours and alpha as two files, where this browser gets alpha wrong if it decodes both at once. Debian 12's Chromium 156
 * takes 16 for transparent and 235 for opaque, whatever the file says.
 *
 * @returns undefined where the file can be decoded as it is
 */
export async function planesOf(file: Uint8Array): Promise<Planes | undefined> {
  // Found out once.
  answer ??= changesAlpha().catch(() => false);
  return (await answer) ? heifPlanes(file) : undefined;
}
