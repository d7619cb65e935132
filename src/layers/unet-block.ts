import { concat, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { seedOf } from '../arrays/random';
import { checkOneOf } from '../check';
import { activate } from '../ops/activation';
import { dropout } from '../ops/dropout';
import { BatchNorm } from './batch-norm';
import { Conv2d } from './conv2d';
import { normal } from './initializers';
import { InstanceNorm } from './instance-norm';
import { Layer, type Mode, type WeightSpecifications, type Weights } from './layer';
import { TransposedConv2d } from './transposed-conv2d';

/** What a U-Net block normalises by: running or batch statistics, each picture's own, or not at all. */
export type Normalization = 'batch' | 'instance' | 'none';

/** What a {@link UNetDown} or {@link UNetUp} is made of. */
export interface UNetBlockOptions {
  /** Channels of what goes in; for {@link UNetUp} those of the skip connection included. */
  input: number;
  /** Channels of what comes out. */
  output: number;
  /** What follows the convolution. Default `'batch'`. */
  normalization?: Normalization;
  /** Whether the convolution has a bias. Default: where no batch normalisation follows, which would take it out again. */
  bias?: boolean;
  /** `'batch'` makes batch normalisation go by the batch's own statistics outside training, too. Default `'stored'`. */
  statistics?: 'stored' | 'batch';
  /** The share of values that training drops in the end. Default 0. */
  dropout?: number;
}

const NORMALIZATIONS: Normalization[] = ['batch', 'instance', 'none'];
// How the networks of pix2pix start out.
const initializer = normal(0.02);

abstract class UNetBlock extends Layer {
  readonly weights: WeightSpecifications;
  private readonly norm?: BatchNorm | InstanceNorm;

  constructor(
    name: string,
    /** The convolution in the middle. */
    readonly convolution: Conv2d | TransposedConv2d,
    /** What it was made of. */
    readonly options: UNetBlockOptions,
  ) {
    super(name);
    const { output, normalization = 'batch' } = options;
    checkOneOf(normalization, NORMALIZATIONS, 'UNetBlock', 'normalization');
    if (normalization === 'batch') this.norm = new BatchNorm(`${name}.norm`, output);
    if (normalization === 'instance') this.norm = new InstanceNorm(`${name}.norm`, output);
    this.weights = { ...convolution.weights, ...this.norm?.weights };
  }

  /** Convolves, normalises and drops. */
  protected convolve(x: Tensor4D, weights: Weights, mode: Mode = {}): Tensor4D {
    const { statistics, dropout: rate = 0 } = this.options;
    let y = this.convolution.apply(x, weights);
    if (this.norm) y = this.norm.apply(y, weights, statistics === 'batch' ? { ...mode, training: true } : mode);
    return mode.training && rate > 0 ? dropout(y, rate, seedOf(this.name, mode.seed ?? 0)) : y;
  }
}

const hasBias = ({ bias, normalization = 'batch' }: UNetBlockOptions): boolean => bias ?? normalization !== 'batch';

/** One step down a U-Net: leaky ReLU (unless it is the first), a 4 x 4 convolution of stride 2 with one zero on all sides, normalisation. */
export class UNetDown extends UNetBlock {
  private readonly first: boolean;

  /**
   * @param name what the names of its weights begin with: `NAME.weights`, `NAME.bias`, `NAME.norm.scale` and so on.
   * @param options sizes and normalisation; `first` leaves the activation out.
   */
  constructor(name: string, { first = false, ...options }: UNetBlockOptions & { first?: boolean }) {
    const { input, output } = options;
    super(name, new Conv2d(name, { input, output, size: 4, stride: 2, padding: 1, bias: hasBias(options), initializer }), options);
    this.first = first;
  }

  /**
   * Halves the size.
   * @param x [B, H, W, input].
   */
  apply(x: Tensor4D, weights: Weights, mode?: Mode): Tensor4D {
    return tidy(() => this.convolve(this.first ? x : (activate['leaky-relu'](x) as Tensor4D), weights, mode));
  }
}

/** One step up a U-Net: joins the skip connection, ReLU, a 4 x 4 transposed convolution of stride 2, normalisation, dropout. */
export class UNetUp extends UNetBlock {
  /**
   * @param name what the names of its weights begin with: `NAME.weights`, `NAME.bias`, `NAME.norm.scale` and so on.
   * @param options sizes, normalisation and dropout.
   */
  constructor(name: string, options: UNetBlockOptions) {
    const { input, output } = options;
    super(name, new TransposedConv2d(name, { input, output, size: 4, bias: hasBias(options), initializer }), options);
  }

  /**
   * Doubles the size.
   * @param x [B, H, W, channels], from below.
   * @param skip [B, H, W, the other channels], which go first; none at the bottom.
   */
  apply(x: Tensor4D, skip: Tensor4D | undefined, weights: Weights, mode?: Mode): Tensor4D {
    return tidy(() => this.convolve(activate.relu(skip ? concat([skip, x], 3) : x) as Tensor4D, weights, mode));
  }
}
