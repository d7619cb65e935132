import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { batchNorm, batchStatistics } from '../../src/ops/batch-norm';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const SHAPE: [number, number, number, number] = [2, 4, 5, 3];
const x = seeded(50, 120).map((v, i) => 3 * v + (i % 3));
const picture = () => tf.tensor(x, SHAPE) as tf.Tensor4D;
const mean = [0.1, -0.4, 2];
const variance = [0.5, 3, 1e-3];
const scale = [1, -2, 0.5];
const offset = [0, 1, -3];
const vectors = () => [mean, variance, scale, offset].map((v) => tf.tensor1d(v)) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];

/** Mean and biased variance of each channel, in float64. */
function statistics(): { mean: number[]; variance: number[] } {
  const channels = [0, 1, 2].map((c) => Array.from(x).filter((_, i) => i % 3 === c));
  const means = channels.map((v) => v.reduce((a, b) => a + b, 0) / v.length);
  return { mean: means, variance: channels.map((v, c) => v.reduce((a, b) => a + (b - means[c]!) ** 2, 0) / v.length) };
}

describe('batchNorm', () => {
  it.each([undefined, 1e-5, 0.1])('agrees with a naive loop: epsilon %s', async (epsilon) => {
    const [m, v, s, o] = vectors();
    const normal = (i: number) => (x[i]! - mean[i % 3]!) / Math.sqrt(variance[i % 3]! + (epsilon ?? 1e-5));
    const all = Array.from(x, (_, i) => scale[i % 3]! * normal(i) + offset[i % 3]!);
    expectClose(await values(batchNorm(picture(), m, v, { scale: s, offset: o, epsilon })), all, tolerance.matmul);
    expectClose(
      await values(batchNorm(picture(), m, v, { epsilon })),
      Array.from(x, (_, i) => normal(i)),
      tolerance.matmul,
    );
  });

  it('takes and gives a picture without a batch axis', async () => {
    const [m, v, s, o] = vectors();
    const whole = batchNorm(picture(), m, v, { scale: s, offset: o });
    const first = tf.squeeze(tf.slice(picture(), 0, 1), [0]) as tf.Tensor3D;
    const y = batchNorm(first, m, v, { scale: s, offset: o });
    expect(y.shape).toEqual([4, 5, 3]);
    expectClose(await values(y), (await values(whole)).slice(0, 60), tolerance.arithmetic);
  });

  it('by the statistics of the batch it gives values of mean 0 and variance 1', async () => {
    const { mean: m, variance: v } = batchStatistics(picture());
    const y = batchNorm(picture(), m, v, { epsilon: 1e-9 });
    const again = batchStatistics(y);
    expectClose(await values(again.mean), [0, 0, 0], 1e-5);
    expectClose(await values(again.variance), [1, 1, 1], 1e-5);
  });

  it('has the right gradient in everything, also through the statistics', async () => {
    const [m, , s, o] = vectors();
    const positive = tf.tensor1d([0.5, 3, 1]);
    const upstream = tf.tensor(seeded(51, 120), SHAPE);
    const loss = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor, e: tf.Tensor) =>
      tf.sum(
        tf.mul(batchNorm(a as tf.Tensor4D, b as tf.Tensor1D, c as tf.Tensor1D, { scale: d as tf.Tensor1D, offset: e as tf.Tensor1D }), upstream),
      ) as tf.Scalar;
    await expectGradient((t) => loss(t, m, positive, s, o), x, SHAPE, 6);
    await expectGradient((t) => loss(picture(), t, positive, s, o), Float32Array.from(mean), [3], 3);
    await expectGradient((t) => loss(picture(), m, t, s, o), Float32Array.from([0.5, 3, 1]), [3], 3, 5e-3);
    await expectGradient((t) => loss(picture(), m, positive, t, o), Float32Array.from(scale), [3], 3);
    await expectGradient((t) => loss(picture(), m, positive, s, t), Float32Array.from(offset), [3], 3);
    const plain = (t: tf.Tensor) => tf.sum(tf.mul(batchNorm(t as tf.Tensor4D, m, positive), upstream)) as tf.Scalar;
    await expectGradient(plain, x, SHAPE, 4);
    const trained = (t: tf.Tensor) => {
      const { mean: own, variance: ownVariance } = batchStatistics(t as tf.Tensor4D);
      return loss(t, own, ownVariance, s, o);
    };
    await expectGradient(trained, x, SHAPE, 6);
  });

  it('extremes: a channel of one value, one pixel, large values', async () => {
    const flat = tf.fill([2, 2, 3], 7) as tf.Tensor3D;
    const { mean: m, variance: v } = batchStatistics(flat);
    expectClose(await values(v), [0, 0, 0], 1e-9);
    expectClose(await values(batchNorm(flat, m, v)), new Array(12).fill(0), 1e-5);
    const one = tf.tensor3d([5], [1, 1, 1]);
    const alone = batchStatistics(one);
    expect([await values(alone.mean), await values(alone.variance)]).toEqual([[5], [0]]);
    const large = batchNorm(tf.fill([1, 1, 1], 1e18) as tf.Tensor3D, tf.tensor1d([-1e18]), tf.tensor1d([1e36]));
    expectClose(await values(large), [2], tolerance.matmul);
  });

  it('names op and argument in its errors', () => {
    const [m, v, s] = vectors();
    const short = tf.zeros([2]) as tf.Tensor1D;
    expect(() => batchNorm(tf.zeros([4, 3]) as unknown as tf.Tensor3D, m, v)).toThrow(/batchNorm: x must be/);
    expect(() => batchNorm(picture(), short, v)).toThrow(/batchNorm: mean must be \[3\], got \[2\]/);
    expect(() => batchNorm(picture(), m, short)).toThrow(/batchNorm: variance must be \[3\]/);
    expect(() => batchNorm(picture(), m, v, { scale: short })).toThrow(/batchNorm: scale must be \[3\]/);
    expect(() => batchNorm(picture(), m, v, { scale: s, offset: short })).toThrow(/batchNorm: offset must be \[3\]/);
    expect(() => batchNorm(picture(), m, v, { epsilon: 0 })).toThrow(/batchNorm: epsilon must be > 0/);
    expect(() => batchStatistics(tf.zeros([3]) as unknown as tf.Tensor3D)).toThrow(/batchStatistics: x must be/);
  });

  it('leaves no tensors behind', async () => {
    const p = picture();
    const [m, v, s, o] = vectors();
    await expectNoLeak(() => batchNorm(p, m, v, { scale: s, offset: o }));
    await expectNoLeak(() => batchStatistics(p));
    await expectNoLeak(() => tf.grad((t: tf.Tensor) => tf.sum(tf.square(batchNorm(t as tf.Tensor4D, m, v))))(p));
    await expectNoLeak(() => {
      expect(() => batchNorm(p, m, v, { epsilon: -1 })).toThrow();
    });
  });
});

describe('batchStatistics', () => {
  it('agrees with a naive loop: mean and biased variance of each channel', async () => {
    const { mean: m, variance: v } = batchStatistics(picture());
    expect([m.shape, v.shape]).toEqual([[3], [3]]);
    expectClose(await values(m), statistics().mean, tolerance.matmul);
    expectClose(await values(v), statistics().variance, tolerance.matmul);
  });
});
