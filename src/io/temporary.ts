import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, realpath, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

// A file that is being written changes all the time: one that has not for so long is nobody's any more.
const FORGOTTEN_MS = 60 * 60 * 1000;

const machine = () => createHash('sha256').update(hostname()).digest('hex').slice(0, 3);

/** Twelve hexadecimal digits: three of the machine, six of the process, three of chance. */
const signature = () => `${machine()}${process.pid.toString(16).padStart(6, '0').slice(-6)}${randomBytes(2).toString('hex').slice(1)}`;

// A name may have 255 bytes, of which 18 are the temporary name's own.
const LONGEST_NAME = 255 - 18;

/** A file's name as it stands in the temporary one: a long one by its beginning and what tells it from others. */
export function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  return `${name.slice(0, 40)}~${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

/**
 * Makes an empty file beside another, under a name that says who writes, `.NAME.<12 hexadecimal digits>.tmp`. Whoever calls it renames or
 * removes the file.
 * @param mode who may read and write it; by default as the process's new files
 */
async function createBeside(target: string, mode?: number): Promise<{ path: string; file: FileHandle }> {
  for (let attempt = 1; ; attempt++) {
    const path = join(dirname(target), `.${shortened(basename(target))}.${signature()}.tmp`);
    try {
      const file = await open(path, 'wx+', mode);
      try {
        // What is left of it by the mask of the process is not all.
        if (mode !== undefined) await file.chmod(mode);
        return { path, file };
      } catch (error) {
        await file.close();
        await unlink(path).catch(() => undefined);
        throw error;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 100) throw error;
    }
  }
}

/** Who may read and write the file that is to be replaced; undefined where there is none. */
const modeOf = async (target: string): Promise<number | undefined> => {
  const mode = (await stat(target).catch(() => undefined))?.mode;
  return mode === undefined ? undefined : mode & 0o777;
};

/**
 * Writes bytes beside the file that they are to become, and returns the path. Whoever calls it renames or removes the file. It may be read
 * and written by whom the file that it replaces may be.
 */
export async function writeBeside(target: string, bytes: Uint8Array): Promise<string> {
  const { path, file } = await createBeside(target, await modeOf(target));
  try {
    await file.writeFile(bytes);
    return path;
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

/** A file of {@link FilesBeside}, open for reading and writing. */
export interface FileBeside {
  path: string;
  file: FileHandle;
}

/** Temporary files beside a file that is to be written; what is left of them in the end is closed and removed. */
export class FilesBeside {
  private readonly files = new Map<string, FileHandle>();
  constructor(private readonly target: string) {}

  /** A new, empty file, for this user alone, or, where it is to become the target, for whom that is. */
  async create(use: 'alone' | 'target' = 'alone'): Promise<FileBeside> {
    const made = await createBeside(this.target, use === 'alone' ? 0o600 : await modeOf(this.target));
    this.files.set(made.path, made.file);
    return made;
  }

  async remove(path: string): Promise<void> {
    await this.files.get(path)?.close();
    await unlink(path).catch(() => undefined);
    this.files.delete(path);
  }

  async removeAll(): Promise<void> {
    for (const path of [...this.files.keys()]) await this.remove(path);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Removes what processes that were killed while they wrote one of these files have left beside it. A file of a process that runs is left
 * alone, and so is one that another machine may be writing, unless it has not changed for an hour. What can't be removed stays.
 */
export async function removeLeftovers(targets: readonly string[]): Promise<void> {
  const names = new Map<string, Set<string>>();
  for (const target of targets) {
    const real = await realpath(target).catch(() => target);
    const folder = names.get(dirname(real)) ?? new Set();
    names.set(dirname(real), folder.add(shortened(basename(real))));
  }
  for (const [folder, ours] of names) {
    for (const name of await readdir(folder).catch(() => [])) {
      const [, target, host, pid] = /^\.(.+)\.([0-9a-f]{3})([0-9a-f]{6})[0-9a-f]{3}\.tmp$/s.exec(name) ?? [];
      if (target === undefined || !ours.has(target)) continue;
      const path = join(folder, name);
      const ended = host === machine() && !isRunning(Number.parseInt(pid, 16));
      if (ended || Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now()) > FORGOTTEN_MS) await unlink(path).catch(() => undefined);
    }
  }
}
