import { placesOf } from '../../arrays/places';
import { MaskError } from '../../errors';
import { sharedAmong } from '../../threads/shared';
import { type Pause, runAll, type Threads, task, thisThread } from '../../threads/task';
import { arrayMatcher } from './array-matcher';
import { beside } from './beside';
import { findGuides, type Guide } from './find-guides';
import { firstGuess, furtherRounds } from './first-guess';
import { channelsByLevel, sourcesByLevel } from './guides';
import type { Matcher } from './matcher';
import { buildPyramid, CHANNELS, type Level, levelsFor } from './pyramid';
import { reusePrices } from './reuse';
import { copyAndBlend, refineToFinest, type Solution } from './solve';
import { tonesByLevel } from './tones';

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
  /** How many fills there are to be, at most. Default 1. */
  count?: number;
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
// Fills besides the best are given at most so many rounds at each level, 0 being the finest: their first guesses decide what they look like.
const othersRounds = (level: number) => (level === 0 ? 1 : 2);
// What differs by less than this in the mean, of colours in [-1, 1], looks the same; and the side of the cells that it is told by, in pixels.
const APART = 0.04;
const CELL = 3;
// Where too few differ, so many more first guesses are made, from places that are further than this from those taken, in pixels; unless
// these are a smaller share of all.
const MORE_STARTS = 6;
const BESIDE = 1;
const LEAST_LEFT = 0.2;

/** Fills a hole from the picture around it, from pyramid to blending: in several ways if asked to, the best first. */
export async function fillHole({ colours, unknown, barred, height, width, lines, ...options }: HoleOptions, work: HoleWork): Promise<FilledHole[]> {
  const { levels: own, patchSize } = buildPyramid(colours, unknown, height, width, COARSEST_THICKNESS, barred);
  if (own[0].sourceCount === 0) {
    if (!barred) throw new MaskError('mask-full', 'exemplar: the hole leaves no pixel to copy from');
    throw new MaskError('no-sources', `exemplar: brought down to ${width} x ${height}, no pixel lies wholly in what may be copied`, {
      expected: 'a pixel at the working size that may be copied',
    });
  }

  const levels = levelsFor(work.threads, own);
  const guides = lines ? findGuides(colours, unknown, height, width, levels[1]) : [];
  await work.pause();
  return fillPyramid({ levels, patchSize, guides }, { ...options, colours }, work);
}

/** A picture at halving sizes, the finest first, with sources in them, and the lines that lead across its hole. */
export interface Prepared {
  levels: Level[];
  patchSize: number;
  guides: readonly Guide[];
}

/** The same from a pyramid. */
export async function fillPyramid(
  { levels, patchSize, guides }: Prepared,
  { colours, seed, rounds, coarseRounds, offsetPenalty, count = 1, ...options }: Omit<HoleOptions, 'unknown' | 'barred' | 'height' | 'width' | 'lines'>,
  { threads, matcher, pause, onProgress }: HoleWork,
): Promise<FilledHole[]> {
  const coarsest = levels.length - 1;
  const asked = levels[coarsest].queries.reduce((a, b) => a + b, 0);
  const starts = Math.min(options.starts, Math.max(FEWEST_STARTS, Math.round(QUERIES_OF_ALL_STARTS / asked)));
  const layoutPenalty: [number, number] = [offsetPenalty[0] * LAYOUT, offsetPenalty[1] * LAYOUT];
  const roundsAt = (n: number) => (n === 0 ? rounds : coarseRounds);
  // Where first guesses are few, those that are to choose from besides have no part in which is the best.
  const tries = count > 1 ? Math.max(starts, count) : starts;
  let done = 0;
  // All first guesses are tried, and the more promising ones worked on.
  const trials = Math.min(TRIALS, roundsAt(coarsest));
  const rest = roundsAt(coarsest) - trials;
  const keptStarts = Math.ceil(starts * KEPT_STARTS);
  let steps = tries * trials + keptStarts * rest + 1;
  for (let n = 0; n < coarsest; n++) steps += roundsAt(n) + (count - 1) * Math.min(othersRounds(n), roundsAt(n));
  const progress = (rounds: number) => {
    done += rounds;
    onProgress?.(Math.min(done / steps, 1));
  };
  const afterRound = () => {
    progress(1);
    return pause();
  };

  const level = levels[coarsest];
  const forOthers = sharedAmong(threads);
  const tones = await tonesByLevel(levels, guides, pause);
  const led = channelsByLevel(guides, levels).map((lines, n) => together(lines, tones[n], levels[n]));
  // First guesses are made by other threads, all below them is led from here.
  const guide = led[coarsest] && forOthers(led[coarsest]);
  const along = sourcesByLevel(guides, levels);
  const settled = along && forOthers(along[coarsest]);
  const prices = forOthers(reusePrices(level, patchSize));
  const guessing = { level, patchSize, offsetPenalty: layoutPenalty, sweeps: COARSEST_SWEEPS, guide };
  const guessesOf = (level: Level, first: number, length: number) =>
    Array.from({ length }, (_, n) => ({
      ...{ ...guessing, level, rounds: trials, seed: seed + first + n },
      ...{ share: FRONT_SHARES[(first + n) % FRONT_SHARES.length], settled, prices, peelSeed: seed * 1013 + first + n },
    }));
  const tried = await runAll(threads, firstGuess, guessesOf(level, 0, tries), pause, () => progress(trials));
  const kept = tried.slice(0, starts).map((guess, start) => ({ ...guessing, guess, before: trials, rounds: rest, seed: seed + start }));
  kept.sort((a, b) => costOf(a.guess) - costOf(b.guess)).splice(keptStarts);
  const found = rest > 0 ? await runAll(threads, furtherRounds, kept, pause, () => progress(rest)) : tried.slice(0, starts);
  const best = found.reduce((best, one) => (costOf(one) < costOf(best) ? one : best));
  const refining = { guides: led, settled: along, matcher, patchSize, offsetPenalty, seed, afterRound };
  const filled: FilledHole[] = [];
  const finish = async (solution: Solution, roundsAt: (level: number) => number) => {
    const finest = await refineToFinest(levels, solution, { ...refining, roundsAt });
    const { copies, blended } = await threads.run(copyAndBlend, { colours, level: levels[0], solution: finest, patchSize }, pause);
    filled.push({ copies, blended, distances: finest.distances });
  };
  await finish(best, roundsAt);
  if (count > 1) {
    const others = new Set([...found, ...tried.filter((guess) => !kept.some((one) => one.guess === guess))]);
    others.delete(best);
    let chosen = thoseApart(best, [...others], level, count - 1);
    if (chosen.length < count - 1) {
      // What is left to be found lies elsewhere.
      const elsewhere = { ...level, sources: forOthers(sourcesLeft(level, [best, ...chosen])) };
      const more = guessesOf(elsewhere, tries, MORE_STARTS);
      for (const guess of await runAll(threads, firstGuess, more, pause, () => progress(trials))) others.add(guess);
      chosen = thoseApart(best, [...others], level, count - 1);
    }
    for (const other of chosen) await finish(other, (n) => Math.min(othersRounds(n), roundsAt(n)));
  }
  return filled;
}

