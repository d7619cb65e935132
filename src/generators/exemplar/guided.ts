import { concat, dispose, mul, type Tensor3D, tensor3d, tidy } from '@tensorflow/tfjs-core';
import { gaussianBlur } from '../../ops/feather';
import { nearestPatches } from '../../ops/nearest-patches';
import { buildPyramid, type Level, PATCH_SIZE, TEXTURE_WEIGHT, texture } from './pyramid';
import { copyAndBlend, firstEstimate, refineToFinest, solve } from './solve';

/** A picture whose hole is filled by copies from around it. */
export interface Copies {
  /** [height, width, 2]: row and column offset of each pixel's source, in the hole and where patches touch it. */
  copies: Int32Array;
  /** [height, width, 3] in [-1, 1]: the picture with its hole filled by them, the steps between them blended away. */
  blended: Float32Array;
}

/** What is to be rebuilt by {@link copiesAfterGuide}. */
export interface GuidedRequest {
  /** [height, width, 3] in [-1, 1]: the picture with its hole filled in some other way. */
  guide: Float32Array;
  /** [height, width]: 1 in the hole. */
  hole: Float32Array;
  height: number;
  width: number;
  seed: number;
  pause: () => Promise<void>;
}

// The hole is at most this thick at the coarsest level, in pixels: thick enough for layout, small enough for softness not to show.
const COARSEST_THICKNESS = 40;
const OFFSET_PENALTY: [number, number] = [1, 0.06];
const FIRST_SWEEPS = 8;
const COARSEST_SWEEPS = 4;
const ROUNDS = 3;
const COARSE_ROUNDS = 4;
// How much a colour of the guide counts beside one of the picture, as a factor; without it lines break, with 2 flaws of the
// guide come through.
const GUIDE_WEIGHT = 0.7;
// The guide's own grain says nothing, in pixels of each level.
const GUIDE_SIGMA = 1;

/**
 * Rebuilds a fill from patches of the picture. What a network paints stands in the right place and is soft. At a coarse
 * size softness does not show, and so its patches find those of the picture that resemble them. From there on it goes as
 * without a guide, from coarse to fine, but that patches are compared by the guide's smoothed colours and by its texture as
 * well; without the latter, smooth patches of the right colour would win.
 *
 * @returns `undefined` where there are hardly any wholly known patches to copy from
 */
export async function copiesAfterGuide({ guide, hole, height, width, seed, pause }: GuidedRequest): Promise<Copies | undefined> {
  const colours = guide.map((value, i) => (hole[Math.floor(i / 3)] > 0 ? 0 : value));
  const { levels, patchSize } = buildPyramid(colours, hole, height, width, COARSEST_THICKNESS);
  if (patchSize < PATCH_SIZE) return undefined;
  const coarsest = levels.length - 1;
  const level = levels[coarsest];
  const pictures = guidePictures(guide, levels);
  const options = { patchSize, offsetPenalty: OFFSET_PENALTY, seed };

  const guides = tidy(() => pictures.map((picture, n) => guideFeatures(picture, levels[n], n > 0 || coarsest === 0)));
  try {
    const start = await nearestInGuide(level, pictures[coarsest], guides[coarsest], options);
    await pause();
    const estimate = firstEstimate(level, start.offsets, start.distances, patchSize);
    const matching = { ...options, guide: guides[coarsest], sweeps: COARSEST_SWEEPS, rounds: COARSE_ROUNDS };
    const first = await solve(level, estimate, start.offsets, matching, pause);
    const roundsAt = (n: number) => (n === 0 ? ROUNDS : COARSE_ROUNDS);
    const finest = await refineToFinest(levels, first, { ...options, guides, roundsAt, afterRound: pause });
    finest.estimate.dispose();
    return await copyAndBlend(colours, levels[0], finest, patchSize, pause);
  } finally {
    dispose(guides);
  }
}

/**
 * What patches are compared by beside their own colours and texture: the guide's smoothed colours, and how much texture it
 * has. At the finest size it has too little, and is not asked.
 */
function guideFeatures(picture: Float32Array, { height, width }: Level, hasTexture: boolean): Tensor3D {
  const colours = gaussianBlur(tensor3d(picture, [height, width, 3]), { sigma: GUIDE_SIGMA, border: 'replicate' });
  const grain = hasTexture ? texture(picture, new Float32Array(height * width), height, width) : new Float32Array(height * width * 2);
  return concat([mul(colours, GUIDE_WEIGHT), mul(tensor3d(grain, [height, width, 2]), TEXTURE_WEIGHT)], 2) as Tensor3D;
}

/** The nearest patches of what the guide shows. */
async function nearestInGuide(
  { height, width, sources, queries }: Level,
  picture: Float32Array,
  guide: Tensor3D,
  options: { patchSize: number; offsetPenalty: [number, number]; seed: number },
): Promise<{ offsets: Int32Array; distances: Float32Array }> {
  const found = tidy(() => {
    const masks = { sources: tensor3d(sources, [height, width, 1]), queries: tensor3d(queries, [height, width, 1]) };
    const features = concat([tensor3d(picture, [height, width, 3]), guide], 2) as Tensor3D;
    return { ...nearestPatches(features, { ...masks, iterations: FIRST_SWEEPS, ...options }) };
  });
  try {
    return { offsets: (await found.offsets.data()) as Int32Array, distances: (await found.distances.data()) as Float32Array };
  } finally {
    dispose(found);
  }
}

/** The guide at each level's size: means of 2 x 2 pixels of the finer one's. */
function guidePictures(guide: Float32Array, levels: readonly Level[]): Float32Array[] {
  const pictures = [guide];
  for (const { height, width } of levels.slice(0, -1)) {
    const finer = pictures[pictures.length - 1];
    const rows = (height + 1) >> 1;
    const columns = (width + 1) >> 1;
    const out = new Float32Array(rows * columns * 3);
    for (let y = 0; y < rows; y++) {
      const [top, bottom] = [2 * y * width, Math.min(2 * y + 1, height - 1) * width];
      for (let x = 0; x < columns; x++) {
        const [left, right] = [2 * x, Math.min(2 * x + 1, width - 1)];
        for (let c = 0; c < 3; c++) {
          const at = (pixel: number) => finer[3 * pixel + c];
          out[3 * (y * columns + x) + c] = (at(top + left) + at(top + right) + at(bottom + left) + at(bottom + right)) / 4;
        }
      }
    }
    pictures.push(out);
  }
  return pictures;
}
