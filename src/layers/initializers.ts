import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { randomIntegers } from '../arrays/random';
import { checkArgument, checkWhole } from '../check';
import type { WeightSpecifications, Weights } from './layer';

/** How a weight starts out. Values beyond a limit are drawn again. */
export type Initializer = ConstantInitializer | NormalInitializer | IdentityInitializer;

/** All values the same. */
export interface ConstantInitializer {
  /** Tells it from others. */
  readonly kind: 'constant';
  /** That value. */
  readonly value: number;
}

/** Normal values. */
export interface NormalInitializer {
  /** Tells it from others. */
  readonly kind: 'normal';
  /** Default 0. */
  readonly mean?: number;
  /** Their standard deviation. */
  readonly deviation: number;
  /** How many deviations from the mean they may lie, > 0. Default: any. */
  readonly limit?: number;
}

/** A convolution's kernel that hands its input on, channel by channel, with normal values on top. */
export interface IdentityInitializer {
  /** Tells it from others. */
  readonly kind: 'identity';
  /** What the input is multiplied by. */
  readonly gain: number;
  /** The standard deviation of the normal values. */
  readonly deviation: number;
}

/** All values 0. */
export const zeros: Initializer = { kind: 'constant', value: 0 };
/** All values 1. */
export const ones: Initializer = { kind: 'constant', value: 1 };
/** Normal values about 0, none further out than two deviations: how TensorFlow 1 networks start out. */
export const truncatedNormal = (deviation: number): Initializer => ({ kind: 'normal', deviation, limit: 2 });
/** Normal values. */
export const normal = (deviation: number, mean = 0): Initializer => ({ kind: 'normal', mean, deviation });
/** Normal values of deviation sqrt(gain^2 / fan in): keeps the scale of activations through a deep network (He et al. 2015). */
export const kaiming = (fanIn: number, gain = Math.SQRT2): Initializer => ({ kind: 'normal', deviation: gain / Math.sqrt(fanIn) });
/**
 * The identity times a gain, plus normal values: each output starts out as the input of the same number, as far as there is
 * one. What goes in at the top of a deep stack of convolutions so arrives at its end, and learning starts from there. For
 * kernels [rows, columns, input, output] (Xiao et al. 2018 look at such kernels, with any orthogonal matrix for the identity).
 */
export const identity = (gain: number, deviation: number): Initializer => ({ kind: 'identity', gain, deviation });

/**
 * Makes the first weights of a layer or network.
 *
 * @param specifications names, shapes and initialisers.
 * @param seed a whole number >= 0. Each weight has a stream of its own, drawn from the seed and its name: the same name
 * and seed give the same values in any network.
 * @returns tensors, to be disposed by the caller.
 * @throws ArgumentError
 * @example
 * ```ts
 * const layer = new Conv2d('first', { input: 3, output: 8, size: 3 });
 * const y = layer.apply(x, initialWeights(layer.weights, 7));
 * ```
 */
export function initialWeights(specifications: WeightSpecifications, seed: number): Weights {
  checkWhole(seed, 0, 'initialWeights', 'seed');
  const weights: Record<string, Tensor> = {};
  for (const [name, { shape, initializer }] of Object.entries(specifications)) {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (initializer.kind === 'constant') values.fill(initializer.value);
    else {
      const { mean = 0, deviation, limit = Number.POSITIVE_INFINITY }: NormalInitializer = { ...initializer, kind: 'normal' };
      checkArgument(limit > 0, 'initialWeights', 'limit', '> 0', limit);
      const next = seededNormal(seedOf(name, seed));
      for (let i = 0; i < values.length; i++) {
        let value = next();
        while (Math.abs(value) > limit) value = next();
        values[i] = mean + deviation * value;
      }
    }
    if (initializer.kind === 'identity') addIdentity(values, shape, initializer.gain);
    weights[name] = tensor(values, shape as number[]);
  }
  return weights;
}

/** Adds the gain at the middle of a kernel wherever input and output have the same number. */
function addIdentity(values: Float32Array, shape: readonly number[], gain: number): void {
  checkArgument(shape.length === 4, 'initialWeights', 'shape', 'of four axes for the identity', shape);
  const [rows, columns, input, output] = shape;
  const middle = (Math.floor(rows / 2) * columns + Math.floor(columns / 2)) * input * output;
  for (let channel = 0; channel < Math.min(input, output); channel++) values[middle + channel * output + channel] += gain;
}

/** A 32 bit hash (FNV-1a) of the name, mixed with the seed. */
export function seedOf(name: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Independent normal values of mean 0 and deviation 1 (Box and Muller). */
function seededNormal(seed: number): () => number {
  const next = randomIntegers(seed);
  const uniform = () => (next() + 0.5) / 2 ** 32;
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
