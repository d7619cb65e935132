import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { GatedConv2d, type GatedConv2dOptions, type GateKind } from '../../src/layers/gated-conv2d';
import { initialWeights } from '../../src/layers/initial-weights';
import { normal } from '../../src/layers/initializers';
import type { Weights } from '../../src/layers/layer';
import { batchNorm, batchStatistics } from '../../src/ops/batch-norm';
import { gatedConv2d } from '../../src/ops/gated-conv2d';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const x = tf.tensor4d(seeded(1, 2 * 6 * 6 * 3), [2, 6, 6, 3]);
const gates: GateKind[] = ['full', 'split', 'single-channel', 'pixelwise', 'depth-separable'];

const layerOf = (gate: GateKind, options: Partial<GatedConv2dOptions> = {}) =>
  new GatedConv2d('layer', { input: 3, output: 4, size: 3, gate, initializer: normal(0.4), ...options });

/** Initial weights, with biases that are not all 0. */
function weightsFor(layer: GatedConv2d): Weights {
  const weights = { ...initialWeights(layer.weights, 2) } as Record<string, tf.Tensor>;
  for (const name of Object.keys(weights)) if (name.endsWith('bias')) weights[name] = tf.tensor1d(seeded(3, weights[name]!.size));
  return weights;
}

const byOp = (weights: Weights, options: object) => {
  const own = (part: string) => weights[`layer.${part}`];
  return gatedConv2d(x, own('weights') as tf.Tensor4D, own('gate_weights') as tf.Tensor4D | undefined, {
    bias: own('bias') as tf.Tensor1D,
    gateBias: own('gate_bias') as tf.Tensor1D | undefined,
    gateDepthwise: own('gate_depthwise') as tf.Tensor4D | undefined,
    ...options,
  });
};

describe('GatedConv2d', () => {
  it.each([
    ['full', 27 * 4 + 4 + 27 * 4 + 4, ['weights', 'bias', 'gate_weights', 'gate_bias']],
    ['split', 27 * 8 + 8, ['weights', 'bias']],
    ['single-channel', 27 * 4 + 4 + 27 + 1, ['weights', 'bias', 'gate_weights', 'gate_bias']],
    ['pixelwise', 27 * 4 + 4 + 3 * 4 + 4, ['weights', 'bias', 'gate_weights', 'gate_bias']],
    ['depth-separable', 27 * 4 + 4 + 27 + 3 * 4 + 4, ['weights', 'bias', 'gate_depthwise', 'gate_weights', 'gate_bias']],
  ] as const)('has the weights of its gate: %s', (gate, count, parts) => {
    const layer = layerOf(gate);
    expect(Object.keys(layer.weights)).toEqual(parts.map((part) => `layer.${part}`));
    expect(layer.parameterCount).toBe(count);
    const normed = layerOf(gate, { batchNorm: true });
    expect(normed.parameterCount).toBe(count + 8);
    expect(Object.keys(normed.weights).length).toBe(parts.length + 4);
  });

  it.each(
    gates.flatMap((gate) => [{}, { stride: 2 }, { dilation: 2 }, { upsample: 'nearest' as const, activation: 'relu' as const }].map((o) => [gate, o] as const)),
  )('computes what the op does: %s, %j', async (gate, options) => {
    const layer = layerOf(gate, options);
    const weights = weightsFor(layer);
    const y = layer.apply(x, weights);
    const side = { stride: 3, upsample: 12 }[Object.keys(options)[0]!] ?? 6;
    expect(y.shape).toEqual([2, side, side, 4]);
    expectClose(await values(y), await values(byOp(weights, options)), tolerance.arithmetic);
    expect(layer.apply(tf.squeeze(tf.slice(x, 0, 1), [0]) as tf.Tensor3D, weights).shape).toEqual([side, side, 4]);
  });

  it('normalises what it let through: by its running statistics, in training by those of the batch', async () => {
    const layer = layerOf('full', { batchNorm: true });
    const weights = weightsFor(layer);
    const [scale, offset] = [weights['layer.norm.scale'] as tf.Tensor1D, weights['layer.norm.offset'] as tf.Tensor1D];
    const y = byOp(weights, {});
    const still = batchNorm(y, tf.zeros([4]), tf.ones([4]), { scale, offset });
    expectClose(await values(layer.apply(x, weights)), await values(still), tolerance.matmul);
    const { mean, variance } = batchStatistics(y);
    const told: string[] = [];
    const trained = layer.apply(x, weights, { training: true, onStatistics: (name) => told.push(name) });
    expectClose(await values(trained), await values(batchNorm(y, mean, variance, { scale, offset })), 1e-4);
    expect(told).toEqual(['layer.norm']);
  });

  it.each(gates)('has a gradient in each of its weights: %s', async (gate) => {
    const layer = layerOf(gate, { activation: 'tanh' });
    const weights = weightsFor(layer);
    const small = tf.slice(x, [0, 0, 0, 0], [1, 4, 4, 3]);
    for (const [name, { shape }] of Object.entries(layer.weights)) {
      const at = Float32Array.from(await weights[name]!.data());
      await expectGradient((w) => tf.sum(tf.square(layer.apply(small, { ...weights, [name]: w }))), at, shape as number[], 3);
    }
  });

  it('refuses a gate that it does not know', () => {
    expect(() => layerOf('half' as GateKind)).toThrow(/GatedConv2d: gate must be 'full', 'split', 'single-channel', 'pixelwise' or 'depth-separable'/);
  });

  it('leaves no tensors behind', async () => {
    for (const gate of gates) {
      const layer = layerOf(gate, { batchNorm: true });
      const weights = weightsFor(layer);
      await expectNoLeak(() => layer.apply(x, weights));
      await expectNoLeak(() => layer.apply(x, weights, { training: true }));
    }
    const layer = layerOf('full');
    const weights = weightsFor(layer);
    const wrong = tf.zeros([1, 4, 4, 2]) as tf.Tensor4D;
    await expectNoLeak(() => {
      expect(() => layer.apply(wrong, weights)).toThrow(/must be/);
    });
  });
});
