import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ResizeFlavour, resizeArea, resizeBilinear, resizeNearest, resizeValid } from '../../src/ops/resize';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const flavours: ResizeFlavour[] = ['legacy', 'half-pixel', 'align-corners'];
type Pixel = (b: number, y: number, x: number, c: number) => number;
const pixelOf =
  (x: Float32Array, [, h, w, c]: number[]): Pixel =>
  (b, i, j, k) =>
    x[((b * h! + i) * w! + j) * c! + k]!;

/** Every output pixel by a formula of (batch, row, column, channel). */
function fill([b, h, w, c]: number[], f: Pixel): number[] {
  const out: number[] = [];
  for (let n = 0; n < b!; n++) for (let i = 0; i < h!; i++) for (let j = 0; j < w!; j++) for (let k = 0; k < c!; k++) out.push(f(n, i, j, k));
  return out;
}

const source = (i: number, input: number, output: number, flavour: ResizeFlavour) => {
  if (flavour === 'half-pixel') return ((i + 0.5) * input) / output - 0.5;
  return flavour === 'legacy' ? (i * input) / output : output > 1 ? (i * (input - 1)) / (output - 1) : 0;
};

function naiveArea(x: Pixel, [b, h, w, c]: number[], [h2, w2]: [number, number]): number[] {
  const overlap = (i: number, p: number, n: number, m: number) => Math.max(0, Math.min(((i + 1) * n) / m, p + 1) - Math.max((i * n) / m, p));
  return fill([b!, h2, w2, c!], (n, i, j, k) => {
    let sum = 0;
    for (let p = 0; p < h!; p++) for (let q = 0; q < w!; q++) sum += overlap(i, p, h!, h2) * overlap(j, q, w!, w2) * x(n, p, q, k);
    return (sum * h2 * w2) / (h! * w!);
  });
}

describe('resizeArea', () => {
  it.each([
    [
      [2, 6, 8, 3],
      [3, 4],
    ],
    [
      [1, 7, 9, 2],
      [3, 4],
    ],
    [
      [1, 5, 4, 1],
      [5, 4],
    ],
    [
      [1, 3, 2, 1],
      [5, 7],
    ],
    [
      [1, 67, 5, 1],
      [33, 1],
    ],
    [
      [1, 100, 3, 1],
      [50, 2],
    ],
    [
      [1, 1, 1, 3],
      [1, 1],
    ],
  ] as [number[], [number, number]][])('agrees with a naive loop: %j to %j', async (shape, size) => {
    const x = seeded(
      1,
      shape.reduce((a, b) => a * b),
    );
    const y = resizeArea(tf.tensor4d(x, shape as [number, number, number, number]), size);
    expect(y.shape).toEqual([shape[0], ...size, shape[3]]);
    expectClose(await values(y), naiveArea(pixelOf(x, shape), shape, size));
  });

  it('keeps a constant picture, and rank 3', async () => {
    const y = resizeArea(tf.fill([11, 13, 2], 1e6) as tf.Tensor3D, [4, 5]);
    expect(y.shape).toEqual([4, 5, 2]);
    expectClose(await values(y), new Array(40).fill(1e6));
  });

  it('has the right gradient, and a second order', async () => {
    const upstream = tf.tensor4d(seeded(2, 24), [1, 3, 4, 2]);
    await expectGradient((x) => tf.sum(tf.mul(resizeArea(x as tf.Tensor4D, [3, 4]), upstream)), seeded(3, 112), [1, 7, 8, 2]);
    const f = (x: tf.Tensor) => tf.sum(tf.square(resizeArea(x as tf.Tensor4D, [2, 2]))) as tf.Scalar;
    await expectGradient((x) => tf.sum(tf.square(tf.grad(f)(x))), seeded(4, 12), [1, 3, 4, 1], 6);
  });
});

