import { pauseFor } from '../abort';
import { MaskError } from '../errors';
import type { Picture } from '../picture';
import { growthByOutline } from '../pixels/grow';
import { joinedRuns, type Run } from '../pixels/runs';
import { checkHasAlpha, type HoleColour, holeRuns, type SeamWeights, weightsOfGrowth } from '../pixels/seam';
import { withPauses } from '../pixels/steps';
import type { PhotoSource } from '../pixels/view';
import { blackRuns, type RunMask, whiteRuns } from '../shapes/run-mask';
import { type Contents, contentsOf, contentsOfRuns, maskContents } from './mask-contents';
import type { Settings } from './settings';

/** What is to be known of a mask: where it marks the hole, and what it holds, should it not do. The mask itself need not be in memory. */
export interface Marks {
  width: number;
  height: number;
  channels: Picture['channels'];
  /** Where the colour that is the hole stands, row by row. */
  runs(hole: HoleColour): Run[] | Promise<Run[]>;
  contents(): Contents | Promise<Contents>;
}

/** The marks of a mask in memory. */
export const marksOf = (mask: Picture): Marks => ({
  width: mask.width,
  height: mask.height,
  channels: mask.channels,
  runs: (hole) => holeRuns(mask, hole),
  contents: () => contentsOf(mask),
});

/** The marks of a mask that is held in runs: its pixels are not made. */
export const marksOfRuns = (mask: RunMask): Marks => ({
  width: mask.width,
  height: mask.height,
  channels: mask.channels,
  runs: (hole) => (hole === 'black' ? blackRuns(mask) : whiteRuns(mask)),
  contents: () => contentsOfRuns(mask),
});

/** The marks of a mask and of another, which is held in runs. What a mask holds that won't do is told of the first. */
export const marksWith = (marks: Marks, more: RunMask): Marks => ({
  ...marks,
  runs: async (hole) => joinedRuns([...(await marks.runs(hole)), ...whiteRuns(more)]),
});

/** @throws MaskError (`mask-size`) where a mask is not of the photo's size */
export function checkMaskSize(mask: Pick<Marks, 'width' | 'height'>, { width, height }: { width: number; height: number }, op: string, name: string): void {
  if (mask.width === width && mask.height === height) return;
  throw new MaskError('mask-size', `${op}: ${name} is ${mask.width} x ${mask.height}, the photo ${width} x ${height}`, {
    expected: { width, height },
    actual: { width: mask.width, height: mask.height },
  });
}

/**
 * The weights of a mask's hole and seam, once the mask is one that will do. For automatic growth the photo is read beside the hole's rim.
 * Warns where it marks nothing, or more than half.
 * @throws ArgumentError, MaskError (`mask-size`, `mask-full`), AbortError
 */
export async function holeWeights(mask: Marks, photo: PhotoSource, { op, hole, grow, feather, signal, warn }: Settings): Promise<SeamWeights> {
  const { width, height } = photo;
  checkHasAlpha(mask, hole, op);
  checkMaskSize(mask, photo, op, 'the mask');
  const runs = await mask.runs(hole);
  const growth = grow === 'auto' ? await growthByOutline(photo, runs, { pause: pauseFor(signal), signal }) : new Map([[grow, runs]]);
  const seam = await withPauses(weightsOfGrowth(mask, growth, feather), pauseFor(signal));
  const { holePixels } = seam;
  const pixels = width * height;
  if (holePixels === pixels) {
    throw new MaskError(
      'mask-full',
      `${op}: the whole picture is hole, nothing is left to fill it from: ${maskContents(await mask.contents(), hole, holePixels)}`,
      {
        expected: `fewer than ${pixels} pixels`,
        actual: holePixels,
      },
    );
  }
  if (holePixels > pixels / 2) {
    const share = Math.round((100 * holePixels) / pixels);
    const colour = hole === 'alpha' ? 'transparent' : hole;
    const message = `the mask marks ${share} % of the photo as hole (its ${colour} pixels): is that meant? ${maskContents(await mask.contents(), hole, holePixels)}`;
    warn({ code: 'mask-mostly-hole', message: message.trimEnd() });
  }
  if (holePixels === 0) {
    warn({
      code: 'mask-without-hole',
      message: `the mask marks no hole, the photo comes back unchanged: ${maskContents(await mask.contents(), hole, holePixels)}`,
    });
  }
  return seam;
}
