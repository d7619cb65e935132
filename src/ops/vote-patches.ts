import { cast, engine, getBackend, getKernel, type Tensor2D, type Tensor3D, tidy } from '@tensorflow/tfjs-core';
import { checkOdd, checkSameShape, checkShape } from '../check';
import '../kernels/cpu/vote-patches';
import { VOTE_PATCHES, type VotePatchesAttributes } from '../kernels/vote-patches';
import '../kernels/webgpu/vote-patches';
import { composedVotes } from './composed-patches';

/** Options of {@link votePatches}. */
export interface VotePatchesOptions {
  /** [H, W, 2], int32: each query's offset to its source patch, as {@link nearestPatches} gives it. */
  offsets: Tensor3D;
  /** [H, W], float32 >= 0: how much each query's patch counts; 0 where there is no query. */
  weights: Tensor2D;
  /** `[H, W, 1]`: > 0 where the picture is rebuilt. */
  hole: Tensor3D;
  /** Odd side of the square patches, in pixels. Default 7. */
  patchSize?: number;
}

/**
 * Rebuilds the hole from overlapping patches: each pixel is the weighted mean of what the patches over it bring along.
 *
 * y[p] = sum over queries q whose patch covers p of w[q] features[p + offset[q]] / sum of w[q]
 *
 * Pixels outside the hole, and hole pixels that no weighted patch covers, come back as they are. One pass where there is a
 * kernel for it (cpu, wasm, tensorflow, WebGPU), else a composition of tfjs ops. Not differentiable.
 *
 * @param features [H, W, C], float32, any range.
 * @returns [H, W, C], float32.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const rebuilt = votePatches(picture, { offsets, weights: tf.exp(tf.neg(distances)), hole });
 * ```
 * Source: Wexler et al., Space-time completion of video, PAMI 2007.
 */
export function votePatches(features: Tensor3D, options: VotePatchesOptions): Tensor3D {
  const op = 'votePatches';
  checkShape(features, 'HWC', op, 'features');
  const [height, width] = features.shape;
  const { offsets, weights, hole, patchSize = 7 } = options;
  checkSameShape(offsets.shape, [height, width, 2], op, 'offsets');
  checkSameShape(weights.shape, [height, width], op, 'weights');
  checkSameShape(hole.shape, [height, width, 1], op, 'hole');
  checkOdd(patchSize, op, 'patchSize');
  return tidy(() => {
    const [values, field, counts] = [cast(features, 'float32'), cast(offsets, 'int32'), cast(weights, 'float32')];
    if (!getKernel(VOTE_PATCHES, getBackend())) return composedVotes(values, field, counts, hole, patchSize);
    return engine().runKernel(VOTE_PATCHES, { features: values, offsets: field, weights: counts, hole }, {
      patchSize,
    } satisfies VotePatchesAttributes) as Tensor3D;
  });
}
