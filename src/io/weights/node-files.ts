import { WeightsError } from '../../errors';
import { throwIfOutOfMemory } from '../../memory';

/** Whether this runs in Node, and so has files. */
export const isNode = (): boolean => typeof process !== 'undefined' && typeof process.versions?.node === 'string';

// Not for bundlers to follow: a browser never comes here.
const load = (name: string): Promise<unknown> => import(/* webpackIgnore: true */ /* @vite-ignore */ name);

/** node:fs/promises, in Node alone. */
export const nodeFiles = () => load('node:fs/promises') as Promise<typeof import('node:fs/promises')>;

/** node:path, in Node alone. */
export const nodePaths = () => load('node:path') as Promise<typeof import('node:path')>;

/** node:os, in Node alone. */
export const nodeSystem = () => load('node:os') as Promise<typeof import('node:os')>;

/** node:module, in Node alone. */
export const nodeModules = () => load('node:module') as Promise<typeof import('node:module')>;

/** The path of a file: URL. */
export async function pathOf(url: URL): Promise<string> {
  const { fileURLToPath } = (await load('node:url')) as typeof import('node:url');
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new WeightsError('file-read', `${url.href} can't be read: it names no file of this machine`, {
      expected: 'a file: URL of a path',
      actual: url.href,
      cause,
    });
  }
}

/** A file's bytes; undefined if there is no such file. */
export async function readIfThere(path: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  const { readFile } = await nodeFiles();
  try {
    return await readFile(path, { signal });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throwIfOutOfMemory(cause, `${path} can't be read`);
    throw new WeightsError('file-read', `${path} can't be read: ${code === 'EISDIR' ? 'it is a folder' : message}`, {
      expected: 'a readable file',
      actual: code,
      cause,
    });
  }
}
