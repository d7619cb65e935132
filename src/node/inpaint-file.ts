import { throwIfAborted } from '../abort';
import { checkOptions } from '../check';
import type { Photo } from '../cra/kinds';
import { INPAINT_OPTIONS, type InpaintOptions, type Stage } from '../cra/options';
import type { KeptThreads } from '../cra/threads';
import type { PictureSource, ReadOptions } from '../io/read';
import { storeMask, storePicture } from '../io/store';
import { StoredPicture } from '../io/stored';
import { FilesBeside, removeLeftovers } from '../io/temporary';
import { throwIfUnwritable } from '../io/unwritable';
import { checkedFormat, checkedTarget, formatFor, nameOfPath, type WriteOptions, writeStored } from '../io/write';
import { withinMemory } from '../memory';
import type { Picture } from '../picture';
import type { RunMask } from '../shapes/run-mask';
import type { MaskShapes } from '../shapes/shapes';
import { type DrawMask, drawingOf } from './drawn-mask';
import type { FillStored } from './fill-stored';
import { isFile } from './is-file';

/** The stages of {@link inpaintFile}, in order: those of `inpaint()` between decoding and encoding. */
export type FileStage = 'decode' | Stage | 'encode';

/** How far {@link inpaintFile} has come. */
export interface FileProgress {
  /** The stage at work. */
  stage: FileStage;
  /** Steps of the stage that are done. */
  done: number;
  /** Steps of the stage in all. */
  total: number;
}

/** Options of {@link inpaintFile}: those of `inpaint()`, of reading and of writing. */
export interface InpaintFileOptions
  extends Omit<InpaintOptions, 'onProgress' | 'sources' | 'avoid'>,
    Omit<ReadOptions, 'onWarning'>,
    Omit<WriteOptions, 'onWarning' | 'signal'> {
  /** What the fill may be copied from, as for `inpaint()`: of any kind that the mask may be of. Default: all that is known. */
  sources?: PictureSource | Photo | MaskShapes;
  /** What it must not be copied from, likewise. Default: nothing. */
  avoid?: PictureSource | Photo | MaskShapes;
  /** Scales mask files of another size to the photo's, as `fitMask()` does. Default false: they are refused. */
  fitMask?: boolean;
  /** Called after each step. */
  onProgress?: (progress: FileProgress) => void;
}

/** All of them, for what is misspelt. */
const FILE_OPTIONS = {
  ...INPAINT_OPTIONS,
  pixelLimit: true,
  failOn: true,
  applyOrientation: true,
  fitMask: true,
  format: true,
  quality: true,
  location: true,
  overwrite: true,
} as const satisfies Record<keyof InpaintFileOptions, true>;

/** What {@link inpaintFile} tells of the photo, which need not be read again. */
export interface InpaintedFile {
  /** Pixels in a row, upright. */
  width: number;
  /** Rows. */
  height: number;
}

/**
 * Fills the hole that a mask marks in a photo's file, and writes the result: `readPicture()`, `inpaint()` and `writePicture()` in one, and
 * the same file, without a photo in memory.
 *
 * The photo is decoded into a temporary file beside the result, which takes as many bytes as its pixels; the windows around the holes are
 * read from there, the patches laid in, and the result is encoded from it. What is in memory is a byte a pixel at the most, the window that
 * is being filled, and, for WebP and AVIF, what their decoders and encoders hold: the whole picture. The output may be the photo itself.
 *
 * @param photo a path, a `file:` URL or a file's bytes, as for `readPicture()`
 * @param mask likewise, as for `readMask()`; the path of an SVG; or one in memory, as for `inpaint()`, or as `{ shapes }`, which are drawn as by
 * `maskFrom()` for the photo's size. What shapes cover is the hole, whatever `hole` says.
 * @param output where to; the extension decides the format unless `format` is given
 * @param options as of `inpaint()`, `readPicture()` and `writePicture()`
 * @returns the photo's size
 * @throws as those three; PictureError (`file-write`) also where there is no room for the temporary file. Nothing is left behind, and a file
 * that was there before stays as it was.
 * @example
 * ```ts
 * await inpaintFile('beach.tif', 'people.png', 'empty-beach.tif');
 * await inpaintFile('beach.tif', { shapes: ['10%,20%,5%,30%'] }, 'empty-beach.tif');
 * ```
 */
export async function inpaintFile(
  photo: PictureSource,
  mask: PictureSource | Photo | MaskShapes,
  output: string | URL,
  options: InpaintFileOptions = {},
): Promise<InpaintedFile> {
  const { width, height } = await inpaintFileBy(photo, mask, output, options);
  return { width, height };
}

