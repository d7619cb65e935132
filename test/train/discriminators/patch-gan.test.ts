import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { WeightFile } from '../../../src/io/weights/weight-file';
import { countParameters, type Mode, weightsOf } from '../../../src/layers/layer';
import { patchGan } from '../../../src/train/discriminators/patch-gan';
import { loadWeights } from '../../../src/train/load-weights';
import { proceduralWeights } from '../../support/procedural-weights';
import { expectClose, expectNoLeak, seeded, values } from '../../support/values';

// The authors' list: convolution, leaky ReLU, thrice (convolution, norm, leaky ReLU), convolution.
const PLACES: Record<string, string> = {
  'conv1.w': '0.weight',
  'conv1.b': '0.bias',
  'conv2.w': '2.weight',
  'conv2.bn_gamma': '3.weight',
  'conv2.bn_beta': '3.bias',
  'conv2.bn_mean': '3.running_mean',
  'conv2.bn_var': '3.running_var',
  'conv3.w': '5.weight',
  'conv3.bn_gamma': '6.weight',
  'conv3.bn_beta': '6.bias',
  'conv3.bn_mean': '6.running_mean',
  'conv3.bn_var': '6.running_var',
  'conv4.w': '8.weight',
  'conv4.bn_gamma': '9.weight',
  'conv4.bn_beta': '9.bias',
  'conv4.bn_mean': '9.running_mean',
  'conv4.bn_var': '9.running_var',
  'conv5.w': '11.weight',
  'conv5.b': '11.bias',
};

describe('patchGan', () => {
  it('has the published number of parameters', () => {
    expect(countParameters(weightsOf(patchGan().layers))).toBe(2_768_705);
    expect(() => patchGan({ baseWidth: 0 })).toThrow(/patchGan: baseWidth/);
    expect(() => patchGan({ channels: 1.5 })).toThrow(/patchGan: channels/);
  });

  it("takes the authors' files, with or without a prefix", async () => {
    const discriminator = patchGan({ baseWidth: 8 });
    const table = proceduralWeights('patchgan_ndf8');
    const own = loadWeights(discriminator, table).weights;
    for (const prefix of ['', 'module.']) {
      const tensors = new Map([...table.tensors].map(([name, array]) => [`${prefix}model.${PLACES[name]}`, array]));
      tensors.set(`${prefix}model.3.num_batches_tracked`, table.tensors.get('conv5.b')!);
      const theirs = loadWeights(discriminator, { ...table, tensors } as WeightFile).weights;
      for (const name of Object.keys(own)) expectClose(await values(theirs[name]!), await values(own[name]!), 0);
      tf.dispose(theirs);
    }
    tf.dispose(own);
  });

  it('scores patches, and tells of its statistics in training', async () => {
    const discriminator = patchGan({ baseWidth: 2, channels: 3 });
    const specifications = weightsOf(discriminator.layers);
    const weights = Object.fromEntries(
      Object.entries(specifications).map(([name, { shape }], n) => {
        const count = shape.reduce((a, b) => a * b, 1);
        return [name, tf.tensor(name.endsWith('variance') ? new Float32Array(count).fill(1) : seeded(n, count), shape as number[])];
      }),
    );
    const x = tf.tensor4d(seeded(9, 2 * 32 * 40 * 3), [2, 32, 40, 3]);
    const told: string[] = [];
    const onStatistics: Mode['onStatistics'] = (name) => told.push(name);
    await expectNoLeak(() => {
      const logits = discriminator.judge(weights, x, { onStatistics });
      expect(logits.shape).toEqual([2, 2, 3, 1]);
      return logits;
    });
    expect(told).toEqual([]);
    tf.dispose(discriminator.judge(weights, x, { training: true, onStatistics }));
    expect(told).toEqual([2, 3, 4].map((n) => `discriminator.conv${n}.norm`));
    expect(() => discriminator.judge(weights, tf.zeros([3, 3]) as unknown as tf.Tensor4D)).toThrow(/PatchGAN: x must be BHWC/);
  });
});