describe('resizeBilinear', () => {
  let golden: Map<string, Golden>;
  beforeAll(async () => {
    golden = await readGolden('cra_units.safetensors');
  });

  it.each(['11x13', '12x14', '18x21', '24x28', '3x3', '4x5', '6x7'])('agrees with the reference values at %s', async (name) => {
    const size = name.split('x').map(Number) as [number, number];
    for (const flavour of ['legacy', 'half-pixel'] as const) {
      const y = resizeBilinear(goldenTensor(golden, 'resize.x') as tf.Tensor4D, size, { flavour });
      expectClose(await values(y), golden.get(`resize.bilinear_${flavour.replace('-', '')}.${name}`)!.values, 1e-5);
    }
  });

  it.each(flavours)('agrees with a naive loop: %s', async (flavour) => {
    const shape = [2, 5, 6, 2];
    const x = seeded(5, 120);
    const at = pixelOf(x, shape);
    for (const size of [
      [9, 4],
      [3, 13],
      [1, 1],
      [5, 6],
    ] as [number, number][]) {
      const expected = fill([2, ...size, 2], (n, i, j, k) => {
        const u = Math.min(4, Math.max(0, source(i, 5, size[0], flavour)));
        const v = Math.min(5, Math.max(0, source(j, 6, size[1], flavour)));
        const [p, q] = [Math.floor(u), Math.floor(v)];
        const row = (r: number) => at(n, r, q, k) * (1 - (v - q)) + at(n, r, Math.min(5, q + 1), k) * (v - q);
        return row(p) * (1 - (u - p)) + row(Math.min(4, p + 1)) * (u - p);
      });
      expectClose(await values(resizeBilinear(tf.tensor4d(x, [2, 5, 6, 2]), size, { flavour })), expected, 1e-5);
    }
  });

  it.each(flavours)('has the right gradient: %s', async (flavour) => {
    for (const size of [
      [9, 4],
      [2, 3],
    ] as [number, number][]) {
      const upstream = tf.tensor4d(seeded(6, 4 * size[0] * size[1]), [2, ...size, 2]);
      await expectGradient((x) => tf.sum(tf.mul(resizeBilinear(x as tf.Tensor4D, size, { flavour }), upstream)), seeded(7, 120), [2, 5, 6, 2]);
    }
  });
});

describe('resizeNearest', () => {
  it.each(['11x13', '12x14', '18x21', '24x28', '3x3', '4x5', '6x7'])('agrees with the reference values at %s', async (name) => {
    const golden = await readGolden('cra_units.safetensors');
    const size = name.split('x').map(Number) as [number, number];
    for (const flavour of ['legacy', 'half-pixel'] as const) {
      const y = resizeNearest(goldenTensor(golden, 'resize.x') as tf.Tensor4D, size, { flavour });
      expectClose(await values(y), golden.get(`resize.nearest_${flavour.replace('-', '')}.${name}`)!.values, tolerance.exact);
    }
  });

  it('keeps the corners with align-corners, and int32', async () => {
    const x = tf.tensor3d([0, 1, 2, 3, 4, 5, 6], [1, 7, 1], 'int32');
    const y = resizeNearest(x, [1, 4], { flavour: 'align-corners' });
    expect(y.dtype).toBe('int32');
    expect(await values(y)).toEqual([0, 2, 4, 6]);
  });

  it.each(flavours)('has the right gradient: %s', async (flavour) => {
    for (const size of [
      [9, 4],
      [2, 3],
    ] as [number, number][]) {
      const upstream = tf.tensor4d(seeded(8, 4 * size[0] * size[1]), [2, ...size, 2]);
      await expectGradient((x) => tf.sum(tf.mul(resizeNearest(x as tf.Tensor4D, size, { flavour }), upstream)), seeded(9, 120), [2, 5, 6, 2]);
    }
  });
});

