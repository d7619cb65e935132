import { type Tensor1D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type Activation, activate } from '../ops/activation';
import { type PartialConvOptions, type PartialConvResult, partialConv2d } from '../ops/partial-conv2d';
import { BatchNorm } from './batch-norm';
import type { Conv2dOptions } from './conv2d';
import { truncatedNormal, zeros } from './initializers';
import { Layer, type Mode, type WeightSpecifications, type Weights } from './layer';

/** What a {@link PartialConv2d} is made of. */
export interface PartialConv2dOptions extends Omit<PartialConvOptions, 'bias'>, Pick<Conv2dOptions, 'input' | 'output' | 'size' | 'bias' | 'initializer'> {
  /** Whether a {@link BatchNorm} follows, `NAME.norm`. Default false. */
  batchNorm?: boolean;
  /** What the result goes through in the end. Default `'linear'`. */
  activation?: Activation;
}

/**
 * A partial convolution with weights `NAME.weights` [size, size, input, output] and `NAME.bias` [output]; see the op
 * {@link partialConv2d}. Normalisation and activation come after it, where nothing was seen, too.
 *
 * @example
 * ```ts
 * const layer = new PartialConv2d('encode1', { input: 3, output: 64, size: 7, stride: 2, activation: 'relu' });
 * const { features, valid } = layer.apply(x, tf.sub(1, hole), weights);
 * ```
 */
export class PartialConv2d extends Layer {
  readonly weights: WeightSpecifications;
  private readonly norm?: BatchNorm;

  /**
   * @param name what the names of its weights begin with.
   * @param options sizes, what {@link partialConv2d} takes, normalisation and activation.
   */
  constructor(
    name: string,
    readonly options: PartialConv2dOptions,
  ) {
    super(name);
    const { input, output, size, bias = true, batchNorm = false, initializer = truncatedNormal(0.05) } = options;
    if (batchNorm) this.norm = new BatchNorm(`${name}.norm`, output);
    this.weights = {
      [`${name}.weights`]: { shape: [size, size, input, output], kernel: 'convolution', initializer },
      ...(bias ? { [`${name}.bias`]: { shape: [output], initializer: zeros } } : {}),
      ...this.norm?.weights,
    };
  }

  /**
   * Convolves what is valid.
   * @param x [H, W, input] or [B, H, W, input].
   * @param valid [.., 1] or of x's shape, valid where > 0.
   * @param weights tensors of the names that `this.weights` tells.
   * @returns the features and the new mask, [.., 1].
   */
  apply<T extends Tensor3D | Tensor4D>(x: T, valid: T, weights: Weights, mode?: Mode): PartialConvResult<T> {
    const { bias = true, stride, padding, dilation, maskKind, activation = 'linear' } = this.options;
    return tidy(() => {
      const result = partialConv2d(x, valid, this.own<Tensor4D>(weights, 'weights'), {
        bias: bias ? this.own<Tensor1D>(weights, 'bias') : undefined,
        stride,
        padding,
        dilation,
        maskKind,
      });
      const normalised = this.norm ? this.norm.apply(result.features, weights, mode) : result.features;
      return { features: activate[activation](normalised) as T, valid: result.valid };
    });
  }
}
