import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { conv2d } from '../../../src/ops/conv2d';
import { gatedConv2d } from '../../../src/ops/gated-conv2d';
import { gradientPenalty } from '../../../src/train/losses/gradient-penalty';
import { expectScalar } from '../../support/gradients';
import { expectGradient, expectNoLeak, seeded, values } from '../../support/values';

const shape: [number, number, number, number] = [2, 6, 5, 2];
const real = () => tf.tensor4d(seeded(1, 120), shape);
const fake = () => tf.tensor4d(seeded(2, 120), shape);
const mix = () => tf.tensor4d([0.3, 0.8], [2, 1, 1, 1]);
const weights = (seed: number, size: number, input: number, output: number) =>
  tf.tensor4d(seeded(seed, size * size * input * output), [size, size, input, output]);

describe('gradientPenalty', () => {
  it('is that of a known slope', async () => {
    const w = tf.tensor4d(seeded(3, 60), [1, 6, 5, 2]);
    // A linear judge: its slope is w everywhere, of each picture apart.
    const length = Math.sqrt(seeded(3, 60).reduce((sum, v) => sum + v * v, 0));
    await expectScalar(
      gradientPenalty((x) => tf.sum(tf.mul(x, w), [1, 2, 3]), real(), fake(), mix()),
      (length - 1) ** 2,
      1e-5,
    );
    // A square one: its slope is 2 z, between the two pictures.
    const [a, b] = [seeded(1, 120), seeded(2, 120)];
    const expected = [0.3, 0.8].map((m, n) => {
      let sum = 0;
      for (let i = 60 * n; i < 60 * n + 60; i++) sum += (2 * (a[i]! + m * (b[i]! - a[i]!))) ** 2;
      return (Math.sqrt(sum) - 1) ** 2;
    });
    await expectScalar(
      gradientPenalty((x) => tf.sum(tf.square(x), [1, 2, 3]), real(), fake(), mix()),
      (expected[0]! + expected[1]!) / 2,
      1e-5,
    );
  });

  // Steps are small beside the distance from the next kink of the leaky ReLU at all but a few places.
  it('has the right second-order gradients in the kernels of a leaky ReLU network', async () => {
    const first = seeded(11, 3 * 3 * 2 * 3);
    const second = seeded(12, 3 * 3 * 3 * 2);
    const judge = (w: tf.Tensor, v: tf.Tensor) => (x: tf.Tensor4D) =>
      conv2d(conv2d(x, w as tf.Tensor4D, { stride: 2, activation: 'leaky-relu' }), v as tf.Tensor4D, { stride: 2, activation: 'leaky-relu' });
    const penalty = (w: tf.Tensor, v: tf.Tensor) => gradientPenalty(judge(w, v), real(), fake(), mix());
    const [w, v] = [tf.tensor(first, [3, 3, 2, 3]), tf.tensor(second, [3, 3, 3, 2])];
    await expectGradient((t) => penalty(t, v), first, [3, 3, 2, 3], 6, 1e-3, 1e-2);
    await expectGradient((t) => penalty(w, t), second, [3, 3, 3, 2], 6, 1e-3, 1e-2);
  });

  it('has the right second-order gradients through smooth activations and dilated gates', async () => {
    const [w, g] = [seeded(13, 3 * 3 * 2 * 2), weights(14, 3, 2, 2)];
    for (const activation of ['tanh', 'elu'] as const) {
      const penalty = (t: tf.Tensor) => gradientPenalty((x) => gatedConv2d(x, t as tf.Tensor4D, g, { dilation: 2, activation }), real(), fake(), mix());
      await expectGradient(penalty, w, [3, 3, 2, 2], 6, 3e-3, 1e-2);
    }
  });

  it('is finite, and so is its gradient, where the judge is flat', async () => {
    const f = (t: tf.Tensor) => gradientPenalty((x) => tf.mul(tf.sum(x), t), real(), fake(), mix());
    await expectScalar(f(tf.scalar(0)), 1, 1e-5);
    expect((await values(tf.grad(f)(tf.scalar(0)))).every(Number.isFinite)).toBe(true);
  });

  it('names what is wrong and leaves no tensors behind', async () => {
    const [a, b, m, w] = [real(), fake(), mix(), weights(15, 3, 2, 1)];
    const judge = (x: tf.Tensor4D) => conv2d(x, w, { activation: 'leaky-relu' });
    expect(() => gradientPenalty(judge, a, tf.zeros([2, 6, 5, 1]), m)).toThrow(/gradientPenalty: fake must be/);
    expect(() => gradientPenalty(judge, a, b, tf.zeros([1, 1, 1, 1]))).toThrow(/gradientPenalty: mix must be \[2, 1, 1, 1\]/);
    await expectNoLeak(() => gradientPenalty(judge, a, b, m));
    await expectNoLeak(() => tf.grad((t) => gradientPenalty((x) => conv2d(x, t as tf.Tensor4D, { activation: 'leaky-relu' }), a, b, m))(w));
  });
});
