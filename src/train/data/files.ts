import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PictureError } from '../../errors';
import { formatOfPath } from '../../io/write';

/**
 * The picture files of a folder and the folders in it, by their names' endings, sorted: the same on every machine.
 * @throws PictureError (`file-read`) where the folder can't be read or holds no picture.
 */
export async function pictureFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new PictureError('file-read', `${folder} can't be read: ${(cause as Error).message}`, { expected: 'a folder of pictures', cause });
  });
  // `path` is what Node 20 before 20.12 calls `parentPath`.
  const found = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && formatOfPath(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  if (found.length === 0)
    throw new PictureError('file-read', `${folder} holds no pictures`, { expected: 'JPEG, PNG, WebP, AVIF, TIFF or GIF files', actual: 0 });
  return found.sort((a, b) => (a < b ? -1 : 1));
}
