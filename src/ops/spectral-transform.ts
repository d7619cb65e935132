import { add, avgPool, type Tensor1D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape, checkShape } from '../check';
import { conv2d } from './conv2d';
import { fourierUnit, type Normalize, rectified } from './fourier-unit';
import { checkImage, likeRank, toBatch } from './rank';

/** The kernels of {@link spectralTransform}. */
export interface SpectralTransformWeights {
  /** [1, 1, C, M], float32: to the fewer channels that are transformed. */
  reduce: Tensor4D;
  /** [1, 1, 2 M, 2 M], what the spectrum is convolved by, see {@link fourierUnit}. */
  spectrum: Tensor4D;
  /** [1, 1, M, O], to the channels of the result. */
  expand: Tensor4D;
}

/** Options of {@link spectralTransform}. */
export interface SpectralTransformOptions {
  /** [M], added after the first convolution. */
  reduceBias?: Tensor1D;
  /** [2 M], added to the spectrum's channels after the second. */
  spectrumBias?: Tensor1D;
  /** [O], added in the end. */
  expandBias?: Tensor1D;
  /** Normalises between the first convolution and its ReLU. Default: not. */
  normalizeReduced?: Normalize;
  /** Normalises between the second convolution and its ReLU. Default: not. */
  normalizeSpectrum?: Normalize;
  /** 1 (default), or 2: first halves the size by the mean of 2 x 2 pixels. */
  stride?: 1 | 2;
}

/**
 * The global half of a {@link fourierConv2d}: a {@link fourierUnit} over fewer channels, with a way past it.
 *
 * t = relu(normalizeReduced(conv(x, reduce) + reduceBias)); y = conv(t + fourierUnit(t, spectrum), expand) + expandBias
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @param weights the three kernels, each of one pixel.
 * @param options biases, normalisations, stride.
 * @returns [.., H / stride, W / stride, O], rounded down. Differentiable in everything.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const y = spectralTransform(x, { reduce, spectrum, expand });
 * ```
 * Source: Chi et al., Fast Fourier Convolution (NeurIPS 2020), figure 2, without its local Fourier unit, as in Suvorov et al.
 * (arXiv 2109.07161).
 */
export function spectralTransform<T extends Tensor3D | Tensor4D>(x: T, weights: SpectralTransformWeights, options: SpectralTransformOptions = {}): T {
  const { reduceBias, spectrumBias, expandBias, normalizeReduced, normalizeSpectrum, stride = 1 } = options;
  const { reduce, spectrum, expand } = weights;
  checkImage(x, 'spectralTransform', 'x');
  checkShape(reduce, '11CM', 'spectralTransform', 'weights.reduce');
  const inner = reduce.shape[3];
  checkSameShape(reduce.shape, [1, 1, x.shape[x.rank - 1], inner], 'spectralTransform', 'weights.reduce');
  checkSameShape(spectrum.shape, [1, 1, 2 * inner, 2 * inner], 'spectralTransform', 'weights.spectrum');
  checkShape(expand, '11MO', 'spectralTransform', 'weights.expand');
  checkSameShape(expand.shape, [1, 1, inner, expand.shape[3]], 'spectralTransform', 'weights.expand');
  checkArgument(stride === 1 || stride === 2, 'spectralTransform', 'stride', '1 or 2', stride);
  return tidy(() => {
    const batch = toBatch(x);
    const sized = stride === 2 ? avgPool(batch, 2, 2, 'valid') : batch;
    const reduced = rectified(sized, reduce, reduceBias, normalizeReduced);
    const mixed = fourierUnit(reduced, spectrum, { bias: spectrumBias, normalize: normalizeSpectrum });
    return likeRank(conv2d(add<Tensor4D>(reduced, mixed), expand, { bias: expandBias }), x);
  });
}
