import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensorflowOrigin } from '../../../src/generators/hifill/origins';
import { initialWeights } from '../../../src/layers/initial-weights';
import { identity } from '../../../src/layers/initializers';
import { countParameters, type Weights, weightsOf } from '../../../src/layers/layer';
import { craDiscriminator } from '../../../src/train/discriminators/cra';
import { lossGradients } from '../../../src/train/gradients';
import { loadWeights } from '../../../src/train/load-weights';
import type { Batch, Loss, StepContext } from '../../../src/train/recipe';
import { hifillRecipe } from '../../../src/train/recipes/hifill';
import { type Golden, goldenTensor, readGolden } from '../../support/golden';
import { expectScalar, statistics } from '../../support/gradients';
import { proceduralCase, proceduralWeights } from '../../support/procedural-weights';
import { values } from '../../support/values';

const adversary = craDiscriminator(512);
const [origin] = adversary.origins;

describe.skipIf(tf.getBackend() !== 'tensorflow')('hifillRecipe at 512, two pictures (too large for the other backends)', () => {
  const recipe = hifillRecipe();
  let golden: Map<string, Golden>;
  let batch: Batch;
  let generator: Weights;
  let discriminator: Weights;
  let context: StepContext;
  beforeAll(async () => {
    golden = await readGolden('cra_losses.safetensors');
    generator = loadWeights(recipe.network, proceduralWeights('cra_generator')).weights;
    discriminator = loadWeights(adversary, proceduralWeights('cra_discriminator')).weights;
    const [first, second] = [proceduralCase('cra_generator'), proceduralCase('cra_losses_second_image')];
    const both = (a: Float32Array, b: Float32Array, channels: number) =>
      tf.tidy(() => tf.concat([a, b].map((part) => tf.tensor4d(part, [1, 512, 512, channels]))) as tf.Tensor4D);
    batch = { image: both(first.image, second.image, 3), hole: both(first.hole, first.hole, 1) };
    const mix = golden.get('eps')!.values;
    let drawn = 0;
    context = { mode: { training: true }, random: () => mix[drawn++ % 2]! };
  });
  afterAll(() => tf.dispose([generator, discriminator, batch.image, batch.hole] as tf.TensorContainer));

  /** Compares the gradients that the reference has of a loss: within a share of the largest, and by their sum. */
  async function expectGradients(name: string, gradients: Record<string, tf.Tensor>, nameOf: (weight: string) => string | undefined, limits: [number, number]) {
    let compared = 0;
    for (const [weight, gradient] of Object.entries(gradients)) {
      const key = nameOf(weight)!;
      const expected = golden.get(`grad.${name}.${key}`)?.values;
      if (!expected) continue;
      const [, , sum, largest] = golden.get(`gradstats.${name}.${key}`)!.values as Float32Array;
      const actual = await values(gradient);
      const worst = Math.max(...Array.from(expected, (v, i) => Math.abs(actual[i]! - v)));
      expect(worst, `${name} ${key}`).toBeLessThanOrEqual(limits[0] * largest!);
      expect(Math.abs(statistics(actual)[2] - sum!), `${name} ${key}, sum`).toBeLessThanOrEqual(limits[1] * sum!);
      compared++;
    }
    return compared;
  }

  const generatorNames = (name: string) => Object.keys(generator).filter((weight) => golden.has(`grad.${name}.${tensorflowOrigin.nameOf(weight)}`));
  const some = (weights: Weights, names: string[]) => Object.fromEntries(names.map((name) => [name, weights[name]!]));

  it("has the authors' generator losses and gradients", async () => {
    const { loss, gradients } = lossGradients(() => recipe.generatorLoss(generator, discriminator, batch, context), generator);
    await expectScalar(loss.total, golden.get('loss.g_loss')!.values[0]!, 3e-6);
    for (const [part, key] of [
      ['hole', 'l1'],
      ['valid', 'ae'],
      ['adversarial', 'adv_g'],
    ] as const) {
      await expectScalar(loss.parts[part]!, golden.get(`loss.${key}`)!.values[0]!, 3e-6);
    }
    expect(Object.keys(gradients)).toEqual(Object.keys(generator));
    expect(await expectGradients('g_loss', gradients, tensorflowOrigin.nameOf, [1e-3, 5e-4])).toBe(20);
    tf.dispose([loss.total, loss.parts, gradients] as tf.TensorContainer);
  });

  it.each([
    ['l1', 'hole'],
    ['ae', 'valid'],
    ['adv_g', 'adversarial'],
  ])("has the authors' gradients of each part: %s", async (name, part) => {
    const names = generatorNames(name);
    const { gradients } = lossGradients(() => ({ total: recipe.generatorLoss(generator, discriminator, batch, context).parts[part]! }), some(generator, names));
    expect(await expectGradients(name, gradients, tensorflowOrigin.nameOf, [1e-3, 5e-4])).toBe(part === 'adversarial' ? 3 : 5);
    tf.dispose(gradients);
  });

  it("has the authors' discriminator losses, penalty and second-order gradients", async () => {
    const of = (total: (loss: Loss) => tf.Scalar) =>
      lossGradients(() => {
        const loss = recipe.discriminatorLoss!(generator, discriminator, batch, context);
        return { ...loss, total: total(loss) };
      }, discriminator);
    const whole = of(({ total }) => total);
    await expectScalar(whole.loss.total, golden.get('loss.d_loss')!.values[0]!, 3e-5);
    await expectScalar(whole.loss.parts.distance!, golden.get('loss.adv_d')!.values[0]!, 1e-4, 1e-5);
    await expectScalar(tf.mul(10, whole.loss.parts.penalty!), golden.get('loss.gp')!.values[0]!, 3e-5);
    expect(await expectGradients('d_loss', whole.gradients, origin!.nameOf, [1e-2, 5e-4])).toBe(7);
    const penalty = of(({ parts }) => tf.mul(10, parts.penalty!));
    expect(await expectGradients('gp', penalty.gradients, origin!.nameOf, [1e-2, 5e-4])).toBe(7);
    const rest = Object.entries(penalty.gradients).map(([name, gradient]) => [name, tf.sub(whole.gradients[name]!, gradient)] as const);
    expect(await expectGradients('adv_d', Object.fromEntries(rest), origin!.nameOf, [1e-2, 5e-4])).toBe(3);
    tf.dispose([whole, penalty, rest] as unknown as tf.TensorContainer);
  });

  it("has the authors' scores", async () => {
    const { composite } = recipe.pictures(generator, batch);
    const scores = adversary.judge(discriminator, tf.concat([batch.image, composite!]) as tf.Tensor4D);
    const expected = goldenTensor(golden, 'D.real_and_fake');
    expect(scores.shape).toEqual([4, 1]);
    expect(Math.max(...(await values(tf.abs(tf.sub(scores, expected)))))).toBeLessThan(2e-5);
  });
});

