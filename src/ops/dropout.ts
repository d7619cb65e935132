import { mul, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { randomIntegers } from '../arrays/random';
import { checkArgument } from '../check';

/**
 * Sets a share of the values to 0, chosen by a seed, and enlarges the others so that their mean stays what it was.
 *
 * y = x keep / (1 - rate), where keep is 1 with probability 1 - rate, else 0
 *
 * @param x any shape, float32.
 * @param rate the share that is dropped, at least 0 and less than 1.
 * @param seed a whole number >= 0. The same seed drops the same places, on every backend.
 * @returns a tensor of x's shape. Differentiable in x.
 * @throws ArgumentError
 * @example
 * ```ts
 * const y = dropout(x, 0.5, 7);
 * ```
 * Source: Srivastava et al., Dropout, JMLR 15 (2014).
 */
export function dropout<T extends Tensor>(x: T, rate: number, seed: number): T {
  checkArgument(rate >= 0 && rate < 1, 'dropout', 'rate', 'at least 0 and less than 1', rate);
  checkArgument(Number.isInteger(seed) && seed >= 0, 'dropout', 'seed', 'a whole number >= 0', seed);
  return tidy(() => {
    const next = randomIntegers(seed);
    const kept = Float32Array.from({ length: x.size }, () => (next() / 2 ** 32 < rate ? 0 : 1 / (1 - rate)));
    return mul(x, tensor(kept, x.shape)) as T;
  });
}
