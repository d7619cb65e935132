import type { Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape, checkShape } from '../check';
import { activate } from './activation';
import { conv2d } from './conv2d';
import { checkImage, likeRank, toBatch } from './rank';
import { irfft2, rfft2 } from './rfft2';

/** What stands between a convolution and its activation, such as batch normalisation. Keeps the shape. */
export type Normalize = (x: Tensor4D) => Tensor4D;

/** Options of {@link fourierUnit}. */
export interface FourierUnitOptions {
  /** [2 output channels], added to the spectrum's channels after the convolution. */
  bias?: Tensor1D;
  /** Normalises the spectrum before the ReLU. Default: not. */
  normalize?: Normalize;
}

/**
 * Convolves a picture's spectrum by a kernel of one pixel: every pixel of the result sees the whole picture.
 *
 * y = irfft2(relu(normalize(conv(rfft2(x), weights) + bias)), W)
 *
 * The ReLU acts on real and imaginary parts one by one, as if they were channels, and so does the normalisation.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @param weights [1, 1, 2 C, 2 O], float32; on both sides real and imaginary parts take turns, as {@link rfft2} makes them.
 * @param options bias, normalisation.
 * @returns [.., H, W, O]. Differentiable in everything.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const y = fourierUnit(x, w, { bias });
 * ```
 * Source: Chi et al., Fast Fourier Convolution (NeurIPS 2020); Suvorov et al. (arXiv 2109.07161).
 */
export function fourierUnit<T extends Tensor3D | Tensor4D>(x: T, weights: Tensor4D, { bias, normalize }: FourierUnitOptions = {}): T {
  checkImage(x, 'fourierUnit', 'x');
  checkShape(weights, '11CO', 'fourierUnit', 'weights');
  const output = weights.shape[3];
  checkArgument(output % 2 === 0, 'fourierUnit', 'weights', 'of an even number of outputs', output);
  checkSameShape(weights.shape, [1, 1, 2 * x.shape[x.rank - 1], output], 'fourierUnit', 'weights');
  if (bias) checkSameShape(bias.shape, [output], 'fourierUnit', 'bias');
  return tidy(() => {
    const batch = toBatch(x);
    const spectrum = rectified(rfft2(batch), weights, bias, normalize);
    return likeRank(irfft2(spectrum, batch.shape[2]), x);
  });
}

/** A convolution by a kernel of one pixel, what normalises it, and a ReLU. */
export function rectified(x: Tensor4D, weights: Tensor4D, bias?: Tensor1D, normalize?: Normalize): Tensor4D {
  if (!normalize) return conv2d(x, weights, { bias, activation: 'relu' });
  return activate.relu(normalize(conv2d(x, weights, { bias }))) as Tensor4D;
}
