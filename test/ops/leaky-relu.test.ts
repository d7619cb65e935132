import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/errors';
import { composedLeakyRelu, leakyRelu } from '../../src/ops/leaky-relu';
import { expectClose, expectGradient, expectNoLeak, seeded, values } from '../support/values';

const naive = (x: ArrayLike<number>, limit = Number.POSITIVE_INFINITY) => Array.from(x, (v) => Math.min(Math.max(v > 0 ? v : 0.2 * v, -limit), limit));

describe('leakyRelu', () => {
  // Four values at a time, and one at a time.
  it.each([[[2, 3, 4, 8]], [[1, 3, 5, 3]], [[7]], [[2, 2]]])('agrees with a naive loop: %j', async (shape) => {
    const x = seeded(
      80,
      shape.reduce((a, b) => a * b),
    ).map((v) => 12 * v);
    for (const limit of [undefined, 2, 0.5]) {
      const tensor = tf.tensor(x, shape);
      expectClose(await values(leakyRelu(tensor, limit)), naive(x, limit));
      if (limit) expectClose(await values(composedLeakyRelu(tensor, limit)), naive(x, limit));
    }
  });

  it('is right at the extremes', async () => {
    const x = [-1e30, -1280, -1279, -1e-30, 0, 1e-30, 255, 1e30];
    expectClose(await values(leakyRelu(tf.tensor1d(x), 256)), naive(x, 256));
    expectClose(
      (await values(leakyRelu(tf.tensor1d(x)))).map((v) => v / 1e30),
      naive(x).map((v) => v / 1e30),
    );
    expect(await values(leakyRelu(tf.scalar(-5), 0.5))).toEqual([-0.5]);
  });

  it('has a gradient', async () => {
    const x = seeded(81, 24).map((v) => 3 * v + 0.02 * Math.sign(v));
    await expectGradient((t) => tf.sum(tf.square(leakyRelu(t))), x, [2, 3, 4], 12, 1e-3, 5e-3);
    const at = tf.tensor1d([-20, -1, 1, 20]);
    expectClose(await values(tf.grad((t: tf.Tensor) => tf.sum(leakyRelu(t, 2)))(at)), [0, 0.2, 1, 0]);
  });

  it('leaks nothing', async () => {
    const x = tf.ones([2, 3]);
    await values(leakyRelu(x));
    // Kernels hold data that no tensor tells of.
    const before = tf.backend().numDataIds();
    await expectNoLeak(() => leakyRelu(x, 3));
    await expectNoLeak(() => leakyRelu(x));
    expect(tf.backend().numDataIds()).toBe(before);
  });

  it('wants a limit above 0', () => {
    const x = tf.ones([2]);
    expect(() => leakyRelu(x, 0)).toThrow(ArgumentError);
    expect(() => leakyRelu(x, Number.NaN)).toThrow(ArgumentError);
  });
});
