import type { Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { type TransposedConvOptions, transposedConv2d } from '../ops/transposed-conv2d';
import { type Initializer, truncatedNormal, zeros } from './initializers';
import { Layer, type WeightSpecifications, type Weights } from './layer';

/** What a {@link TransposedConv2d} is made of. */
export interface TransposedConv2dOptions extends Omit<TransposedConvOptions, 'bias'> {
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
 * A transposed convolution with weights `NAME.weights` [size, size, output, input] and `NAME.bias` [output]; see the op
 * {@link transposedConv2d}.
 *
 * @example
 * ```ts
 * const layer = new TransposedConv2d('up', { input: 64, output: 32, size: 4 });
 * const larger = layer.apply(x, weights);
 * ```
 */
export class TransposedConv2d extends Layer {
  readonly weights: WeightSpecifications;

  /**
   * @param name what the names of its weights begin with.
   * @param options sizes, and what {@link transposedConv2d} takes.
   */
  constructor(
    name: string,
    readonly options: TransposedConv2dOptions,
  ) {
    super(name);
    const { input, output, size, bias = true, initializer = truncatedNormal(0.05) } = options;
    this.weights = {
      [`${name}.weights`]: { shape: [size, size, output, input], kernel: 'transposed', initializer },
      ...(bias ? { [`${name}.bias`]: { shape: [output], initializer: zeros } } : {}),
    };
  }

  /**
   * Convolves.
   * @param x [H, W, input] or [B, H, W, input].
   * @param weights tensors of the names that `this.weights` tells.
   */
  apply<T extends Tensor3D | Tensor4D>(x: T, weights: Weights): T {
    const { bias = true, stride, padding, outputPadding } = this.options;
    return transposedConv2d(x, this.own<Tensor4D>(weights, 'weights'), {
      bias: bias ? this.own<Tensor1D>(weights, 'bias') : undefined,
      stride,
      padding,
      outputPadding,
    });
  }
}
