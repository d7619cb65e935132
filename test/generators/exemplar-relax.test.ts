import { expect, it } from 'vitest';
import { placesOf } from '../../src/arrays/places';
import { randomIntegers } from '../../src/arrays/random';
import { plainBest, vectorBest } from '../../src/generators/exemplar/best-offsets';
import { type Copies, plainEquations } from '../../src/generators/exemplar/equations';
import { plainRelaxation, relaxation, vectorRelaxation } from '../../src/generators/exemplar/relax';

const H = 17;
const W = 23;
const SIZES = [
  [H, W],
  [40, 31],
  [1, 29],
  [29, 1],
  [2, 2],
];

/** Pieces of a picture copied into its hole, which touches all of its sides, from places near each other. */
function copies(height: number, width: number, strength = 1): Copies {
  const random = randomIntegers(height * width);
  const fraction = () => random() / 2 ** 32;
  const pixels = height * width;
  const hole = Float32Array.from({ length: pixels }, (_, p) => (p === 0 || p === pixels - 1 || random() % 2 ? 1 : 0));
  const barred = hole.map((mark) => mark || (random() % 8 ? 0 : 1));
  const places = placesOf(hole);
  const offsets = new Int32Array(2 * pixels);
  let s = 0;
  for (const p of places) {
    if (random() % 5 === 0) s = random() % pixels;
    offsets[2 * p] = Math.floor(s / width) - Math.floor(p / width);
    offsets[2 * p + 1] = (s % width) - (p % width);
  }
  const colours = Float32Array.from({ length: 3 * pixels }, () => strength * (2 * fraction() - 1));
  return { height, width, colours, hole, barred, places, offsets, texture: hole.map(() => fraction()) };
}

it.each(SIZES)('blending of %i x %i pixels, compiled, is the plain one, to the bit, round by round', (height, width) => {
  for (const strength of [1, 0.2]) {
    const given = copies(height, width, strength);
    const vectors = vectorRelaxation(given, 1.7)!;
    const plain = plainRelaxation(given, 1.7);
    for (let round = 0; round < 20; round++) expect(vectors.relax()).toBe(plain.relax());
    const blended = plain.finish();
    expect(vectors.finish()).toStrictEqual(blended);
    expect(blended).not.toEqual(given.colours);
  }
});

it('blended colours stay within what can be shown', () => {
  const given = copies(H, W, 3);
  const [vectors, plain] = [vectorRelaxation(given, 1.7)!, plainRelaxation(given, 1.7)];
  for (const { relax } of [vectors, plain]) relax();
  const blended = vectors.finish();
  expect(plain.finish()).toStrictEqual(blended);
  const inHole = blended.filter((_, i) => given.hole[Math.floor(i / 3)]);
  expect([Math.min(...inHole), Math.max(...inHole)]).toEqual([-1, 1]);
});

it('relaxation ends at the solution, and leaves what is no unknown as it is', () => {
  const given = copies(H, W, 0.2);
  const { colours, places } = given;
  const { wanted, ties, degree } = plainEquations(given);
  const { relax, finish } = relaxation(given, 1.5);
  for (let round = 0; round < 3000; round++) relax();
  const solved = finish();
  const unknown = new Set(places);
  const neighbours = [3, -3, 3 * W, -3 * W];
  places.forEach((p, i) => {
    for (let c = 0; c < 3; c++) {
      const k = 3 * p + c;
      const sum = neighbours.reduce((sum, way, n) => (ties[4 * i + n] > 0 ? sum + ties[4 * i + n] * solved[k + way] : sum), wanted[3 * i + c]);
      expect(degree[i] * solved[k]).toBeCloseTo(sum, 3);
    }
  });
  for (let p = 0; p < H * W; p++) if (!unknown.has(p)) expect(solved.slice(3 * p, 3 * p + 3)).toEqual(colours.slice(3 * p, 3 * p + 3));
});

it.each(SIZES)('best offsets of %i x %i pixels, compiled, are the plain ones', (height, width) => {
  const { hole, offsets } = copies(height, width);
  const random = randomIntegers(5);
  const distances = hole.map(() => random() % 4);
  for (const patchSize of [7, 5]) {
    const plain = plainBest({ height, width, queries: hole }, offsets, distances, patchSize);
    expect(vectorBest({ height, width, queries: hole }, offsets, distances, patchSize)).toStrictEqual(plain);
    if (height === H) expect(plain).not.toEqual(offsets);
  }
});

it('blending does without WebAssembly', () => {
  const given = copies(H, W);
  const known = globalThis.WebAssembly;
  try {
    Object.assign(globalThis, { WebAssembly: undefined });
    expect(vectorRelaxation(given, 1.7)).toBeUndefined();
    expect(vectorBest({ height: H, width: W, queries: given.hole }, given.offsets, given.texture, 7)).toBeUndefined();
    expect(relaxation(given, 1.7).relax()).toBe(plainRelaxation(given, 1.7).relax());
  } finally {
    Object.assign(globalThis, { WebAssembly: known });
  }
});
