import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mode, Weights } from '../../../src/layers/layer';
import { snPatchGan } from '../../../src/train/discriminators/sn-patch-gan';
import { loadWeights } from '../../../src/train/load-weights';
import type { Batch, StepContext } from '../../../src/train/recipe';
import { deepfillV2Recipe } from '../../../src/train/recipes/deepfill-v2';
import { generatorWeights, seededInput } from '../../support/deepfill-v2';
import { type Golden, readGolden } from '../../support/golden';
import { expectScalar } from '../../support/gradients';
import { proceduralWeights } from '../../support/procedural-weights';
import { expectClose, values } from '../../support/values';

describe.skipIf(tf.getBackend() !== 'tensorflow')('deepfillV2Recipe at 256 (too large for the other backends)', () => {
  const recipe = deepfillV2Recipe();
  const adversary = snPatchGan();
  let golden: Map<string, Golden>;
  let batch: Batch;
  let generator: Weights;
  let first: Weights;
  const second: Record<string, tf.Tensor> = {};
  beforeAll(async () => {
    golden = await readGolden('deepfill_v2.safetensors');
    batch = seededInput();
    generator = loadWeights(recipe.network, generatorWeights()).weights;
    first = loadWeights(
      adversary,
      proceduralWeights('deepfill_v2', (name) => name.startsWith('discriminator/')),
    ).weights;
  });
  afterAll(() => tf.dispose([generator, first, second, batch.image, batch.hole] as tf.TensorContainer));

  it("has the authors' losses, the second time by the vectors that the first has told", async () => {
    const at = (key: string) => golden.get(`loss.${key}`)!.values[0]!;
    const onVector: Mode['onVector'] = (name, u) => {
      second[`${name}.u`]?.dispose();
      second[`${name}.u`] = tf.keep(tf.clone(u));
    };
    const context: StepContext = { mode: { training: true, onVector }, random: Math.random };
    const generatorLoss = recipe.generatorLoss(generator, first, batch, context);
    await expectScalar(tf.add(generatorLoss.parts.coarse!, generatorLoss.parts.fine!), at('ae'), 3e-6);
    await expectScalar(generatorLoss.parts.adversarial!, at('g_hinge_first'), 3e-6, 1e-6);
    await expectScalar(generatorLoss.total, at('ae') + at('g_hinge_first'), 3e-6);
    await expectScalar(recipe.discriminatorLoss!(generator, first, batch, context).total, at('d_hinge_first'), 3e-6);
    const later = { ...first, ...second };
    const silent: StepContext = { ...context, mode: { training: true } };
    await expectScalar(recipe.generatorLoss(generator, later, batch, silent).parts.adversarial!, at('g_hinge_second'), 3e-6, 1e-6);
    await expectScalar(recipe.discriminatorLoss!(generator, later, batch, silent).total, at('d_hinge_second'), 3e-6);
  });

  it("has the authors' scores", async () => {
    const { composite } = recipe.pictures(generator, batch);
    const seen = tf.concat([batch.image, composite!].map((picture) => tf.concat([picture, batch.hole], 3))) as tf.Tensor4D;
    for (const [weights, key] of [
      [first, 'first_call'],
      [{ ...first, ...second }, 'second_call'],
    ] as const) {
      const scores = adversary.judge(weights, seen);
      expect(scores.shape).toEqual([2, 4096]);
      expectClose(await values(scores), golden.get(`discriminator.${key}`)!.values, 2e-5);
    }
  });
});
