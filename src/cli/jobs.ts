import type { Dirent } from 'node:fs';
import { access, constants, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { MaskError, PictureError } from '../errors';
import { formatOfPath } from '../io/write';
import type { DrawMask } from '../node/drawn-mask';
import { type Command, UsageError } from './arguments';
import { drawingsOf } from './drawn';
import { isCalledMask, masksAmong, matchMasks } from './matching';

/** One photo to be worked on. */
export interface Job {
  photo: string;
  /** The masks that fit it: one, unless the job is to be refused. */
  masks: string[];
  /** Draws its mask instead. */
  draw?: DrawMask;
  /** What is found and goes as well, and where a mask of it is written. */
  defects?: Command['defects'];
  /** Lines for the fill to follow. */
  sketch?: string;
  /** What it may be copied from, and what not: one mask of each or none, unless the job is to be refused. */
  sources: string[];
  avoid: string[];
  output: string;
  /** How many results there are, at most: then numbered; and where a sheet of them goes. */
  candidates?: number;
  sheet?: string;
  compare?: string;
  /** Whether the folders of the results are made where they are missing. */
  makeFolders: boolean;
}

/** A file or folder in a folder of photos or masks that nothing was done with, and why. */
export interface PassedOver {
  path: string;
  /** `format`: no picture that is read, by its name. `folder`: a folder. `unused-mask`: a mask, and no photo's. */
  reason: 'format' | 'folder' | 'unused-mask';
}

/** What is to be done, and what was found beside it. */
export interface Plan {
  jobs: Job[];
  passedOver: PassedOver[];
}

const stem = (path: string) => basename(path, extname(path));
const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
/** What systems put into folders by themselves. */
const isHidden = (name: string) => name.startsWith('.') || /^(thumbs\.db|desktop\.ini)$/i.test(name);

const isPicture = (path: string) => formatOfPath(path) !== undefined;
/** A mask may be drawn, too. */
const isMask = (path: string) => isPicture(path) || /\.svg$/i.test(path);
const isCopyMask = (path: string) => isMask(path) || /\.json$/i.test(path);

/** The pictures of a folder by their names, or what else is looked for, and what else is there, both in order. */
async function contentsOf(folder: string, isLookedFor = isPicture): Promise<{ pictures: string[]; others: PassedOver[] }> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new PictureError('file-read', `${folder} can't be read: ${(cause as Error).message}`, { cause });
  }
  const pictures: string[] = [];
  const others: PassedOver[] = [];
  for (const entry of entries.filter(({ name }) => !isHidden(name)).sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))) {
    const path = join(folder, entry.name);
    // A link that leads nowhere is a picture that can't be read, and will be told as that.
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path)))) others.push({ path, reason: 'folder' });
    else if (isLookedFor(path) && (entry.isFile() || entry.isSymbolicLink())) pictures.push(path);
    else others.push({ path, reason: 'format' });
  }
  return { pictures, others };
}

const isSame = (a: string, b: string) => resolve(a) === resolve(b);

/** A result keeps its photo's name and format; GIF can be read only, so its results are PNG. */
const resultName = (photo: string) => (formatOfPath(photo) === 'gif' ? `${stem(photo)}.png` : basename(photo));

/** The masks of photos of what to copy from: a file is that of all of them, in a folder each has its own, or none. */
async function copyMasksOf(path: string | undefined, photos: readonly string[]): Promise<(photo: string) => string[]> {
  if (path === undefined) return () => [];
  if (!(await isFolder(path))) return () => [path];
  const found = matchMasks(photos, (await contentsOf(path, isCopyMask)).pictures, isSame);
  return (photo) => found.get(photo) ?? [];
}

/**
 * Works out which photo goes with which mask, and where the results go.
 * @throws UsageError for a mix of paths that makes no sense; PictureError `file-read` for folders that can't be read
 */
export async function planOf(command: Command): Promise<Plan> {
  if (await isFolder(command.photo)) return planOfFolder(command);
  const { photo, mask, defects, sketch, output, candidates, sheet, compare } = command;
  const drawings = await drawingsOf(command);
  if (mask === undefined && !drawings && !defects) {
    if (!(await stat(photo).catch(() => undefined))) throw new PictureError('file-read', `${photo} can't be read: there is no such file or folder`);
    throw new UsageError(`the mask for ${photo} is missing`);
  }
  const masks =
    mask === undefined ? [] : (await isFolder(mask)) ? (matchMasks([photo], (await contentsOf(mask, isMask)).pictures, isSame).get(photo) ?? []) : [mask];
  const inside = /[\\/]$/.test(output) || (await isFolder(output));
  const [sources, avoid] = [await copyMasksOf(command.sources, [photo]), await copyMasksOf(command.avoid, [photo])];
  const marks = { masks, draw: drawings?.(photo), defects, sketch, sources: sources(photo), avoid: avoid(photo) };
  return {
    jobs: [{ photo, ...marks, output: inside ? join(output, resultName(photo)) : output, candidates, sheet, compare, makeFolders: inside }],
    passedOver: [],
  };
}

