import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { tidy } from '@tensorflow/tfjs-core';
import { conv2d } from '../ops/conv2d';
import { spectralNorm } from '../ops/spectral-norm';
import { Conv2d, type Conv2dOptions } from './conv2d';
import { truncatedNormal } from './initializers';
import { Layer, type Mode, type WeightSpecifications, type Weights } from './layer';

/**
 * A convolution whose kernel is divided by its largest singular value, with weights `NAME.weights`
 * [size, size, input, output], `NAME.bias` [output] and `NAME.u` [1, output], which is carried along but not trained; see
 * the ops {@link spectralNorm} and {@link conv2d}. In training it tells the next u to `mode.onVector`.
 *
 * @example
 * ```ts
 * const layer = new SpectralConv2d('first', { input: 4, output: 64, size: 5, stride: 2, activation: 'leaky-relu' });
 * const y = layer.apply(x, weights);
 * ```
 */
export class SpectralConv2d extends Layer {
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
    this.weights = {
      ...new Conv2d(name, options).weights,
      [`${name}.u`]: { shape: [1, options.output], initializer: truncatedNormal(1), trainable: false },
    };
  }

  /**
   * Normalises the kernel and convolves.
   * @param x [H, W, input] or [B, H, W, input].
   * @param weights tensors of the names that `this.weights` tells.
   */
  apply<T extends Tensor3D | Tensor4D>(x: T, weights: Weights, mode: Mode = {}): T {
    const { bias = true, stride, dilation, padding, activation } = this.options;
    return tidy(() => {
      const { weights: kernel, u } = spectralNorm(this.own<Tensor4D>(weights, 'weights'), this.own<Tensor2D>(weights, 'u'));
      if (mode.training) mode.onVector?.(this.name, u);
      return conv2d(x, kernel, { bias: bias ? this.own<Tensor1D>(weights, 'bias') : undefined, stride, dilation, padding, activation });
    });
  }
}
