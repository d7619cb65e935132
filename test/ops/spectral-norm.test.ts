import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { spectralNorm } from '../../src/ops/spectral-norm';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const ROWS = 18;
const OUTPUTS = 5;
const kernel = (seed = 20) => tf.tensor4d(seeded(seed, ROWS * OUTPUTS), [3, 3, 2, OUTPUTS]);
const vector = (seed = 21) => tf.tensor2d(seeded(seed, OUTPUTS), [1, OUTPUTS]);

/** Steps of the power iteration in float64. */
function naive(w: ArrayLike<number>, start: ArrayLike<number>, steps: number): { v: number[]; u: number[]; sigma: number } {
  const unit = (x: number[]) => x.map((n) => n / (Math.sqrt(x.reduce((a, b) => a + b * b, 0)) + 1e-12));
  const outputs = start.length;
  const rows = w.length / outputs;
  let u = Array.from(start);
  let v: number[] = [];
  for (let n = 0; n < steps; n++) {
    v = unit(Array.from({ length: rows }, (_, r) => u.reduce((a, b, o) => a + b * w[r * outputs + o]!, 0)));
    u = unit(Array.from({ length: outputs }, (_, o) => v.reduce((a, b, r) => a + b * w[r * outputs + o]!, 0)));
  }
  const sigma = v.reduce((a, b, r) => a + b * u.reduce((c, d, o) => c + d * w[r * outputs + o]!, 0), 0);
  return { v, u, sigma };
}

