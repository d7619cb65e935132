import type { Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { type ConvOptions, conv2d } from '../ops/conv2d';
import { type Initializer, truncatedNormal, zeros } from './initializers';
import { Layer, type WeightSpecifications, type Weights } from './layer';

/** What a {@link Conv2d} is made of. */
export interface Conv2dOptions extends Omit<ConvOptions, 'bias'> {
  /** Channels of what goes in. */
  input: number;
  /** Channels of what comes out. */
  output: number;
  /** Side of the kernel in pixels. */
  size: number;
  /** Whether a bias is added. Default true. */
  bias?: boolean;
  /** How the kernel starts out. Default: normal values of deviation 0.05, cut at two deviations. */
  initializer?: Initializer;
}

/**
 * A convolution with weights `NAME.weights` [size, size, input, output] and `NAME.bias` [output]; see the op {@link conv2d}.
 *
 * @example
 * ```ts
 * const layer = new Conv2d('first', { input: 4, output: 32, size: 5, stride: 2, activation: 'elu' });
 * const y = layer.apply(x, weights);
 * ```
 */
export class Conv2d extends Layer {
  readonly weights: WeightSpecifications;

  /**
   * @param name what the names of its weights begin with.
   * @param options sizes, and what {@link conv2d} takes.
   */
  constructor(
    name: string,
    readonly options: Conv2dOptions,
  ) {
    super(name);
    const { input, output, size, bias = true, initializer = truncatedNormal(0.05) } = options;
    this.weights = {
      [`${name}.weights`]: { shape: [size, size, input, output], kernel: 'convolution', initializer },
      ...(bias ? { [`${name}.bias`]: { shape: [output], initializer: zeros } } : {}),
    };
  }

  /**
   * Convolves.
   * @param x [H, W, input] or [B, H, W, input].
   * @param weights tensors of the names that `this.weights` tells.
   */
  apply<T extends Tensor3D | Tensor4D>(x: T, weights: Weights): T {
    const { bias = true, stride, dilation, padding, activation } = this.options;
    return conv2d(x, this.own<Tensor4D>(weights, 'weights'), {
      bias: bias ? this.own<Tensor1D>(weights, 'bias') : undefined,
      stride,
      dilation,
      padding,
      activation,
    });
  }
}
