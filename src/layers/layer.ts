import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { checkArgument } from '../check';
import type { Initializer } from './initializers';

/** Named tensors: what layers compute with. */
export type Weights = Readonly<Record<string, Tensor>>;

/** What a weight looks like. */
export interface WeightSpecification {
  /** Its shape. Kernels are [height, width, input, output]; transposed ones [height, width, output, input]; depth-wise ones [height, width, channels, multiplier]. */
  readonly shape: readonly number[];
  /** What kind of kernel it is, which says how other libraries lay it out. None for vectors. */
  readonly kernel?: 'convolution' | 'transposed' | 'depthwise';
  /** How it starts out before training. */
  readonly initializer: Initializer;
  /** False for what is carried along but not trained: running means, power iteration vectors. Those are no parameters. Default true. */
  readonly trainable?: boolean;
}

/** How layers behave: in training, normalisation goes by the batch's own statistics and dropout drops. */
export interface Mode {
  /** Default false. */
  readonly training?: boolean;
  /** Seeds dropout. Default 0. */
  readonly seed?: number;
  /** Told the batch's mean and variance by each normalisation that trains, to update running ones by; the tensors are freed afterwards. */
  readonly onStatistics?: (layer: string, mean: Tensor1D, variance: Tensor1D) => void;
  /** Told the vector that its next call starts from by each spectral normalisation that trains; the tensor is freed afterwards. */
  readonly onVector?: (layer: string, u: Tensor2D) => void;
}

/** The weights of a layer or network, by name. */
export type WeightSpecifications = Readonly<Record<string, WeightSpecification>>;

/**
 * An operation that owns weights: their specification, and `apply`, which computes with tensors of these names. A layer
 * holds no tensors itself; the same layer serves any number of sets of weights.
 */
export abstract class Layer {
  /** What the names of its weights begin with. */
  readonly name: string;
  /** Its weights, by full name. */
  abstract readonly weights: WeightSpecifications;

  constructor(name: string) {
    this.name = name;
  }

  /** How many trained numbers it has. */
  get parameterCount(): number {
    return countParameters(this.weights);
  }

  /** The part of its weights that goes by a name. */
  protected own<T extends Tensor>(weights: Weights, part: string): T {
    const name = `${this.name}.${part}`;
    // Looked at once: with half precision each look makes a tensor.
    const tensor = weights[name];
    checkArgument(tensor !== undefined, this.name, 'weights', `an object that holds ${name}`, 'one without');
    return tensor as T;
  }
}

/** Counts the trained numbers of a specification. */
export function countParameters(weights: WeightSpecifications): number {
  let count = 0;
  for (const { shape, trainable } of Object.values(weights)) if (trainable !== false) count += shape.reduce((a, b) => a * b, 1);
  return count;
}

/** The weights of several layers. */
export function weightsOf(layers: readonly Layer[]): WeightSpecifications {
  return Object.assign({}, ...layers.map(({ weights }) => weights));
}
