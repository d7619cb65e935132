import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Conv2d } from '../../src/layers/conv2d';
import { initialWeights } from '../../src/layers/initial-weights';
import { normal } from '../../src/layers/initializers';
import { countParameters, type Weights, weightsOf } from '../../src/layers/layer';
import { conv2d } from '../../src/ops/conv2d';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const x = tf.tensor4d(seeded(1, 2 * 6 * 7 * 3), [2, 6, 7, 3]);
const bias = tf.tensor1d([0.2, -0.3, 0.4, 0.5]);

describe('Conv2d', () => {
  it('has a kernel and a bias, by its name', () => {
    const layer = new Conv2d('first', { input: 3, output: 4, size: 5 });
    expect(Object.entries(layer.weights).map(([name, { shape, kernel }]) => [name, shape, kernel])).toEqual([
      ['first.weights', [5, 5, 3, 4], 'convolution'],
      ['first.bias', [4], undefined],
    ]);
    expect(layer.parameterCount).toBe(304);
    const bare = new Conv2d('second', { input: 3, output: 4, size: 5, bias: false });
    expect(Object.keys(bare.weights)).toEqual(['second.weights']);
    expect(bare.parameterCount).toBe(300);
    expect(countParameters(weightsOf([layer, bare]))).toBe(604);
    const { initializer } = new Conv2d('third', { input: 3, output: 4, size: 1, initializer: normal(2) }).weights['third.weights']!;
    expect(initializer).toEqual(normal(2));
  });

  it.each([
    {},
    { stride: 2, activation: 'elu' as const },
    { dilation: 2, padding: 'valid' as const },
    { padding: 2, activation: 'tanh' as const },
    { bias: false, stride: 2 },
  ])('computes what the op does: %j', async (options) => {
    const layer = new Conv2d('layer', { input: 3, output: 4, size: 3, ...options });
    const weights: Weights = { ...initialWeights(layer.weights, 2), 'layer.bias': bias };
    const { bias: biased = true, ...rest } = options as { bias?: boolean };
    const expected = conv2d(x, weights['layer.weights'] as tf.Tensor4D, { ...rest, bias: biased ? bias : undefined });
    const y = layer.apply(x, weights);
    expect(y.shape).toEqual(expected.shape);
    expectClose(await values(y), await values(expected), tolerance.exact);
    const single = layer.apply(tf.squeeze(tf.slice(x, 0, 1), [0]) as tf.Tensor3D, weights);
    expectClose(await values(single), (await values(expected)).slice(0, single.size), tolerance.matmul);
  });

  it('has a gradient in its weights', async () => {
    const layer = new Conv2d('layer', { input: 3, output: 4, size: 3, dilation: 2 });
    const weights = { ...initialWeights(layer.weights, 2), 'layer.bias': bias };
    const start = seeded(3, 108);
    await expectGradient((w) => tf.sum(tf.square(layer.apply(x, { ...weights, 'layer.weights': w }))), start, [3, 3, 3, 4], 5, 0.25);
  });

  it('leaves no tensors behind', async () => {
    const layer = new Conv2d('layer', { input: 3, output: 4, size: 3 });
    const weights = initialWeights(layer.weights, 2);
    await expectNoLeak(() => layer.apply(x, weights));
    const wrong = tf.zeros([1, 4, 4, 2]) as tf.Tensor4D;
    await expectNoLeak(() => {
      expect(() => layer.apply(wrong, weights)).toThrow(/conv2d: weights must be \[3, 3, 2, 4\]/);
    });
  });
});
