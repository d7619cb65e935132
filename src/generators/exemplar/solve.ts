import { concat, dispose, type Tensor3D, tensor2d, tensor3d, tidy } from '@tensorflow/tfjs-core';
import { nearestPatches } from '../../ops/nearest-patches';
import { votePatches } from '../../ops/vote-patches';
import { bestOffsets, blendCopies } from './blend';
import { CHANNELS, type Level, TEXTURE_WEIGHT } from './pyramid';

// A vote counts this much less with each pixel into the hole.
const CONFIDENCE_FALL = 1.3;
const SWEEPS = 2;

/** What matching and voting come to at one level. */
export interface Solution {
  offsets: Int32Array;
  distances: Float32Array;
  /** [height, width, 5]: the features with the hole rebuilt. */
  estimate: Tensor3D;
}

/** How to match and vote at one level. */
export interface SolveOptions {
  /** [height, width, channels]: further features, that are compared and not rebuilt. */
  guide?: Tensor3D;
  patchSize: number;
  offsetPenalty: [number, number];
  sweeps: number;
  rounds: number;
  seed: number;
}

/** Matches and votes in turn. Takes `estimate` over: it is disposed, whatever happens. */
export async function solve(
  level: Level,
  estimate: Tensor3D,
  start: Int32Array,
  { guide, rounds, sweeps, seed, ...options }: SolveOptions,
  afterRound: () => Promise<void>,
): Promise<Solution> {
  const { height, width } = level;
  const masks = tidy(() => ({
    hole: tensor3d(level.hole, [height, width, 1]),
    sources: tensor3d(level.sources, [height, width, 1]),
    queries: tensor3d(level.queries, [height, width, 1]),
  }));
  let current = estimate;
  let offsets = start;
  let distances = new Float32Array(0);
  try {
    for (let round = 0; round < rounds; round++) {
      const { sources, queries } = masks;
      const features = current;
      const from = offsets;
      const found = tidy(() => {
        const known = { sources, queries, offsets: tensor3d(from, [height, width, 2], 'int32') };
        const compared = guide ? (concat([features, guide], 2) as Tensor3D) : features;
        return { ...nearestPatches(compared, { ...known, iterations: sweeps, seed: (seed * 1009 + round) >>> 0, ...options }) };
      });
      try {
        offsets = (await found.offsets.data()) as Int32Array;
        distances = (await found.distances.data()) as Float32Array<ArrayBuffer>;
      } finally {
        dispose(found);
      }
      if (round < rounds - 1) {
        const next = vote(current, level, masks.hole, offsets, distances, options.patchSize);
        current.dispose();
        current = next;
      }
      await afterRound();
    }
    return { offsets, distances, estimate: current };
  } catch (error) {
    current.dispose();
    throw error;
  } finally {
    dispose(masks);
  }
}

/** Rebuilds the hole; votes are weighed by their distance and by how near to the rim they were cast. */
export function vote(estimate: Tensor3D, level: Level, hole: Tensor3D, offsets: Int32Array, distances: Float32Array, patchSize: number): Tensor3D {
  const { height, width, queries, depth } = level;
  const scale = 2 * upperQuartile(distances, queries);
  const weights = new Float32Array(height * width);
  // The floor keeps a hole's middle, far from every good match, from having no vote at all.
  for (let p = 0; p < weights.length; p++) if (queries[p]) weights[p] = Math.exp(-distances[p] / scale) * CONFIDENCE_FALL ** -depth[p] + 1e-20;
  return tidy(() =>
    votePatches(estimate, { offsets: tensor3d(offsets, [height, width, 2], 'int32'), weights: tensor2d(weights, [height, width]), hole, patchSize }),
  );
}

/** The distance that three quarters of the queries stay below: the variance of the votes' Gaussian (Wexler et al.). */
function upperQuartile(distances: Float32Array, queries: Float32Array): number {
  const asked = distances.filter((_, p) => queries[p] > 0).sort();
  return Math.max(asked[Math.floor(asked.length * 0.75)] ?? 0, 1e-8);
}

/** A level's features with the hole rebuilt by a field of nearest patches. */
export function firstEstimate(level: Level, offsets: Int32Array, distances: Float32Array, patchSize: number): Tensor3D {
  const { height, width } = level;
  return tidy(() => vote(tensor3d(level.features, [height, width, CHANNELS]), level, tensor3d(level.hole, [height, width, 1]), offsets, distances, patchSize));
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

/** How the levels below the coarsest are solved. */
export interface RefineOptions {
  patchSize: number;
  offsetPenalty: [number, number];
  seed: number;
  /** See {@link SolveOptions}; one for each level. */
  guides?: Tensor3D[];
  /** Rounds of matching and voting at a level, 0 being the finest. */
  roundsAt: (level: number) => number;
  afterRound: () => Promise<void>;
}

/** Takes a solution of the coarsest level down to the finest. Takes `coarsest` over: it is disposed, whatever happens. */
export async function refineToFinest(
  levels: Level[],
  coarsest: Solution,
  { guides, seed, roundsAt, afterRound, ...options }: RefineOptions,
): Promise<Solution> {
  let solution = coarsest;
  for (let n = levels.length - 2; n >= 0; n--) {
    const offsets = doubleOffsets(levels[n], levels[n + 1], solution.offsets);
    let estimate: Tensor3D;
    try {
      estimate = firstEstimate(levels[n], offsets, doubleDistances(levels[n], levels[n + 1], solution.distances), options.patchSize);
    } finally {
      solution.estimate.dispose();
    }
    solution = await solve(
      levels[n],
      estimate,
      offsets,
      { ...options, guide: guides?.[n], sweeps: SWEEPS, rounds: roundsAt(n), seed: seed + n * 101 },
      afterRound,
    );
  }
  return solution;
}

/** Each pixel copied from its single best patch, the steps between copies blended away. */
export async function copyAndBlend(
  colours: Float32Array,
  level: Level,
  { offsets, distances }: Solution,
  patchSize: number,
  pause: () => Promise<void>,
): Promise<{ copies: Int32Array; blended: Float32Array }> {
  const copies = bestOffsets(level, offsets, distances, patchSize);
  return { copies, blended: await blendCopies(colours, level, copies, copiedTexture(level, copies), pause) };
}

/** The texture, |dx| + |dy|, that each copied pixel brings along from its source. */
function copiedTexture({ height, width, queries, features }: Level, copies: Int32Array): Float32Array {
  const out = new Float32Array(height * width);
  for (let p = 0; p < out.length; p++) {
    if (!queries[p]) continue;
    const s = (p + copies[2 * p] * width + copies[2 * p + 1]) * CHANNELS;
    out[p] = (features[s + 3] + features[s + 4]) / TEXTURE_WEIGHT;
  }
  return out;
}
