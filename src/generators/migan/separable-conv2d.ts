import {
  add,
  engine,
  expandDims,
  fused,
  mul,
  slice,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tile,
} from '@tensorflow/tfjs-core';
import { kaiming, normal, zeros } from '../../layers/initializers';
import { Layer, type WeightSpecifications, type Weights } from '../../layers/layer';
import { downsampleBinomial, upsampleBinomial } from '../../ops/binomial';
import { conv2d } from '../../ops/conv2d';
import { depthwiseConv2d } from '../../ops/depthwise-conv2d';
import { leakyRelu } from '../../ops/leaky-relu';

/** What a {@link SeparableConv2d} is made of. */
export interface SeparableConv2dOptions {
  /** Channels of what goes in. */
  input: number;
  /** Channels of what comes out. */
  output: number;
  /** Whether the result is of half or of double the size. Default neither. */
  resample?: 'down' | 'up';
  /** The side of a square of noise that is added to every channel, in pixels of the result. Default none. */
  noise?: number;
}

/** Keeps the variance that a leaky ReLU takes. */
const GAIN = Math.SQRT2;
/** No activation goes beyond. */
const LIMIT = 256;

/** The leaky ReLU of a sum that was scaled beforehand: gain f(x) = f(gain x) for any gain > 0. */
export const activation = <T extends Tensor3D | Tensor4D>(x: T, limit = LIMIT): T => leakyRelu(x, limit);

/** A layer of weights whose sum is scaled by the gain of the activation that follows. */
export const scaled = <T extends Tensor>(weights: T, times = 1): T => mul(weights, times * GAIN);

/**
 * A depth-wise 3 x 3 convolution with bias and a point-wise one without, each with an activation, and between them or after
 * them a change of size by a binomial filter.
 *
 * Weights `NAME.depthwise` [3, 3, input, 1], `NAME.bias` [input], `NAME.pointwise` [1, 1, input, output] and, not trained,
 * `NAME.noise` [side, side].
 */
export class SeparableConv2d extends Layer {
  readonly weights: WeightSpecifications;

  constructor(
    name: string,
    readonly options: SeparableConv2dOptions,
  ) {
    super(name);
    const { input, output, noise } = options;
    this.weights = {
      [`${name}.depthwise`]: { shape: [3, 3, input, 1], kernel: 'depthwise', initializer: kaiming(9, 1) },
      [`${name}.bias`]: { shape: [input], initializer: zeros },
      [`${name}.pointwise`]: { shape: [1, 1, input, output], kernel: 'convolution', initializer: kaiming(input, 1) },
      ...(noise ? { [`${name}.noise`]: { shape: [noise, noise], initializer: normal(0.01), trainable: false } } : {}),
    };
  }

  /**
   * Convolves twice.
   * @param x [B, H, W, input].
   * @param weights tensors of the names that `this.weights` tells.
   */
  apply(x: Tensor4D, weights: Weights): Tensor4D {
    const { resample, noise } = this.options;
    const own = <W extends Tensor>(part: string) => this.own<W>(weights, part);
    // The gain of the second activation goes through the point-wise convolution, and is put on the few weights before it.
    const [filter, bias] = [scaled(own<Tensor4D>('depthwise'), GAIN), scaled(own<Tensor1D>('bias'), GAIN)];
    const differentiates = engine().state.gradientDepth > 0;
    const sum = differentiates ? add(depthwiseConv2d(x, filter), bias) : fused.depthwiseConv2d({ x, filter, bias, strides: 1, pad: 'same' });
    const spread = activation(sum as Tensor4D, LIMIT * GAIN);
    const mixed = conv2d(resample === 'down' ? downsampleBinomial(spread) : spread, own<Tensor4D>('pointwise'));
    const sized = resample === 'up' ? upsampleBinomial(mixed) : mixed;
    if (!noise) return activation(sized);
    return activation(add(sized, noiseOf(scaled(own<Tensor2D>('noise')), sized.shape)) as Tensor4D);
  }
}

/** Noise for a picture of any size: the square that it was trained with, from the top left and again and again. */
function noiseOf(square: Tensor2D, [, height, width]: number[]): Tensor3D {
  const [side] = square.shape;
  const fits = height === side && width === side;
  return expandDims<Tensor3D>(fits ? square : slice(tile(square, [Math.ceil(height / side), Math.ceil(width / side)]), [0, 0], [height, width]), 2);
}