async function planOfFolder(command: Command): Promise<Plan> {
  const { photo: folder, mask, defects, sketch, output, candidates, sheet, compare } = command;
  const drawings = await drawingsOf(command);
  if ((await stat(output).catch(() => undefined))?.isFile()) throw new UsageError(`-o must be a folder where ${folder} is one`);
  const maskFolder = drawings ? undefined : mask === undefined ? folder : (await isFolder(mask)) ? mask : undefined;
  const together = maskFolder !== undefined && isSame(maskFolder, folder);
  const { pictures, others } = await contentsOf(folder, (path) => isPicture(path) || (together && isMask(path) && isCalledMask(path)));
  const apart = maskFolder === undefined || together ? undefined : await contentsOf(maskFolder, isMask);
  const masks = together ? masksAmong(pictures) : (apart?.pictures ?? []);
  const photos = pictures.filter((path) => !together || !masks.includes(path));
  if (photos.length === 0) {
    const seen = others.length > 0 ? `: ${others.length} others are there, such as ${others[0].path}` : '';
    throw new PictureError('file-read', `${folder} holds no pictures${seen}`, { expected: 'jpg, png, webp, avif, tiff or gif files' });
  }
  const found = matchMasks(photos, masks, isSame);
  const used = new Set([...found.values()].flat());
  // Where results and masks are kept inside the photos' folder, that is no news.
  const known = [output, sheet, compare, defects?.mask, maskFolder, command.sources, command.avoid].filter((path) => path !== undefined);
  const isNews = ({ path, reason }: PassedOver) => reason !== 'folder' || !known.some((other) => isSame(path, other));
  const [sources, avoid] = [await copyMasksOf(command.sources, photos), await copyMasksOf(command.avoid, photos)];
  const unused = masks.filter((path) => !used.has(path)).map((path) => ({ path, reason: 'unused-mask' as const }));
  return {
    jobs: photos.map((photo) => ({
      photo,
      masks: drawings ? [] : maskFolder === undefined ? [mask!] : (found.get(photo) ?? []),
      draw: drawings?.(photo),
      defects: defects && { ...defects, mask: defects.mask === undefined ? undefined : join(defects.mask, `${basename(photo)}.png`) },
      sketch,
      sources: sources(photo),
      avoid: avoid(photo),
      output: join(output, resultName(photo)),
      candidates,
      sheet: sheet === undefined ? undefined : join(sheet, `${basename(photo)}.png`),
      compare: compare === undefined ? undefined : join(compare, `${basename(photo)}.png`),
      makeFolders: true,
    })),
    passedOver: [...others, ...(apart?.others ?? []), ...unused].filter(isNews),
  };
}

/** What tells one file from another, whatever it is called; undefined where there is none. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && `${found.dev}:${found.ino}`;
}

/** What a photo's result is made from. */
const inputsOf = ({ photo, masks, sources, avoid, sketch }: Job): string[] => [
  photo,
  ...masks,
  ...sources,
  ...avoid,
  ...(sketch === undefined ? [] : [sketch]),
];
/** The name of the n-th of several results, from 1 on: NAME-1.EXT. */
export const numbered = (path: string, n: number): string => join(dirname(path), `${stem(path)}-${n}${extname(path)}`);

/** What is written of a photo. */
export const outputsOf = ({ output, candidates, sheet, compare, defects }: Job): string[] => {
  const results = candidates === undefined ? [output] : Array.from({ length: candidates }, (_, n) => numbered(output, n + 1));
  return [...results, ...[sheet, compare, defects?.mask].filter((path) => path !== undefined)];
};

/** Refuses, before any work is done, what could not be written in the end or would replace an input or another result. */
export class OutputGuard {
  /** Whose input a file is. */
  private readonly inputs = new Map<string, Set<Job>>();
  private readonly outputs = new Set<string>();
  constructor(private readonly overwrite: boolean) {}

  static async of(jobs: Job[], overwrite: boolean): Promise<OutputGuard> {
    const guard = new OutputGuard(overwrite);
    for (const job of jobs) {
      for (const path of inputsOf(job)) {
        const identity = await identityOf(path);
        if (identity) guard.inputs.set(identity, (guard.inputs.get(identity) ?? new Set()).add(job));
      }
    }
    return guard;
  }

  /** Whether no result replaces what another photo is made from: then it doesn't matter which is made first. */
  async isApart(jobs: Job[]): Promise<boolean> {
    if (!this.overwrite) return true;
    for (const job of jobs) {
      for (const path of outputsOf(job)) {
        const users = this.inputs.get((await identityOf(path)) ?? '');
        if (users && !(users.size === 1 && users.has(job))) return false;
      }
    }
    return true;
  }

  /**
   * Of two photos with the same result the one that is asked about later is refused, even where both are before either is answered.
   * @throws PictureError `file-exists`, `file-write` or `format`; MaskError `mask-missing` or `mask-ambiguous`
   */
  async check(job: Job): Promise<void> {
    const { photo, masks, sources, avoid, draw, defects, makeFolders } = job;
    const paths = outputsOf(job);
    if (masks.length === 0 && !draw && !defects)
      throw new MaskError('mask-missing', `no mask for ${photo}: expected ${stem(photo)}.png, ${stem(photo)}_mask.png or mask_${stem(photo)}.png`);
    for (const fitting of [masks, sources, avoid]) {
      if (fitting.length < 2) continue;
      throw new MaskError('mask-ambiguous', `${fitting.length} masks fit ${photo} equally well: ${fitting.join(', ')}; keep one, or join them`, {
        expected: 'one mask',
        actual: fitting,
      });
    }
    for (const path of paths) {
      if (formatOfPath(path) === undefined || formatOfPath(path) === 'gif') {
        const folder = extname(path) === '' ? ', or a slash for a folder' : '';
        throw new PictureError('format', `${path}: expected a name that ends in .jpg, .png, .webp, .avif or .tiff${folder}`, { actual: extname(path) });
      }
      if (paths.filter((other) => isSame(other, path)).length > 1) throw new PictureError('file-exists', `${path} would be written twice`);
      if (this.outputs.has(resolve(path))) throw new PictureError('file-exists', `${path} is the result of another photo`);
      this.outputs.add(resolve(path));
    }
    for (const path of paths) {
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
