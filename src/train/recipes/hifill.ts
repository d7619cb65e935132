import { add, concat, mul, type Scalar, slice, type Tensor4D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkOneOf } from '../../check';
import { hifillNetwork, type RefinementGate } from '../../generators/hifill/network';
import { networkStages, runNetwork } from '../../generators/network';
import { type Initializer, identity, kaiming } from '../../layers/initializers';
import type { WeightSpecification, Weights } from '../../layers/layer';
import { composite } from '../../ops/composite';
import { constant } from '../constant';
import { craDiscriminator } from '../discriminators/cra';
import { withInitializers } from '../initialization';
import { gradientPenalty } from '../losses/gradient-penalty';
import { checkHoleMean, type TwoStageOptions, twoStageL1 } from '../losses/two-stage-l1';
import { wassersteinDiscriminatorLoss, wassersteinGeneratorLoss } from '../losses/wasserstein';
import type { AdamOptions, Batch, Loss, Recipe } from '../recipe';
import { cut } from './cut';

/** Options of {@link hifillRecipe}. The defaults are the authors' numbers, but for how weights start out. */
export interface HifillRecipeOptions {
  /** Height and width of the pictures that it is trained on: the discriminator takes no others. A multiple of 16. Default 512. */
  size?: number;
  /** How the gates of the refinement are computed. Default `'pixelwise'`, as in the released weights. */
  refinementGate?: RefinementGate;
  /**
   * What is trained: `'both'` networks (default), or `'coarse'`, the first one alone, in a quarter of the time a step: what is
   * painted in the hole comes from there, and the second one builds on it. Losses and pictures then are of the coarse fill.
   */
  stage?: 'both' | 'coarse';
  /**
   * How the generator starts out. `'identity'` (default): each layer hands its input on, so that what is known gets through
   * thirty layers and both fills improve from the first step. `'scaled'`: normal values that keep the scale of features;
   * learns a good deal slower. `'published'`: normal values of deviation 0.05 everywhere, as in the authors' program; they fade from
   * layer to layer, so that the coarse fill and its gradients are next to nothing (1e-10) at first.
   */
  initialization?: 'identity' | 'scaled' | 'published';
  /** How many steps the discriminator makes before each of the generator. Default 3. */
  discriminatorSteps?: number;
  /** The weight of L1 in the hole. Default 1.2. */
  holeWeight?: number;
  /** What L1 in the hole is a mean over: the whole `'picture'` (default), so that small holes count little, or each picture's `'hole'`. */
  holeMean?: TwoStageOptions['holeMean'];
  /** The weight of L1 outside the hole. Default 1.2. */
  validWeight?: number;
  /** The weight of the adversarial loss. 0 trains without an adversary, in half of the time. Default 0.001. */
  adversarialWeight?: number;
  /** The weight of the gradient penalty. Default 10. */
  penaltyWeight?: number;
  /** Both optimisers. Default: 1e-4, 0.5, 0.9. */
  adam?: AdamOptions;
}

/**
 * How HiFill is trained: L1 of both stages, and a Wasserstein adversary with a gradient penalty that sees the composite.
 *
 * generator: 1.2 hole + 1.2 valid - 0.001 mean(D(composite)), by the weights of the options, see {@link twoStageL1};
 * discriminator: mean(D(composite)) - mean(D(picture)) + 10 penalty
 *
 * @param options see {@link HifillRecipeOptions}.
 * @throws ArgumentError
 * @example
 * ```ts
 * const recipe = hifillRecipe({ size: 256 });
 * const weights = initialWeights(weightsOf(recipe.network.layers), 7);
 * ```
 * Source: Yi et al., Contextual Residual Aggregation (arXiv 2005.09704), section 3.5, and the authors' program.
 */
