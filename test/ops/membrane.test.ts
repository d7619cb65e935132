import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { membrane } from '../../src/ops/membrane';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const zeros = (shape: number[]) => tf.zeros(shape as [number, number, number]) as tf.Tensor3D;
const ones = (shape: number[]) => tf.ones(shape as [number, number, number]) as tf.Tensor3D;

type Grid = [height: number, width: number];

/** Gauss-Seidel in float64, run until nothing moves: one picture, one channel. */
function relaxed(x: ArrayLike<number>, hole: ArrayLike<number>, [height, width]: Grid, source?: ArrayLike<number>): Float64Array {
  const u = Float64Array.from(x, (v, i) => (hole[i] ? 0 : v));
  for (let sweep = 0, moved = 1; moved > 1e-12 && sweep < 20000; sweep++) {
    moved = 0;
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const at = i * width + j;
        if (!hole[at]) continue;
        let sum = 0;
        let count = 0;
        const visit = (inside: boolean, k: number) => {
          if (!inside) return;
          sum += u[k];
          count++;
        };
        visit(i > 0, at - width);
        visit(i < height - 1, at + width);
        visit(j > 0, at - 1);
        visit(j < width - 1, at + 1);
        const next = (sum - (source ? source[at] : 0)) / count;
        moved = Math.max(moved, Math.abs(next - u[at]));
        u[at] = next;
      }
    }
  }
  return u;
}

const mask = ([height, width]: Grid, inside: (i: number, j: number) => boolean) =>
  Float32Array.from({ length: height * width }, (_, k) => (inside(Math.floor(k / width), k % width) ? 1 : 0));
const coin = seeded(5, 4000);

const holes: [string, Grid, (i: number, j: number) => boolean][] = [
  ['a rectangle', [13, 18], (i, j) => i > 2 && i < 10 && j > 3 && j < 14],
  ['a disc', [21, 21], (i, j) => (i - 10) ** 2 + (j - 10) ** 2 < 70],
  ['a border strip (free edge)', [11, 14], (_, j) => j > 4],
  ['everything but a corner pixel', [7, 6], (i, j) => i + j > 0],
  ['two corners', [12, 9], (i, j) => (i < 5 && j < 4) || (i > 6 && j > 3)],
  ['scattered pixels', [16, 17], (i, j) => coin[i * 17 + j] > 0],
  ['nearly everything', [16, 17], (i, j) => coin[i * 17 + j] > -0.9],
  ['a winding corridor', [19, 17], (i, j) => i > 1 && (j % 4 < 3 || i % 16 < 4)],
  ['a row of a 1xN picture', [1, 9], (_, j) => j > 1 && j < 7],
  ['a column of an Nx1 picture', [8, 1], (i) => i > 0 && i < 5],
];

