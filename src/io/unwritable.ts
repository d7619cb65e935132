import { InpaintError, PictureError } from '../errors';

// What libvips and the codecs say where a file can't be written on.
const UNWRITABLE = /no space left|disc full|disk quota|file too large|write(v)? (failed|error)|error writing|unable to (open|write)|maximum tiff file size/i;

/** Tells a full disk from a file that is damaged. @throws PictureError (`file-write`) */
export function throwIfUnwritable(error: unknown, doing: string): void {
  const { code, message = String(error), syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof InpaintError || !(syscall || UNWRITABLE.test(message))) return;
  throw new PictureError('file-write', `${doing}: ${message.split('\n')[0]}`, { expected: 'room on the disk', actual: code, cause: error });
}
