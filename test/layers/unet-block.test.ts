import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../src/layers/initial-weights';
import { InstanceNorm } from '../../src/layers/instance-norm';
import type { Weights } from '../../src/layers/layer';
import { TransposedConv2d } from '../../src/layers/transposed-conv2d';
import { UNetDown, UNetUp } from '../../src/layers/unet-block';
import { batchNorm, batchStatistics } from '../../src/ops/batch-norm';
import { conv2d } from '../../src/ops/conv2d';
import { instanceNorm } from '../../src/ops/instance-norm';
import { transposedConv2d } from '../../src/ops/transposed-conv2d';
import { expectClose, expectNoLeak, seeded, values } from '../support/values';

/** Initial weights, with vectors that are not all 0 or 1. */
function weightsFor(layer: { weights: Parameters<typeof initialWeights>[0] }): Weights {
  const weights = initialWeights(layer.weights, 3);
  const vectors = Object.entries(weights).map(([name, w], n) => [name, w.rank === 1 ? tf.add(w, tf.tensor1d(seeded(n + 9, w.size).map((v) => v / 4))) : w]);
  return Object.fromEntries(vectors);
}

describe('TransposedConv2d', () => {
  it('is its op with weights of its own', async () => {
    const layer = new TransposedConv2d('up', { input: 2, output: 5, size: 3, stride: 3, padding: 0 });
    expect(Object.entries(layer.weights).map(([name, { shape, kernel }]) => [name, shape, kernel])).toEqual([
      ['up.weights', [3, 3, 5, 2], 'transposed'],
      ['up.bias', [5], undefined],
    ]);
    expect(layer.parameterCount).toBe(95);
    const weights = weightsFor(layer);
    const x = tf.tensor4d(seeded(1, 24), [2, 2, 3, 2]);
    const expected = transposedConv2d(x, weights['up.weights'] as tf.Tensor4D, { bias: weights['up.bias'] as tf.Tensor1D, stride: 3, padding: 0 });
    expect(await values(layer.apply(x, weights))).toEqual(await values(expected));
    const plain = new TransposedConv2d('up', { input: 2, output: 5, size: 4, bias: false });
    expect(plain.parameterCount).toBe(160);
    expect(plain.apply(x, weightsFor(plain)).shape).toEqual([2, 4, 6, 5]);
  });
});

describe('InstanceNorm', () => {
  it('has weights if it is affine', async () => {
    const x = tf.tensor3d(seeded(1, 24), [3, 4, 2]);
    const plain = new InstanceNorm('norm', 2);
    expect(plain.parameterCount).toBe(0);
    expect(await values(plain.apply(x, {}))).toEqual(await values(instanceNorm(x)));
    const affine = new InstanceNorm('norm', 2, { affine: true, epsilon: 0.1 });
    expect(affine.parameterCount).toBe(4);
    const weights = weightsFor(affine);
    const expected = instanceNorm(x, { scale: weights['norm.scale'] as tf.Tensor1D, offset: weights['norm.offset'] as tf.Tensor1D, epsilon: 0.1 });
    expect(await values(affine.apply(x, weights))).toEqual(await values(expected));
  });
});

const x = () => tf.tensor4d(seeded(1, 2 * 4 * 6 * 3), [2, 4, 6, 3]);
const leaky = (t: tf.Tensor4D) => tf.where(tf.greater(t, 0), t, tf.mul(t, 0.2)) as tf.Tensor4D;

