import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { binaryCrossEntropy } from '../../../src/train/losses/binary-cross-entropy';
import { hingeDiscriminatorLoss, hingeGeneratorLoss } from '../../../src/train/losses/hinge';
import { wassersteinDiscriminatorLoss, wassersteinGeneratorLoss } from '../../../src/train/losses/wasserstein';
import { type Golden, goldenTensor, readGolden } from '../../support/golden';
import { expectScalar } from '../../support/gradients';
import { expectClose, expectGradient, expectNoLeak, seeded, values } from '../../support/values';

describe('wassersteinGeneratorLoss, wassersteinDiscriminatorLoss', () => {
  let golden: Map<string, Golden>;
  beforeAll(async () => {
    golden = await readGolden('cra_units.safetensors');
  });

  it('agree with the reference values', async () => {
    const [real, fake] = [goldenTensor(golden, 'wgan.pos'), goldenTensor(golden, 'wgan.neg')];
    await expectScalar(wassersteinGeneratorLoss(fake), golden.get('wgan.g_loss')!.values[0]!, 3e-6);
    await expectScalar(wassersteinDiscriminatorLoss(real, fake), golden.get('wgan.d_loss')!.values[0]!, 3e-6);
  });

  it('push scores up and down', async () => {
    const scores = tf.tensor2d([1, -2], [2, 1]);
    expect(await values(tf.grad(wassersteinGeneratorLoss)(scores))).toEqual([-0.5, -0.5]);
    const [real, fake] = tf.grads(wassersteinDiscriminatorLoss)([scores, tf.zeros([4, 1])]);
    expect(await values(real!)).toEqual([-0.5, -0.5]);
    expect(await values(fake!)).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it('leave no tensors behind', async () => {
    const scores = tf.tensor1d([1, 2]);
    await expectNoLeak(() => [wassersteinGeneratorLoss(scores), wassersteinDiscriminatorLoss(scores, scores)]);
  });
});

describe('hingeGeneratorLoss, hingeDiscriminatorLoss', () => {
  it('agree with the reference values', async () => {
    const golden = await readGolden('deepfill_v2.safetensors');
    const [real, fake] = [goldenTensor(golden, 'unit.hinge.pos'), goldenTensor(golden, 'unit.hinge.neg')];
    await expectScalar(hingeGeneratorLoss(fake), golden.get('unit.hinge.g')!.values[0]!, 3e-6);
    await expectScalar(hingeDiscriminatorLoss(real, fake), golden.get('unit.hinge.d')!.values[0]!, 3e-6);
  });

  it('leave alone what is beyond 1 on the right side', async () => {
    const [real, fake] = tf.grads(hingeDiscriminatorLoss)([tf.tensor1d([1.5, 0.5]), tf.tensor1d([-1.5, 0.5, -0.5, -3])]);
    expectClose(await values(real!), [0, -0.25], 0);
    expectClose(await values(fake!), [0, 0.125, 0.125, 0], 0);
    expect(await values(tf.grad(hingeGeneratorLoss)(tf.tensor1d([5, -5])))).toEqual([-0.5, -0.5]);
  });

  it('leave no tensors behind', async () => {
    const scores = tf.tensor1d([1, 2]);
    await expectNoLeak(() => [hingeGeneratorLoss(scores), hingeDiscriminatorLoss(scores, scores)]);
  });
});

describe('binaryCrossEntropy', () => {
  const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

  it('agrees with a naive loop, far from 0 too', async () => {
    const logits = [-200, -20, -1, 0, 0.5, 3, 90, 300];
    for (const label of [0, 1, 0.9]) {
      const expected = logits.map((x) => softplus(x) - label * x).reduce((a, b) => a + b, 0) / logits.length;
      await expectScalar(binaryCrossEntropy(tf.tensor1d(logits), label), expected, 3e-6);
    }
    await expectScalar(binaryCrossEntropy(tf.scalar(0), 1), Math.LN2, 3e-6);
    const labels = logits.map((_, n) => (n % 3) / 2);
    const each = logits.map((x, n) => softplus(x) - labels[n]! * x).reduce((a, b) => a + b, 0) / logits.length;
    await expectScalar(binaryCrossEntropy(tf.tensor1d(logits), tf.tensor1d(labels)), each, 3e-6);
  });

  it('has the right gradient, to the second order', async () => {
    const at = seeded(4, 6).map((v) => 3 * v);
    await expectGradient((t) => tf.mul(6, binaryCrossEntropy(t, 0.9)), at, [2, 3], 6);
    const slope = (x: tf.Tensor) => tf.grad((t) => tf.sum(binaryCrossEntropy(t, 1)))(x);
    const second = await values(tf.grad((t) => tf.sum(slope(t)))(tf.tensor1d(at)));
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    expectClose(
      second,
      Array.from(at, (x) => (sigmoid(x) * (1 - sigmoid(x))) / 6),
      1e-5,
    );
    expectClose(await values(slope(tf.tensor1d([0, 0]))), [-0.25, -0.25], 1e-6);
  });

  it('names what is wrong and leaves no tensors behind', async () => {
    const logits = tf.tensor1d([1, 2]);
    expect(() => binaryCrossEntropy(logits, 1.1)).toThrow(/binaryCrossEntropy: label must be in \[0, 1\]/);
    expect(() => binaryCrossEntropy(logits, tf.zeros([2, 1]))).toThrow(/binaryCrossEntropy: label must be \[2\]/);
    await expectNoLeak(() => binaryCrossEntropy(logits, 1));
    await expectNoLeak(() => tf.grad((t) => binaryCrossEntropy(t, 1))(logits));
  });
});
