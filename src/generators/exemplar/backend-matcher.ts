import { dispose, getBackend, type Tensor2D, type Tensor3D, tensor2d, tensor3d, tidy } from '@tensorflow/tfjs-core';
import { nearestPatches } from '../../ops/nearest-patches';
import { votePatches } from '../../ops/vote-patches';
import type { Pause, Threads } from '../../threads/task';
import { arrayMatcher } from './array-matcher';
import type { Matcher } from './matcher';

/** By the backend's own kernels: for a GPU. */
const backendMatcher: Matcher = {
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

/** Whether patches are matched on a GPU. */
export const onGpu = (): boolean => getBackend() === 'webgpu';

/** Who matches patches on the backend in use. */
export const matcherOn = (threads: Threads, pause: Pause): Matcher => (onGpu() ? backendMatcher : arrayMatcher(threads, pause));
