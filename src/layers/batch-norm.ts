import { mul, reshape, type Tensor1D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { batchNorm, batchStatistics, foldedBatchNorm } from '../ops/batch-norm';
import { normal, ones, zeros } from './initializers';
import { Layer, type Mode, type WeightSpecifications, type Weights } from './layer';

/** A convolution's kernel, and what is to be done after it. */
export interface NormedKernel {
  /** As the convolution takes it. */
  kernel: Tensor4D;
  /** [channels], to be added to what it gives. */
  bias?: Tensor1D;
  /** Normalises what it gives, while training. */
  normalize?: (x: Tensor4D) => Tensor4D;
}

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

  /**
   * What a convolution and this norm behind it are to compute with. Outside training the norm goes into the kernel and a bias, which saves
   * a pass over the picture; in training, where it goes by what the convolution gives, it stays apart.
   * @param kernel of the convolution, which has no bias of its own.
   * @param weights tensors of the names that `this.weights` tells.
   * @param mode as for {@link BatchNorm.apply}.
   * @param axis of the kernel that runs over its outputs: 3, or 2 of a transposed one.
   * @returns the kernel; the bias, or what normalises.
   */
  after(kernel: Tensor4D, weights: Weights, mode: Mode = {}, axis: 2 | 3 = 3): NormedKernel {
    if (mode.training) return { kernel, normalize: (x) => this.apply(x, weights, mode) };
    const own = (part: string) => this.own<Tensor1D>(weights, part);
    return tidy(() => {
      const { factor, bias } = foldedBatchNorm(own('mean'), own('variance'), own('scale'), own('offset'), this.epsilon);
      return { kernel: mul<Tensor4D>(kernel, axis === 3 ? factor : reshape(factor, [this.channels, 1])), bias };
    });
  }
}
