import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { instanceNorm } from '../../src/ops/instance-norm';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

/** Normalises each channel of each picture by itself, in float64. */
function naive(x: Float32Array, [B, H, W, C]: number[], scale: number[], offset: number[], epsilon = 1e-5): number[] {
  const y = new Array<number>(x.length);
  const area = H! * W!;
  for (let b = 0; b < B!; b++)
    for (let c = 0; c < C!; c++) {
      const at = Array.from({ length: area }, (_, p) => (b * area + p) * C! + c);
      const mean = at.reduce((sum, i) => sum + x[i]!, 0) / area;
      const variance = at.reduce((sum, i) => sum + (x[i]! - mean) ** 2, 0) / area;
      for (const i of at) y[i] = (scale[c]! * (x[i]! - mean)) / Math.sqrt(variance + epsilon) + offset[c]!;
    }
  return y;
}

describe('instanceNorm', () => {
  it('agrees with a naive loop', async () => {
    const shape: [number, number, number, number] = [3, 4, 5, 2];
    const x = seeded(1, 120).map((v, i) => v * (1 + (i % 7)) + 3);
    expectClose(await values(instanceNorm(tf.tensor4d(x, shape))), naive(x, shape, [1, 1], [0, 0]), tolerance.transcendental);
    const given = { scale: tf.tensor1d([2, -0.5]), offset: tf.tensor1d([1, 3]), epsilon: 0.1 };
    expectClose(await values(instanceNorm(tf.tensor4d(x, shape), given)), naive(x, shape, [2, -0.5], [1, 3], 0.1), tolerance.transcendental);
  });

  it('normalises each picture of a batch by itself', async () => {
    const [a, b] = [tf.tensor3d(seeded(2, 24), [3, 4, 2]), tf.tensor3d(seeded(3, 24), [3, 4, 2])];
    const both = await values(instanceNorm(tf.stack([a, tf.mul(b, 9)]) as tf.Tensor4D));
    expectClose(both.slice(0, 24), await values(instanceNorm(a)));
    expect(instanceNorm(a).shape).toEqual([3, 4, 2]);
  });

  it('gives the offset where a channel is constant, and stands large values', async () => {
    const flat = instanceNorm(tf.fill([2, 2, 1], 7) as tf.Tensor3D, { offset: tf.tensor1d([4]) });
    expectClose(await values(flat), [4, 4, 4, 4], 0);
    const steep = instanceNorm(tf.tensor3d([1e15, -1e15], [1, 2, 1]));
    expectClose(await values(steep), [1, -1], tolerance.transcendental);
  });

  it('has the right gradient in everything', async () => {
    const [x, upstream] = [seeded(4, 40), tf.tensor(seeded(5, 40), [2, 2, 5, 2])];
    const f = (a: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
      tf.sum(tf.mul(upstream, instanceNorm(a as tf.Tensor4D, { scale: scale as tf.Tensor1D, offset: offset as tf.Tensor1D, epsilon: 0.01 }))) as tf.Scalar;
    const [tx, s, o] = [tf.tensor(x, [2, 2, 5, 2]), tf.tensor1d([0.7, 1.3]), tf.tensor1d([0.1, 0.2])];
    await expectGradient((t) => f(t, s, o), x, [2, 2, 5, 2], 12, 1e-2, 5e-3);
    await expectGradient((t) => f(tx, t, o), Float32Array.from([0.7, 1.3]), [2], 2, 0.25);
    await expectGradient((t) => f(tx, s, t), Float32Array.from([0.1, 0.2]), [2], 2, 0.25);
  });

  it('names op and argument in its errors, and leaves no tensors behind', async () => {
    const x = tf.zeros([2, 2, 3]) as tf.Tensor3D;
    expect(() => instanceNorm(tf.zeros([2]) as unknown as tf.Tensor3D)).toThrow(/instanceNorm: x must be/);
    expect(() => instanceNorm(x, { scale: tf.ones([2]) as tf.Tensor1D })).toThrow(/instanceNorm: scale must be \[3\]/);
    expect(() => instanceNorm(x, { offset: tf.ones([2]) as tf.Tensor1D })).toThrow(/instanceNorm: offset must be \[3\]/);
    expect(() => instanceNorm(x, { epsilon: 0 })).toThrow(/instanceNorm: epsilon must be > 0/);
    const scale = tf.ones([3]) as tf.Tensor1D;
    await expectNoLeak(() => instanceNorm(x, { scale }));
    await expectNoLeak(() => tf.grad((t: tf.Tensor) => tf.sum(instanceNorm(t as tf.Tensor3D)))(x));
    await expectNoLeak(() => {
      expect(() => instanceNorm(x, { scale, epsilon: -1 })).toThrow();
    });
  });
});
