import { add, matMul, reshape, type Tensor, type Tensor1D, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { normal, zeros } from '../../layers/initializers';
import { Layer, type WeightSpecifications, type Weights } from '../../layers/layer';

/** A layer in which each output sees each input, with weights `NAME.weights` [input, output] and `NAME.bias` [output]. */
export class Dense extends Layer {
  readonly weights: WeightSpecifications;

  constructor(
    name: string,
    readonly input: number,
    readonly output: number,
  ) {
    super(name);
    this.weights = {
      // Glorot and Bengio (2010).
      [`${name}.weights`]: { shape: [input, output], initializer: normal(Math.sqrt(2 / (input + output))) },
      [`${name}.bias`]: { shape: [output], initializer: zeros },
    };
  }

  /** [B, ..] with `input` values a row to [B, output]. */
  apply(x: Tensor, weights: Weights): Tensor2D {
    return tidy(() => {
      const flat = reshape(x, [-1, this.input]) as Tensor2D;
      return add(matMul(flat, weights[`${this.name}.weights`] as Tensor2D), weights[`${this.name}.bias`] as Tensor1D) as Tensor2D;
    });
  }
}