describe('membrane', () => {
  describe('values: equals Gauss-Seidel run to the end, with a hole that is', () => {
    for (const [name, grid, inside] of holes) {
      it(name, async () => {
        const hole = mask(grid, inside);
        const x = seeded(1, hole.length);
        const y = membrane(tf.tensor(x, [...grid, 1]) as tf.Tensor3D, tf.tensor(hole, [...grid, 1]) as tf.Tensor3D, { iterations: 12 });
        expectClose(await values(y), relaxed(x, hole, grid), 5e-6);
      });
    }
  });

  it('values: eight iterations, the default, are enough for five digits', async () => {
    const grid: Grid = [40, 33];
    const hole = mask(grid, (i, j) => i > 2 && i < 37 && j > 3);
    const x = seeded(2, hole.length);
    const y = membrane(tf.tensor(x, [...grid, 1]) as tf.Tensor3D, tf.tensor(hole, [...grid, 1]) as tf.Tensor3D);
    expectClose(await values(y), relaxed(x, hole, grid), 1e-5);
  });

  it('values: four iterations are enough for 8-bit pictures, however large the hole', async () => {
    for (const n of [12, 24, 48]) {
      const grid: Grid = [n, n];
      const hole = mask(grid, (i, j) => i > 1 && i < n - 2 && j > 2);
      const x = seeded(2, hole.length);
      const y = membrane(tf.tensor(x, [...grid, 1]) as tf.Tensor3D, tf.tensor(hole, [...grid, 1]) as tf.Tensor3D, { iterations: 4 });
      expectClose(await values(y), relaxed(x, hole, grid), 1 / 256);
    }
  });

  it('values: solves Poisson with a source, which is read in the hole only', async () => {
    const grid: Grid = [12, 15];
    const hole = mask(grid, (i, j) => i > 2 && j > 3 && j < 12);
    const x = seeded(3, hole.length);
    const source = seeded(4, hole.length);
    const given = source.map((v, i) => (hole[i] ? v : Number.NaN));
    const y = membrane(tf.tensor(x, [1, ...grid, 1]) as tf.Tensor4D, tf.tensor(hole, [1, ...grid, 1]) as tf.Tensor4D, {
      source: tf.tensor(given, [1, ...grid, 1]) as tf.Tensor4D,
      iterations: 12,
    });
    const expected = relaxed(x, hole, grid, source);
    expectClose(await values(y), expected, 5e-6);
  });

  it("values: the Laplacian of a picture as the source gives that picture back, whatever its hole's shape", async () => {
    const grid: Grid = [10, 11];
    const picture = tf.tensor(seeded(6, 110), [1, 10, 11, 1]) as tf.Tensor4D;
    const padded = tf.mirrorPad(
      picture,
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      'symmetric',
    ); // free edges: a border's neighbour is itself
    const part = (i: number, j: number) => tf.slice(padded, [0, i, j, 0], [1, 10, 11, 1]);
    const source = tf.sub(tf.addN([part(0, 1), part(2, 1), part(1, 0), part(1, 2)]), tf.mul(picture, 4)) as tf.Tensor4D;
    const hole = tf.tensor(
      mask(grid, (i, j) => i > 3 || j > 7),
      [1, 10, 11, 1],
    ) as tf.Tensor4D;
    expectClose(await values(membrane(picture, hole, { source, iterations: 12 })), await values(picture), 5e-6);
  });

  it('values: batches and channels are filled each by itself, with one mask for all or one each', async () => {
    const grid: Grid = [9, 8];
    const holes = [mask(grid, (i, j) => i > 2 && j < 5), mask(grid, (i, j) => i < 4 && j > 1 && j < 7)];
    const x = seeded(7, 2 * 72 * 3);
    const image = tf.tensor(x, [2, 9, 8, 3]) as tf.Tensor4D;
    for (const each of [holes, [holes[0]]]) {
      const hole = tf.tensor(
        each.flatMap((h) => [...h]),
        [each.length, 9, 8, 1],
      ) as tf.Tensor4D;
      const y = await values(membrane(image, hole, { iterations: 12 }));
      for (let b = 0; b < 2; b++) {
        for (let c = 0; c < 3; c++) {
          const channel = (from: ArrayLike<number>) => Float64Array.from({ length: 72 }, (_, k) => from[(b * 72 + k) * 3 + c]);
          expectClose(channel(y), relaxed(channel(x), each[b] ?? each[0], grid), 5e-6);
        }
      }
    }
  });

  it('values: a flat rim gives a flat fill, and a linear one a linear fill', async () => {
    const ramp = Float32Array.from({ length: 144 }, (_, k) => 3 * Math.floor(k / 12) - 2 * (k % 12));
    const hole = tf.tensor(
      mask([12, 12], (i, j) => i > 1 && i < 10 && j > 2 && j < 9),
      [12, 12, 1],
    ) as tf.Tensor3D;
    expectClose(await values(membrane(tf.tensor(ramp, [12, 12, 1]) as tf.Tensor3D, hole, { iterations: 12 })), ramp, 5e-6);
    expectClose(await values(membrane(tf.fill([12, 12, 1], 200) as tf.Tensor3D, hole, { iterations: 12 })), Array(144).fill(200), 5e-6);
  });

  it('known pixels come back bit for bit, and what the hole holds is never looked at', async () => {
    const grid: Grid = [8, 9];
    const hole = mask(grid, (i, j) => i > 2 && j > 2 && j < 7);
    const x = seeded(8, 72).map((v) => v * 1e6);
    const dirty = x.map((v, i) => (hole[i] ? [Number.NaN, Number.POSITIVE_INFINITY, 1e30][i % 3] : v));
    const fill = async (pixels: Float32Array) => values(membrane(tf.tensor(pixels, [...grid, 1]) as tf.Tensor3D, tf.tensor(hole, [...grid, 1]) as tf.Tensor3D));
    const clean = await fill(x);
    expect(await fill(dirty)).toEqual(clean);
    for (let i = 0; i < 72; i++) if (!hole[i]) expect(clean[i]).toBe(x[i]);
  });

  it('extremes: no hole changes nothing, a whole hole gives zeros, one pixel and empty tensors work', async () => {
    const x = tf.tensor(seeded(9, 60), [5, 4, 3]) as tf.Tensor3D;
    expect(await values(membrane(x, zeros([5, 4, 1])))).toEqual(await values(x));
    expect(await values(membrane(x, ones([5, 4, 1])))).toEqual(Array(60).fill(0));
    expect(await values(membrane(x, ones([5, 4, 1]), { source: ones([5, 4, 3]) }))).toEqual(Array(60).fill(0));
    expect(await values(membrane(tf.tensor3d([[[7]]]), zeros([1, 1, 1])))).toEqual([7]);
    expect(await values(membrane(tf.tensor3d([[[7]]]), ones([1, 1, 1])))).toEqual([0]);
    expect(await values(membrane(x, ones([5, 4, 1]), { iterations: 0 }))).toEqual(Array(60).fill(0));
    expect(membrane(zeros([0, 4, 4, 3]), zeros([1, 4, 4, 1])).shape).toEqual([0, 4, 4, 3]);
  });

  it('extremes: many more iterations than needed do no harm', async () => {
    const grid: Grid = [9, 9];
    const hole = mask(grid, (i, j) => i > 2 && i < 6 && j > 1 && j < 7);
    const x = seeded(10, 81);
    const y = membrane(tf.tensor(x, [...grid, 1]) as tf.Tensor3D, tf.tensor(hole, [...grid, 1]) as tf.Tensor3D, { iterations: 40 });
    expectClose(await values(y), relaxed(x, hole, grid), 5e-6);
  });

  it('gradient: agrees with finite differences for the picture and for the source', async () => {
    const grid: Grid = [6, 7];
    const hole = tf.tensor(
      mask(grid, (i, j) => i > 1 && i < 5 && j > 2),
      [...grid, 1],
    ) as tf.Tensor3D;
    const weight = tf.tensor(seeded(11, 84), [...grid, 2]);
    const fixed = tf.tensor(seeded(12, 84), [...grid, 2]) as tf.Tensor3D;
    const loss = (y: tf.Tensor) => tf.sum(tf.mul(y, weight)) as tf.Scalar;
    await expectGradient((x) => loss(membrane(x as tf.Tensor3D, hole)), seeded(13, 84), [...grid, 2], 6, 0.1);
    await expectGradient((s) => loss(membrane(fixed, hole, { source: s as tf.Tensor3D })), seeded(14, 84), [...grid, 2], 6, 0.1);
  });

  it('gradient: a hole pixel of the picture has none', async () => {
    const hole = tf.tensor(
      mask([5, 5], (i, j) => i === 2 && j > 0),
      [5, 5, 1],
    ) as tf.Tensor3D;
    const g = tf.grad((x: tf.Tensor) => tf.sum(membrane(x as tf.Tensor3D, hole)))(ones([5, 5, 1]));
    const at = await values(g);
    for (let j = 1; j < 5; j++) expect(at[10 + j]).toBe(0);
    expectClose([at.reduce((a, b) => a + b)], [25], tolerance.matmul); // y = 1 everywhere for x = 1, and the fill is linear
  });

  it('errors: typed, and named', () => {
    const x = zeros([4, 4, 3]);
    expect(() => membrane(zeros([4, 4]), zeros([4, 4, 1]))).toThrow(/membrane: x must be BHWC/);
    expect(() => membrane(x, zeros([4, 4, 3]))).toThrow(/membrane: hole must be HW1/);
    expect(() => membrane(x, zeros([4, 5, 1]))).toThrow(/membrane: hole must be \[1, 4, 4, 1\]/);
    expect(() => membrane(zeros([3, 4, 4, 3]), zeros([2, 4, 4, 1]))).toThrow(/membrane: hole must be \[3, 4, 4, 1\]/);
    expect(() => membrane(x, zeros([4, 4, 1]), { source: zeros([4, 4, 1]) })).toThrow(/membrane: source/);
    expect(() => membrane(x, zeros([4, 4, 1]), { iterations: 1.5 })).toThrow(/membrane: iterations must be a whole number >= 0/);
  });

  it('memory: leaves nothing behind, on success and on a throw', async () => {
    const x = zeros([6, 5, 2]);
    const hole = ones([6, 5, 1]);
    await expectNoLeak(() => membrane(x, hole));
    await expectNoLeak(() => tf.grad((t: tf.Tensor) => tf.sum(membrane(t as tf.Tensor3D, hole)))(x));
    const wrong = zeros([1, 1, 1]);
    await expectNoLeak(() => void expect(() => membrane(x, wrong)).toThrow());
  });
});