describe.skipIf(tf.getBackend() !== 'tensorflow' && tf.getBackend() !== 'wasm')('hifillRecipe, first weights (slow on the other backends)', () => {
  const deviation = async (x: tf.Tensor) => Math.sqrt((await values(tf.moments(x).variance))[0]!);
  const pictured = (): Batch => {
    const { image, hole } = proceduralCase('cra_generator');
    const cut = (all: Float32Array, channels: number) => tf.slice(tf.tensor4d(all, [1, 512, 512, channels]), [0, 100, 100, 0], [1, 128, 128, channels]);
    return tf.tidy(() => ({ image: cut(image, 3), hole: cut(hole, 1) }));
  };

  it.each([
    ['identity', 1e-2, 1],
    ['scaled', 1e-2, 1],
    ['published', 0, 1e-6],
  ] as const)('keep the scale of features or let them fade: %s', async (initialization, least, most) => {
    const { network, pictures } = hifillRecipe({ size: 128, initialization });
    const weights = initialWeights(weightsOf(network.layers), 7);
    const shown = pictures(weights, pictured());
    expect(Object.keys(shown)).toEqual(['input', 'coarse', 'fine', 'composite']);
    const found = await deviation(shown.coarse!);
    expect(found).toBeGreaterThan(least);
    expect(found).toBeLessThan(most);
    tf.dispose([weights, shown] as unknown as tf.TensorContainer);
  });

  it('start out as layers that hand their input on; gates, and the layers that make colours, by chance', () => {
    const specifications = weightsOf(hifillRecipe().network.layers);
    const kindOf = (name: string) => specifications[name]!.initializer.kind;
    expect(specifications['coarse.dilated_1.weights']!.initializer).toEqual(identity(2, expect.closeTo(0.025)));
    const handing = Object.keys(specifications).filter((name) => kindOf(name) === 'identity');
    expect(handing).toEqual(Object.keys(specifications).filter((name) => /^(?!.*\.rgb\.).*\.weights$/.test(name)));
    expect([kindOf('coarse.dilated_1.gate_weights'), kindOf('refine.rgb.weights'), kindOf('refine.rgb.bias')]).toEqual(['normal', 'normal', 'constant']);
  });

  it('goes by the published numbers', () => {
    const recipe = hifillRecipe();
    expect(recipe.adam).toEqual({ learningRate: 1e-4, beta1: 0.5, beta2: 0.9 });
    expect(recipe.discriminatorSteps).toBe(3);
    expect(countParameters(weightsOf(recipe.discriminator!))).toBe(5_961_601);
    expect(countParameters(weightsOf(recipe.network.layers))).toBe(2_722_791);
    expect(countParameters(weightsOf(hifillRecipe({ size: 64 }).discriminator!))).toBe(5_961_601 - 63 * 256);
  });

  it('weighs its losses as it is told, and without weight for the adversary has none', async () => {
    const recipe = hifillRecipe({ size: 128, holeWeight: 6, validWeight: 0.5, adversarialWeight: 0 });
    expect(recipe.discriminator).toBeUndefined();
    expect(recipe.discriminatorSteps).toBe(0);
    const weights = initialWeights(weightsOf(recipe.network.layers), 7);
    const batch = pictured();
    const { total, parts } = recipe.generatorLoss(weights, {}, batch, { mode: { training: true }, random: () => 0.5 });
    expect(Object.keys(parts)).toEqual(['hole', 'valid']);
    const [hole] = await values(parts.hole!);
    const [valid] = await values(parts.valid!);
    await expectScalar(total, 6 * hole! + 0.5 * valid!, 1e-6);
    const overHoles = hifillRecipe({ size: 128, holeWeight: 6, validWeight: 0.5, holeMean: 'hole', adversarialWeight: 0 });
    const other = overHoles.generatorLoss(weights, {}, batch, { mode: { training: true }, random: () => 0.5 });
    const [share] = await values(tf.mean(batch.hole));
    const larger = hole! / share!;
    await expectScalar(other.parts.hole!, larger, 1e-5);
    await expectScalar(other.total, 6 * larger + 0.5 * valid!, 1e-5);
    expect(() => hifillRecipe({ holeMean: 'mask' as 'hole' })).toThrow(/holeMean must be 'picture' or 'hole'/);
    tf.dispose([weights, batch, total, parts, other] as unknown as tf.TensorContainer);
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => hifillRecipe({ holeWeight: wrong })).toThrow(/holeWeight/);
      expect(() => hifillRecipe({ validWeight: wrong })).toThrow(/validWeight/);
      expect(() => hifillRecipe({ adversarialWeight: wrong })).toThrow(/adversarialWeight/);
    }
  });

  it('trains the coarse network alone: its own gradients and no others, and its own picture', async () => {
    const [both, alone] = (['both', 'coarse'] as const).map((stage) => hifillRecipe({ size: 128, adversarialWeight: 0, stage }));
    const weights = initialWeights(weightsOf(both!.network.layers), 7);
    const batch = pictured();
    const [shown, shownAlone] = [both!.pictures(weights, batch), alone!.pictures(weights, batch)];
    // Counted: a difference of fifty thousand values takes minutes to print.
    const differing = async (a: tf.Tensor, b: tf.Tensor) => (await values(tf.sum(tf.cast(tf.notEqual(a, b), 'int32'))))[0];
    expect(await differing(shownAlone.fine!, shown.coarse!)).toBe(0);
    expect(await differing(shownAlone.composite!, shown.composite!)).toBeGreaterThan(0);
    // wasm has no gradients of convolutions.
    if (tf.getBackend() === 'tensorflow') {
      const { loss, gradients } = lossGradients(() => alone!.generatorLoss(weights, {}, batch, { mode: { training: true }, random: () => 0.5 }), weights);
      expect(Object.keys(gradients)).toEqual(Object.keys(weights).filter((name) => name.startsWith('coarse.')));
      tf.dispose([loss.total, loss.parts, gradients] as tf.TensorContainer);
    }
    tf.dispose([weights, batch, shown, shownAlone] as unknown as tf.TensorContainer);
    expect(() => hifillRecipe({ stage: 'fine' as 'coarse' })).toThrow(/stage must be 'both' or 'coarse'/);
  });
});
