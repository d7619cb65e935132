import { add, div, mean, mul, type Scalar, sub, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkOneOf, checkSameShape } from '../../check';
import { meanWithin } from '../metrics/pair';
import { checkMasked } from './l1';
import { magnitude } from './magnitude';

/** What {@link twoStageL1} compares. */
export interface TwoStagePictures {
  /** [B, H, W, C], float32: the fill of the first stage. */
  coarse: Tensor4D;
  /** Of its shape: the fill of the second. */
  fine: Tensor4D;
  /** Of its shape: what both should be. */
  target: Tensor4D;
  /** [B, H, W, 1], hole = 1. */
  hole: Tensor4D;
}

/** What {@link twoStageL1} returns: scalars >= 0, to be disposed by the caller. */
export interface TwoStageL1 {
  /** Of what is in the hole. */
  hole: Scalar;
  /** Of what is outside. */
  valid: Scalar;
}

/** Options of {@link twoStageL1}. */
export interface TwoStageOptions {
  /** What the first stage counts, where the second counts 1. Default 1.2. */
  coarseWeight?: number;
  /**
   * What the mean in the hole is over: the whole `'picture'` (default), as in the papers, so that a large hole counts more than a small
   * one; or each picture's `'hole'`, so that all holes count alike, as they do when fills are measured.
   */
  holeMean?: 'picture' | 'hole';
}

/**
 * How far the fills of a coarse and of a fine network are from the picture, in the hole and outside.
 *
 * hole = coarseWeight mean(hole |coarse - target|) + mean(hole |fine - target|);
 * valid = (coarseWeight mean((1 - hole) |coarse - target|) + mean((1 - hole) |fine - target|)) / mean(1 - hole)
 *
 * All means are over batch, rows, columns and channels. CRA weighs both by 1.2. With `holeMean: 'hole'` a mean in the hole is over
 * pictures of sum(hole |fill - target|) / (C sum(hole)), and 0 where there is no hole.
 *
 * @param pictures both fills, the picture and its hole.
 * @param options the weight of the first stage, and what holes' means are over.
 * @returns both losses. Differentiable.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { hole, valid } = twoStageL1({ coarse, fine, target: image, hole: mask });
 * const loss = tf.mul(1.2, tf.add(hole, valid));
 * ```
 * Source: Yi et al., Contextual Residual Aggregation (arXiv 2005.09704), section 3.5, and the authors' program.
 */
export function twoStageL1({ coarse, fine, target, hole }: TwoStagePictures, { coarseWeight = 1.2, holeMean = 'picture' }: TwoStageOptions = {}): TwoStageL1 {
  checkHoleMean(holeMean, 'twoStageL1');
  checkSameShape(coarse.shape, fine.shape, 'twoStageL1', 'coarse');
  checkMasked(fine, target, hole, 'twoStageL1');
  return tidy(() => {
    const off: Tensor4D = add(mul(coarseWeight, magnitude(sub(coarse, target))), magnitude(sub(fine, target)));
    const rest = sub(1, hole);
    return { hole: mean(holeMean === 'picture' ? mul(off, hole) : meanWithin(off, hole, 'twoStageL1')), valid: div(mean(mul(off, rest)), mean(rest)) };
  }) as unknown as TwoStageL1;
}

/** Checks what means in holes are to be over. */
export function checkHoleMean(holeMean: Required<TwoStageOptions>['holeMean'], owner: string): void {
  checkOneOf(holeMean, ['picture', 'hole'], owner, 'holeMean');
}
