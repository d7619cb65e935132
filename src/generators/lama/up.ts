import { relu, reshape, type Tensor1D, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { BatchNorm } from '../../layers/batch-norm';
import { kaiming, zeros } from '../../layers/initializers';
import { Layer, type Mode, type WeightSpecifications, type Weights } from '../../layers/layer';
import { transposedConv2d } from '../../ops/transposed-conv2d';

/**
 * Doubles the size and halves the channels: a transposed 3 x 3 convolution with bias, a norm, a ReLU. Weights `NAME.weights` [3, 3,
 * output, input], `NAME.bias` [output] and those of the norm `NAME.norm`.
 */
export class Up extends Layer {
  readonly weights: WeightSpecifications;
  private readonly norm: BatchNorm;

  constructor(
    name: string,
    readonly input: number,
    readonly output: number,
  ) {
    super(name);
    this.norm = new BatchNorm(`${name}.norm`, output);
    // What is not trained yet keeps its scale: each pixel is reached by a quarter of the nine taps.
    const initializer = kaiming((input * 9) / 4);
    this.weights = {
      [`${name}.weights`]: { shape: [3, 3, output, input], kernel: 'transposed', initializer },
      [`${name}.bias`]: { shape: [output], initializer: zeros },
      ...this.norm.weights,
    };
  }

  /**
   * Enlarges.
   * @param x [B, H, W, input].
   * @param weights tensors of the names that `this.weights` tells.
   * @param mode of the norm.
   */
  apply(x: Tensor4D, weights: Weights, mode?: Mode): Tensor4D {
    const own = this.own<Tensor1D>(weights, 'bias');
    const { kernel, normalize } = this.norm.after(this.own<Tensor4D>(weights, 'weights'), weights, mode, 2);
    const enlarged = (b: Tensor1D) => transposedConv2d(x, kernel, { bias: b, stride: 2, padding: 1, outputPadding: 1 });
    if (normalize) return relu(normalize(enlarged(own)));
    // The convolution's own bias goes through the norm like a pixel.
    const pixel: Tensor3D = reshape(own, [1, 1, this.output]);
    return relu(enlarged(reshape(this.norm.apply(pixel, weights), [this.output])));
  }
}
