import { nthSmallest } from '../../arrays/nth-smallest';
import { task } from '../../threads/task';
import { beside } from './beside';
import { bestOffsets } from './best-offsets';
import { blendCopies } from './blend';
import { placesIn, pointAt } from './level-places';
import type { Matcher, Matches, MatchOptions } from './matcher';
import { CHANNELS, type Level } from './pyramid';
import { moveSeams } from './seams';
import { TEXTURE_WEIGHT } from './texture';

const SWEEPS = 2;
// What is voted for is a mean, and smoother than what was there. Smoother sources are nearer to it, round by round more so, unless it counts as having so
// many times as much texture.
const LIVELIER = 1.06;

/** What matching and voting come to at one level. */
export interface Solution extends Matches {
  /** [height, width, 5]: the features with the hole rebuilt, a little livelier than it is. */
  estimate: Float32Array;
}

/** How to match and vote at one level. */
export interface SolveOptions extends MatchOptions {
  matcher: Matcher;
  /** [height, width, channels]: further features, that are compared and not rebuilt. */
  guide?: Float32Array;
  rounds: number;
  /** How many rounds were done before. Default 0. */
  before?: number;
}

/** Matches and votes in turn. */
export async function solve(
  level: Level,
  estimate: Float32Array,
  start: Int32Array,
  { matcher, guide, rounds, before = 0, seed, ...options }: SolveOptions,
  afterRound: () => Promise<void>,
): Promise<Solution> {
  let solution: Solution = { offsets: start, distances: new Float32Array(0), estimate };
  for (let round = 0; round < rounds; round++) {
    const { estimate } = solution;
    const compared = guide ? beside(estimate, guide, level.height * level.width) : estimate;
    const found = await matcher.match(level, compared, solution.offsets, { ...options, seed: (seed * 1009 + before + round) >>> 0 });
    const next = round < rounds - 1 ? await rebuild(level, estimate, found, options.patchSize, matcher) : estimate;
    solution = { ...found, estimate: next };
    await afterRound();
  }
  return solution;
}

/** Rebuilds the hole, a little livelier than is voted for; votes are weighed by their distance and by how near to the rim they were cast. */
export async function rebuild(
  level: Level,
  estimate: Float32Array,
  { offsets, distances }: Matches,
  patchSize: number,
  matcher: Matcher,
): Promise<Float32Array> {
  const rebuilt = await matcher.vote(level, estimate, offsets, voteWeights(level, distances), patchSize);
  for (const p of placesIn(level).hole) {
    rebuilt[p * CHANNELS + 3] *= LIVELIER;
    rebuilt[p * CHANNELS + 4] *= LIVELIER;
  }
  return rebuilt;
}

function voteWeights(level: Level, distances: Float32Array): Float32Array {
  const { queries, confidence } = placesIn(level);
  const scale = 2 * upperQuartile(distances, queries);
  const weights = new Float32Array(distances.length);
  // The floor keeps a hole's middle, far from every good match, from having no vote at all.
  for (let i = 0; i < queries.length; i++) weights[queries[i]] = Math.exp(-distances[queries[i]] / scale) * confidence[i] + 1e-20;
  return weights;
}

/** The distance that three quarters of the queries stay below: the variance of the votes' Gaussian (Wexler et al.). */
function upperQuartile(distances: Float32Array, queries: Int32Array): number {
  if (queries.length === 0) return 1e-8;
  const asked = new Float32Array(queries.length);
  for (let i = 0; i < queries.length; i++) asked[i] = distances[queries[i]];
  return Math.max(nthSmallest(asked, Math.floor(queries.length * 0.75)), 1e-8);
}

/** The coarser level's field at this level's size, nudged where rounding led off a source. */
function doubleOffsets(level: Level, coarser: Level, offsets: Int32Array): Int32Array {
  const { height, width, sources, queries } = level;
  const out = new Int32Array(height * width * 2);
  const isSource = (y: number, x: number) => y >= 0 && x >= 0 && y < height && x < width && sources[y * width + x] > 0;
  for (let p = 0; p < height * width; p++) {
    if (!queries[p]) continue;
    const y = (p / width) | 0;
    const x = p - y * width;
    const q = (y >> 1) * coarser.width + (x >> 1);
    let sy = y + 2 * offsets[2 * q];
    let sx = x + 2 * offsets[2 * q + 1];
    search: for (let reach = 0; reach <= 2; reach++) {
      for (let dy = -reach; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++) {
          if (!isSource(sy + dy, sx + dx)) continue;
          sy += dy;
          sx += dx;
          break search;
        }
      }
    }
    out[2 * p] = sy - y;
    out[2 * p + 1] = sx - x;
  }
  return out;
}

