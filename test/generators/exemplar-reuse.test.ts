import { expect, it } from 'vitest';
import { randomIntegers } from '../../src/arrays/random';
import { plainPrices, reusePrices, vectorPrices } from '../../src/generators/exemplar/reuse';

/** Features of ripples here and noise there, and sources apart from the sides. */
function level(height: number, width: number, share: number) {
  const random = randomIntegers(height + width);
  const fraction = () => random() / 2 ** 32;
  const features = Float32Array.from({ length: 5 * height * width }, (_, i) => {
    const x = Math.floor(i / 5) % width;
    return Math.sin(x / 3 + (i % 5)) / 4 + (x > (3 * width) / 4 ? 1.5 : 0.1) * (fraction() - 0.5);
  });
  const inside = (p: number) => Math.min(p % width, width - 1 - (p % width)) >= 3 && p >= 3 * width && p < (height - 3) * width;
  const sources = Float32Array.from({ length: height * width }, (_, p) => (inside(p) && fraction() < share ? 1 : 0));
  return { height, width, features, sources };
}

it.each([
  [7, 7, 1, 7],
  [7, 9, 0, 7],
  [8, 31, 0.5, 7],
  [41, 60, 0.9, 7],
  [33, 29, 0.7, 5],
])('prices of the sources of %i x %i pixels, share %f, patches of %i, compiled, are the plain ones, to the bit', (height, width, share, size) => {
  const given = level(height, width, share);
  const plain = plainPrices(given, size);
  expect(vectorPrices(given, size)).toStrictEqual(plain);
  if (height > 20) expect(new Set(plain).size, 'different prices').toBeGreaterThan(50);
});

it('prices of sources do without WebAssembly', () => {
  const given = level(33, 29, 0.7);
  const compiled = reusePrices(given, 7);
  const known = globalThis.WebAssembly;
  try {
    Object.assign(globalThis, { WebAssembly: undefined });
    expect(vectorPrices(given, 7)).toBeUndefined();
    expect(reusePrices(given, 7)).toStrictEqual(compiled);
  } finally {
    Object.assign(globalThis, { WebAssembly: known });
  }
});
