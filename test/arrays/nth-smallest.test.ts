import { expect, it } from 'vitest';
import { nthSmallest } from '../../src/arrays/nth-smallest';
import { randomIntegers } from '../../src/arrays/random';

const random = randomIntegers(5);
const kinds: Record<string, (i: number, length: number) => number> = {
  'random values': () => random() / 2 ** 32 - 0.5,
  'few values, many times': () => random() % 3,
  'equal values': () => 7,
  'values in order': (i) => i,
  'values in reverse': (i, length) => length - i,
  'some that are infinite': () => (random() % 4 ? random() % 100 : Number.POSITIVE_INFINITY),
};

it.each(Object.keys(kinds))('the nth smallest of %s is what sorting gives', (kind) => {
  for (const length of [1, 2, 3, 4, 7, 50, 333]) {
    const values = Float32Array.from({ length }, (_, i) => kinds[kind](i, length));
    const sorted = values.slice().sort();
    for (let n = 0; n < length; n++) expect(nthSmallest(values.slice(), n)).toBe(sorted[n]);
  }
});
