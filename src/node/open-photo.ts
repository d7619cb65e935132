import { checkOptions } from '../check';
import type { SessionOptions } from '../cra/session';
import { type PictureSource, type ReadOptions, readPicture } from '../io/read';
import type { FileSession } from './file-session';

/** Options of {@link openPhoto}: those of reading, and `history`. */
export interface OpenPhotoOptions extends ReadOptions, SessionOptions {}

/** All of them, for what is misspelt. */
const OPEN_OPTIONS = {
  history: true,
  pixelLimit: true,
  failOn: true,
  applyOrientation: true,
  onWarning: true,
} as const satisfies Record<keyof OpenPhotoOptions, true>;

/**
 * Opens a photo's file that is to be filled again and again: `openSession()` of `readPicture()`, and a way back into a file.
 *
 * The photo is decoded once and held in memory, with what its steps changed beside it. For a photo that is filled once, `inpaintFile()` holds less.
 *
 * @param photo a path, a `file:` URL or a file's bytes, as for `readPicture()`
 * @param options as of `readPicture()`, and `history`
 * @returns the session; to be disposed of when it is no longer needed
 * @throws as `readPicture()`; ArgumentError
 * @example
 * ```ts
 * const session = await openPhoto('beach.jpg');
 * await session.fill('people.png');
 * await session.fill({ shapes: ['10%,20%,5%,30%'] });
 * await session.undo();
 * await session.write('empty-beach.jpg');
 * session.dispose();
 * ```
 */
export async function openPhoto(photo: PictureSource, options: OpenPhotoOptions = {}): Promise<FileSession> {
  checkOptions(options, OPEN_OPTIONS, 'openPhoto');
  const { history, ...reading } = options;
  const picture = await readPicture(photo, reading);
  // Loaded late: who only reads and writes pictures needs no TensorFlow.js.
  const { PhotoOfFile } = await import('./photo-of-file');
  return new PhotoOfFile(picture, { history }, reading);
}
