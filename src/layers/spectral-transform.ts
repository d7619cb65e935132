import { type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type SpectralTransformOptions, type SpectralTransformWeights, spectralTransform } from '../ops/spectral-transform';
import { BatchNorm } from './batch-norm';
import { asPyTorch } from './fourier-unit';
import type { Initializer } from './initializers';
import { Layer, type Mode, type WeightSpecifications, type Weights } from './layer';

/** What a {@link SpectralTransform} is made of. */
export interface SpectralTransformLayerOptions extends Pick<SpectralTransformOptions, 'stride'> {
  /** Channels of what goes in. */
  input: number;
  /** Channels of what comes out, an even number: half as many are transformed. */
  output: number;
  /** How the kernels start out. Default: normal values of deviation 1 / sqrt(3 fan in), which is what PyTorch's uniform ones have. */
  initializer?: Initializer;
}

/** What the op {@link spectralTransform} is called with. */
export interface GivenSpectralTransform {
  /** Its kernels, norms folded in outside training. */
  kernels: SpectralTransformWeights;
  /** Its biases, or norms. */
  options: SpectralTransformOptions;
}

/**
 * The global half of a {@link FourierConv2d}, with kernels of one pixel `NAME.reduce` [1, 1, input, output / 2], `NAME.spectrum`
 * [1, 1, output, output] and `NAME.expand` [1, 1, output / 2, output], and those of the {@link BatchNorm} `NAME.reduce_norm` and
 * `NAME.spectrum_norm`; see the op {@link spectralTransform}.
 *
 * @example
 * ```ts
 * const layer = new SpectralTransform('global', { input: 12, output: 12 });
 * const y = layer.apply(x, weights);
 * ```
 */
export class SpectralTransform extends Layer {
  readonly weights: WeightSpecifications;
  private readonly norms: { readonly reduce: BatchNorm; readonly spectrum: BatchNorm };

  /**
   * @param name what the names of its weights begin with.
   * @param options channels in and out, stride.
   */
  constructor(
    name: string,
    readonly options: SpectralTransformLayerOptions,
  ) {
    super(name);
    const { input, output, initializer } = options;
    const inner = Math.floor(output / 2);
    this.norms = { reduce: new BatchNorm(`${name}.reduce_norm`, inner), spectrum: new BatchNorm(`${name}.spectrum_norm`, 2 * inner) };
    const kernel = (from: number, to: number) => ({ shape: [1, 1, from, to], kernel: 'convolution' as const, initializer: initializer ?? asPyTorch(from) });
    this.weights = {
      [`${name}.reduce`]: kernel(input, inner),
      [`${name}.spectrum`]: kernel(2 * inner, 2 * inner),
      [`${name}.expand`]: kernel(inner, output),
      ...this.norms.reduce.weights,
      ...this.norms.spectrum.weights,
    };
  }

  /**
   * Transforms.
   * @param x [H, W, input] or [B, H, W, input].
   * @param weights tensors of the names that `this.weights` tells.
   * @param mode of the norms.
   */
  apply<T extends Tensor3D | Tensor4D>(x: T, weights: Weights, mode?: Mode): T {
    return tidy(() => {
      const { kernels, options } = this.given(weights, mode);
      return spectralTransform(x, kernels, { ...options, stride: this.options.stride });
    });
  }

  /**
   * What its op is given, for an op that calls it.
   * @param weights tensors of the names that `this.weights` tells.
   * @param mode of the norms.
   * @returns tensors, to be disposed by the caller as far as they are none of `weights`.
   */
  given(weights: Weights, mode?: Mode): GivenSpectralTransform {
    const own = (part: string) => this.own<Tensor4D>(weights, part);
    const reduce = this.norms.reduce.after(own('reduce'), weights, mode);
    const spectrum = this.norms.spectrum.after(own('spectrum'), weights, mode);
    return {
      kernels: { reduce: reduce.kernel, spectrum: spectrum.kernel, expand: own('expand') },
      options: {
        reduceBias: reduce.bias,
        normalizeReduced: reduce.normalize,
        spectrumBias: spectrum.bias,
        normalizeSpectrum: spectrum.normalize,
      },
    };
  }
}
