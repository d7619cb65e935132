import { add, div, mean, mul, sqrt, square, sub, type Tensor, type Tensor1D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape } from '../check';
import { checkImage, likeRank, toBatch } from './rank';

/** Options of {@link instanceNorm}. */
export interface InstanceNormOptions {
  /** [channels], what the normalised values are multiplied by. Default 1. */
  scale?: Tensor1D;
  /** [channels], what is added in the end. Default 0. */
  offset?: Tensor1D;
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
}

/**
 * Normalises each channel of each picture by its own mean and (biased) variance over rows and columns.
 *
 * y = scale (x - mean(x)) / sqrt(variance(x) + epsilon) + offset
 *
 * @param x [H, W, C] or [B, H, W, C], float32.
 * @param options scale, offset, epsilon.
 * @returns the normalised picture, of x's shape; the offset alone where a channel is constant. Differentiable in everything.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const y = instanceNorm(x, { scale, offset });
 * ```
 * Source: Ulyanov et al., Instance Normalization (arXiv 1607.08022).
 */
export function instanceNorm<T extends Tensor3D | Tensor4D>(x: T, options: InstanceNormOptions = {}): T {
  const { scale, offset, epsilon = 1e-5 } = options;
  checkImage(x, 'instanceNorm', 'x');
  const channels = [x.shape[x.rank - 1]];
  if (scale) checkSameShape(scale.shape, channels, 'instanceNorm', 'scale');
  if (offset) checkSameShape(offset.shape, channels, 'instanceNorm', 'offset');
  checkArgument(epsilon > 0, 'instanceNorm', 'epsilon', '> 0', epsilon);
  return tidy(() => {
    const batch = toBatch(x);
    const centred = sub(batch, mean(batch, [1, 2], true));
    const deviation = sqrt(add(mean(square(centred), [1, 2], true), epsilon));
    let y: Tensor = div(centred, deviation);
    if (scale) y = mul(y, scale);
    if (offset) y = add(y, offset);
    return likeRank(y as Tensor4D, x);
  });
}
