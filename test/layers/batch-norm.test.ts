import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BatchNorm } from '../../src/layers/batch-norm';
import { initialWeights } from '../../src/layers/initial-weights';
import { batchNorm, batchStatistics } from '../../src/ops/batch-norm';
import { expectClose, expectNoLeak, seeded, tolerance, values } from '../support/values';

const x = tf.tensor4d(
  seeded(1, 90).map((v, i) => 2 * v + (i % 3)),
  [2, 3, 5, 3],
);

describe('BatchNorm', () => {
  it('has a scale and an offset, and running statistics that are no parameters', async () => {
    const layer = new BatchNorm('norm', 3);
    expect(Object.entries(layer.weights).map(([name, { shape, trainable = true }]) => [name, shape, trainable])).toEqual([
      ['norm.scale', [3], true],
      ['norm.offset', [3], true],
      ['norm.mean', [3], false],
      ['norm.variance', [3], false],
    ]);
    expect(layer.parameterCount).toBe(6);
    const weights = initialWeights(layer.weights, 1);
    for (const v of await values(weights['norm.scale']!)) expect(Math.abs(v - 1)).toBeLessThan(0.15);
    expect(await values(weights['norm.offset']!)).toEqual([0, 0, 0]);
    expect(await values(weights['norm.mean']!)).toEqual([0, 0, 0]);
    expect(await values(weights['norm.variance']!)).toEqual([1, 1, 1]);
  });

  const weights = {
    'norm.scale': tf.tensor1d([1, 2, -1]),
    'norm.offset': tf.tensor1d([0, 3, 0.5]),
    'norm.mean': tf.tensor1d([0.5, 1, 2]),
    'norm.variance': tf.tensor1d([1, 0.25, 4]),
  };
  const affine = { scale: weights['norm.scale'], offset: weights['norm.offset'] };

  it('goes by its running statistics outside training, and tells nothing', async () => {
    const layer = new BatchNorm('norm', 3, 1e-3);
    const told: unknown[] = [];
    const y = layer.apply(x, weights, { onStatistics: (...all) => told.push(all) });
    expectClose(await values(y), await values(batchNorm(x, weights['norm.mean'], weights['norm.variance'], { ...affine, epsilon: 1e-3 })), tolerance.exact);
    expect(told).toEqual([]);
    expect(layer.apply(tf.zeros([2, 2, 3]) as tf.Tensor3D, weights).shape).toEqual([2, 2, 3]);
  });

  it('goes by the statistics of the batch in training, and tells them', async () => {
    const layer = new BatchNorm('norm', 3);
    const told: [string, tf.Tensor, tf.Tensor][] = [];
    const onStatistics = (name: string, mean: tf.Tensor, variance: tf.Tensor) => told.push([name, tf.keep(tf.clone(mean)), tf.keep(tf.clone(variance))]);
    const y = layer.apply(x, weights, { training: true, onStatistics });
    const { mean, variance } = batchStatistics(x);
    expectClose(await values(y), await values(batchNorm(x, mean, variance, affine)), tolerance.exact);
    expect(told.map(([name]) => name)).toEqual(['norm']);
    expectClose(await values(told[0]![1]), await values(mean), tolerance.exact);
    expectClose(await values(told[0]![2]), await values(variance), tolerance.exact);
    tf.dispose([told[0]![1], told[0]![2]]);
  });

  it('leaves no tensors behind', async () => {
    const layer = new BatchNorm('norm', 3);
    await expectNoLeak(() => layer.apply(x, weights));
    await expectNoLeak(() => layer.apply(x, weights, { training: true, onStatistics: () => {} }));
    const wrong = tf.zeros([2, 2, 4]) as tf.Tensor3D;
    await expectNoLeak(() => {
      expect(() => layer.apply(wrong, weights)).toThrow(/batchNorm: mean must be \[4\]/);
      expect(() => layer.apply(wrong, weights, { training: true })).toThrow(/batchNorm: scale must be \[4\]/);
    });
  });

  it.each([2, 3] as const)('goes into the convolution before it outside training, whose outputs are axis %d', async (axis) => {
    const layer = new BatchNorm('norm', 3, 1e-3);
    const kernel = tf.tensor4d(seeded(4, 18), axis === 3 ? [1, 1, 6, 3] : [1, 1, 3, 6]);
    const pixels = tf.tensor2d(seeded(5, 24), [4, 6]);
    const convolved = (k: tf.Tensor) =>
      tf.reshape(axis === 3 ? tf.matMul(pixels, tf.reshape(k, [6, 3])) : tf.matMul(pixels, tf.reshape(k, [3, 6]), false, true), [1, 2, 2, 3]);
    const folded = layer.after(kernel, weights, {}, axis);
    expect(folded.normalize).toBeUndefined();
    const plain = convolved(kernel) as tf.Tensor4D;
    expectClose(await values(tf.add(convolved(folded.kernel), folded.bias!)), await values(layer.apply(plain, weights)));
    const apart = layer.after(kernel, weights, { training: true }, axis);
    expect([apart.kernel, apart.bias]).toEqual([kernel, undefined]);
    expectClose(await values(apart.normalize!(plain)), await values(layer.apply(plain, weights, { training: true })));
  });
});
