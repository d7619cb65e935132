import { randomIntegers, seedOf } from '../../arrays/random';

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * A stream of uniform numbers of its own for one purpose at one position: a function of its arguments alone, so that a run can
 * be taken up anywhere without drawing what came before.
 */
export function randomAt(seed: number, purpose: string, position: number): Random {
  const next = randomIntegers(seedOf(`${purpose} ${position}`, seed));
  return () => next() / 2 ** 32;
}

/** A uniform number in [from, to). */
export const between = (random: Random, from: number, to: number): number => from + (to - from) * random();

/** A uniform whole number of from .. to, both included. */
export const wholeBetween = (random: Random, from: number, to: number): number => from + Math.floor(random() * (to - from + 1));

/** A normal number of mean 0 and deviation 1 (Box and Muller). */
export const normalFrom = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** 0 .. count - 1 in an order drawn from the seed and the epoch (Fisher and Yates). */
export function permutationOf(count: number, seed: number, epoch: number): Uint32Array {
  const random = randomAt(seed, 'epoch', epoch);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = wholeBetween(random, 0, i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
