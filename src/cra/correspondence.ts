import { cast, dispose, slice, type Tensor3D, tensor3d, tidy } from '@tensorflow/tfjs-core';
import { bestOffsets } from '../generators/exemplar/blend';
import { patchCentres } from '../generators/exemplar/pyramid';
import type { NearestField } from '../generators/generator';
import { nearestPatches } from '../ops/nearest-patches';
import type { LowResolution } from './low-resolution';
import { mirrored } from './pixels';

const PATCH_SIZE = 7;
const SWEEPS = 8;

/** A field of copies over a low-resolution picture. */
export interface LowField {
  /** [height, width, 2]: row and column offset of each pixel's source. */
  offsets: Int32Array;
  /** [height, width]: 1 where `offsets` mean something. */
  covered: Uint8Array;
}

/**
 * Where each hole pixel's look is copied from: the generator's own field where it gives one, else the nearest valid
 * patches of its result.
 */
export async function fieldOfCopies(picture: Tensor3D, low: LowResolution, correspondence: NearestField | undefined, seed: number): Promise<LowField> {
  const offsets = correspondence ? await givenOffsets(correspondence, low) : await nearestOffsets(picture, low, seed);
  const covered = new Uint8Array(low.width * low.height);
  for (let p = 0; p < covered.length; p++) if (offsets[2 * p] !== 0 || offsets[2 * p + 1] !== 0) covered[p] = 1;
  return { offsets, covered };
}

/** The generator's field without what its picture was padded by: a way into that mirror image leads to the pixel it shows. */
async function givenOffsets({ offsets }: NearestField, { width, height }: LowResolution): Promise<Int32Array> {
  const own = tidy(() => cast(slice(offsets, [0, 0, 0], [height, width, 2]), 'int32'));
  try {
    const ways = ((await own.data()) as Int32Array).slice();
    for (let p = 0; p < width * height; p++) {
      const y = Math.floor(p / width);
      const x = p - y * width;
      if (y + ways[2 * p] >= height) ways[2 * p] = mirrored(y + ways[2 * p], height) - y;
      if (x + ways[2 * p + 1] >= width) ways[2 * p + 1] = mirrored(x + ways[2 * p + 1], width) - x;
    }
    return ways;
  } finally {
    own.dispose();
  }
}

async function nearestOffsets(picture: Tensor3D, low: LowResolution, seed: number): Promise<Int32Array> {
  const { width, height, hole } = low;
  const { sources, queries } = patchCentres(hole, height, width, PATCH_SIZE);
  const masks = tidy(() => ({ sources: tensor3d(sources, [height, width, 1]), queries: tensor3d(queries, [height, width, 1]) }));
  try {
    const found = nearestPatches(picture, { ...masks, patchSize: PATCH_SIZE, iterations: SWEEPS, offsetPenalty: [0.01, 0.01], seed });
    try {
      return bestOffsets({ width, height, queries }, await found.offsets.data(), await found.distances.data(), PATCH_SIZE);
    } finally {
      dispose([found.offsets, found.distances]);
    }
  } finally {
    dispose([masks.sources, masks.queries]);
  }
}