/** What is compared besides, of two kinds, either of which may be missing. */
const together = (lines: Float32Array | undefined, tones: Float32Array | undefined, { height, width }: Level) =>
  lines && tones ? beside(lines, tones, height * width) : (lines ?? tones);

/** A level's sources without those that are taken, unless hardly any would be left. */
function sourcesLeft({ height, width, sources, sourceCount, hole }: Level, solutions: readonly Solution[]): Float32Array {
  const left = sources.slice();
  for (const { offsets } of solutions) {
    for (const p of placesOf(hole)) {
      const y = Math.floor(p / width) + offsets[2 * p];
      const x = (p % width) + offsets[2 * p + 1];
      const [from, to] = [Math.max(0, x - BESIDE), Math.min(width, x + BESIDE + 1)];
      for (let v = Math.max(0, y - BESIDE); v <= Math.min(height - 1, y + BESIDE); v++) left.fill(0, v * width + from, v * width + to);
    }
  }
  return left.reduce((sum, source) => sum + source, 0) >= LEAST_LEFT * sourceCount ? left : sources;
}

/** Some of several solutions, the best first, that differ to the eye from the one that is taken and from each other. */
function thoseApart(best: Solution, others: Solution[], { hole, width }: Level, count: number): Solution[] {
  const places = placesOf(hole);
  const rest = others.map((solution) => ({ solution, cost: costOf(solution) })).sort((a, b) => a.cost - b.cost);
  const taken = [best];
  // The hole in cells of some pixels: what is but moved by one does not look different.
  const coarse = new Map([best, ...others].map((solution) => [solution, cellColours(solution.estimate, places, width)]));
  const isApart = (one: Solution) => taken.every((other) => meanDifference(coarse.get(one)!, coarse.get(other)!) >= APART);
  while (taken.length <= count) {
    const next = rest.findIndex(({ solution }) => isApart(solution));
    if (next < 0) break;
    taken.push(rest[next].solution);
    rest.splice(next, 1);
  }
  return taken.slice(1);
}

/** Mean colours of the hole's cells, three numbers each. */
function cellColours(estimate: Float32Array, places: Int32Array, width: number): Float32Array {
  const cells = new Map<number, number>();
  const sums = new Float32Array(3 * places.length);
  const counts = new Float32Array(places.length);
  for (const p of places) {
    const key = Math.floor(p / width / CELL) * width + Math.floor((p % width) / CELL);
    const cell = cells.get(key) ?? cells.size;
    cells.set(key, cell);
    counts[cell]++;
    for (let c = 0; c < 3; c++) sums[3 * cell + c] += estimate[CHANNELS * p + c];
  }
  return sums.subarray(0, 3 * cells.size).map((sum, i) => sum / counts[Math.floor(i / 3)]);
}

const meanDifference = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;

/** A whole fill, on one thread: where there are others to fill as well, nobody waits for anybody. */
export const wholeFill = task('whole-fill', (options: HoleOptions, pause) =>
  fillHole(options, { threads: thisThread, matcher: arrayMatcher(thisThread, pause), pause }),
);

/** Few bad patches are worse than many fair ones: the mean square of the distances, not their mean. */
function costOf({ distances }: Solution): number {
  let sum = 0;
  for (let i = 0; i < distances.length; i++) sum += distances[i] * distances[i];
  return sum;
}