describe('UNetDown', () => {
  it('activates, convolves, normalises', async () => {
    const layer = new UNetDown('down2', { input: 3, output: 5 });
    expect(Object.keys(layer.weights)).toEqual(['down2.weights', 'down2.norm.scale', 'down2.norm.offset', 'down2.norm.mean', 'down2.norm.variance']);
    expect(layer.parameterCount).toBe(16 * 3 * 5 + 10);
    const weights = weightsFor(layer);
    const convolved = conv2d(leaky(x()), weights['down2.weights'] as tf.Tensor4D, { stride: 2, padding: 1 });
    const own = (part: string) => weights[`down2.norm.${part}`] as tf.Tensor1D;
    const affine = { scale: own('scale'), offset: own('offset') };
    const stored = batchNorm(convolved, own('mean'), own('variance'), affine);
    expectClose(await values(layer.apply(x(), weights)), await values(stored));
    const { mean, variance } = batchStatistics(convolved);
    const trained = await values(batchNorm(convolved, mean, variance, affine));
    expectClose(await values(layer.apply(x(), weights, { training: true })), trained);
    const always = new UNetDown('down2', { input: 3, output: 5, statistics: 'batch' });
    expectClose(await values(always.apply(x(), weights)), trained);
  });

  it('leaves the activation out at first, and has a bias where nothing takes it out again', async () => {
    const first = new UNetDown('down1', { input: 3, output: 5, normalization: 'none', first: true });
    const weights = weightsFor(first);
    const expected = conv2d(x(), weights['down1.weights'] as tf.Tensor4D, { stride: 2, padding: 1, bias: weights['down1.bias'] as tf.Tensor1D });
    expectClose(await values(first.apply(x(), weights)), await values(expected));
    const instance = new UNetDown('down1', { input: 3, output: 5, normalization: 'instance', first: true });
    expect(Object.keys(instance.weights)).toEqual(['down1.weights', 'down1.bias']);
    expectClose(await values(instance.apply(x(), weights)), await values(instanceNorm(expected)));
    expect(Object.keys(new UNetDown('d', { input: 3, output: 5, normalization: 'none', bias: false }).weights)).toEqual(['d.weights']);
  });
});

describe('UNetUp', () => {
  it('joins, activates, enlarges, normalises, and drops in training by the seed', async () => {
    const layer = new UNetUp('up2', { input: 5, output: 4, normalization: 'instance', dropout: 0.5 });
    expect(layer.parameterCount).toBe(16 * 5 * 4 + 4);
    const weights = weightsFor(layer);
    const skip = tf.tensor4d(seeded(2, 96), [2, 4, 6, 2]);
    const larger = transposedConv2d(tf.relu(tf.concat([skip, x()], 3)) as tf.Tensor4D, weights['up2.weights'] as tf.Tensor4D, {
      bias: weights['up2.bias'] as tf.Tensor1D,
    });
    const normalised = await values(instanceNorm(larger));
    expectClose(await values(layer.apply(x(), skip, weights)), normalised);
    const [one, again, other] = await Promise.all([4, 4, 5].map((seed) => values(layer.apply(x(), skip, weights, { training: true, seed }))));
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    for (const [i, v] of one!.entries()) expect(v === 0 || Math.abs(v - 2 * normalised[i]!) < 1e-5).toBe(true);
    expect(one!.filter((v) => v === 0).length).toBeGreaterThan(one!.length / 4);
    // Each layer drops places of its own.
    const neighbour = new UNetUp('up3', { input: 5, output: 4, normalization: 'instance', dropout: 0.5 });
    const shared = { 'up3.weights': weights['up2.weights']!, 'up3.bias': weights['up2.bias']! };
    expect(await values(neighbour.apply(x(), skip, shared, { training: true, seed: 4 }))).not.toEqual(one);
  });

  it('does without a skip connection at the bottom', async () => {
    const layer = new UNetUp('up8', { input: 3, output: 4, normalization: 'none', bias: false });
    const weights = weightsFor(layer);
    const expected = transposedConv2d(tf.relu(x()), weights['up8.weights'] as tf.Tensor4D);
    expectClose(await values(layer.apply(x(), undefined, weights)), await values(expected));
  });
});

describe('U-Net blocks', () => {
  it('know their normalisations, and leave no tensors behind', async () => {
    expect(() => new UNetDown('d', { input: 1, output: 1, normalization: 'layer' as 'batch' })).toThrow(/normalization must be 'batch', 'instance' or 'none'/);
    const [down, up] = [new UNetDown('d', { input: 3, output: 2 }), new UNetUp('u', { input: 3, output: 2, dropout: 0.5 })];
    const weights = { ...weightsFor(down), ...weightsFor(up) };
    const picture = x();
    await expectNoLeak(() => down.apply(picture, weights));
    await expectNoLeak(() => up.apply(picture, undefined, weights, { training: true }));
    await expectNoLeak(() => {
      expect(() => down.apply(picture, {})).toThrow();
    });
  });
});