/** What is done between the steps of {@link inpaintFileBy}, each of which is waited for. */
export interface BetweenSteps {
  /** Whose messages they are in. */
  op?: string;
  /** Who fills. */
  fill?: Promise<FillStored>;
  /** By which threads. Default: its own. */
  kept?: KeptThreads;
  onDecoded?(photo: StoredPicture, mask: StoredPicture | Photo): Promise<void>;
  /** What is to go beside what the mask marks. */
  alsoMarks?(photo: StoredPicture): Promise<RunMask>;
  onFilled?(photo: StoredPicture): Promise<void>;
}

/** Options of {@link inpaintFileBy}: masks may be drawn by functions. */
export interface FileOptions extends Omit<InpaintFileOptions, 'sources' | 'avoid'> {
  sources?: InpaintFileOptions['sources'] | DrawMask;
  avoid?: InpaintFileOptions['avoid'] | DrawMask;
}

/** {@link inpaintFile}, with what others do on the way. */
export async function inpaintFileBy(
  photo: PictureSource,
  mask: PictureSource | Photo | MaskShapes | DrawMask,
  output: string | URL,
  options: FileOptions,
  { op = 'inpaintFile', fill, kept, onDecoded, alsoMarks, onFilled }: BetweenSteps = {},
): Promise<Pick<Picture, 'width' | 'height' | 'metadata'>> {
  checkOptions(options, FILE_OPTIONS, op);
  const { pixelLimit, failOn, applyOrientation, fitMask, format, quality, location, overwrite, onProgress, sources, avoid, ...others } = options;
  const { signal, onWarning } = others;
  const report = (stage: FileStage) => onProgress?.({ stage, done: 1, total: 1 });
  const name = nameOfPath(output, 'inpaintFile');
  throwIfAborted(signal);
  // What can't be written is known before anything is decoded.
  checkedFormat({ format: formatFor({ metadata: { format: 'png' } }, name, format), quality, location });
  const target = await checkedTarget(name);
  await removeLeftovers([target]);
  const files = new FilesBeside(target);
  const reading = { pixelLimit, failOn, applyOrientation, onWarning, signal };
  try {
    const masks = [mask, sources, avoid];
    const drawings = await Promise.all(masks.map((mask) => (typeof mask === 'function' ? mask : mask === undefined ? mask : drawingOf(mask, fitMask))));
    // All are waited for, whatever becomes of any: a file is removed once nobody writes it any more.
    const [decodedPhoto, ...decodedMasks] = await Promise.allSettled([
      storePicture(photo, files, reading),
      ...masks.map(async (mask, n) => (!drawings[n] && isFile(mask) ? storeMask(mask, files, reading) : undefined)),
    ]);
    for (const decoded of [decodedPhoto, ...decodedMasks]) if (decoded.status === 'rejected') throw decoded.reason;
    const stored = fulfilled(decodedPhoto) as StoredPicture;
    const [marks, ...copyMarks] = await withinMemory(op, async () =>
      masks.map((mask, n) => drawings[n]?.(stored) ?? fulfilled(decodedMasks[n]) ?? (mask as Photo)),
    );
    const { width, height, metadata } = stored;
    await onDecoded?.(stored, marks);
    report('decode');
    throwIfAborted(signal);
    const more = await alsoMarks?.(stored);
    // Loaded late: who only reads and writes pictures needs no TensorFlow.js.
    const fillStored = (await fill) ?? (await import('./fill-stored')).fillStored;
    const where = { sources: copyMarks[0], avoid: copyMarks[1] };
    await fillStored(stored, marks, { ...others, ...where, ...(drawings[0] ? { hole: 'white' } : {}), op, kept, fitMask, ...(more && { more }), onProgress });
    for (const mask of [marks, ...copyMarks]) if (mask instanceof StoredPicture) await mask.remove();
    await onFilled?.(stored);
    throwIfAborted(signal);
    await writeStored(stored, output, files, { format, quality, location, overwrite, signal, onWarning });
    report('encode');
    return { width, height, metadata };
  } catch (error) {
    throwIfUnwritable(error, `${op}: a temporary file beside ${name} can't be written or read`);
    throw error;
  } finally {
    await files.removeAll();
  }
}

const fulfilled = <T>(settled: PromiseSettledResult<T>): T => (settled as PromiseFulfilledResult<T>).value;
