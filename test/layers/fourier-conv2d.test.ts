import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { FourierConv2d } from '../../src/layers/fourier-conv2d';
import { FourierUnit } from '../../src/layers/fourier-unit';
import { initialWeights } from '../../src/layers/initial-weights';
import type { Layer, Weights } from '../../src/layers/layer';
import { SpectralTransform } from '../../src/layers/spectral-transform';
import { goldenTensor, readGolden } from '../support/golden';
import { unitKernel, unitVector } from '../support/lama';
import { expectClose, expectNoLeak, seeded, values } from '../support/values';

const golden = await readGolden('lama.safetensors');
const take = (key: string) => goldenTensor(golden, key) as tf.Tensor4D;

const PARTS: Record<string, string> = { scale: 'weight', offset: 'bias', mean: 'running_mean', variance: 'running_var' };

/** A layer's weights from the table of units, where its parts have other names. */
const weightsFrom = (layer: Layer, theirs: (part: string) => string): Weights =>
  Object.fromEntries(
    Object.entries(layer.weights).map(([name, { shape }]) => {
      const [, own, norm] = /^\w+\.(.*?)(?:\.(scale|offset|mean|variance))?$/.exec(name)!;
      const found = theirs(own!);
      return [name, shape.length === 4 ? unitKernel(`${found}.weight`) : unitVector(`${found}.${PARTS[norm!]}`)];
    }),
  );

const shapes = (layer: Layer) => Object.fromEntries(Object.entries(layer.weights).map(([name, { shape }]) => [name, shape.join(' ')]));

describe('FourierUnit', () => {
  const layer = new FourierUnit('unit', { input: 5, output: 6 });
  const weights = weightsFrom(layer, (part) => (part === 'weights' ? 'fourier_unit.conv_layer' : 'fourier_unit.bn'));

  it.each(['8x10', '7x9', '7x10'])('agrees with the reference, by stored statistics and by those of the batch: %s', async (size) => {
    const key = (part: string) => `fourier_unit.${size}.${part}`;
    expectClose(await values(layer.apply(take(key('x')), weights)), golden.get(key('y'))!.values, 5e-6);

    const told: [string, tf.Tensor1D, tf.Tensor1D][] = [];
    const onStatistics = (...[name, mean, variance]: (typeof told)[0]) => told.push([name, tf.keep(tf.clone(mean)), tf.keep(tf.clone(variance))]);
    const y = layer.apply(take(key('x')), weights, { training: true, onStatistics });
    expectClose(await values(y), golden.get(key('train.y'))!.values, 2e-5);
    expect(told.map(([name]) => name)).toEqual(['unit.norm']);
    // The reference's running statistics after a step of 0.1 from the stored ones. Its variance is unbiased, ours is not.
    const [batch, rows, columns] = [2, y.shape[1], Math.floor(y.shape[2] / 2) + 1];
    const count = batch * rows * columns;
    const [mean, variance] = [await values(told[0]![1]), await values(told[0]![2])];
    const before = [await values(weights['unit.norm.mean']!), await values(weights['unit.norm.variance']!)] as const;
    expectClose(
      mean.map((m, i) => 0.9 * before[0][i]! + 0.1 * m),
      golden.get(key('train.running_mean'))!.values,
      2e-5,
    );
    expectClose(
      variance.map((v, i) => 0.9 * before[1][i]! + (0.1 * v * count) / (count - 1)),
      golden.get(key('train.running_var'))!.values,
      2e-5,
    );

    const upstream = take(key('upstream'));
    const [dx, dw] = tf.grads((...[x, w]: tf.Tensor[]) =>
      tf.sum(tf.mul(layer.apply(x as tf.Tensor4D, { ...weights, 'unit.weights': w! }, { training: true }), upstream)),
    )([take(key('x')), weights['unit.weights']!]);
    expectClose(await values(dx!), golden.get(key('train.dx'))!.values, 2e-5);
    expectClose(await values(tf.transpose(dw!, [3, 2, 0, 1])), golden.get(key('train.d_conv_layer'))!.values, 2e-5);
  });

  it('has a kernel and a norm over real and imaginary parts', () => {
    expect(shapes(layer)).toEqual({
      'unit.weights': '1 1 10 12',
      'unit.norm.scale': '12',
      'unit.norm.offset': '12',
      'unit.norm.mean': '12',
      'unit.norm.variance': '12',
    });
    expect(layer.parameterCount).toBe(144);
  });
});

describe('SpectralTransform', () => {
  it.each([
    ['spectral_transform', 1],
    ['spectral_transform_stride2', 2],
  ] as const)('agrees with the reference: %s', async (name, stride) => {
    const layer = new SpectralTransform('global', { input: 8, output: 12, stride });
    const theirs: Record<string, string> = { reduce: 'conv1.0', reduce_norm: 'conv1.1', spectrum: 'fu.conv_layer', spectrum_norm: 'fu.bn', expand: 'conv2' };
    const weights = weightsFrom(layer, (part) => `${name}.${theirs[part]}`);
    expectClose(await values(layer.apply(take(`${name}.x`), weights)), golden.get(`${name}.y`)!.values, 1e-5);
    expect(layer.parameterCount).toBe(8 * 6 + 12 * 12 + 6 * 12 + 2 * 6 + 2 * 12);
  });
});

