import { cast, engine, getBackend, getKernel, type Rank, type Tensor2D, type Tensor3D, tidy, zeros } from '@tensorflow/tfjs-core';
import { checkArgument, checkOdd, checkSameShape, checkShape, checkWhole } from '../check';
import '../kernels/cpu/nearest-patches';
import { NEAREST_PATCHES, type NearestPatchesAttributes } from '../kernels/nearest-patches';
import '../kernels/webgpu/nearest-patches';
import { composedSearch } from './composed-patches';

/** Options of {@link nearestPatches}. */
export interface NearestPatchesOptions {
  /** `[H, W, 1]`: > 0 where a patch centre may be taken as source. Whoever calls sees to it that those patches are wholly valid. */
  sources: Tensor3D;
  /** `[H, W, 1]`: > 0 where a nearest patch is asked for. */
  queries: Tensor3D;
  /** [H, W, 2], int32: row and column offsets to start from. Without it, or where they lead to no source: random ones. */
  offsets?: Tensor3D;
  /** Odd side of the square patches, in pixels. Default 7. */
  patchSize?: number;
  /** Sweeps of propagation and random search. Default 4. */
  iterations?: number;
  /** How far the random search reaches at first, in pixels; it halves until 1. Default: half the long side. */
  searchRadius?: number;
  /** Added to the distances for leading far away: penalty * (offset / size)^2, for rows and columns. Default [0, 0]. */
  offsetPenalty?: [number, number];
  /** Seeds the random choices. Default 0. */
  seed?: number;
}

/** For each query pixel the way to its nearest patch. */
export interface NearestPatches {
  /** [H, W, 2], int32: row and column offset to the centre of the nearest source patch; 0, 0 where nothing was asked. */
  offsets: Tensor3D;
  /** [H, W], float32: mean over the patch's pixels of the squared difference summed over channels, with the penalty; 0 where nothing was asked. */
  distances: Tensor2D;
}

/**
 * Finds for each query patch a source patch that resembles it, by propagation and random search.
 *
 * d(q, s) = mean over the patch of |features(q + i) - features(s + i)|^2 + penalty of the offset s - q
 *
 * Kernels of our own: PatchMatch sweeps over typed arrays on cpu, wasm and tensorflow; on WebGPU all queries at once,
 * taking over their neighbours' offsets at halving distances (jump flooding); elsewhere the same as a slow composition of
 * tfjs ops. Patches that hang over the picture's border see its edge repeated. The result is near the true nearest, not always it
 * ({@link nearestPatchesExhaustive} is), and the same for the same seed and backend. Not differentiable.
 *
 * @param features [H, W, C], float32: colours and whatever else patches are to be compared by.
 * @returns offsets and distances. Where there are no sources, every query has offset 0, 0 and distance Infinity.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { offsets, distances } = nearestPatches(picture, { sources, queries, iterations: 4, seed: 1 });
 * ```
 * Source: Barnes et al., PatchMatch, SIGGRAPH 2009; Rong and Tan, Jump flooding in GPU, I3D 2006.
 */
export function nearestPatches(features: Tensor3D, options: NearestPatchesOptions): NearestPatches {
  const op = 'nearestPatches';
  checkShape(features, 'HWC', op, 'features');
  const [height, width] = features.shape;
  const { sources, queries, patchSize = 7, iterations = 4, offsetPenalty = [0, 0], seed = 0 } = options;
  const searchRadius = options.searchRadius ?? Math.max(height, width) >> 1;
  checkSameShape(sources.shape, [height, width, 1], op, 'sources');
  checkSameShape(queries.shape, [height, width, 1], op, 'queries');
  if (options.offsets) checkSameShape(options.offsets.shape, [height, width, 2], op, 'offsets');
  checkOdd(patchSize, op, 'patchSize');
  checkWhole(iterations, 0, op, 'iterations');
  checkWhole(searchRadius, 0, op, 'searchRadius');
  checkArgument(Math.min(...offsetPenalty) >= 0, op, 'offsetPenalty', '>= 0', offsetPenalty);
  return tidy(() => {
    const start = options.offsets ? cast(options.offsets, 'int32') : zeros<Rank.R3>([height, width, 2], 'int32');
    const inputs = { features: cast(features, 'float32'), sources, queries, offsets: start };
    const attributes: NearestPatchesAttributes = { patchSize, iterations, searchRadius, rowPenalty: offsetPenalty[0], columnPenalty: offsetPenalty[1], seed };
    const [offsets, distances] = getKernel(NEAREST_PATCHES, getBackend())
      ? (engine().runKernel(NEAREST_PATCHES, inputs, attributes) as unknown as [Tensor3D, Tensor2D])
      : composedSearch(inputs.features, sources, queries, start, attributes);
    return { offsets, distances };
  });
}