describe('spectralNorm', () => {
  it('agrees with the reference values, call after call', async () => {
    const golden = await readGolden('deepfill_v2.safetensors');
    const at = (key: string) => golden.get(`unit.spectral_norm.${key}`) as Golden;
    const w = goldenTensor(golden, 'unit.spectral_norm.kernel');
    let u = goldenTensor(golden, 'unit.spectral_norm.u0') as tf.Tensor2D;
    for (const call of [1, 2]) {
      const next = spectralNorm(w, u);
      expect(next.weights.shape).toEqual(at(`w${call}`).shape);
      expectClose(await values(next.weights), at(`w${call}`).values, 2e-6);
      expect(next.u.shape).toEqual(at(`u${call}`).shape);
      expectClose(await values(next.u), at(`u${call}`).values, 2e-6);
      u = next.u;
    }
  });

  it.each([1, 2, 7])('agrees with a naive loop: %d iterations', async (iterations) => {
    const w = kernel();
    const expected = naive(seeded(20, ROWS * OUTPUTS), seeded(21, OUTPUTS), iterations);
    const { weights, u, sigma } = spectralNorm(w, vector(), { iterations });
    expect([weights.shape, u.shape, sigma.shape]).toEqual([[3, 3, 2, OUTPUTS], [1, OUTPUTS], []]);
    expectClose(await values(u), expected.u, tolerance.matmul);
    expectClose(await values(sigma), [expected.sigma], tolerance.matmul);
    expectClose(
      await values(weights),
      seeded(20, ROWS * OUTPUTS).map((x) => x / expected.sigma),
      tolerance.matmul,
    );
  });

  it('finds the largest singular value, and as many calls of one step find the same as one of many', async () => {
    const w = tf.tensor2d([3, 0, 0, 0, -7, 0, 0, 0, 2, 0, 0, 0], [4, 3]);
    const start = tf.tensor2d([[1, 0.5, -0.3]]);
    expectClose(await values(spectralNorm(w, start, { iterations: 40 }).sigma), [7], tolerance.matmul);
    let u = start;
    for (let n = 0; n < 4; n++) u = spectralNorm(w, u).u;
    expectClose(await values(u), await values(spectralNorm(w, start, { iterations: 4 }).u), tolerance.matmul);
  });

  it('has the right gradient where the iteration has settled', async () => {
    const { u } = spectralNorm(kernel(), vector(), { iterations: 60 });
    const upstream = tf.tensor(seeded(22, ROWS * OUTPUTS), [3, 3, 2, OUTPUTS]);
    await expectGradient((w) => tf.sum(tf.mul(spectralNorm(w, u).weights, upstream)), seeded(20, ROWS * OUTPUTS), [3, 3, 2, OUTPUTS], 8);
    await expectGradient((w) => spectralNorm(w, u).sigma, seeded(20, ROWS * OUTPUTS), [3, 3, 2, OUTPUTS], 8);
  });

  it('has the gradients of W / v W u with u and v as constants, to the second order', async () => {
    const { v, u } = naive(seeded(20, ROWS * OUTPUTS), seeded(21, OUTPUTS), 1);
    const outer = tf.tensor(
      v.flatMap((a) => u.map((b) => a * b)),
      [3, 3, 2, OUTPUTS],
    );
    const upstream = tf.tensor(seeded(22, ROWS * OUTPUTS), [3, 3, 2, OUTPUTS]);
    const ours = (w: tf.Tensor) => tf.sum(tf.mul(spectralNorm(w, vector()).weights, upstream));
    const plain = (w: tf.Tensor) => tf.sum(tf.mul(tf.div(w, tf.sum(tf.mul(w, outer))), upstream));
    const first = (f: (w: tf.Tensor) => tf.Tensor) => tf.grad(f)(kernel());
    expectClose(await values(first(ours)), await values(first(plain)), tolerance.matmul);
    const second = (f: (w: tf.Tensor) => tf.Tensor) => tf.grad((w: tf.Tensor) => tf.sum(tf.square(tf.grad(f)(w))))(kernel());
    expectClose(await values(second(ours)), await values(second(plain)), 1e-4);
    const byVector = tf.grad((x: tf.Tensor) => tf.sum(spectralNorm(kernel(), x as tf.Tensor2D).weights))(vector());
    expect(await values(byVector)).toEqual(new Array(OUTPUTS).fill(0));
  });

  it('extremes: zeros stay zeros, and the scale of the weights makes no difference', async () => {
    const none = spectralNorm(tf.zeros([4, 3]) as tf.Tensor2D, tf.tensor2d([[1, 0, 0]]));
    expect(await values(none.weights)).toEqual(new Array(12).fill(0));
    expect(await values(none.sigma)).toEqual([0]);
    expect((await values(none.u)).every(Number.isFinite)).toBe(true);
    const expected = await values(spectralNorm(kernel(), vector()).weights);
    for (const scale of [1e-5, 1e6]) expectClose(await values(spectralNorm(tf.mul(kernel(), scale), vector()).weights), expected, tolerance.matmul);
    const single = spectralNorm(tf.tensor2d([[-4]]), tf.tensor2d([[0.1]]));
    expectClose(await values(single.weights), [-1], tolerance.matmul);
  });

  it('names op and argument in its errors', () => {
    const u = tf.ones([1, 3]) as tf.Tensor2D;
    expect(() => spectralNorm(tf.ones([3]), u)).toThrow(/spectralNorm: weights must be of rank 2 or more/);
    expect(() => spectralNorm(tf.ones([4, 2]), u)).toThrow(/spectralNorm: u must be \[1, 2\], got \[1, 3\]/);
    expect(() => spectralNorm(tf.ones([4, 3]), tf.ones([3]) as unknown as tf.Tensor2D)).toThrow(/spectralNorm: u must be/);
    expect(() => spectralNorm(tf.ones([4, 3]), u, { iterations: 0 })).toThrow(/spectralNorm: iterations must be/);
  });

  it('leaves no tensors behind', async () => {
    const [w, u] = [kernel(), vector()];
    await expectNoLeak(() => ({ ...spectralNorm(w, u, { iterations: 3 }) }));
    await expectNoLeak(() => tf.grad((t: tf.Tensor) => tf.sum(spectralNorm(t, u).weights))(w));
    await expectNoLeak(() => {
      expect(() => spectralNorm(w, u, { iterations: 0.5 })).toThrow();
    });
  });
});
