import { add, div, mul, sub, type Tensor4D } from '@tensorflow/tfjs-core';
import { ones, zeros } from '../../layers/initializers';
import { Layer, type WeightSpecifications, type Weights } from '../../layers/layer';

/** What a network's pictures are normalised by, per channel: `NAME.mean` and `NAME.deviation` [3], of values in [-1, 1]. Part of the weights, as each origin has its own, but not trained. */
export class PictureNormalization extends Layer {
  readonly weights: WeightSpecifications = {
    [`${this.name}.mean`]: { shape: [3], initializer: zeros, trainable: false },
    [`${this.name}.deviation`]: { shape: [3], initializer: ones, trainable: false },
  };

  /** From [-1, 1] to what the network takes. */
  apply(image: Tensor4D, weights: Weights): Tensor4D {
    return div(sub(image, this.own(weights, 'mean')), this.own(weights, 'deviation')) as Tensor4D;
  }

  /** From what the network gives to [-1, 1]. */
  undo(image: Tensor4D, weights: Weights): Tensor4D {
    return add(mul(image, this.own(weights, 'deviation')), this.own(weights, 'mean')) as Tensor4D;
  }
}
