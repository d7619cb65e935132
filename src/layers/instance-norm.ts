import type { Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { instanceNorm } from '../ops/instance-norm';
import { normal, zeros } from './initializers';
import { Layer, type WeightSpecifications, type Weights } from './layer';

/** What an {@link InstanceNorm} is made of. */
export interface InstanceNormLayerOptions {
  /** Whether it has `NAME.scale` and `NAME.offset`. Default false: no weights at all. */
  affine?: boolean;
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
}

/** Instance normalisation, with `NAME.scale` and `NAME.offset` [channels] if it is affine; see the op {@link instanceNorm}. */
export class InstanceNorm extends Layer {
  readonly weights: WeightSpecifications;

  /**
   * @param name what the names of its weights begin with.
   * @param channels how many there are.
   * @param options whether it has weights, epsilon.
   */
  constructor(
    name: string,
    readonly channels: number,
    readonly options: InstanceNormLayerOptions = {},
  ) {
    super(name);
    const shape = [channels];
    this.weights = options.affine ? { [`${name}.scale`]: { shape, initializer: normal(0.02, 1) }, [`${name}.offset`]: { shape, initializer: zeros } } : {};
  }

  /**
   * Normalises.
   * @param x [H, W, channels] or [B, H, W, channels].
   */
  apply<T extends Tensor3D | Tensor4D>(x: T, weights: Weights): T {
    const own = (part: string) => (this.options.affine ? this.own<Tensor1D>(weights, part) : undefined);
    return instanceNorm(x, { scale: own('scale'), offset: own('offset'), epsilon: this.options.epsilon });
  }
}
