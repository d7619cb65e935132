import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { initialWeights } from '../../src/layers/initial-weights';
import { PartialConv2d } from '../../src/layers/partial-conv2d';
import { batchNorm, batchStatistics } from '../../src/ops/batch-norm';
import { partialConv2d } from '../../src/ops/partial-conv2d';
import { resizeNearest } from '../../src/ops/resize';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectNoLeak, seeded, values } from '../support/values';

describe('PartialConv2d', () => {
  let golden: Map<string, Golden>;
  const at = (key: string) => goldenTensor(golden, key) as tf.Tensor4D;
  beforeAll(async () => {
    golden = await readGolden('partial_conv.safetensors');
  });

  it('golden: strided layers, with and without a bias', async () => {
    for (const [name, size, padding] of [
      ['k3s2p1d1', 3, 1],
      ['k5s2p2d1', 5, 2],
      ['k7s2p3d1', 7, 3],
    ] as const) {
      const weights = { 'e.weights': at(`${name}.w`), 'e.bias': at(`${name}.b`) };
      const options = { input: 3, output: 4, size, stride: 2, padding, maskKind: 'multi' } as const;
      const biased = new PartialConv2d('e', options);
      expect(biased.parameterCount).toBe(size * size * 12 + 4);
      const { features, valid } = biased.apply(at('x'), at('mask_multi'), weights);
      expectClose(await values(features), golden.get(`${name}.multi.y_bias`)!.values, 1e-5);
      expect(await values(valid)).toEqual(Array.from(golden.get(`${name}.multi.mask`)!.values));
      const plain = new PartialConv2d('e', { ...options, bias: false });
      expect(plain.parameterCount).toBe(size * size * 12);
      expectClose(await values(plain.apply(at('x'), at('mask_multi'), weights).features), golden.get(`${name}.multi.y_nobias`)!.values, 1e-5);
    }
  });

  it('golden: a step of the decoder', async () => {
    const layer = new PartialConv2d('d', { input: 7, output: 5, size: 3 });
    const up = (t: tf.Tensor4D) => resizeNearest(t, [8, 8], { flavour: 'legacy' });
    const x = tf.concat([up(at('decoder.low')), at('decoder.skip')], 3);
    const mask = tf.concat([up(at('decoder.low_mask')), at('decoder.skip_mask')], 3);
    const { features, valid } = layer.apply(x, mask, { 'd.weights': at('decoder.w'), 'd.bias': at('decoder.b') });
    expectClose(await values(features), golden.get('decoder.y')!.values, 1e-5);
    expect(await values(valid)).toEqual(Array.from(golden.get('decoder.mask')!.values));
  });

  it('golden: closes a mask layer by layer', async () => {
    let valid = at('chain.mask0');
    for (const key of ['mask1_s2', 'mask2_s1', 'mask3_s2', 'mask4_s1', 'mask5_s1']) {
      const layer = new PartialConv2d('c', { input: 1, output: 2, size: 3, stride: Number(key.at(-1)), bias: false });
      valid = layer.apply(valid, valid, initialWeights(layer.weights, 1)).valid;
      expect(await values(valid)).toEqual(Array.from(golden.get(`chain.${key}`)!.values));
    }
  });

  it('normalises, then activates, where nothing was seen, too', async () => {
    const layer = new PartialConv2d('e', { input: 2, output: 3, size: 3, bias: false, batchNorm: true, activation: 'leaky-relu' });
    expect(layer.parameterCount).toBe(54 + 6);
    const own = { scale: tf.tensor1d([1, -2, 0.5]), offset: tf.tensor1d([-0.5, 0.25, 1]) };
    const [mean, variance] = [tf.tensor1d([0.1, 0.2, -0.3]), tf.tensor1d([0.5, 1, 2])];
    const kernel = tf.tensor4d(seeded(2, 54), [3, 3, 2, 3]);
    const weights = { 'e.weights': kernel, 'e.norm.scale': own.scale, 'e.norm.offset': own.offset, 'e.norm.mean': mean, 'e.norm.variance': variance };
    const x = tf.tensor4d(seeded(3, 60), [1, 5, 6, 2]);
    const mask = tf.pad(tf.ones([1, 5, 2, 1]), [
      [0, 0],
      [0, 0],
      [0, 4],
      [0, 0],
    ]) as tf.Tensor4D;
    const convolved = partialConv2d(x, mask, kernel).features;
    const leaky = (t: tf.Tensor) => tf.maximum(t, tf.mul(t, 0.2));
    const stored = layer.apply(x, mask, weights);
    expectClose(await values(stored.features), await values(leaky(batchNorm(convolved, mean, variance, own))));
    // Where nothing was seen the mask stays 0, but the features are what the normalisation makes of 0.
    expect(await values(tf.slice(stored.valid, [0, 2, 3, 0], [1, 1, 3, 1]))).toEqual([0, 0, 0]);
    const dead = await values(tf.slice(stored.features, [0, 2, 5, 2], [1, 1, 1, 1]));
    expectClose(dead, [1 + (0.5 * 0.3) / Math.sqrt(2 + 1e-5)]);
    const told: string[] = [];
    const trained = layer.apply(x, mask, weights, { training: true, onStatistics: (name) => told.push(name) });
    const batch = batchStatistics(convolved);
    expectClose(await values(trained.features), await values(leaky(batchNorm(convolved, batch.mean, batch.variance, own))), 1e-5);
    expect(told).toEqual(['e.norm']);
  });

  it('leaves no tensors behind', async () => {
    const layer = new PartialConv2d('e', { input: 2, output: 3, size: 3, batchNorm: true, activation: 'relu' });
    const weights = initialWeights(layer.weights, 1);
    const x = tf.tensor3d(seeded(3, 24), [3, 4, 2]);
    const mask = tf.ones([3, 4, 1]) as tf.Tensor3D;
    await expectNoLeak(() => ({ ...layer.apply(x, mask, weights) }));
    const strict = new PartialConv2d('e', { input: 2, output: 3, size: 3, maskKind: 'multi' });
    expect(() => strict.apply(x, mask, weights)).toThrow(/partialConv2d: valid must be \[3, 4, 2\]/);
    await expectNoLeak(() => {
      expect(() => layer.apply(mask, mask, weights)).toThrow(/partialConv2d: weights must be/);
    });
  });
});
