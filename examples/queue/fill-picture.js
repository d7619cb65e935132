// One picture of the folder: read, filled, written once. Knows nothing of queues.
import '@tensorflow/tfjs-backend-wasm';
import { access, mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { InpaintError, inpaint } from 'cra-inpaint';
import { readMask, readPicture, writePicture } from 'cra-inpaint/node';

/**
 * Fills one picture, unless its result is there already.
 * @param {string} folder
 * @param {{ photo: string, mask: string }} names of the files in it
 * @param {AbortSignal} signal
 * @returns {Promise<'written' | 'there already'>}
 */
export async function fillPicture(folder, { photo, mask }, signal) {
  const results = join(folder, 'results');
  const result = join(results, photo);
  await mkdir(results, { recursive: true });
  // A result appears under its name whole or not at all, so that one which exists is done. Its worker may have died before it could say so.
  if (await exists(result)) return 'there already';
  await removeLeftovers(results, photo);
  const [picture, marks] = await Promise.all([readPicture(join(folder, photo), { pixelLimit: 100e6 }), readMask(join(folder, mask), { pixelLimit: 100e6 })]);
  // One thread, so that a machine can have a worker for each core.
  const filled = await inpaint(picture, marks, { threads: 1, signal, onWarning: ({ message }) => console.error(`${photo}: ${message}`) });
  try {
    await writePicture(filled, result, { overwrite: false, signal });
  } catch (error) {
    // A worker that was taken for dead, and wasn't, was here first.
    if (error instanceof InpaintError && error.code === 'file-exists') return 'there already';
    throw error;
  }
  return 'written';
}

const exists = (/** @type {string} */ path) =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Removes what a worker that was killed in the middle of writing this photo's result has left behind: `.PHOTO.<12 hex digits>.tmp`.
 * @param {string} results
 * @param {string} photo
 */
async function removeLeftovers(results, photo) {
  const isLeftover = (/** @type {string} */ name) => name.startsWith(`.${photo}.`) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(photo.length + 2));
  for (const name of (await readdir(results)).filter(isLeftover)) await unlink(join(results, name)).catch(() => undefined);
}
