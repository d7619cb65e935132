import { tensor2d, tensor3d } from '@tensorflow/tfjs-core';
import { pauseFor } from '../../abort';
import { onBackend, type Watched } from '../../backend';
import { checkArgument, checkSameShape, checkShape, checkWhole } from '../../check';
import { thisThread } from '../../threads/task';
import { type Fill, type FillRequest, type Generator, THIN } from '../generator';
import { matcherOn, onGpu } from './backend-matcher';
import { fillHole, wholeFill } from './fill-hole';

/** Options of {@link exemplar}. The defaults were found by looking at photographs. */
export interface ExemplarOptions {
  /** Rounds of matching and voting at the finest level. Default 3. */
  rounds?: number;
  /** Rounds at each coarser level, where they cost little. Default 5. */
  coarseRounds?: number;
  /** How many first guesses are worked out at the coarsest level, of which the best is kept; of large holes fewer. Default 12. */
  starts?: number;
  /**
   * How much a patch must gain, as mean squared difference, to be taken from the picture's far end: for rows and columns.
   * Photographs change more from top to bottom than from left to right. Default [1, 0.06].
   */
  offsetPenalty?: [number, number];
  /**
   * Whether lines and edges that run into the hole on one side and out of it on the other are led across it, and outlines of strong
   * contrast also where they bend or end at another line. Default true.
   */
  lines?: boolean;
}

/**
 * A generator that needs no weights: it fills a hole with patches of the same picture, coarse to fine.
 *
 * At each size of an image pyramid, patches that touch the hole find their nearest wholly known patches, by colour and
 * texture, and the hole is rebuilt from their overlapping votes; the field found seeds the next size. The coarsest size
 * starts from onion peels, of which the one that comes to agree best with its sources is kept; lines that run into the hole and out of it
 * are laid across it first. In the end each pixel is
 * copied from its single best patch, seams between copies move to where these agree, and the colour steps that are left there and at the rim are
 * blended away. The correspondence it returns is that field of copies.
 *
 * @returns the generator. The same seed gives the same fill on the same backend.
 * @throws ArgumentError
 * @example
 * ```ts
 * const result = await inpaint(photo, mask, { generator: exemplar(), seed: 7 });
 * ```
 * Source: Kwatra et al. (seams) 2003; Wexler et al. 2007; Barnes et al. 2009; Sun et al. (structure propagation) 2005; Newson et al., Video inpainting of complex scenes, SIAM J. Imaging 2014.
 */
export function exemplar(options: ExemplarOptions = {}): Generator {
  const { rounds = 3, coarseRounds = 5, starts = 12, offsetPenalty = [1, 0.06], lines = true } = options;
  checkWhole(rounds, 1, 'exemplar', 'rounds');
  checkWhole(coarseRounds, 1, 'exemplar', 'coarseRounds');
  checkWhole(starts, 1, 'exemplar', 'starts');
  checkArgument(
    offsetPenalty.length === 2 && offsetPenalty.every((p) => p >= 0 && p < Number.POSITIVE_INFINITY),
    'exemplar',
    'offsetPenalty',
    'two numbers >= 0',
    offsetPenalty,
  );
  checkArgument(typeof lines === 'boolean', 'exemplar', 'lines', 'true or false', lines);
  const settings: Required<ExemplarOptions> = { rounds, coarseRounds, starts, offsetPenalty, lines };
  const several = (request: FillRequest, count: number) => onBackend((watched) => fillByExamples(request, settings, count, watched), request.signal);
  return {
    name: 'exemplar',
    multiple: 1,
    thin: THIN,
    concurrent: true,
    fill: async (request) => (await several(request, 1))[0],
    fillSeveral: several,
  };
}

async function fillByExamples(
  { image, hole, sources, seed, signal, threads = thisThread, onProgress }: FillRequest,
  settings: Required<ExemplarOptions>,
  count: number,
  { throwIfFailed, finished }: Watched,
): Promise<Fill[]> {
  checkShape(image, 'HW3', 'exemplar', 'image');
  const [height, width] = image.shape;
  checkSameShape(hole.shape, [height, width, 1], 'exemplar', 'hole');
  if (sources) checkSameShape(sources.shape, [height, width, 1], 'exemplar', 'sources');
  const colours = (await image.data()) as Float32Array;
  const unknown = new Float32Array(((await hole.data()) as Float32Array).map((h) => (h > 0 ? 1 : 0)));
  const allowed = (await sources?.data()) as Float32Array | undefined;
  const barred = allowed && unknown.map((h, p) => (h > 0 || !(allowed[p] > 0) ? 1 : 0));
  const giveWay = pauseFor(signal);
  const pause = async () => {
    await giveWay();
    throwIfFailed();
  };
  const args = { ...settings, colours, unknown, barred, height, width, seed, count };
  const filled =
    threads.each === 'whole' && !onGpu()
      ? await threads.run(wholeFill, args, pause)
      : await fillHole(args, { threads, matcher: matcherOn(threads, pause), pause, onProgress });
  // A small hole may never have waited for the device: whether it is still there is asked for once.
  if (onGpu()) await finished();
  onProgress?.(1);
  return filled.map(({ copies, blended, distances }) => ({
    image: tensor3d(blended, [height, width, 3]),
    correspondence: { kind: 'nearest-field', offsets: tensor3d(copies, [height, width, 2], 'int32'), distances: tensor2d(distances, [height, width]) },
  }));
}
