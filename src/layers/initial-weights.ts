import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { randomIntegers, seedOf } from '../arrays/random';
import { checkArgument, checkWhole } from '../check';
import type { NormalInitializer } from './initializers';
import type { WeightSpecifications, Weights } from './layer';

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
