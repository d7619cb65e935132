import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { composite } from '../../src/ops/composite';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const shape: [number, number, number, number] = [2, 3, 4, 3];
const fill = seeded(40, 72);
const image = seeded(41, 72);
const weight = Float32Array.from(seeded(42, 24), (u) => Math.min(1, Math.max(0, u + 0.5)));

describe('composite', () => {
  it('agrees with a naive loop, one weight for all channels or one each', async () => {
    const y = composite(tf.tensor4d(fill, shape), tf.tensor4d(image, shape), tf.tensor4d(weight, [2, 3, 4, 1]));
    expect(y.shape).toEqual(shape);
    expectClose(
      await values(y),
      Array.from(fill, (f, i) => f * weight[Math.floor(i / 3)]! + image[i]! * (1 - weight[Math.floor(i / 3)]!)),
    );
    const each = Float32Array.from(seeded(43, 72), Math.abs);
    expectClose(
      await values(composite(tf.tensor4d(fill, shape), tf.tensor4d(image, shape), tf.tensor4d(each, shape))),
      Array.from(fill, (f, i) => f * each[i]! + image[i]! * (1 - each[i]!)),
    );
  });

  it('copies where the weight is 0 or 1, whatever the other holds', async () => {
    const f = fill.map((v, i) => (weight[Math.floor(i / 3)] === 0 ? [Number.NaN, Number.POSITIVE_INFINITY, -1e38][i % 3]! : v));
    const p = image.map((v, i) => (weight[Math.floor(i / 3)] === 1 ? Number.NaN : v));
    const y = await values(composite(tf.tensor4d(f, shape), tf.tensor4d(p, shape), tf.tensor4d(weight, [2, 3, 4, 1])));
    expect(weight.includes(0) && weight.includes(1)).toBe(true);
    y.forEach((v, i) => {
      const w = weight[Math.floor(i / 3)]!;
      if (w === 0) expect(v).toBe(image[i]);
      else if (w === 1) expect(v).toBe(fill[i]);
      else expect(Math.abs(v - (fill[i]! * w + image[i]! * (1 - w)))).toBeLessThan(tolerance.arithmetic);
    });
  });

  it('takes rank 3 and a single pixel', async () => {
    expect(await values(composite(tf.tensor3d([4], [1, 1, 1]), tf.tensor3d([8], [1, 1, 1]), tf.tensor3d([0.25], [1, 1, 1])))).toEqual([7]);
  });

  it('has the right gradient in all three', async () => {
    const [f, p, w, up] = [tf.tensor4d(fill, shape), tf.tensor4d(image, shape), tf.tensor4d(weight, [2, 3, 4, 1]), tf.tensor4d(seeded(44, 72), shape)];
    await expectGradient((x) => tf.sum(tf.mul(composite(x as tf.Tensor4D, p, w), up)), fill, shape);
    await expectGradient((x) => tf.sum(tf.mul(composite(f, x as tf.Tensor4D, w), up)), image, shape);
    const inner = weight.map((v) => 0.1 + 0.8 * v);
    await expectGradient((x) => tf.sum(tf.mul(composite(f, p, x as tf.Tensor4D), up)), inner, [2, 3, 4, 1]);
  });

  it('names op and argument in its errors', () => {
    const x = tf.zeros([4, 4, 3]) as tf.Tensor3D;
    expect(() => composite(tf.zeros([4, 4]) as unknown as tf.Tensor3D, x, x)).toThrow(/composite: fill must be/);
    expect(() => composite(x, tf.zeros([4, 5, 3]) as tf.Tensor3D, x)).toThrow(/composite: image must be \[4, 4, 3\]/);
    expect(() => composite(x, x, tf.zeros([4, 4, 2]) as tf.Tensor3D)).toThrow(/composite: weight must be of 1 channel/);
    expect(() => composite(x, x, tf.zeros([4, 1, 1]) as tf.Tensor3D)).toThrow(/composite: weight must be \[4, 4, 1\]/);
  });

  it('leaves no tensors behind', async () => {
    const x = tf.ones([4, 4, 3]) as tf.Tensor3D;
    const scalar = tf.scalar(0) as unknown as tf.Tensor3D;
    await expectNoLeak(() => composite(x, x, x));
    await expectNoLeak(() => tf.grad((t: tf.Tensor) => tf.sum(composite(t as tf.Tensor3D, x, x)))(x));
    await expectNoLeak(() => {
      expect(() => composite(x, x, scalar)).toThrow();
    });
  });
});
