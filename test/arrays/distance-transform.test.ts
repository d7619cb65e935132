import { describe, expect, it } from 'vitest';
import { plainDistances, squaredDistances, vectorDistances } from '../../src/arrays/distance-transform';
import { seeded } from '../support/values';

/** Looks at every marked pixel for every pixel. */
function naive(marked: ArrayLike<number>, height: number, width: number): Float32Array {
  const out = new Float32Array(height * width).fill(Number.POSITIVE_INFINITY);
  for (let p = 0; p < out.length; p++) {
    for (let q = 0; q < out.length; q++) {
      if (!(marked[q] > 0)) continue;
      const [dy, dx] = [Math.floor(p / width) - Math.floor(q / width), (p % width) - (q % width)];
      out[p] = Math.min(out[p], dy * dy + dx * dx);
    }
  }
  return out;
}

const marks = (height: number, width: number, rule: (y: number, x: number) => boolean) =>
  Float32Array.from({ length: height * width }, (_, p) => (rule(Math.floor(p / width), p % width) ? 1 : 0));

describe.each([
  ['compiled', (...given: Parameters<typeof squaredDistances>) => vectorDistances(...given)!],
  ['in plain JavaScript', plainDistances],
])('squared distances, %s,', (_, squaredDistances) => {
  it.each([
    { height: 1, width: 1, share: 1 },
    { height: 1, width: 30, share: 0.1 },
    { height: 30, width: 1, share: 0.1 },
    { height: 17, width: 23, share: 0.02 },
    { height: 17, width: 23, share: 0.3 },
    { height: 24, width: 11, share: 0.9 },
  ])('are exact: %o', ({ height, width, share }) => {
    for (let seed = 1; seed <= 5; seed++) {
      const marked = seeded(seed, height * width).map((v) => ((v + 1) / 2 < share ? 1 : 0));
      marked[Math.floor((height * width) / 2)] = 1;
      expect(squaredDistances(marked, height, width)).toEqual(naive(marked, height, width));
    }
  });

  it.each<[string, (y: number, x: number) => boolean]>([
    ['a corner', (y, x) => y === 0 && x === 0],
    ['the last pixel', (y, x) => y === 8 && x === 12],
    ['a row', (y) => y === 4],
    ['a column', (_, x) => x === 12],
    ['a frame', (y, x) => y === 0 || x === 0 || y === 8 || x === 12],
    ['everything', () => true],
  ])('from %s', (_, rule) => {
    expect(squaredDistances(marks(9, 13, rule), 9, 13)).toEqual(naive(marks(9, 13, rule), 9, 13));
  });

  it('are infinite where nothing is marked', () => {
    expect(squaredDistances(new Uint8Array(12), 3, 4)).toEqual(new Float32Array(12).fill(Number.POSITIVE_INFINITY));
  });

  it('are exact over long lines', () => {
    const marked = new Float32Array(4000);
    marked[3999] = 1;
    expect(squaredDistances(marked, 1, 4000)[0]).toBe(3999 ** 2);
  });
});

it('squared distances do without WebAssembly', () => {
  const known = globalThis.WebAssembly;
  try {
    Object.assign(globalThis, { WebAssembly: undefined });
    expect(vectorDistances([0, 1, 0], 1, 3)).toBeUndefined();
    expect(squaredDistances([0, 1, 0], 1, 3)).toEqual(Float32Array.of(1, 0, 1));
  } finally {
    Object.assign(globalThis, { WebAssembly: known });
  }
});
