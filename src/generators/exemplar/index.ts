import { getBackend, tensor2d, tensor3d } from '@tensorflow/tfjs-core';
import { pauseFor } from '../../abort';
import { onBackend, type Watched } from '../../backend';
import { checkArgument, checkSameShape, checkShape, checkWhole } from '../../check';
import { MaskError } from '../../errors';
import { runAll, thisThread } from '../../threads/task';
import { type Fill, type FillRequest, type Generator, THIN } from '../generator';
import { arrayMatcher } from './array-matcher';
import { backendMatcher } from './backend-matcher';
import { firstGuess, furtherRounds } from './first-guess';
import { buildPyramid, sharedLevel } from './pyramid';
import { copyAndBlend, refineToFinest, type Solution } from './solve';

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
}

// The hole is at most this thick at the coarsest level, in pixels.
const COARSEST_THICKNESS = 40;
const COARSEST_SWEEPS = 4;
// The coarsest level decides the layout, so far-off places cost more there.
const LAYOUT = 3;
// All first guesses together look up about this many patches a round, so that a large hole does not take for ever.
const QUERIES_OF_ALL_STARTS = 36_000;
const FEWEST_STARTS = 3;
// Each first guess is given so many rounds, and the best third of them the others.
const TRIALS = 2;
const KEPT_STARTS = 1 / 3;
// Every other first guess peels ring by ring, the others let edges run ahead.
const FRONT_SHARES = [1, 0.25];

/**
 * A generator that needs no weights: it fills a hole with patches of the same picture, coarse to fine.
 *
 * At each size of an image pyramid, patches that touch the hole find their nearest wholly known patches, by colour and
 * texture, and the hole is rebuilt from their overlapping votes; the field found seeds the next size. The coarsest size
 * starts from onion peels, of which the one that comes to agree best with its sources is kept. In the end each pixel is
 * copied from its single best patch, and the colour steps between the copies and at the rim are blended away. The
 * correspondence it returns is that field of copies.
 *
 * @returns the generator. The same seed gives the same fill on the same backend.
 * @throws ArgumentError
 * @example
 * ```ts
 * const result = await inpaint(photo, mask, { generator: exemplar(), seed: 7 });
 * ```
 * Source: Wexler et al. 2007; Barnes et al. 2009; Newson et al., Video inpainting of complex scenes, SIAM J. Imaging 2014.
 */
export function exemplar(options: ExemplarOptions = {}): Generator {
  const { rounds = 3, coarseRounds = 5, starts = 12, offsetPenalty = [1, 0.06] } = options;
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
  const settings: Required<ExemplarOptions> = { rounds, coarseRounds, starts, offsetPenalty };
  return {
    name: 'exemplar',
    multiple: 1,
    thin: THIN,
    concurrent: true,
    fill: (request) => onBackend((watched) => fillByExamples(request, settings, watched), request.signal),
  };
}

async function fillByExamples(
  { image, hole, seed, signal, threads = thisThread, onProgress }: FillRequest,
  settings: Required<ExemplarOptions>,
  { throwIfFailed }: Watched,
): Promise<Fill> {
  checkShape(image, 'HW3', 'exemplar', 'image');
  const [height, width] = image.shape;
  checkSameShape(hole.shape, [height, width, 1], 'exemplar', 'hole');
  const { rounds, coarseRounds, offsetPenalty } = settings;
  const colours = (await image.data()) as Float32Array;
  const unknown = new Float32Array(((await hole.data()) as Float32Array).map((h) => (h > 0 ? 1 : 0)));
  const { levels: own, patchSize } = buildPyramid(colours, unknown, height, width, COARSEST_THICKNESS);
  if (own[0].sourceCount === 0) throw new MaskError('mask-full', 'exemplar: the hole leaves no pixel to copy from');

  const levels = threads.count > 1 ? own.map(sharedLevel) : own;
  const coarsest = levels.length - 1;
  const asked = levels[coarsest].queries.reduce((a, b) => a + b, 0);
  const starts = Math.min(settings.starts, Math.max(FEWEST_STARTS, Math.round(QUERIES_OF_ALL_STARTS / asked)));
  const layoutPenalty: [number, number] = [offsetPenalty[0] * LAYOUT, offsetPenalty[1] * LAYOUT];
  const roundsAt = (n: number) => (n === 0 ? rounds : coarseRounds);
  let done = 0;
  // All first guesses are tried, and the more promising ones worked on.
  const trials = Math.min(TRIALS, roundsAt(coarsest));
  const rest = roundsAt(coarsest) - trials;
  const keptStarts = Math.ceil(starts * KEPT_STARTS);
  let steps = starts * trials + keptStarts * rest + 1;
  for (let n = 0; n < coarsest; n++) steps += roundsAt(n);
  const giveWay = pauseFor(signal);
  const pause = async () => {
    await giveWay();
    throwIfFailed();
  };
  const matcher = getBackend() === 'webgpu' ? backendMatcher : arrayMatcher(threads, pause);
  const progress = (rounds: number) => {
    done += rounds;
    onProgress?.(done / steps);
  };
  const afterRound = () => {
    progress(1);
    return pause();
  };

  const level = levels[coarsest];
  const guessing = { level, patchSize, offsetPenalty: layoutPenalty, sweeps: COARSEST_SWEEPS };
  const guesses = Array.from({ length: starts }, (_, start) => ({
    ...{ ...guessing, rounds: trials, seed: seed + start },
    ...{ share: FRONT_SHARES[start % FRONT_SHARES.length], peelSeed: seed * 1013 + start },
  }));
  const tried = await runAll(threads, firstGuess, guesses, pause, () => progress(trials));
  const kept = tried.map((guess, start) => ({ ...guessing, guess, before: trials, rounds: rest, seed: seed + start }));
  kept.sort((a, b) => costOf(a.guess) - costOf(b.guess)).splice(keptStarts);
  const found = rest > 0 ? await runAll(threads, furtherRounds, kept, pause, () => progress(rest)) : tried;
  const best = found.reduce((best, one) => (costOf(one) < costOf(best) ? one : best));
  const finest = await refineToFinest(levels, best, { matcher, patchSize, offsetPenalty, seed, roundsAt, afterRound });
  const { copies, blended } = await threads.run(copyAndBlend, { colours, level: levels[0], matches: finest, patchSize }, pause);
  onProgress?.(1);
  return {
    image: tensor3d(blended, [height, width, 3]),
    correspondence: { kind: 'nearest-field', offsets: tensor3d(copies, [height, width, 2], 'int32'), distances: tensor2d(finest.distances, [height, width]) },
  };
}

/** Few bad patches are worse than many fair ones: the mean square of the distances, not their mean. */
const costOf = ({ distances }: Solution) => distances.reduce((sum, d) => sum + d * d, 0);