describe('resizeValid', () => {
  const shape = [1, 6, 9, 2];
  const v = Float32Array.from(seeded(10, 54), (u, i) => (u > 0.2 && i !== 0 ? 1 : 0));
  for (const i of [0, 1, 2, 9, 10, 11, 18, 19, 20]) v[i] = 0;

  it('averages valid pixels only', async () => {
    const x = seeded(11, 108);
    const spoilt = x.map((u, i) => (v[i >> 1] ? u : i % 3 === 0 ? Number.NaN : 1e30));
    const { image, valid } = resizeValid(tf.tensor4d(spoilt, [1, 6, 9, 2]), tf.tensor4d(v, [1, 6, 9, 1]), [2, 3]);
    const share = naiveArea(pixelOf(v, [1, 6, 9, 1]), [1, 6, 9, 1], [2, 3]);
    const sum = naiveArea(
      pixelOf(
        x.map((u, i) => (v[i >> 1] ? u : 0)),
        shape,
      ),
      shape,
      [2, 3],
    );
    expectClose(await values(valid), share);
    expect(share[0]).toBe(0);
    expectClose(
      await values(image),
      sum.map((s, i) => (share[i >> 1] ? s / share[i >> 1]! : 0)),
    );
  });

  it('weighs half valid pixels by half', async () => {
    const { image, valid } = resizeValid(tf.tensor3d([2, 6], [1, 2, 1]), tf.tensor3d([0.5, 0.25], [1, 2, 1]), [1, 1]);
    expectClose([...(await values(image)), ...(await values(valid))], [10 / 3, 0.375]);
  });

  it('gives 0 for all hole, and the plain mean for all valid', async () => {
    const x = tf.tensor3d(seeded(12, 60), [5, 4, 3]);
    const none = resizeValid(x, tf.zeros([5, 4, 1]) as tf.Tensor3D, [2, 2]);
    expect(await values(none.image)).toEqual(new Array(12).fill(0));
    const all = resizeValid(x, tf.ones([5, 4, 1]) as tf.Tensor3D, [2, 2]);
    expectClose(await values(all.image), await values(resizeArea(x, [2, 2])));
  });

  it('has the right gradient, and none into the hole', async () => {
    const valid = tf.tensor4d(v, [1, 6, 9, 1]);
    const f = (x: tf.Tensor) => tf.sum(tf.square(resizeValid(x as tf.Tensor4D, valid, [2, 3]).image)) as tf.Scalar;
    await expectGradient(f, seeded(13, 108), shape);
    const g = await values(tf.grad(f)(tf.tensor(seeded(13, 108), shape)));
    for (let i = 0; i < 108; i++) if (!v[i >> 1]) expect(g[i]).toBe(0);
  });
});

describe('resizing', () => {
  it('names op and argument in its errors', () => {
    const x = tf.zeros([4, 4, 1]) as tf.Tensor3D;
    expect(() => resizeArea(tf.zeros([4, 4]) as unknown as tf.Tensor3D, [2, 2])).toThrow(/resizeArea: x must be/);
    expect(() => resizeArea(x, [0, 2])).toThrow(/resizeArea: size\[0\] must be/);
    expect(() => resizeBilinear(x, [2, 1.5])).toThrow(/resizeBilinear: size\[1\] must be/);
    expect(() => resizeNearest(x, [2, 2], { flavour: 'cubic' as ResizeFlavour })).toThrow(/resizeNearest: flavour must be/);
    expect(() => resizeValid(x, tf.zeros([4, 5, 1]) as tf.Tensor3D, [2, 2])).toThrow(/resizeValid: valid must be \[4, 4, 1\]/);
  });

  it('leaves no tensors behind', async () => {
    const x = tf.zeros([1, 70, 9, 2]) as tf.Tensor4D;
    const v = tf.ones([1, 70, 9, 1]) as tf.Tensor4D;
    await expectNoLeak(() => [resizeArea(x, [40, 4]), resizeBilinear(x, [3, 4]), resizeNearest(x, [3, 4])]);
    await expectNoLeak(() => ({ ...resizeValid(x, v, [3, 4]) }));
    await expectNoLeak(() => tf.grad((t: tf.Tensor) => tf.sum(resizeBilinear(t as tf.Tensor4D, [90, 4])))(x));
    await expectNoLeak(() => {
      expect(() => resizeArea(x, [0, 0])).toThrow();
    });
  });
});
