import type { DefectKind } from '../cra/find-defects';
import type { Picture } from '../picture';
import { joinedRuns, piecesOf } from '../pixels/runs';
import { flatRuns, maskOfRuns, type RunMask, whiteRuns } from '../shapes/run-mask';

/** How much of a photo was found to be defects: places, and pixels of how many. */
export interface Found {
  places: number;
  pixels: number;
  of: number;
}

/** A mask of the defects of several kinds. */
export async function defectsOf(photo: Picture, kinds: readonly DefectKind[], signal?: AbortSignal): Promise<RunMask> {
  // Loaded late, as it brings TensorFlow.js.
  const { findDefects } = await import('../cra/find-defects');
  const masks: RunMask[] = [];
  for (const kind of kinds) masks.push(await findDefects(photo, { kind, signal }));
  return maskOfRuns(photo.width, photo.height, flatRuns(joinedRuns(masks.flatMap(whiteRuns))));
}

/** How much a mask of defects marks. */
export function foundIn(mask: RunMask): Found {
  const runs = whiteRuns(mask);
  const pixels = runs.reduce((sum, { start, end }) => sum + end - start, 0);
  let places = 0;
  for (const _ of piecesOf(runs)) places++;
  return { places, pixels, of: mask.width * mask.height };
}

/** The same for people. */
export const inWords = ({ places, pixels, of }: Found): string =>
  `${places} ${places === 1 ? 'place' : 'places'}, ${((100 * pixels) / of).toFixed(3)} % of the photo`;
