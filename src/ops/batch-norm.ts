import {
  add,
  div,
  moments,
  mul,
  ones,
  type Rank,
  reshape,
  sqrt,
  sub,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
  batchNorm as tfBatchNorm,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape } from '../check';
import { checkImage, likeRank, toBatch } from './rank';

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** [channels], what the normalised values are multiplied by. Default 1. */
  scale?: Tensor1D;
  /** [channels], what is added in the end. Default 0. */
  offset?: Tensor1D;
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
}

/**
 * Normalises each channel by a given mean and variance.
 *
 * y = scale (x - mean) / sqrt(variance + epsilon) + offset
 *
 * @param x [H, W, C] or [B, H, W, C], float32.
 * @param mean [C], the running mean, or that of {@link batchStatistics} in training.
 * @param variance [C], of the same kind, >= 0.
 * @param options scale, offset, epsilon.
 * @returns the normalised picture, of x's shape. Differentiable in everything.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { mean, variance } = batchStatistics(x);
 * const y = batchNorm(x, mean, variance, { scale, offset });
 * ```
 * Source: Ioffe and Szegedy, Batch Normalization (arXiv 1502.03167).
 */
export function batchNorm<T extends Tensor3D | Tensor4D>(x: T, mean: Tensor1D, variance: Tensor1D, options: BatchNormOptions = {}): T {
  const { scale, offset, epsilon = 1e-5 } = options;
  checkImage(x, 'batchNorm', 'x');
  const channels = x.shape[x.rank - 1];
  checkSameShape(mean.shape, [channels], 'batchNorm', 'mean');
  checkSameShape(variance.shape, [channels], 'batchNorm', 'variance');
  if (scale) checkSameShape(scale.shape, [channels], 'batchNorm', 'scale');
  if (offset) checkSameShape(offset.shape, [channels], 'batchNorm', 'offset');
  checkArgument(epsilon > 0, 'batchNorm', 'epsilon', '> 0', epsilon);
  return tidy(() => {
    // The gradient of tfjs fails where one of them is left out.
    const [by, plus] = [scale ?? ones<Rank.R1>([channels]), offset ?? zeros<Rank.R1>([channels])];
    return likeRank(tfBatchNorm(toBatch(x), mean, variance, plus, by, epsilon) as Tensor4D, x);
  });
}

/** The same as y = factor x + bias, which a convolution before it may take over. Not of the public ops. */
export function foldedBatchNorm(mean: Tensor1D, variance: Tensor1D, scale: Tensor1D, offset: Tensor1D, epsilon: number): { factor: Tensor1D; bias: Tensor1D } {
  return tidy(() => {
    const factor: Tensor1D = div(scale, sqrt(add(variance, epsilon)));
    return { factor, bias: sub<Tensor1D>(offset, mul(factor, mean)) };
  });
}

/** What {@link batchStatistics} returns: tensors, to be disposed by the caller. */
export interface BatchStatistics {
  /** [C], the mean of each channel. */
  mean: Tensor1D;
  /** [C], the biased variance of each channel. */
  variance: Tensor1D;
}

/** The mean and the (biased) variance of each channel over batch, rows and columns: what {@link batchNorm} normalises by in training. */
export function batchStatistics(x: Tensor3D | Tensor4D): BatchStatistics {
  checkImage(x, 'batchStatistics', 'x');
  const channels = x.shape[x.rank - 1];
  return tidy(() => {
    const { mean, variance } = moments(toBatch(x), [0, 1, 2]);
    return { mean: reshape(mean, [channels]) as Tensor1D, variance: reshape(variance, [channels]) as Tensor1D };
  });
}
