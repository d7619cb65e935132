import { tensor3d, tidy } from '@tensorflow/tfjs-core';
import { gaussianBlur } from '../../ops/feather';
import type { Threads } from '../../threads/task';
import { matcherOn } from './backend-matcher';
import { beside } from './beside';
import { type Doubting, farFromPhoto, isDoubtful, mayBeDoubtful } from './doubt';
import { fillPyramid } from './fill-hole';
import { findGuides } from './find-guides';
import { channelsByLevel, sourcesByLevel } from './guides';
import { buildPyramid, CHANNELS, type Level, levelsFor, PATCH_SIZE } from './pyramid';
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
  /** Whether all of the guide is to be followed, also where lines break in it and where it looks like nothing in the picture. */
  follow: boolean;
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
// How the picture is filled from itself, where the guide is in doubt: as it is but a guide then, with fewer rounds than on its own.
const OWN = { rounds: 1, coarseRounds: 4, starts: 12 };
// The guide's own grain says nothing, in pixels of each level.
const GUIDE_SIGMA = 1;

/**
 * Rebuilds a fill from patches of the picture. What a network paints stands in the right place and is soft. At a coarse
 * size softness does not show, and so its patches find those of the picture that resemble them. From there on it goes as
 * without a guide, from coarse to fine, but that patches are compared by the guide's smoothed colours and by its texture as
 * well; without the latter, smooth patches of the right colour would win.
 *
 * Lines that run into the hole and out of it are led across it, and laid over the guide. Where it looks like nothing in the picture, while the
 * hole can be filled from that so that it does, such a fill is the guide instead: a network that has gone astray on slats or tiles is.
 *
 * @returns `undefined` where there are hardly any wholly known patches to copy from
 */
export async function copiesAfterGuide({ guide, hole, barred, height, width, follow, seed, threads, pause }: GuidedRequest): Promise<Copies | undefined> {
  const colours = guide.map((value, i) => (hole[Math.floor(i / 3)] > 0 ? 0 : value));
  const { levels: own, patchSize } = buildPyramid(colours, hole, height, width, COARSEST_THICKNESS, barred);
  if (patchSize < PATCH_SIZE) return undefined;
  const levels = levelsFor(threads, own);
  const coarsest = levels.length - 1;
  const level = levels[coarsest];
  const matcher = matcherOn(threads, pause);
  const options = { patchSize, offsetPenalty: OFFSET_PENALTY, seed };

  const lines = findGuides(colours, hole, height, width, levels[1]);
  const led = channelsByLevel(lines, levels);
  await pause();
  let pictures = picturesByLevel(guide, levels);
  if (!follow) {
    const fillItself = async () => {
      const [{ blended }] = await fillPyramid({ levels, patchSize, guides: lines }, { ...options, ...OWN, colours }, { threads, matcher, pause });
      return picturesByLevel(blended, levels);
    };
    pictures = await withoutDoubt(pictures, fillItself, levels, { ...options, level, matcher, sweeps: FIRST_SWEEPS });
    const along = sourcesByLevel(lines, levels);
    if (along) pictures = pictures.map((picture, n) => withLines(picture, levels[n], along[n]));
  }
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
  return threads.run(copyAndBlend, { colours, level: levels[0], solution: finest, patchSize }, pause);
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

/** Pictures of all levels, with those of an own fill where they are doubtful: as they are, if they nowhere are. */
async function withoutDoubt(
  pictures: Float32Array[],
  fillItself: () => Promise<Float32Array[]>,
  levels: readonly Level[],
  doubting: Doubting,
): Promise<Float32Array[]> {
  const coarsest = levels.length - 1;
  const far = await farFromPhoto(pictures[coarsest], doubting);
  if (!mayBeDoubtful(far)) return pictures;
  const own = await fillItself();
  const ownFar = await farFromPhoto(own[coarsest], doubting);
  const doubtful = far.map((f, p) => (isDoubtful(f, ownFar[p]) ? 1 : 0));
  if (!doubtful.includes(1)) return pictures;
  return pictures.map((picture, n) => {
    const { height, width } = levels[n];
    const out = picture.slice();
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        if (doubtful[(y >> (coarsest - n)) * levels[coarsest].width + (x >> (coarsest - n))]) for (let i = 3 * p; i < 3 * p + 3; i++) out[i] = own[n][i];
      }
    }
    return out;
  });
}

/** A picture with the lines that lead across its hole, and what is beside them, copied from where they come from. */
function withLines(picture: Float32Array, { features }: Level, sources: Int32Array): Float32Array {
  const out = picture.slice();
  for (let p = 0; p < sources.length; p++) {
    if (sources[p] >= 0) for (let c = 0; c < 3; c++) out[3 * p + c] = features[CHANNELS * sources[p] + c];
  }
  return out;
}

/** A picture at each level's size: means of 2 x 2 pixels of the finer one's. */
function picturesByLevel(picture: Float32Array, levels: readonly Level[]): Float32Array[] {
  const pictures = [picture];
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
