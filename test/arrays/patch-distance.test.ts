import { describe, expect, it } from 'vitest';
import { patchDistance, plainDistance, vectorDistance } from '../../src/arrays/patch-distance';
import { seeded } from '../support/values';

const STRIDE = 90;
const picture = seeded(1, STRIDE * 20);

function naive(a: number, b: number, run: number, rows: number): number {
  let sum = 0;
  for (let y = 0; y < rows; y++) for (let i = 0; i < run; i++) sum += (picture[a + y * STRIDE + i]! - picture[b + y * STRIDE + i]!) ** 2;
  return sum;
}

describe.each([
  ['plain', plainDistance],
  ['vector', vectorDistance],
] as const)('%s distance of patches', (_, make) => {
  it.each([1, 3, 4, 7, 20, 35])('adds up the squares of rows of %i values', (run) => {
    for (const rows of [1, 3, 7]) {
      const distance = make(picture, STRIDE, run, rows)!;
      for (const [a, b] of [
        [0, 1],
        [3, 1001],
        [STRIDE * 13 - 1 - run, 45],
      ] as const) {
        const expected = naive(a, b, run, rows);
        expect(Math.abs(distance(a, b, 0, Number.POSITIVE_INFINITY) - expected)).toBeLessThan(2e-6 * expected);
        expect(Math.abs(distance(a, b, 1.5, 1e9) - expected - 1.5)).toBeLessThan(2e-6 * (expected + 1.5));
        expect(distance(a, a, 0, 1)).toBe(0);
      }
    }
  });

  it('stops at the limit, not below it', () => {
    const distance = make(picture, STRIDE, 35, 7)!;
    const whole = naive(0, 700, 35, 7);
    expect(distance(0, 700, 0, whole / 3)).toBeGreaterThanOrEqual(whole / 3);
    expect(distance(0, 700, 0, whole / 3)).toBeLessThan(0.7 * whole);
    expect(distance(0, 700, 2, 1)).toBe(2);
  });
});

it('does without WebAssembly', () => {
  const known = globalThis.WebAssembly;
  try {
    Object.assign(globalThis, { WebAssembly: undefined });
    expect(vectorDistance(picture, STRIDE, 7, 3)).toBeUndefined();
    expect(patchDistance(picture, STRIDE, 7, 3)(0, 500, 0, 1e9)).toBeCloseTo(naive(0, 500, 7, 3), 5);
  } finally {
    Object.assign(globalThis, { WebAssembly: known });
  }
});