describe('FourierConv2d', () => {
  const theirs: Record<string, string> = {
    local_to_local: 'ffc.convl2l',
    local_to_global: 'ffc.convl2g',
    global_to_local: 'ffc.convg2l',
    'global_to_global.reduce': 'ffc.convg2g.conv1.0',
    'global_to_global.reduce_norm': 'ffc.convg2g.conv1.1',
    'global_to_global.spectrum': 'ffc.convg2g.fu.conv_layer',
    'global_to_global.spectrum_norm': 'ffc.convg2g.fu.bn',
    'global_to_global.expand': 'ffc.convg2g.conv2',
    local_norm: 'bn_l',
    global_norm: 'bn_g',
  };

  it('agrees with the reference, and so do its gradients', async () => {
    const layer = new FourierConv2d('conv', { input: 16, output: 16, size: 3, globalInput: 0.75, globalOutput: 0.75, batchNorm: true, activation: 'relu' });
    const weights = weightsFrom(layer, (part) => `ffc_bn_act.${theirs[part]}`);
    const [xl, xg] = [take('ffc_bn_act.x_l'), take('ffc_bn_act.x_g')];
    const { local, global } = layer.apply({ local: xl, global: xg }, weights);
    expectClose(await values(local), golden.get('ffc_bn_act.y_l')!.values, 1e-5);
    expectClose(await values(global!), golden.get('ffc_bn_act.y_g')!.values, 1e-5);
    const [dl, dg] = tf.grads((...[l, g]: tf.Tensor[]) => {
      const y = layer.apply({ local: l as tf.Tensor4D, global: g as tf.Tensor4D }, weights);
      return tf.add(tf.sum(tf.mul(y.local, take('ffc_bn_act.upstream_l'))), tf.sum(tf.mul(y.global!, take('ffc_bn_act.upstream_g'))));
    })([xl, xg]);
    expectClose(await values(dl!), golden.get('ffc_bn_act.dx_l')!.values, 1e-5);
    expectClose(await values(dg!), golden.get('ffc_bn_act.dx_g')!.values, 1e-5);
  });

  it('splits local features in two at half the size', async () => {
    const layer = new FourierConv2d('conv', { input: 6, output: 16, size: 3, stride: 2, globalOutput: 0.75, batchNorm: true, activation: 'relu' });
    const { local, global } = layer.apply(
      { local: take('ffc_enter.x') },
      weightsFrom(layer, (part) => `ffc_enter.${theirs[part]}`),
    );
    expectClose(await values(local), golden.get('ffc_enter.y_l')!.values, 1e-5);
    expectClose(await values(global!), golden.get('ffc_enter.y_g')!.values, 1e-5);
  });

  it('in training normalises each part by the batch, and activates after', async () => {
    const layer = new FourierConv2d('conv', { input: 8, output: 8, size: 3, globalInput: 0.5, globalOutput: 0.5, batchNorm: true, activation: 'relu' });
    const weights = initialWeights(layer.weights, 3);
    const x = { local: tf.tensor4d(seeded(1, 2 * 4 * 6 * 4), [2, 4, 6, 4]), global: tf.tensor4d(seeded(2, 2 * 4 * 6 * 4), [2, 4, 6, 4]) };
    const told: string[] = [];
    const y = layer.apply(x, weights, { training: true, onStatistics: (name) => told.push(name) });
    expect(told).toEqual(['conv.global_to_global.reduce_norm', 'conv.global_to_global.spectrum_norm', 'conv.local_norm', 'conv.global_norm']);
    for (const part of [y.local, y.global!]) {
      const all = await values(part);
      // About half of normalised values lie below zero.
      const share = all.filter((v) => v === 0).length / all.length;
      expect(share).toBeGreaterThan(0.3);
      expect(share).toBeLessThan(0.7);
      expect(Math.max(...all)).toBeGreaterThan(1);
    }
  });

  it('has kernels between the parts that there are, rounded down', () => {
    const plain = new FourierConv2d('conv', { input: 4, output: 6, size: 7 });
    expect(shapes(plain)).toEqual({ 'conv.local_to_local': '7 7 4 6' });
    const both = new FourierConv2d('conv', { input: 10, output: 9, size: 3, globalInput: 0.75, globalOutput: 0.5, batchNorm: true });
    expect(shapes(both)).toMatchObject({
      'conv.local_to_local': '3 3 3 5',
      'conv.local_to_global': '3 3 3 4',
      'conv.global_to_local': '3 3 7 5',
      'conv.global_to_global.reduce': '1 1 7 2',
      'conv.local_norm.scale': '5',
      'conv.global_norm.scale': '4',
    });
    for (const share of [-0.5, 1]) {
      expect(() => new FourierConv2d('conv', { input: 4, output: 4, size: 3, globalInput: share })).toThrow(/FourierConv2d: globalInput must be >= 0 and < 1/);
      expect(() => new FourierConv2d('conv', { input: 4, output: 4, size: 3, globalOutput: share })).toThrow(/FourierConv2d: globalOutput must be/);
    }
  });

  it('leaves no tensors behind', async () => {
    const layer = new FourierConv2d('conv', { input: 8, output: 8, size: 3, globalInput: 0.5, globalOutput: 0.5, batchNorm: true, activation: 'relu' });
    const weights = initialWeights(layer.weights, 3);
    const x = { local: tf.zeros<tf.Rank.R3>([4, 6, 4]), global: tf.zeros<tf.Rank.R3>([4, 6, 4]) };
    await expectNoLeak(() => ({ ...layer.apply(x, weights) }));
    await expectNoLeak(() => ({ ...layer.apply(x, weights, { training: true }) }));
    const [unit, spectral] = [new FourierUnit('u', { input: 4, output: 4 }), new SpectralTransform('s', { input: 4, output: 4 })];
    const more = { ...initialWeights(unit.weights, 1), ...initialWeights(spectral.weights, 1) };
    await expectNoLeak(() => unit.apply(x.local, more));
    await expectNoLeak(() => spectral.apply(x.local, more, { training: true }));
  });
});
