import { pauseFor } from '../abort';
import { onBackend } from '../backend';
import { checkArgument, checkOneOf } from '../check';
import { withinMemory } from '../memory';
import { defectRuns } from '../pixels/defects';
import { withPauses } from '../pixels/steps';
import { flatRuns, maskOfRuns, type RunMask } from '../shapes/run-mask';
import { openPhoto, type Photo } from './kinds';

/** What {@link findDefects} looks for. */
export type DefectKind = 'dust' | 'scratches';

const KINDS: readonly DefectKind[] = ['dust', 'scratches'];

/** Options of {@link findDefects}. */
export interface DefectOptions {
  /** Specks, or scratches. Default `'dust'`. */
  kind?: DefectKind;
  /** The widest that a speck or a scratch may be, in pixels, from 3 to 64. Default: a 250th of the photo's short side, from 7 to 20. */
  size?: number;
  /** The least that one must differ from what lies around it, in 255ths of the range, from 1 to 255. Default 40. */
  contrast?: number;
  /** Stops it. */
  signal?: AbortSignal;
}

// What is healed, and not filled, by default.
const THIN = 20;

/**
 * Finds specks or scratches in a scan: what is narrow, lighter or darker than all that lies around it, and not among others of its kind as leaves
 * and gravel are. A mask of them, to be looked at before it is used: a bird before the sky is a speck, and a wire is a scratch.
 *
 * It would rather leave a speck than take a thing. Of a speck on texture that is as rough as itself, nothing can be told.
 *
 * @param photo a photo of any kind that {@link inpaint} takes, in 8 or 16 bits; it is not changed.
 * @returns a mask of the photo's size: 255 where a defect is, rim and all, held in runs. `inpaint()` grows it by what an edge leaves.
 * @throws ShapeError, ArgumentError, AbortError, MemoryError
 * @example
 * ```ts
 * const scan = await readPicture('scan.tif');
 * const dust = await findDefects(scan);
 * await writePicture(await inpaint(scan, dust), 'clean.tif');
 * ```
 */
export function findDefects(photo: Photo, { kind = 'dust', size, contrast = 40, signal }: DefectOptions = {}): Promise<RunMask> {
  const op = 'findDefects';
  return withinMemory(op, async () => {
    checkOneOf(kind, KINDS, op, 'kind');
    if (size !== undefined) checkArgument(size >= 3 && size <= 64, op, 'size', 'from 3 to 64 pixels', size);
    checkArgument(contrast >= 1 && contrast <= 255, op, 'contrast', 'from 1 to 255', contrast);
    const pause = pauseFor(signal);
    await pause();
    const { picture } = await onBackend(() => openPhoto(photo, 'photo', op));
    const { width, height } = picture;
    const widest = size ?? Math.min(THIN, Math.max(7, Math.round(Math.min(width, height) / 250)));
    const runs = await withPauses(defectRuns(picture, { kind, size: widest, contrast }), pause);
    return maskOfRuns(width, height, flatRuns(runs));
  });
}
