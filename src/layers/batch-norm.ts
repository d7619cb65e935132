import { type Tensor1D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { batchNorm, batchStatistics } from '../ops/batch-norm';
import { normal, ones, zeros } from './initializers';
import { Layer, type Mode, type WeightSpecifications, type Weights } from './layer';

/**
 * Batch normalisation with `NAME.scale`, `NAME.offset` and the running `NAME.mean` and `NAME.variance`, all [channels];
 * see the op {@link batchNorm}. In training it goes by the batch's own statistics, and tells them to `mode.onStatistics`.
 */
export class BatchNorm extends Layer {
  readonly weights: WeightSpecifications;

  /**
   * @param name what the names of its weights begin with.
   * @param channels how many there are.
   * @param epsilon added to the variance. Default 1e-5.
   */
  constructor(
    name: string,
    readonly channels: number,
    readonly epsilon = 1e-5,
  ) {
    super(name);
    const shape = [channels];
    this.weights = {
      [`${name}.scale`]: { shape, initializer: normal(0.02, 1) },
      [`${name}.offset`]: { shape, initializer: zeros },
      [`${name}.mean`]: { shape, initializer: zeros, trainable: false },
      [`${name}.variance`]: { shape, initializer: ones, trainable: false },
    };
  }

  /**
   * Normalises.
   * @param x [H, W, channels] or [B, H, W, channels].
   */
  apply<T extends Tensor3D | Tensor4D>(x: T, weights: Weights, mode: Mode = {}): T {
    const own = (part: string) => this.own<Tensor1D>(weights, part);
    return tidy(() => {
      let statistics = { mean: own('mean'), variance: own('variance') };
      if (mode.training) {
        statistics = batchStatistics(x);
        mode.onStatistics?.(this.name, statistics.mean, statistics.variance);
      }
      return batchNorm(x, statistics.mean, statistics.variance, { scale: own('scale'), offset: own('offset'), epsilon: this.epsilon });
    });
  }
}
