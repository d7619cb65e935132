import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../../src/layers/initial-weights';
import { countParameters, type Mode, weightsOf } from '../../../src/layers/layer';
import { snPatchGan } from '../../../src/train/discriminators/sn-patch-gan';
import { loadWeights } from '../../../src/train/load-weights';
import { readGolden } from '../../support/golden';
import { proceduralWeights } from '../../support/procedural-weights';
import { expectClose, expectNoLeak, seeded, values } from '../../support/values';

const ofDiscriminator = () => proceduralWeights('deepfill_v2', (name) => name.startsWith('discriminator/'));

describe('snPatchGan', () => {
  it('has the published number of parameters', () => {
    const specifications = weightsOf(snPatchGan().layers);
    expect(countParameters(specifications)).toBe(5_946_816);
    expect(weightsOf(snPatchGan(3).layers)['discriminator.conv1.weights']!.shape).toEqual([5, 5, 3, 64]);
    expect(() => snPatchGan(0)).toThrow(/snPatchGan: channels/);
  });

  it("takes the authors' checkpoint, and leaves the generator's weights", () => {
    const file = proceduralWeights('deepfill_v2');
    const { weights, colourOrder } = loadWeights(snPatchGan(), file);
    expect(colourOrder).toBe('bgr');
    expect(Object.keys(weights)).toHaveLength(18);
    tf.dispose(weights);
  });

  it('tells the next vector of each layer in training, and only then', async () => {
    const discriminator = snPatchGan();
    const weights = initialWeights(weightsOf(discriminator.layers), 3);
    const x = tf.tensor4d(seeded(1, 4 * 4 * 4), [1, 4, 4, 4]);
    const told: string[] = [];
    const onVector: Mode['onVector'] = (name) => told.push(name);
    await expectNoLeak(() => {
      const scores = discriminator.judge(weights, x, { onVector });
      expect(scores.shape).toEqual([1, 256]);
      return scores;
    });
    expect(told).toEqual([]);
    tf.dispose(discriminator.judge(weights, x, { training: true, onVector }));
    expect(told).toEqual([1, 2, 3, 4, 5, 6].map((n) => `discriminator.conv${n}`));
    expect(() => discriminator.judge(weights, tf.zeros([4, 4]) as unknown as tf.Tensor4D)).toThrow(/SN-PatchGAN: x must be BHWC/);
  });

  it.skipIf(tf.getBackend() !== 'tensorflow' && tf.getBackend() !== 'wasm')("tells the authors' vectors (too large for the other backends)", async () => {
    const golden = await readGolden('deepfill_v2.safetensors');
    const u = (n: number) => golden.get(`discriminator.u_after_first.conv${n}`)!.values;
    const discriminator = snPatchGan();
    const weights = { ...loadWeights(discriminator, ofDiscriminator()).weights };
    // What the vectors come to depends on the kernels alone, not on the picture.
    const next: Record<string, tf.Tensor> = {};
    const onVector: Mode['onVector'] = (name, vector) => {
      next[`${name}.u`] = tf.keep(tf.clone(vector));
    };
    discriminator.judge(weights, tf.zeros([1, 2, 2, 4]), { training: true, onVector });
    for (let n = 1; n <= 6; n++) expectClose(await values(next[`discriminator.conv${n}.u`]!), u(n), 2e-5);
    tf.dispose(next);
  });
});
