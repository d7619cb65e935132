import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/errors';
import { BatchNorm } from '../../src/layers/batch-norm';
import { Conv2d } from '../../src/layers/conv2d';
import { GatedConv2d } from '../../src/layers/gated-conv2d';
import { initialWeights } from '../../src/layers/initial-weights';
import { InstanceNorm } from '../../src/layers/instance-norm';
import type { Layer, Weights } from '../../src/layers/layer';
import { PartialConv2d } from '../../src/layers/partial-conv2d';
import { SpectralConv2d } from '../../src/layers/spectral-conv2d';
import { TransposedConv2d } from '../../src/layers/transposed-conv2d';
import { expectNoLeak } from '../support/values';

const sizes = { input: 2, output: 3, size: 3 };
const partial = new PartialConv2d('layer', { ...sizes, batchNorm: true });
const others = {
  Conv2d: new Conv2d('layer', sizes),
  TransposedConv2d: new TransposedConv2d('layer', sizes),
  SpectralConv2d: new SpectralConv2d('layer', sizes),
  GatedConv2d: new GatedConv2d('layer', { ...sizes, gate: 'depth-separable', batchNorm: true }),
  'GatedConv2d, split': new GatedConv2d('layer', { ...sizes, gate: 'split' }),
  BatchNorm: new BatchNorm('layer', 2),
  InstanceNorm: new InstanceNorm('layer', 2, { affine: true }),
};
const cases: [string, Layer, (x: tf.Tensor4D, weights: Weights) => tf.Tensor][] = [
  ['PartialConv2d', partial, (x, weights) => partial.apply(x, tf.onesLike(x), weights).features],
  ...Object.entries(others).map(([name, layer]) => [name, layer, (x: tf.Tensor4D, weights: Weights) => layer.apply(x, weights)] as (typeof cases)[number]),
];

describe('weights that are not there', () => {
  it.each(cases)('%s: names the one that it misses, and leaves no tensors', async (_, layer, apply) => {
    const weights = initialWeights(layer.weights, 1);
    const x = tf.ones([1, 4, 4, 2]) as tf.Tensor4D;
    for (const name of Object.keys(layer.weights)) {
      const { [name]: missing, ...rest } = weights;
      await expectNoLeak(() => {
        const tidied = () => tf.tidy(() => apply(x, rest));
        expect(tidied).toThrow(ArgumentError);
        expect(tidied).toThrow(`weights must be an object that holds ${name}, got one without`);
      });
      expect(missing).toBeInstanceOf(tf.Tensor);
    }
    tf.dispose([x, tf.tidy(() => apply(x, weights))]);
    tf.dispose({ ...weights });
  });
});
