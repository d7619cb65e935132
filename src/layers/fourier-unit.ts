import { type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { fourierUnit } from '../ops/fourier-unit';
import { BatchNorm } from './batch-norm';
import { type Initializer, kaiming } from './initializers';
import { Layer, type Mode, type WeightSpecifications, type Weights } from './layer';

/** What a {@link FourierUnit} is made of. */
export interface FourierUnitLayerOptions {
  /** Channels of what goes in. */
  input: number;
  /** Channels of what comes out. */
  output: number;
  /** How the kernel starts out. Default: normal values of deviation 1 / sqrt(3 fan in), which is what PyTorch's uniform ones have. */
  initializer?: Initializer;
}

/** How kernels start out where nothing else is said: with the deviation of PyTorch's uniform values. */
export const asPyTorch = (fanIn: number): Initializer => kaiming(fanIn, Math.sqrt(1 / 3));

/**
 * A convolution of the spectrum, normalised, with weights `NAME.weights` [1, 1, 2 input, 2 output] and those of the
 * {@link BatchNorm} `NAME.norm` over the spectrum's 2 output channels; see the op {@link fourierUnit}.
 *
 * @example
 * ```ts
 * const layer = new FourierUnit('unit', { input: 8, output: 8 });
 * const y = layer.apply(x, weights);
 * ```
 */
export class FourierUnit extends Layer {
  readonly weights: WeightSpecifications;
  private readonly norm: BatchNorm;

  /**
   * @param name what the names of its weights begin with.
   * @param options channels in and out.
   */
  constructor(
    name: string,
    readonly options: FourierUnitLayerOptions,
  ) {
    super(name);
    const { input, output, initializer = asPyTorch(2 * input) } = options;
    this.norm = new BatchNorm(`${name}.norm`, 2 * output);
    this.weights = { [`${name}.weights`]: { shape: [1, 1, 2 * input, 2 * output], kernel: 'convolution', initializer }, ...this.norm.weights };
  }

  /**
   * Convolves the spectrum.
   * @param x [H, W, input] or [B, H, W, input].
   * @param weights tensors of the names that `this.weights` tells.
   * @param mode of the norm.
   */
  apply<T extends Tensor3D | Tensor4D>(x: T, weights: Weights, mode?: Mode): T {
    return tidy(() => {
      const { kernel, ...after } = this.norm.after(this.own<Tensor4D>(weights, 'weights'), weights, mode);
      return fourierUnit(x, kernel, after);
    });
  }
}
