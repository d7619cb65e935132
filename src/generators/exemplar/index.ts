import { dispose, type Tensor3D, tensor2d, tensor3d, tidy } from '@tensorflow/tfjs-core';
import { throwIfAborted } from '../../abort';
import { checkSameShape, checkShape } from '../../check';
import { MaskError } from '../../errors';
import { nearestPatches } from '../../ops/nearest-patches';
import { votePatches } from '../../ops/vote-patches';
import type { Fill, FillRequest, Generator } from '../generator';
import { bestOffsets, blendCopies } from './blend';
import { peelOnion } from './onion-peel';
import { buildPyramid, CHANNELS, type Level } from './pyramid';

/** Options of {@link exemplar}. The defaults were found by looking at photographs. */
export interface ExemplarOptions {
  /** Rounds of matching and voting at the finest level. Default 3. */
  rounds?: number;
  /** Rounds at each coarser level, where they cost little. Default 8. */
  coarseRounds?: number;
  /**
   * How much a patch must gain, as mean squared difference, to be taken from the picture's far end: for rows and columns.
   * Photographs change more from top to bottom than from left to right. Default [1, 0.06].
   */
  offsetPenalty?: [number, number];
}

// The hole is at most this thick at the coarsest level, in pixels: two patches.
const COARSEST_THICKNESS = 14;
// Hole pixels times source patches that the coarsest level may match exhaustively.
const MOST_PAIRS = 4e6;
// A vote counts this much less with each pixel into the hole.
const CONFIDENCE_FALL = 1.3;
const SWEEPS = 2;
const COARSEST_SWEEPS = 4;
// The coarsest level decides the layout, so far-off places cost more there.
const COARSEST_PENALTY = 4;
const BLEND = { hold: 0.16, iterations: 300 };

/**
 * A generator that needs no weights: it fills a hole with patches of the same picture, coarse to fine.
 *
 * At each size of an image pyramid, patches that touch the hole find their nearest wholly known patches, by colour and
 * texture, and the hole is rebuilt from their overlapping votes; the field found seeds the next size. The coarsest size
 * starts from an onion peel. In the end each pixel is copied from its single best patch, and the colour steps between
 * the copies and at the rim are blended away. The correspondence it returns is that field of copies.
 *
 * @returns the generator. The same seed gives the same fill on the same backend.
 * @example
 * ```ts
 * const result = await inpaint(photo, mask, { generator: exemplar(), seed: 7 });
 * ```
 * Source: Wexler et al. 2007; Barnes et al. 2009; Newson et al., Video inpainting of complex scenes, SIAM J. Imaging 2014.
 */
export function exemplar(options: ExemplarOptions = {}): Generator {
  const { rounds = 3, coarseRounds = 8, offsetPenalty = [1, 0.06] } = options;
  return {
    name: 'exemplar',
    multiple: 1,
    fill: (request) => fillByExamples(request, rounds, coarseRounds, offsetPenalty),
  };
}

async function fillByExamples({ image, hole, seed, signal, onProgress }: FillRequest, rounds: number, coarseRounds: number, offsetPenalty: [number, number]): Promise<Fill> {
  checkShape(image, 'HW3', 'exemplar', 'image');
  const [height, width] = image.shape;
  checkSameShape(hole.shape, [height, width, 1], 'exemplar', 'hole');
  const colours = (await image.data()) as Float32Array;
  const unknown = Float32Array.from(await hole.data(), (h) => (h > 0 ? 1 : 0));
  const { levels, patchSize } = buildPyramid(colours, unknown, height, width, COARSEST_THICKNESS, MOST_PAIRS);
  if (levels[0].sourceCount === 0) throw new MaskError('mask-full', 'exemplar: the hole leaves no pixel to copy from');

  const steps = coarseRounds * (levels.length - 1) + rounds + 1;
  let done = 0;
  // Gives way to the event loop, so that an abort can arrive, and stops if it has.
  const pause = async () => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    throwIfAborted(signal);
  };

  const coarsest = levels.length - 1;
  const coarsestPenalty = offsetPenalty.map((p) => p * COARSEST_PENALTY) as [number, number];
  let offsets: Int32Array = new Int32Array(0);
  let distances: Float32Array = new Float32Array(0);
  for (let n = coarsest; n >= 0; n--) {
    const level = levels[n];
    let estimate: Tensor3D | undefined;
    const masks = levelMasks(level);
    try {
      if (n === coarsest) {
        offsets = await peelOnion(level, patchSize, coarsestPenalty, MOST_PAIRS, pause);
        estimate = tensor3d(level.features, [level.height, level.width, CHANNELS]);
      } else {
        const coarser = levels[n + 1];
        offsets = doubleOffsets(level, coarser, offsets);
        const start = tensor3d(level.features, [level.height, level.width, CHANNELS]);
        estimate = vote(start, level, masks.hole, offsets, doubleDistances(level, coarser, distances), patchSize);
        start.dispose();
      }
      const total = n === 0 ? rounds : coarseRounds;
      for (let round = 0; round < total; round++) {
        const from = tensor3d(offsets, [level.height, level.width, 2], 'int32');
        const found = nearestPatches(estimate, {
          sources: masks.sources,
          queries: masks.queries,
          offsets: from,
          patchSize,
          iterations: n === coarsest ? COARSEST_SWEEPS : SWEEPS,
          offsetPenalty: n === coarsest ? coarsestPenalty : offsetPenalty,
          seed: (seed * 1009 + n * 101 + round) >>> 0,
        });
        from.dispose();
        offsets = (await found.offsets.data()) as Int32Array;
        distances = (await found.distances.data()) as Float32Array;
        dispose([found.offsets, found.distances]);
        if (n > 0 || round < total - 1) {
          const next: Tensor3D = vote(estimate, level, masks.hole, offsets, distances, patchSize);
          estimate.dispose();
          estimate = next;
        }
        onProgress?.(++done / steps);
        await pause();
      }
    } finally {
      dispose([masks.hole, masks.sources, masks.queries]);
      estimate?.dispose();
    }
  }

  const finest = levels[0];
  const copies = bestOffsets(finest, offsets, distances, patchSize);
  const texture = new Float32Array(height * width);
  for (let p = 0; p < texture.length; p++) {
    if (!finest.queries[p]) continue;
    // The texture that the copy brings along: its source's.
    const s = (p + copies[2 * p] * width + copies[2 * p + 1]) * CHANNELS;
    texture[p] = (finest.features[s + 3] + finest.features[s + 4]) / Math.sqrt(50);
  }
  const blended = blendCopies(colours, finest, copies, texture, BLEND);
  onProgress?.(1);
  return {
    image: tensor3d(blended, [height, width, 3]),
    correspondence: { kind: 'nearest-field', offsets: tensor3d(copies, [height, width, 2], 'int32'), distances: tensor2d(distances, [height, width]) },
  };
}

const levelMasks = ({ height, width, hole, sources, queries }: Level) =>
  tidy(() => ({ hole: tensor3d(hole, [height, width, 1]), sources: tensor3d(sources, [height, width, 1]), queries: tensor3d(queries, [height, width, 1]) }));

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
