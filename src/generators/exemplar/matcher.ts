import { dispose, getBackend, type Tensor2D, type Tensor3D, tensor2d, tensor3d, tidy } from '@tensorflow/tfjs-core';
import { searchPatches } from '../../arrays/patch-search';
import { votePatches as votesOf } from '../../arrays/patch-votes';
import { nearestPatches } from '../../ops/nearest-patches';
import { votePatches } from '../../ops/vote-patches';
import type { Level } from './pyramid';

/** A field of nearest patches. */
export interface Matches {
  /** [height, width, 2]: row and column offset of each query's source. */
  offsets: Int32Array;
  /** [height, width]: how far apart query and source are. */
  distances: Float32Array;
}

/** How nearest patches are looked for. */
export interface MatchOptions {
  patchSize: number;
  offsetPenalty: readonly [number, number];
  sweeps: number;
  seed: number;
}

/** Who looks for patches and rebuilds holes from them. */
export interface Matcher {
  /** Finds nearest patches from a field to start from; `features` are [height, width, any number of channels]. */
  match(level: Level, features: Float32Array, from: Int32Array, options: MatchOptions): Promise<Matches>;
  /** The features with the hole rebuilt from votes, each of its query's weight. */
  vote(level: Level, features: Float32Array, offsets: Int32Array, weights: Float32Array, patchSize: number): Promise<Float32Array>;
}

/** The backend's own kernels: for a GPU. */
export const onBackendKernels: Matcher = {
  async match({ height, width, sources, queries }, features, from, { offsetPenalty: [rows, columns], sweeps, ...options }) {
    const found = tidy(() => {
      const known = {
        sources: tensor3d(sources, [height, width, 1]),
        queries: tensor3d(queries, [height, width, 1]),
        offsets: tensor3d(from, [height, width, 2], 'int32'),
      };
      return { ...nearestPatches(pictureOf(features, height, width), { ...known, iterations: sweeps, offsetPenalty: [rows, columns], ...options }) };
    });
    try {
      return { offsets: await read<Int32Array>(found.offsets), distances: await read<Float32Array>(found.distances) };
    } finally {
      dispose(found);
    }
  },
  async vote({ height, width, hole }, features, offsets, weights, patchSize) {
    const rebuilt = tidy(() =>
      votePatches(pictureOf(features, height, width), {
        offsets: tensor3d(offsets, [height, width, 2], 'int32'),
        weights: tensor2d(weights, [height, width]),
        hole: tensor3d(hole, [height, width, 1]),
        patchSize,
      }),
    );
    try {
      return await read<Float32Array>(rebuilt);
    } finally {
      rebuilt.dispose();
    }
  },
};

const pictureOf = (features: Float32Array, height: number, width: number) => tensor3d(features, [height, width, features.length / (height * width)]);
const read = async <T>(x: Tensor2D | Tensor3D) => (await x.data()) as T;

/** Typed arrays, on this thread: what the backends that compute on a CPU would do too. */
const onArrays: Matcher = {
  async match({ height, width, sources, queries }, features, offsets, { offsetPenalty: [rowPenalty, columnPenalty], sweeps, ...options }) {
    const picture = { height, width, channels: features.length / (height * width), features };
    const searchRadius = Math.max(height, width) >> 1;
    return searchPatches({ ...picture, sources, queries, offsets, ...options, iterations: sweeps, searchRadius, rowPenalty, columnPenalty });
  },
  async vote({ height, width, hole }, features, offsets, weights, patchSize) {
    return votesOf({ height, width, channels: features.length / (height * width), features, offsets, weights, hole, patchSize });
  },
};

/** Who does it on the backend in use. */
export const matcherOf = (): Matcher => (getBackend() === 'webgpu' ? onBackendKernels : onArrays);
