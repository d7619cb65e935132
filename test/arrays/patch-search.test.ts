import { describe, expect, it } from 'vitest';
import { type PatchSearch, plainSearch, type SearchMarks, searchPatches, spread, vectorSearch } from '../../src/arrays/patch-search';
import { placesOf } from '../../src/arrays/places';
import { randomIntegers } from '../../src/arrays/random';

const HEIGHT = 23;
const WIDTH = 37;
const inHole = (y: number, x: number) => y >= 6 && y < 15 && x >= 9 && x < 20;

/** Small whole numbers, so that sums of squares and penalties are exact in single precision, in any order. */
function request(channels: number, patchSize: number, seed: number): PatchSearch & SearchMarks {
  const random = randomIntegers(seed);
  const margin = patchSize >> 1;
  const mark = (isMarked: (y: number, x: number) => boolean) =>
    Float32Array.from({ length: HEIGHT * WIDTH }, (_, p) => (isMarked(Math.floor(p / WIDTH), p % WIDTH) ? 1 : 0));
  return {
    height: HEIGHT,
    width: WIDTH,
    channels,
    features: Float32Array.from({ length: HEIGHT * WIDTH * channels }, () => random() % 17),
    sources: mark((y, x) => !inHole(y, x) && y >= margin && x >= margin && y < HEIGHT - margin && x < WIDTH - margin),
    // Some of them hang over the border.
    queries: mark((y, x) => inHole(y, x) || y === 0 || x === WIDTH - 1 || (y === HEIGHT - 1 && x < 8)),
    // A few lead to a source, most to none.
    offsets: Int32Array.from({ length: HEIGHT * WIDTH * 2 }, () => (random() % 40) - 20),
    patchSize,
    iterations: 3,
    searchRadius: 16,
    // After multiplying by the patch's area, 1/4 and 2 for each squared pixel.
    rowPenalty: (HEIGHT * HEIGHT) / (4 * patchSize * patchSize),
    columnPenalty: (2 * WIDTH * WIDTH) / (patchSize * patchSize),
    seed: seed * 7919,
  };
}

const lists = ({ queries, sources }: SearchMarks) => [placesOf(queries), placesOf(sources)] as const;

describe('the vector search', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 10])('finds what the plain one finds, to the bit, with %i channels', (channels) => {
    for (const patchSize of [1, 3, 5, 7]) {
      const search = request(channels, patchSize, channels * 10 + patchSize);
      const plain = plainSearch(search, ...lists(search));
      expect(plain.offsets.filter((offset) => offset !== 0).length).toBeGreaterThan(100);
      expect(vectorSearch(search, ...lists(search))).toStrictEqual(plain);
    }
  });

  it('finds it without a sweep, without penalties, and of a single source', () => {
    const search = request(5, 3, 1);
    const single = new Float32Array(HEIGHT * WIDTH);
    single[18 * WIDTH + 30] = 1;
    for (const changed of [
      { ...search, iterations: 0 },
      { ...search, rowPenalty: 0, columnPenalty: 0 },
      { ...search, sources: single },
    ])
      expect(vectorSearch(changed, ...lists(changed))).toStrictEqual(plainSearch(changed, ...lists(changed)));
  });
});

it('a search without sources gives infinite distances', () => {
  const search = { ...request(3, 3, 2), sources: new Float32Array(HEIGHT * WIDTH) };
  const { offsets, distances } = searchPatches(search);
  expect(offsets.every((offset) => offset === 0)).toBe(true);
  expect(distances.every((d, p) => d === ((search.queries[p] as number) > 0 ? Number.POSITIVE_INFINITY : 0))).toBe(true);
});

it('a search does without WebAssembly', () => {
  const search = request(5, 5, 3);
  const expected = vectorSearch(search, ...lists(search))!;
  const known = globalThis.WebAssembly;
  try {
    Object.assign(globalThis, { WebAssembly: undefined });
    expect(vectorSearch(search, ...lists(search))).toBeUndefined();
    expect(searchPatches(search)).toStrictEqual(spread([expected], [placesOf(search.queries)], HEIGHT * WIDTH));
  } finally {
    Object.assign(globalThis, { WebAssembly: known });
  }
});
