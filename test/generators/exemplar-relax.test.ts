import { expect, it } from 'vitest';
import { randomIntegers } from '../../src/arrays/random';
import { type Equations, plainRelaxation, relaxation, vectorRelaxation } from '../../src/generators/exemplar/relax';

const H = 17;
const W = 23;

/** Equations of random weights; the hole touches all of the picture's sides. */
function request(seed: number): { colours: Float32Array; equations: Equations } {
  const random = randomIntegers(seed);
  const fraction = () => random() / 2 ** 32;
  const places = Int32Array.from(Array.from({ length: H * W }, (_, p) => p).filter((p) => p === 0 || p === H * W - 1 || random() % 2));
  const ties = new Float32Array(4 * places.length);
  const degree = new Float32Array(places.length);
  places.forEach((p, i) => {
    const [y, x] = [Math.floor(p / W), p % W];
    for (const [n, inside] of [x < W - 1, x > 0, y < H - 1, y > 0].entries()) {
      if (!inside) continue;
      ties[4 * i + n] = fraction();
      degree[i] += ties[4 * i + n];
    }
    degree[i] += 0.01;
  });
  const wanted = Float32Array.from({ length: 3 * places.length }, () => fraction() - 0.5);
  return { colours: Float32Array.from({ length: H * W * 3 }, () => 2 * fraction() - 1), equations: { height: H, width: W, places, wanted, ties, degree } };
}

it('compiled relaxation is the plain one, to the bit, round by round', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const { colours, equations } = request(seed);
    const [byVectors, plainly] = [colours.slice(), colours.slice()];
    const vectors = vectorRelaxation(byVectors, equations, 1.7)!;
    const plain = plainRelaxation(plainly, equations, 1.7);
    for (let round = 0; round < 20; round++) expect(vectors.relax()).toBe(plain.relax());
    vectors.finish();
    plain.finish();
    expect(byVectors).toStrictEqual(plainly);
    expect(plainly).not.toEqual(colours);
  }
});

it('relaxation ends at the solution, and leaves what is no unknown as it is', () => {
  const { colours, equations } = request(7);
  const { places, wanted, ties, degree } = equations;
  const solved = colours.slice();
  const { relax, finish } = relaxation(solved, equations, 1.5);
  for (let round = 0; round < 3000; round++) relax();
  finish();
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

it('relaxation does without WebAssembly', () => {
  const { colours, equations } = request(3);
  const known = globalThis.WebAssembly;
  try {
    Object.assign(globalThis, { WebAssembly: undefined });
    expect(vectorRelaxation(colours.slice(), equations, 1.7)).toBeUndefined();
    expect(relaxation(colours.slice(), equations, 1.7).relax()).toBe(plainRelaxation(colours.slice(), equations, 1.7).relax());
  } finally {
    Object.assign(globalThis, { WebAssembly: known });
  }
});
