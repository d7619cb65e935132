import { PictureError } from '../errors';

/**
 * Memory for a picture's values, all zero.
 * @throws PictureError (`pixel-limit`) where there is not as much
 */
export function valuesFor(width: number, height: number, channels: number, bits: number): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  const length = width * height * channels;
  try {
    return bits === 16 ? new Uint16Array(length) : new Uint8Array(length);
  } catch (cause) {
    throw new PictureError('pixel-limit', `there is no memory for ${width} x ${height} pixels of ${channels} channels`, { actual: { width, height }, cause });
  }
}
