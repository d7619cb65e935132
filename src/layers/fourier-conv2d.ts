import { type Tensor1D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument } from '../check';
import { activate } from '../ops/activation';
import { type FourierConvOptions, type FourierConvWeights, type FourierFeatures, fourierConv2d } from '../ops/fourier-conv2d';
import { likeRank, toBatch } from '../ops/rank';
import { BatchNorm } from './batch-norm';
import { asPyTorch } from './fourier-unit';
import type { Initializer } from './initializers';
import { Layer, type Mode, type WeightSpecifications, type Weights } from './layer';
import { SpectralTransform } from './spectral-transform';

/** What a {@link FourierConv2d} is made of. */
export interface FourierConv2dOptions extends Pick<FourierConvOptions, 'stride' | 'activation'> {
  /** Channels of what goes in, of both parts together. */
  input: number;
  /** Channels of what comes out, of both parts together. */
  output: number;
  /** Side of the kernels in pixels, an odd number. */
  size: number;
  /** The share of the input that is global, >= 0 and < 1; the channels are rounded down. Default 0. */
  globalInput?: number;
  /** The share of the output that is global, likewise. Default 0. */
  globalOutput?: number;
  /** Whether each part is normalised before the activation. Default false. */
  batchNorm?: boolean;
  /** How the kernels start out. Default: normal values of deviation 1 / sqrt(3 fan in), which is what PyTorch's uniform ones have. */
  initializer?: Initializer;
}

/**
 * A fast Fourier convolution with kernels `NAME.local_to_local`, `NAME.local_to_global` and `NAME.global_to_local` [size, size,
 * input, output], the {@link SpectralTransform} `NAME.global_to_global` and the {@link BatchNorm} `NAME.local_norm` and
 * `NAME.global_norm`, as far as there are such parts; see the op {@link fourierConv2d}.
 *
 * @example
 * ```ts
 * const enter = new FourierConv2d('enter', { input: 64, output: 128, size: 3, stride: 2, globalOutput: 0.75, batchNorm: true, activation: 'relu' });
 * const { local, global } = enter.apply({ local: x }, weights); // 32 and 96 channels
 * ```
 */
export class FourierConv2d extends Layer {
  readonly weights: WeightSpecifications;
  private readonly spectral?: SpectralTransform;
  private readonly norms?: { readonly local: BatchNorm; readonly global?: BatchNorm };

  /**
   * @param name what the names of its weights begin with.
   * @param options sizes, shares of global channels, and what {@link fourierConv2d} takes.
   */
  constructor(
    name: string,
    readonly options: FourierConv2dOptions,
  ) {
    super(name);
    const { input, output, size, initializer, globalInput = 0, globalOutput = 0 } = options;
    const inputs = shared(input, globalInput, 'globalInput');
    const outputs = shared(output, globalOutput, 'globalOutput');
    const kernel = (part: string, from: number, to: number): WeightSpecifications => ({
      [`${name}.${part}`]: { shape: [size, size, from, to], kernel: 'convolution', initializer: initializer ?? asPyTorch(size * size * from) },
    });
    if (inputs.global && outputs.global)
      this.spectral = new SpectralTransform(`${name}.global_to_global`, { input: inputs.global, output: outputs.global, initializer });
    if (options.batchNorm) {
      const global = outputs.global ? new BatchNorm(`${name}.global_norm`, outputs.global) : undefined;
      this.norms = { local: new BatchNorm(`${name}.local_norm`, outputs.local), global };
    }
    this.weights = {
      ...kernel('local_to_local', inputs.local, outputs.local),
      ...(outputs.global > 0 && kernel('local_to_global', inputs.local, outputs.global)),
      ...(inputs.global > 0 && kernel('global_to_local', inputs.global, outputs.local)),
      ...this.spectral?.weights,
      ...this.norms?.local.weights,
      ...this.norms?.global?.weights,
    };
  }

  /**
   * Convolves, normalises and activates.
   * @param x local features, and global ones if it takes any: [H, W, ..] or [B, H, W, ..].
   * @param weights tensors of the names that `this.weights` tells.
   * @param mode of the norms.
   */
  apply<T extends Tensor3D | Tensor4D>(x: FourierFeatures<T>, weights: Weights, mode: Mode = {}): FourierFeatures<T> {
    const { stride, activation = 'linear' } = this.options;
    return tidy(() => {
      const apart = this.norms && mode.training;
      const { kernels, options } = this.given(weights, mode);
      // A copy: tf.tidy wants a container that may be written to.
      const sums = { ...fourierConv2d(x, kernels, { ...options, stride, activation: apart ? 'linear' : activation }) };
      if (!this.norms || !apart) return sums;
      const normalized = (part: T, norm: BatchNorm): T => likeRank(activate[activation](norm.apply(toBatch(part), weights, mode)) as Tensor4D, part);
      const local = normalized(sums.local, this.norms.local);
      return sums.global ? { local, global: normalized(sums.global, this.norms.global as BatchNorm) } : { local };
    });
  }

  /** What its op is given: outside training with the norms in kernels and biases. */
  private given(weights: Weights, mode: Mode): { kernels: FourierConvWeights; options: FourierConvOptions } {
    const spectral = this.spectral?.given(weights, mode);
    const biases: { local?: Tensor1D; global?: Tensor1D } = {};
    const normed = (kernel: Tensor4D, part: 'local' | 'global'): Tensor4D => {
      const norm = this.norms?.[part];
      if (!norm || mode.training) return kernel;
      const folded = norm.after(kernel, weights);
      biases[part] = folded.bias;
      return folded.kernel;
    };
    const own = (part: string, to: 'local' | 'global') => (`${this.name}.${part}` in this.weights ? normed(this.own<Tensor4D>(weights, part), to) : undefined);
    const kernels: FourierConvWeights = {
      localToLocal: own('local_to_local', 'local') as Tensor4D,
      localToGlobal: own('local_to_global', 'global'),
      globalToLocal: own('global_to_local', 'local'),
      globalToGlobal: spectral && { ...spectral.kernels, expand: normed(spectral.kernels.expand, 'global') },
    };
    return { kernels, options: { localBias: biases.local, globalBias: biases.global, spectral: spectral?.options } };
  }
}

/** How many channels are local, and how many global. */
function shared(channels: number, share: number, option: string): { local: number; global: number } {
  checkArgument(share >= 0 && share < 1, 'FourierConv2d', option, '>= 0 and < 1', share);
  const global = Math.trunc(channels * share);
  return { local: channels - global, global };
}
