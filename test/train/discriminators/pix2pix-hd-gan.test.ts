import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { countParameters, type Mode, weightsOf } from '../../../src/layers/layer';
import { pix2pixHdGan } from '../../../src/train/discriminators/pix2pix-hd-gan';
import { thinWeights } from '../../support/small-recipes';
import { expectClose, expectNoLeak, seeded, values } from '../../support/values';

describe('pix2pixHdGan', () => {
  it('has the published number of parameters and channels', () => {
    const { layers } = pix2pixHdGan();
    expect(countParameters(weightsOf(layers))).toBe(6_962_369);
    const kernels = Object.entries(weightsOf(layers)).filter(([, { kernel }]) => kernel);
    expect(kernels.map(([, { shape }]) => shape.slice(2))).toEqual([
      [3, 64],
      [64, 128],
      [128, 256],
      [256, 512],
      [512, 512],
      [512, 1],
    ]);
    expect(() => pix2pixHdGan({ channels: 0 })).toThrow(/pix2pixHdGan: channels/);
    expect(() => pix2pixHdGan({ baseWidth: 1.5 })).toThrow(/pix2pixHdGan: baseWidth/);
    expect(() => pix2pixHdGan({ halvings: 0 })).toThrow(/pix2pixHdGan: halvings/);
  });

  it('scores patches, gives the features on the way, and tells of its statistics in training', async () => {
    const discriminator = pix2pixHdGan({ baseWidth: 2, halvings: 2 });
    const weights = thinWeights(weightsOf(discriminator.layers), 1);
    const x = tf.tensor4d(seeded(9, 2 * 16 * 20 * 3), [2, 16, 20, 3]);
    const told: string[] = [];
    const onStatistics: Mode['onStatistics'] = (name) => told.push(name);
    await expectNoLeak(() => discriminator.judge(weights, x, { onStatistics }));
    expect(told).toEqual([]);
    await expectNoLeak(() => {
      const { scores, features } = discriminator.look(weights, x, { training: true, onStatistics });
      // Each halving rounds up and adds one: 16 to 9 to 5; the last two add one each.
      expect([...features, scores].map(({ shape }) => shape)).toEqual([
        [2, 9, 11, 2],
        [2, 5, 6, 4],
        [2, 6, 7, 8],
        [2, 7, 8, 1],
      ]);
      return [scores, ...features];
    });
    expect([...new Set(told)]).toEqual(['discriminator.conv2.norm', 'discriminator.conv3.norm']);
    const { scores, features } = discriminator.look(weights, x);
    expectClose(await values(discriminator.judge(weights, x)), await values(scores), 0);
    // The last layer scores the last features.
    const padded = tf.pad(features.at(-1)!, [
      [0, 0],
      [2, 2],
      [2, 2],
      [0, 0],
    ]);
    const scored = tf.add(
      tf.conv2d(padded as tf.Tensor4D, weights['discriminator.conv4.weights'] as tf.Tensor4D, 1, 'valid'),
      weights['discriminator.conv4.bias']!,
    );
    expectClose(await values(scores), await values(scored), 1e-5);
    expect(() => discriminator.look(weights, tf.zeros([3, 3]) as unknown as tf.Tensor4D)).toThrow(/pix2pixHD discriminator: x must be BHWC/);
  });
});
