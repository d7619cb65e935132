import type { CandidateOptions } from '../cra/candidates';
import type { Photo } from '../cra/kinds';
import { fitMask, readMask, readPicture, writePicture } from '../io/node';
import type { PictureSource, ReadOptions } from '../io/read';
import { loadSharp } from '../io/sharp';
import { type DrawMask, drawingOf } from '../node/drawn-mask';
import type { FileOptions, FileStage } from '../node/inpaint-file';
import type { Picture } from '../picture';
import type { MaskShapes } from '../shapes/shapes';
import { type Job, numbered } from './jobs';

// How wide a picture of a sheet is at most, and how far from the next, in pixels.
const WIDEST = 640;
const GAP = 8;

/** A sheet of small pictures, two in a row. */
async function sheetOf(pictures: readonly Picture[]): Promise<Picture> {
  const sharp = await loadSharp();
  const small = await Promise.all(
    pictures.map(({ width, height, channels, data }) =>
      sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
        .flatten({ background: 'white' })
        .resize({ width: WIDEST, withoutEnlargement: true })
        .toColourspace('srgb')
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true }),
    ),
  );
  const { width, height } = small[0].info;
  const columns = Math.min(2, small.length);
  const [wide, high] = [columns * (width + GAP) - GAP, Math.ceil(small.length / columns) * (height + GAP) - GAP];
  const data = new Uint8Array(wide * high * 3).fill(255);
  for (const [n, { data: pixels, info }] of small.entries()) {
    const [top, left] = [Math.floor(n / columns) * (height + GAP), (n % columns) * (width + GAP)];
    // A grey photo stays of one channel.
    const count = info.channels;
    for (let p = 0; p < width * height; p++) {
      const to = 3 * ((top + Math.floor(p / width)) * wide + left + (p % width));
      for (let c = 0; c < 3; c++) data[to + c] = pixels[p * count + (count < 3 ? 0 : c)];
    }
  }
  return { width: wide, height: high, channels: 3, data, metadata: { format: 'png' } };
}

/** How several results of a photo are made. */
export interface SeveralOptions extends Omit<FileOptions, 'onProgress'> {
  candidates: number;
  onProgress: (progress: { stage: FileStage; done: number; total: number }) => void;
  /** What is waited for before the photo is filled: the backend. */
  onDecoded: (photo: Picture) => Promise<void>;
}

/** Fills a photo in several ways, in memory, and writes each: numbered, the best first; and a sheet of all, if asked for. Returns their paths. */
export async function writeSeveral({ photo, masks, draw, output, sheet }: Job, options: SeveralOptions): Promise<string[]> {
  const { pixelLimit, failOn, fitMask: fit = false, quality, sources, avoid, onDecoded, ...others } = options;
  const reading: ReadOptions = { pixelLimit, failOn, onWarning: others.onWarning };
  const picture = await readPicture(photo, reading);
  const opened = async (mask: PictureSource | Photo | MaskShapes | DrawMask): Promise<Photo> => {
    const drawing = typeof mask === 'function' ? mask : await drawingOf(mask, fit);
    if (drawing) return drawing(picture);
    const read = await readMask(mask as PictureSource, reading);
    return fit ? fitMask(read, picture.width, picture.height) : read;
  };
  const given = draw ?? masks[0];
  const marks = await opened(given);
  const where = { ...(sources && { sources: await opened(sources) }), ...(avoid && { avoid: await opened(avoid) }) };
  await onDecoded(picture);
  const { inpaintCandidates } = await import('../cra/candidates');
  const isDrawn = draw !== undefined || /\.svg$/i.test(masks[0]);
  const settings: CandidateOptions = { ...others, ...where, ...(isDrawn ? { hole: 'white' } : {}) };
  const results = await inpaintCandidates(picture, marks, settings);
  const paths = results.map((_, n) => numbered(output, n + 1));
  const { signal, onWarning } = others;
  for (const [n, result] of results.entries()) await writePicture(result, paths[n], { quality, signal, onWarning });
  if (sheet !== undefined) await writePicture(await sheetOf(results), sheet, { format: 'png', signal });
  return paths;
}
