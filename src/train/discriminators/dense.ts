import { add, matMul, reshape, type Tensor, type Tensor1D, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { checkSameShape } from '../../check';
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

  /** From [B, ..], `input` values each, to [B, output]. */
  apply(x: Tensor, weights: Weights): Tensor2D {
    return tidy(() => {
      const flat = reshape(x, [x.shape[0], -1]) as Tensor2D;
      const matrix = weights[`${this.name}.weights`] as Tensor2D;
      checkSameShape(flat.shape, [x.shape[0], matrix.shape[0]], this.name, 'x, flattened,');
      return add(matMul(flat, matrix), weights[`${this.name}.bias`] as Tensor1D) as Tensor2D;
    });
  }
}