export function hifillRecipe(options: HifillRecipeOptions = {}): Recipe {
  const { size = 512, refinementGate, stage = 'both', initialization = 'identity', discriminatorSteps = 3 } = options;
  const { holeWeight = 1.2, holeMean = 'picture', validWeight = 1.2, adversarialWeight = 0.001, penaltyWeight = 10 } = options;
  const { adam = { learningRate: 1e-4, beta1: 0.5, beta2: 0.9 } } = options;
  checkOneOf(stage, ['both', 'coarse'], 'hifillRecipe', 'stage');
  checkWeight(holeWeight, 'holeWeight');
  checkHoleMean(holeMean, 'hifillRecipe');
  checkWeight(validWeight, 'validWeight');
  checkWeight(adversarialWeight, 'adversarialWeight');
  const published = hifillNetwork(refinementGate);
  const network = initialization === 'published' ? published : withInitializers(published, initialization === 'scaled' ? scaled : passing);
  const discriminator = craDiscriminator(size);
  const fill = (weights: Weights, { image, hole }: Batch) => {
    if (stage === 'both') {
      const { coarse, image: fine } = runNetwork(network, weights, image, hole);
      return { coarse, fine };
    }
    const { coarse } = runNetwork({ ...network, stages: networkStages(network.fillCoarsely) }, weights, image, hole);
    return { coarse, fine: coarse };
  };
  return {
    name: network.name,
    network,
    discriminator: adversarialWeight > 0 ? discriminator.layers : undefined,
    discriminatorSteps: adversarialWeight > 0 ? discriminatorSteps : 0,
    adam,
    generatorLoss(generator, adversary, batch): Loss {
      const { image, hole } = batch;
      const { coarse, fine } = fill(generator, batch);
      const l1 = twoStageL1({ coarse, fine, target: image, hole }, { holeMean });
      const distance = add(mul(holeWeight, l1.hole), mul(validWeight, l1.valid)) as Scalar;
      if (adversarialWeight === 0) return { total: distance, parts: { ...l1 } };
      const adversarial = wassersteinGeneratorLoss(discriminator.judge(adversary, composite(fine, image, hole)));
      const total = add(distance, mul(adversarialWeight, adversarial)) as Scalar;
      return { total, parts: { hole: l1.hole, valid: l1.valid, adversarial } };
    },
    discriminatorLoss(generator, adversary, batch, { random }) {
      const { image, hole } = batch;
      const count = image.shape[0];
      const fake = constant(() => composite(fill(generator, batch).fine, image, hole));
      const scores = discriminator.judge(adversary, concat([image, fake]) as Tensor4D);
      const distance = wassersteinDiscriminatorLoss(slice(scores, [0, 0], [count, 1]), slice(scores, [count, 0], [count, 1]));
      const mix = tensor4d(Array.from({ length: count }, random), [count, 1, 1, 1]);
      const penalty = gradientPenalty((x) => discriminator.judge(adversary, x), image, fake, mix);
      return { total: add(distance, mul(penaltyWeight, penalty)) as Scalar, parts: { distance, penalty } };
    },
    pictures(generator, batch) {
      return tidy(() => {
        const { coarse, fine } = fill(generator, batch);
        return { input: cut(batch), coarse, fine, composite: composite(fine, batch.image, batch.hole) };
      });
    },
  };
}

function checkWeight(weight: number, name: string): void {
  checkArgument(Number.isFinite(weight) && weight >= 0, 'hifillRecipe', name, 'a number >= 0', weight);
}

/** Keeps the scale of features: kernels by the number of their inputs, biases 0. */
function scaled(name: string, { shape, kernel, initializer }: WeightSpecification): Initializer {
  if (!kernel) return initializer;
  const [rows, columns, input] = shape;
  const inputs = kernel === 'depthwise' ? rows * columns : rows * columns * input;
  if (name.includes('gate')) return kaiming(inputs, 1);
  return kaiming(inputs, name.includes('.rgb.') ? 1 : 2.4);
}

/** Hands on what comes in: a gate starts out at a half, which the gain of 2 makes up for. */
function passing(name: string, specification: WeightSpecification): Initializer {
  const { shape, kernel } = specification;
  const [rows, columns, input] = shape;
  if (kernel !== 'convolution' || name.includes('gate') || name.includes('.rgb.')) return scaled(name, specification);
  return identity(2, 0.6 / Math.sqrt(rows * columns * input));
}
