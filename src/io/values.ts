import { MemoryError } from '../errors';

/**
 * Memory for a picture's values, all zero.
 * @throws MemoryError (`out-of-memory`) where there is not as much
 */
export function valuesFor(width: number, height: number, channels: number, bits: number): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  const length = width * height * channels;
  try {
    return bits === 16 ? new Uint16Array(length) : new Uint8Array(length);
  } catch (cause) {
    throw new MemoryError('out-of-memory', `there is no memory for ${width} x ${height} pixels of ${channels} channels`, { actual: { width, height }, cause });
  }
}
