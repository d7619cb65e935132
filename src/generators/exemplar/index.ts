import { dispose, type Tensor3D, tensor2d, tensor3d, tidy } from '@tensorflow/tfjs-core';
import { pauseFor } from '../../abort';
import { checkArgument, checkSameShape, checkShape, checkWhole } from '../../check';
import { MaskError } from '../../errors';
import { nearestPatches } from '../../ops/nearest-patches';
import { votePatches } from '../../ops/vote-patches';
import type { Fill, FillRequest, Generator } from '../generator';
import { bestOffsets, blendCopies } from './blend';
import { peelOnion } from './onion-peel';
import { buildPyramid, CHANNELS, type Level, TEXTURE_WEIGHT } from './pyramid';

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
// A vote counts this much less with each pixel into the hole.
const CONFIDENCE_FALL = 1.3;
const SWEEPS = 2;
const COARSEST_SWEEPS = 4;
// The coarsest level decides the layout, so far-off places cost more there.
const LAYOUT = 3;
// All first guesses together look up about this many patches a round, so that a large hole does not take for ever.
const QUERIES_OF_ALL_STARTS = 36_000;
const FEWEST_STARTS = 3;
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
  return { name: 'exemplar', multiple: 1, fill: (request) => fillByExamples(request, settings) };
}

/** What matching and voting come to at one level. */
interface Solution {
  offsets: Int32Array;
  distances: Float32Array;
  /** [height, width, 5]: the features with the hole rebuilt. */
  estimate: Tensor3D;
}

async function fillByExamples({ image, hole, seed, signal, onProgress }: FillRequest, settings: Required<ExemplarOptions>): Promise<Fill> {
  checkShape(image, 'HW3', 'exemplar', 'image');
  const [height, width] = image.shape;
  checkSameShape(hole.shape, [height, width, 1], 'exemplar', 'hole');
  const { rounds, coarseRounds, offsetPenalty } = settings;
  const colours = (await image.data()) as Float32Array;
  const unknown = Float32Array.from(await hole.data(), (h) => (h > 0 ? 1 : 0));
  const { levels, patchSize } = buildPyramid(colours, unknown, height, width, COARSEST_THICKNESS);
  if (levels[0].sourceCount === 0) throw new MaskError('mask-full', 'exemplar: the hole leaves no pixel to copy from');

  const coarsest = levels.length - 1;
  const asked = levels[coarsest].queries.reduce((a, b) => a + b, 0);
  const starts = Math.min(settings.starts, Math.max(FEWEST_STARTS, Math.round(QUERIES_OF_ALL_STARTS / asked)));
  const layoutPenalty: [number, number] = [offsetPenalty[0] * LAYOUT, offsetPenalty[1] * LAYOUT];
  const roundsAt = (n: number) => (n === 0 ? rounds : coarseRounds);
  let done = 0;
  let steps = starts * roundsAt(coarsest) + 1;
  for (let n = 0; n < coarsest; n++) steps += roundsAt(n);
  const pause = pauseFor(signal);
  const afterRound = () => {
    onProgress?.(++done / steps);
    return pause();
  };

  let solution: Solution | undefined;
  try {
    let least = Number.POSITIVE_INFINITY;
    for (let start = 0; start < starts; start++) {
      const level = levels[coarsest];
      const guess = await peelOnion(level, patchSize, layoutPenalty, FRONT_SHARES[start % FRONT_SHARES.length], seed * 1013 + start, pause);
      const estimate = tensor3d(guess.features, [level.height, level.width, CHANNELS]);
      const found = await solve(
        level,
        estimate,
        guess.offsets,
        { patchSize, offsetPenalty: layoutPenalty, sweeps: COARSEST_SWEEPS, rounds: roundsAt(coarsest), seed: seed + start },
        afterRound,
      );
      // Few bad patches are worse than many fair ones: the mean square of the distances, not their mean.
      const cost = found.distances.reduce((sum, d) => sum + d * d, 0);
      if (cost < least) {
        solution?.estimate.dispose();
        solution = found;
        least = cost;
      } else found.estimate.dispose();
    }
    for (let n = coarsest - 1; n >= 0; n--) {
      const coarser: Solution = solution as Solution;
      const offsets = doubleOffsets(levels[n], levels[n + 1], coarser.offsets);
      const estimate = firstEstimate(levels[n], offsets, doubleDistances(levels[n], levels[n + 1], coarser.distances), patchSize);
      coarser.estimate.dispose();
      solution = undefined;
      solution = await solve(levels[n], estimate, offsets, { patchSize, offsetPenalty, sweeps: SWEEPS, rounds: roundsAt(n), seed: seed + n * 101 }, afterRound);
    }
  } finally {
    solution?.estimate.dispose();
  }

  const { offsets, distances } = solution as Solution;
  const copies = bestOffsets(levels[0], offsets, distances, patchSize);
  const blended = await blendCopies(colours, levels[0], copies, copiedTexture(levels[0], copies), pause);
  onProgress?.(1);
  return {
    image: tensor3d(blended, [height, width, 3]),
    correspondence: { kind: 'nearest-field', offsets: tensor3d(copies, [height, width, 2], 'int32'), distances: tensor2d(distances, [height, width]) },
  };
}

interface SolveOptions {
  patchSize: number;
  offsetPenalty: [number, number];
  sweeps: number;
  rounds: number;
  seed: number;
}

/** Matches and votes in turn. Takes `estimate` over: it is disposed, whatever happens. */
async function solve(
  level: Level,
  estimate: Tensor3D,
  start: Int32Array,
  { rounds, sweeps, seed, ...options }: SolveOptions,
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
        return { ...nearestPatches(features, { ...known, iterations: sweeps, seed: (seed * 1009 + round) >>> 0, ...options }) };
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
function vote(estimate: Tensor3D, level: Level, hole: Tensor3D, offsets: Int32Array, distances: Float32Array, patchSize: number): Tensor3D {
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

/** A level's features with the hole rebuilt by the field from the level below. */
function firstEstimate(level: Level, offsets: Int32Array, distances: Float32Array, patchSize: number): Tensor3D {
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