/** The coarser level's distances at this level's size. */
function doubleDistances(level: Level, coarser: Level, distances: Float32Array): Float32Array {
  const out = new Float32Array(level.height * level.width);
  for (let y = 0; y < level.height; y++) for (let x = 0; x < level.width; x++) out[y * level.width + x] = distances[(y >> 1) * coarser.width + (x >> 1)];
  return out;
}

// What is copied along a line counts as so many times as near as what the coarser level found there.
const SETTLED = 0.3;

/** Gives patches that are centred along lines the sources there. */
function settle({ width, queries }: Level, settled: Int32Array, offsets: Int32Array, distances: Float32Array): void {
  for (let p = 0; p < settled.length; p++) {
    const s = settled[p];
    if (s < 0 || !queries[p]) continue;
    pointAt(offsets, p, s, width);
    distances[p] *= SETTLED;
  }
}

/** How the levels below the coarsest are solved. */
export interface RefineOptions {
  matcher: Matcher;
  patchSize: number;
  offsetPenalty: readonly [number, number];
  seed: number;
  /** See {@link SolveOptions}; one for each level, where it has one. */
  guides?: readonly (Float32Array | undefined)[];
  /** [height, width] of each level: sources of pixels that lie along lines, by their place, or -1. Each level tells them more exactly than the one before. */
  settled?: readonly Int32Array[];
  /** Rounds of matching and voting at a level, 0 being the finest. */
  roundsAt: (level: number) => number;
  afterRound: () => Promise<void>;
}

/** Takes a solution of the coarsest level down to the finest. */
export async function refineToFinest(
  levels: Level[],
  coarsest: Solution,
  { guides, settled, seed, roundsAt, afterRound, ...options }: RefineOptions,
): Promise<Solution> {
  let solution = coarsest;
  for (let n = levels.length - 2; n >= 0; n--) {
    const [level, coarser] = [levels[n], levels[n + 1]];
    const offsets = doubleOffsets(level, coarser, solution.offsets);
    const distances = doubleDistances(level, coarser, solution.distances);
    if (settled) settle(level, settled[n], offsets, distances);
    const estimate = await rebuild(level, level.features, { offsets, distances }, options.patchSize, options.matcher);
    const settings = { ...options, guide: guides?.[n], sweeps: SWEEPS, rounds: roundsAt(n), seed: seed + n * 101 };
    solution = await solve(level, estimate, offsets, settings, afterRound);
  }
  return solution;
}

/** What {@link copyAndBlend} is given. */
export interface CopyArgs {
  /** [height, width, 3] in [-1, 1]. */
  colours: Float32Array;
  level: Level;
  solution: Solution;
  patchSize: number;
}

/** Each pixel copied from its single best patch, seams moved to where copies agree, and the steps that are left blended away. */
export const copyAndBlend = task('copy-and-blend', async ({ colours, level, solution: { offsets, distances, estimate }, patchSize }: CopyArgs, pause) => {
  const copies = await moveSeams(level, bestOffsets(level, offsets, distances, patchSize), estimate, pause);
  return { copies, blended: await blendCopies(colours, level, copies, copiedTexture(level, copies), pause) };
});

/** The texture, |dx| + |dy|, that each copied pixel brings along from its source. */
function copiedTexture(level: Level, copies: Int32Array): Float32Array {
  const { height, width, features } = level;
  const out = new Float32Array(height * width);
  for (const p of placesIn(level).hole) {
    const s = (p + copies[2 * p] * width + copies[2 * p + 1]) * CHANNELS;
    out[p] = (features[s + 3] + features[s + 4]) / TEXTURE_WEIGHT;
  }
  return out;
}
