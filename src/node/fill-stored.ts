import { throwIfAborted } from '../abort';
import { type CopyMask, openMarks, type PlanOptions, patchesOf, planPatches } from '../cra/fill-patches';
import { marksWith } from '../cra/hole-weights';
import type { Photo } from '../cra/kinds';
import type { KeptThreads } from '../cra/threads';
import { bytesOfValues, StoredPicture } from '../io/stored';
import { withinMemory } from '../memory';
import { overlap } from '../pixels/box';
import { runsOfLevels } from '../pixels/runs';
import { copyOf, viewOf } from '../pixels/view';
import { type Patch, pastePatch } from '../pixels/window';
import type { RunMask } from '../shapes/run-mask';
import { storedMarks } from './stored-marks';

/** Fills the hole of a photo in its file. */
export type FillStored = typeof fillStored;

/** Options of {@link fillStored}. */
export interface FillStoredOptions extends Omit<PlanOptions, 'sources' | 'avoid'> {
  /** What may be copied from, and what may not; in files, too. */
  sources?: CopyMask | StoredPicture;
  avoid?: CopyMask | StoredPicture;
  /** What is to go beside what the mask marks. */
  more?: RunMask;
  /** Whose messages they are in. */
  op: string;
  /** Threads that are kept for several photos. Default: own ones, by `threads`. */
  kept?: KeptThreads;
  /** Scales a mask of another size, which is in a file, to the photo's. */
  fitMask?: boolean;
}

// Rows of a patch that are laid in together, in values.
const BAND = 2 ** 19;
// What a row changes is written stretch by stretch, if there are no more of them than this in the mean; else the row is read, changed and written.
const MOST_RUNS = 8;

/**
 * `inpaint()` of a photo that is in a file, by a mask that is in one or in memory: the windows are read from the file, and the patches laid
 * into it. Other than a byte a pixel, nothing of the photo's size is in memory.
 */
export function fillStored(
  photo: StoredPicture,
  mask: StoredPicture | Photo,
  { op, kept, fitMask = false, more, sources, avoid, ...options }: FillStoredOptions,
): Promise<void> {
  const { signal } = options;
  return withinMemory(op, async () => {
    throwIfAborted(signal);
    const marksOf = <T>(mask: T | StoredPicture) => (mask instanceof StoredPicture ? storedMarks(mask, fitMask ? photo : mask, signal) : mask);
    const given = marksOf(mask);
    const marks = more ? marksWith(await openMarks(given, 'mask', op), more) : given;
    const plan = await planPatches(op, photo, marks, { ...options, sources: marksOf(sources), avoid: marksOf(avoid) });
    let waiting: Patch[] = [];
    let done = 0;
    for await (const patch of patchesOf(plan, kept)) {
      waiting.push(patch);
      done++;
      // All windows look at the photo as it was: a patch waits for those that look at its place.
      const toCome = plan.windows.slice(done);
      const isLookedAt = ({ top, left, picture }: Patch) => {
        const place = { top, left, bottom: top + picture.height, right: left + picture.width };
        return toCome.some(({ view }) => overlap(view, place));
      };
      const still: Patch[] = [];
      for (const patch of waiting) {
        if (isLookedAt(patch)) still.push(patch);
        else await pasteStored(patch, photo);
      }
      waiting = still;
      plan.settings.report('composite', done, plan.windows.length);
      throwIfAborted(signal);
    }
  });
}

/** `pastePatch()` into a file. */
async function pasteStored({ top, left, picture, weights }: Patch, into: StoredPicture): Promise<void> {
  const { width, height, channels } = picture;
  const atOnce = Math.max(1, Math.floor(BAND / (width * channels)));
  for (let y = 0; y < height; y += atOnce) {
    const bottom = Math.min(height, y + atOnce);
    const shares = bytesOfValues(weights.data).subarray(y * width, bottom * width);
    const runs = runsOfLevels({ width, height: bottom - y, data: shares }, (weight) => weight > 0, y);
    if (runs.length <= MOST_RUNS * (bottom - y)) await into.writeStretches(top, left, picture, runs);
    else {
      const rows = { top: y, left: 0, bottom, right: width };
      const there = await into.read({ top: top + y, left, bottom: top + bottom, right: left + width });
      pastePatch({ top: 0, left: 0, picture: copyOf(viewOf(picture, rows)), weights: copyOf(viewOf(weights, rows)) }, there);
      await into.write(top + y, left, there);
    }
  }
}
