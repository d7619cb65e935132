import type { PictureSource } from '../io/read';

/** Whether a picture is a file, and not in memory. */
export const isFile = (picture: unknown): picture is PictureSource =>
  typeof picture === 'string' || picture instanceof URL || picture instanceof Uint8Array || picture instanceof ArrayBuffer;
