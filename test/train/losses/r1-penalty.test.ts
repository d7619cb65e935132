import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BatchNorm } from '../../../src/layers/batch-norm';
import { activate } from '../../../src/ops/activation';
import { conv2d } from '../../../src/ops/conv2d';
import { r1Penalty } from '../../../src/train/losses/r1-penalty';
import { expectScalar } from '../../support/gradients';
import { expectGradient, expectNoLeak, seeded } from '../../support/values';

const shape: [number, number, number, number] = [2, 6, 5, 2];
const real = () => tf.tensor4d(seeded(1, 120), shape);

describe('r1Penalty', () => {
  it('is that of a known slope', async () => {
    const w = tf.tensor4d(seeded(3, 60), [1, 6, 5, 2]);
    // A linear judge: its slope is w everywhere, of each picture apart.
    await expectScalar(
      r1Penalty((x) => tf.sum(tf.mul(x, w), [1, 2, 3]), real()),
      seeded(3, 60).reduce((sum, v) => sum + v * v, 0),
      1e-5,
    );
    // A square one: its slope is 2 x.
    await expectScalar(
      r1Penalty((x) => tf.square(x), real()),
      seeded(1, 120).reduce((sum, v) => sum + (2 * v) ** 2, 0) / 2,
      1e-5,
    );
  });

  // Steps are small beside the distance from the next kink of the leaky ReLU at all but a few places.
  it('has the right second-order gradients in a kernel before a norm that goes by the batch, and in its scale', async () => {
    const norm = new BatchNorm('norm', 3);
    const vector = (seed: number, middle = 0) => tf.tensor1d(seeded(seed, 3).map((v) => middle + 0.3 * v));
    const weights = { 'norm.scale': vector(4, 1), 'norm.offset': vector(5), 'norm.mean': vector(6), 'norm.variance': vector(7, 1) };
    const judge = (kernel: tf.Tensor, scale: tf.Tensor) => (x: tf.Tensor4D) => {
      const normed = norm.apply(conv2d(x, kernel as tf.Tensor4D, { stride: 2, padding: 2 }), { ...weights, 'norm.scale': scale }, { training: true });
      return conv2d(activate['leaky-relu'](normed) as tf.Tensor4D, tf.tensor4d(seeded(12, 3 * 3 * 3), [3, 3, 3, 1]));
    };
    const first = seeded(11, 3 * 3 * 2 * 3);
    const kernel = tf.tensor(first, [3, 3, 2, 3]);
    await expectGradient((t) => r1Penalty(judge(t, weights['norm.scale']), real()), first, [3, 3, 2, 3], 6, 1e-3, 1e-2);
    await expectGradient(
      (t) => r1Penalty(judge(kernel, t), real()),
      seeded(4, 3).map((v) => 1 + 0.3 * v),
      [3],
      3,
      1e-3,
      1e-2,
    );
  });

  it('names what is wrong and leaves no tensors behind', async () => {
    const [x, w] = [real(), tf.tensor4d(seeded(15, 18), [3, 3, 2, 1])];
    expect(() => r1Penalty((t) => t, tf.zeros([6, 5, 2]) as unknown as tf.Tensor4D)).toThrow(/r1Penalty: real must be BHWC/);
    await expectNoLeak(() => r1Penalty((t) => conv2d(t, w, { activation: 'leaky-relu' }), x));
    await expectNoLeak(() => tf.grad((t) => r1Penalty((z) => conv2d(z, t as tf.Tensor4D, { activation: 'leaky-relu' }), x))(w));
  });
});
