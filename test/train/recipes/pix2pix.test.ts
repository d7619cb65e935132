import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { runNetwork } from '../../../src/generators/network';
import { patchGan } from '../../../src/train/discriminators/patch-gan';
import { lossGradients } from '../../../src/train/gradients';
import { loadWeights } from '../../../src/train/load-weights';
import { binaryCrossEntropy } from '../../../src/train/losses/binary-cross-entropy';
import { l1 } from '../../../src/train/losses/l1';
import type { Batch, StepContext } from '../../../src/train/recipe';
import { pix2pixRecipe } from '../../../src/train/recipes/pix2pix';
import { type Golden, readGolden } from '../../support/golden';
import { expectScalar } from '../../support/gradients';
import { proceduralCase, proceduralWeights } from '../../support/procedural-weights';
import { expectClose, values } from '../../support/values';

const picture = (name: string) => tf.tensor4d(proceduralCase(name).image, [1, 256, 256, 3]);

describe.skipIf(tf.getBackend() !== 'tensorflow')('pix2pixRecipe at 256 (too large for the other backends)', () => {
  let golden: Map<string, Golden>;
  let batch: Batch;
  beforeAll(async () => {
    golden = await readGolden('pix2pix.safetensors');
    batch = { image: picture('pix2pix_a'), hole: tf.zeros([1, 256, 256, 1]), target: picture('pix2pix_b') };
  });

  const loaded = (baseWidth: number, statistics: 'stored' | 'batch') => {
    const recipe = pix2pixRecipe({ baseWidth, statistics });
    const adversary = patchGan({ baseWidth });
    return {
      recipe,
      adversary,
      generator: loadWeights(recipe.network, proceduralWeights(`unet_ngf${baseWidth}`)).weights,
      discriminator: loadWeights(adversary, proceduralWeights(`patchgan_ndf${baseWidth}`)).weights,
    };
  };

  it.each([8, 64])("has the reference's losses, scores and gradients by stored statistics: width %i", async (baseWidth) => {
    const { recipe, adversary, generator, discriminator } = loaded(baseWidth, 'stored');
    const at = (key: string) => golden.get(`ngf${baseWidth}.eval.${key}`)!.values;
    const context: StepContext = { mode: {}, random: Math.random };
    const { loss, gradients } = lossGradients(() => recipe.generatorLoss(generator, discriminator, batch, context), generator);
    await expectScalar(loss.parts.adversarial!, at('loss_gan')[0]!, 1e-5);
    await expectScalar(tf.mul(100, loss.parts.l1!), at('loss_l1x100')[0]!, 3e-6);
    await expectScalar(loss.total, at('loss_gan')[0]! + at('loss_l1x100')[0]!, 3e-6);
    const ofDiscriminator = recipe.discriminatorLoss!(generator, discriminator, batch, context);
    await expectScalar(ofDiscriminator.total, at('loss_d')[0]!, 1e-5);
    const { fine } = recipe.pictures(generator, batch);
    const logits = (made: tf.Tensor4D) => adversary.judge(discriminator, tf.concat([batch.image, made], 3));
    expectClose(await values(logits(fine!)), at('logits_fake'), 1e-4);
    expectClose(await values(logits(batch.target!)), at('logits_real'), 1e-4);
    if (baseWidth === 8) await expectGradients(gradients, at);
    tf.dispose([loss.total, loss.parts, gradients, generator, discriminator] as tf.TensorContainer);
  });

  it("has the reference's losses, scores and gradients by batch statistics", async () => {
    const { recipe, adversary, generator, discriminator } = loaded(8, 'batch');
    const at = (key: string) => golden.get(`ngf8.train.${key}`)!.values;
    const training = { training: true };
    const { fine } = recipe.pictures(generator, batch);
    const logits = (made: tf.Tensor4D) => adversary.judge(discriminator, tf.concat([batch.image, made], 3), training);
    expectClose(await values(logits(fine!)), at('logits_fake'), 1e-4);
    expectClose(await values(logits(batch.target!)), at('logits_real'), 1e-4);
    // The recipe's losses by hand: in its training mode the generator would drop values, too, which the reference does not.
    await expectScalar(tf.mul(0.5, tf.add(binaryCrossEntropy(logits(fine!), 0), binaryCrossEntropy(logits(batch.target!), 1))), at('loss_d')[0]!, 1e-5);
    const { loss, gradients } = lossGradients(() => {
      const made = runNetwork(recipe.network, generator, batch.image, batch.hole).image as tf.Tensor4D;
      const parts = { adversarial: binaryCrossEntropy(logits(made), 1), l1: l1(made, batch.target!) };
      return { total: tf.add(parts.adversarial, tf.mul(100, parts.l1)) as tf.Scalar, parts };
    }, generator);
    await expectScalar(loss.parts.adversarial, at('loss_gan')[0]!, 1e-5);
    await expectScalar(tf.mul(100, loss.parts.l1), at('loss_l1x100')[0]!, 3e-6);
    await expectGradients(gradients, at);
    tf.dispose([loss.total, loss.parts, gradients, generator, discriminator] as tf.TensorContainer);
  });

  async function expectGradients(gradients: Record<string, tf.Tensor>, at: (key: string) => ArrayLike<number>): Promise<void> {
    // [output, input, rows, columns] there, [rows, columns, output, input] here for transposed kernels.
    const turned = {
      'down1.w': tf.transpose(gradients['down1.weights']!, [3, 2, 0, 1]),
      'up1.w': tf.transpose(gradients['up1.weights']!, [3, 2, 0, 1]),
      'up1.b': gradients['up1.bias']!,
    };
    for (const [key, gradient] of Object.entries(turned)) {
      const expected = at(`grad.${key}`);
      const largest = Math.max(...Array.from(expected, Math.abs));
      const actual = await values(gradient);
      expect(Math.max(...Array.from(expected, (v, i) => Math.abs(actual[i]! - v))), key).toBeLessThanOrEqual(1e-4 * largest);
    }
  }
});
