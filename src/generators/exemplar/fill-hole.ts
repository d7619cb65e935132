import { MaskError } from '../../errors';
import { sharedAmong } from '../../threads/shared';
import { type Pause, runAll, type Threads, task, thisThread } from '../../threads/task';
import { arrayMatcher } from './array-matcher';
import { firstGuess, furtherRounds } from './first-guess';
import { channelsByLevel, findGuides, sourcesAlong } from './guides';
import type { Matcher } from './matcher';
import { buildPyramid, levelsFor } from './pyramid';
import { reusePrices } from './reuse';
import { copyAndBlend, refineToFinest, type Solution } from './solve';

/** What is filled, and how: see the options of `exemplar()`. */
export interface HoleOptions {
  /** [height, width, 3] in [-1, 1]. */
  colours: Float32Array;
  /** [height, width]: 1 in the hole. */
  unknown: Float32Array;
  /** [height, width]: 1 in the hole and where else nothing may be copied from. Default: the hole alone. */
  barred?: Float32Array;
  height: number;
  width: number;
  rounds: number;
  coarseRounds: number;
  starts: number;
  offsetPenalty: [number, number];
  lines: boolean;
  seed: number;
}

/** Who fills it, and who is told. */
export interface HoleWork {
  threads: Threads;
  matcher: Matcher;
  pause: Pause;
  onProgress?: (fraction: number) => void;
}

/** A hole that is filled. */
export interface FilledHole {
  /** [height, width, 2]: row and column offset of each pixel's source. */
  copies: Int32Array;
  /** [height, width, 3] in [-1, 1]. */
  blended: Float32Array;
  /** [height, width]: how far apart patches and their sources are. */
  distances: Float32Array;
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

/** Fills a hole from the picture around it, from pyramid to blending. */
export async function fillHole(
  { colours, unknown, barred, height, width, seed, rounds, coarseRounds, offsetPenalty, ...options }: HoleOptions,
  { threads, matcher, pause, onProgress }: HoleWork,
): Promise<FilledHole> {
  const { levels: own, patchSize } = buildPyramid(colours, unknown, height, width, COARSEST_THICKNESS, barred);
  if (own[0].sourceCount === 0) {
    if (!barred) throw new MaskError('mask-full', 'exemplar: the hole leaves no pixel to copy from');
    throw new MaskError('no-sources', `exemplar: brought down to ${width} x ${height}, no pixel lies wholly in what may be copied`, {
      expected: 'a pixel at the working size that may be copied',
    });
  }

  const levels = levelsFor(threads, own);
  const coarsest = levels.length - 1;
  const asked = levels[coarsest].queries.reduce((a, b) => a + b, 0);
  const starts = Math.min(options.starts, Math.max(FEWEST_STARTS, Math.round(QUERIES_OF_ALL_STARTS / asked)));
  const layoutPenalty: [number, number] = [offsetPenalty[0] * LAYOUT, offsetPenalty[1] * LAYOUT];
  const roundsAt = (n: number) => (n === 0 ? rounds : coarseRounds);
  let done = 0;
  // All first guesses are tried, and the more promising ones worked on.
  const trials = Math.min(TRIALS, roundsAt(coarsest));
  const rest = roundsAt(coarsest) - trials;
  const keptStarts = Math.ceil(starts * KEPT_STARTS);
  let steps = starts * trials + keptStarts * rest + 1;
  for (let n = 0; n < coarsest; n++) steps += roundsAt(n);
  const progress = (rounds: number) => {
    done += rounds;
    onProgress?.(done / steps);
  };
  const afterRound = () => {
    progress(1);
    return pause();
  };

  const level = levels[coarsest];
  const guides = options.lines ? findGuides(colours, unknown, height, width) : [];
  await pause();
  const forOthers = sharedAmong(threads);
  const led = channelsByLevel(guides, levels);
  // First guesses are made by other threads, all below them is led from here.
  const guide = led[coarsest] && forOthers(led[coarsest]);
  const settled = guides.length > 0 ? forOthers(sourcesAlong(guides, level, 2 ** coarsest)) : undefined;
  const prices = forOthers(reusePrices(level, patchSize));
  const guessing = { level, patchSize, offsetPenalty: layoutPenalty, sweeps: COARSEST_SWEEPS, guide };
  const guesses = Array.from({ length: starts }, (_, start) => ({
    ...{ ...guessing, rounds: trials, seed: seed + start },
    ...{ share: FRONT_SHARES[start % FRONT_SHARES.length], settled, prices, peelSeed: seed * 1013 + start },
  }));
  const tried = await runAll(threads, firstGuess, guesses, pause, () => progress(trials));
  const kept = tried.map((guess, start) => ({ ...guessing, guess, before: trials, rounds: rest, seed: seed + start }));
  kept.sort((a, b) => costOf(a.guess) - costOf(b.guess)).splice(keptStarts);
  const found = rest > 0 ? await runAll(threads, furtherRounds, kept, pause, () => progress(rest)) : tried;
  const best = found.reduce((best, one) => (costOf(one) < costOf(best) ? one : best));
  const finest = await refineToFinest(levels, best, { guides: led, matcher, patchSize, offsetPenalty, seed, roundsAt, afterRound });
  const { copies, blended } = await threads.run(copyAndBlend, { colours, level: levels[0], matches: finest, patchSize }, pause);
  return { copies, blended, distances: finest.distances };
}

/** A whole fill, on one thread: where there are others to fill as well, nobody waits for anybody. */
export const wholeFill = task('whole-fill', (options: HoleOptions, pause) =>
  fillHole(options, { threads: thisThread, matcher: arrayMatcher(thisThread, pause), pause }),
);

/** Few bad patches are worse than many fair ones: the mean square of the distances, not their mean. */
const costOf = ({ distances }: Solution) => distances.reduce((sum, d) => sum + d * d, 0);
