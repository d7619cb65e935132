import { tensor3d, tidy } from '@tensorflow/tfjs-core';
import { gaussianBlur } from '../../ops/feather';
import type { Threads } from '../../threads/task';
import { matcherOn } from './backend-matcher';
import { beside } from './beside';
import { findGuides } from './find-guides';
import { channelsByLevel } from './guides';
import { buildPyramid, type Level, levelsFor, PATCH_SIZE } from './pyramid';
import { copyAndBlend, rebuild, refineToFinest, solve } from './solve';
import { texture } from './texture';

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
  /** [height, width]: 1 in the hole and where else nothing may be copied from. Default: the hole alone. */
  barred?: Float32Array;
  height: number;
  width: number;
  seed: number;
  threads: Threads;
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
 * well; without the latter, smooth patches of the right colour would win. Lines that run into the hole and out of it are led across it.
 *
 * @returns `undefined` where there are hardly any wholly known patches to copy from
 */
export async function copiesAfterGuide({ guide, hole, barred, height, width, seed, threads, pause }: GuidedRequest): Promise<Copies | undefined> {
  const colours = guide.map((value, i) => (hole[Math.floor(i / 3)] > 0 ? 0 : value));
  const { levels: own, patchSize } = buildPyramid(colours, hole, height, width, COARSEST_THICKNESS, barred);
  if (patchSize < PATCH_SIZE) return undefined;
  const levels = levelsFor(threads, own);
  const coarsest = levels.length - 1;
  const level = levels[coarsest];
  const pictures = guidePictures(guide, levels);
  const matcher = matcherOn(threads, pause);
  const options = { patchSize, offsetPenalty: OFFSET_PENALTY, seed };

  const led = channelsByLevel(findGuides(colours, hole, height, width, levels[1]), levels);
  await pause();
  const guides: Float32Array[] = [];
  for (const [n, picture] of pictures.entries()) {
    const features = await guideFeatures(picture, levels[n], n > 0 || coarsest === 0);
    const lines = led[n];
    guides.push(lines ? beside(features, lines, picture.length / 3) : features);
  }
  const seen = beside(pictures[coarsest], guides[coarsest], level.height * level.width);
  const anywhere = new Int32Array(2 * level.height * level.width);
  const start = await matcher.match(level, seen, anywhere, { ...options, sweeps: FIRST_SWEEPS });
  await pause();
  const estimate = await rebuild(level, level.features, start, patchSize, matcher);
  const matching = { ...options, matcher, guide: guides[coarsest], sweeps: COARSEST_SWEEPS, rounds: COARSE_ROUNDS };
  const first = await solve(level, estimate, start.offsets, matching, pause);
  const roundsAt = (n: number) => (n === 0 ? ROUNDS : COARSE_ROUNDS);
  const finest = await refineToFinest(levels, first, { ...options, matcher, guides, roundsAt, afterRound: pause });
  return threads.run(copyAndBlend, { colours, level: levels[0], matches: finest, patchSize }, pause);
}

/**
 * What patches are compared by beside their own colours and texture: the guide's smoothed colours, and how much texture it
 * has. At the finest size it has too little, and is not asked.
 */
async function guideFeatures(picture: Float32Array, { height, width }: Level, hasTexture: boolean): Promise<Float32Array> {
  const blurred = tidy(() => gaussianBlur(tensor3d(picture, [height, width, 3]), { sigma: GUIDE_SIGMA, border: 'replicate' }));
  try {
    const colours = ((await blurred.data()) as Float32Array).map((value) => value * GUIDE_WEIGHT);
    const grain = hasTexture ? texture(picture, new Float32Array(height * width), height, width) : new Float32Array(height * width * 2);
    return beside(colours, grain, height * width);
  } finally {
    blurred.dispose();
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
