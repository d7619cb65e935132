import { throwIfAborted } from '../abort';
import { onBackend } from '../backend';
import { checkArgument } from '../check';
import { withinMemory } from '../memory';
import { sourceOf } from '../pixels/view';
import type { Patch } from '../pixels/window';
import { candidatesOf, planPatches } from './fill-patches';
import { openPhoto, type Photo } from './kinds';
import type { InpaintOptions } from './options';

/** Options of {@link inpaintCandidates}: those of `inpaint()`, and how many. */
export interface CandidateOptions extends InpaintOptions {
  /** How many results to choose from, at most: a whole number from 1 to 12. Default 4. */
  candidates?: number;
}

/** More than anybody looks through, and than there are first guesses. */
const MOST = 12;

/**
 * Fills the hole of a photo in several ways that differ to the eye, for somebody to choose from: {@link inpaint} several times, for little more
 * than its time. Its own result is the first, bit for bit.
 *
 * `exemplar()` works out several first guesses anyway; those that differ most clearly are worked on, the best first. A network knows one way;
 * what it paints is rebuilt from patches of the photo by several seeds, which seldom differ much. Thin holes are healed, and look the same in all.
 * Of several windows, the n-th of each make up the n-th result; one that has fewer begins with its first again.
 *
 * @param photo as for {@link inpaint}; it is not changed.
 * @param mask of the photo's size, as for {@link inpaint}.
 * @param options as of {@link inpaint}, and `candidates`. The stages `fill` and `detail` are done for all of them.
 * @returns the filled photos, of the photo's kind, the best first: as many as differ, at most `candidates`, at least one.
 * @throws as {@link inpaint}.
 * @example
 * ```ts
 * const [best, ...others] = await inpaintCandidates(photo, mask, { candidates: 4 });
 * ```
 */
export function inpaintCandidates<T extends Photo>(photo: T, mask: Photo, { candidates = 4, ...options }: CandidateOptions = {}): Promise<T[]> {
  const op = 'inpaintCandidates';
  return withinMemory(op, async () => {
    checkArgument(Number.isInteger(candidates) && candidates >= 1 && candidates <= MOST, op, 'candidates', `a whole number from 1 to ${MOST}`, candidates);
    throwIfAborted(options.signal);
    const { picture, copy } = await onBackend(() => openPhoto(photo, 'photo', op));
    const plan = await planPatches(op, sourceOf(picture), mask, options);
    const all: Patch[][] = [];
    for await (const patches of candidatesOf(plan, candidates)) {
      all.push(patches);
      plan.settings.report('composite', all.length, plan.windows.length);
      throwIfAborted(options.signal);
    }
    const count = all.reduce((most, { length }) => Math.max(most, length), 1);
    return Array.from({ length: count }, (_, n) => {
      const { paste, result } = copy();
      for (const patches of all) paste(patches[n % patches.length]);
      return result();
    });
  });
}
