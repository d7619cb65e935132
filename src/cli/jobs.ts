import { access, constants, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { MaskError, PictureError } from '../errors';
import { formatOfPath } from '../io/write';
import { type Command, UsageError } from './arguments';

/** One photo to be worked on. */
export interface Job {
  photo: string;
  /** Undefined where none was found. */
  mask?: string;
  /** Lines for the fill to follow. */
  sketch?: string;
  output: string;
  compare?: string;
  /** Whether the folders of the results are made where they are missing. */
  makeFolders: boolean;
}

const stem = (path: string) => basename(path, extname(path));
const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
const MASK_SUFFIX = /[-_]mask$/i;

async function picturesIn(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => formatOfPath(name) && !name.startsWith('.'))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new PictureError('file-read', `${folder} can't be read: ${(cause as Error).message}`, { cause });
  }
}

/** The photo's mask among the files of a folder: the same base name, else with -mask or _mask after it. */
function maskFor(photo: string, masks: string[]): string | undefined {
  const others = masks.filter((mask) => resolve(mask) !== resolve(photo));
  return (
    others.find((mask) => stem(mask) === stem(photo)) ??
    others.find((mask) => MASK_SUFFIX.test(stem(mask)) && stem(mask).replace(MASK_SUFFIX, '') === stem(photo))
  );
}

/** A result keeps its photo's name and format; GIF can be read only, so its results are PNG. */
const resultName = (photo: string) => (formatOfPath(photo) === 'gif' ? `${stem(photo)}.png` : basename(photo));

/**
 * Works out which photo goes with which mask, and where the results go.
 * @throws UsageError for a mix of paths that makes no sense; PictureError `file-read` for folders that can't be read
 */
export async function jobsOf(command: Command): Promise<Job[]> {
  const { photo, mask, sketch, output, compare } = command;
  const single = !(await isFolder(photo));
  if (single && mask === undefined) {
    if (!(await stat(photo).catch(() => undefined))) throw new PictureError('file-read', `${photo} can't be read: there is no such file or folder`);
    throw new UsageError(`the mask for ${photo} is missing`);
  }
  const maskFolder = mask === undefined ? photo : (await isFolder(mask)) ? mask : undefined;
  const masks = maskFolder === undefined ? [] : await picturesIn(maskFolder);
  const maskOf = (path: string) => (maskFolder === undefined ? mask : maskFor(path, masks));
  if (single) {
    const inside = /[\\/]$/.test(output) || (await isFolder(output));
    return [{ photo, mask: maskOf(photo), sketch, output: inside ? join(output, resultName(photo)) : output, compare, makeFolders: inside }];
  }

  if ((await stat(output).catch(() => undefined))?.isFile()) throw new UsageError(`-o must be a folder where ${photo} is one`);
  const together = maskFolder !== undefined && resolve(maskFolder) === resolve(photo);
  // In a folder of both, a mask is what is called one, whatever else has its name.
  const called = masks.filter((path) => MASK_SUFFIX.test(stem(path)));
  const photos = (await picturesIn(photo)).filter((path) => !together || !called.includes(path));
  if (photos.length === 0) throw new PictureError('file-read', `${photo} holds no pictures`, { expected: 'jpg, png, webp, avif, tiff or gif files' });
  return photos.map((path) => ({
    photo: path,
    mask: together ? maskFor(path, called) : maskOf(path),
    sketch,
    output: join(output, resultName(path)),
    compare: compare === undefined ? undefined : join(compare, `${basename(path)}.png`),
    makeFolders: true,
  }));
}

/** What tells one file from another, whatever it is called; undefined where there is none. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && `${found.dev}:${found.ino}`;
}

/** Refuses, before any work is done, what could not be written in the end or would replace an input or another result. */
export class OutputGuard {
  private readonly inputs = new Set<string>();
  private readonly outputs = new Set<string>();
  constructor(private readonly overwrite: boolean) {}

  static async of(jobs: Job[], overwrite: boolean): Promise<OutputGuard> {
    const guard = new OutputGuard(overwrite);
    for (const path of new Set(jobs.flatMap(({ photo, mask, sketch }) => [photo, mask, sketch].filter((path) => path !== undefined)))) {
      const identity = await identityOf(path);
      if (identity) guard.inputs.add(identity);
    }
    return guard;
  }

  /** @throws PictureError `file-exists`, `file-write` or `format`; MaskError `mask-missing` */
  async check({ photo, mask, output, compare, makeFolders }: Job): Promise<void> {
    if (mask === undefined)
      throw new MaskError('mask-missing', `no mask for ${photo}: expected ${stem(photo)}.png, ${stem(photo)}-mask.png or ${stem(photo)}_mask.png`);
    for (const path of compare === undefined ? [output] : [output, compare]) {
      if (formatOfPath(path) === undefined || formatOfPath(path) === 'gif') {
        const folder = extname(path) === '' ? ', or a slash for a folder' : '';
        throw new PictureError('format', `${path}: expected a name that ends in .jpg, .png, .webp, .avif or .tiff${folder}`, { actual: extname(path) });
      }
      if (this.outputs.has(resolve(path))) throw new PictureError('file-exists', `${path} is the result of another photo`);
      this.outputs.add(resolve(path));
      const identity = await identityOf(path);
      if (identity && this.inputs.has(identity) && !this.overwrite) throw new PictureError('file-exists', `${path} is an input: --overwrite replaces it`);
      await checkFolder(path, makeFolders);
    }
  }
}

async function checkFolder(path: string, make: boolean): Promise<void> {
  const folder = dirname(path);
  try {
    if (make) await mkdir(folder, { recursive: true });
    if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is no folder`);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new PictureError('file-write', `${path} can't be written: ${(cause as Error).message}`, { cause });
  }
}
