import { add, concat, mul, type Scalar, slice, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { deepfillNetwork } from '../../generators/deepfill-v2/network';
import { runNetwork } from '../../generators/network/network';
import type { Mode, Weights } from '../../layers/layer';
import { composite } from '../../ops/composite';
import { constant } from '../constant';
import { snPatchGan } from '../discriminators/sn-patch-gan';
import { hingeDiscriminatorLoss, hingeGeneratorLoss } from '../losses/hinge';
import { l1 } from '../losses/l1';
import type { AdamOptions, Batch, Recipe } from '../recipe';
import { cut } from './cut';

/** Options of {@link deepfillV2Recipe}. The defaults are the authors' numbers. */
export interface DeepfillV2RecipeOptions {
  /** How many steps the discriminator makes before each of the generator. Default 1. */
  discriminatorSteps?: number;
  /** The weight of each stage's L1, where the adversarial loss has 1. Default 1. */
  l1Weight?: number;
  /** Both optimisers. Default: 1e-4, 0.5, 0.999. */
  adam?: AdamOptions;
}

/**
 * How DeepFill v2 is trained, at any size whose sides are multiples of 64: L1 of both stages over the whole picture, and
 * SN-PatchGAN with a hinge, which sees the composite beside its hole.
 *
 * generator: mean|picture - coarse| + mean|picture - fine| - mean(D(composite));
 * discriminator: mean(max(1 - D(picture), 0)) / 2 + mean(max(1 + D(composite), 0)) / 2
 *
 * @param options see {@link DeepfillV2RecipeOptions}.
 * @example
 * ```ts
 * const recipe = deepfillV2Recipe();
 * const weights = initialWeights(weightsOf(recipe.network.layers), 7);
 * ```
 * Source: Yu et al., Free-Form Image Inpainting with Gated Convolution (arXiv 1806.03589), and the authors' program.
 */
export function deepfillV2Recipe(options: DeepfillV2RecipeOptions = {}): Recipe {
  const { discriminatorSteps = 1, l1Weight = 1, adam = { learningRate: 1e-4, beta1: 0.5, beta2: 0.999 } } = options;
  const network = deepfillNetwork(false);
  const discriminator = snPatchGan();
  const fill = (weights: Weights, { image, hole }: Batch, mode?: Mode) => {
    const { coarse, image: fine } = runNetwork(network, weights, image, hole, { mode });
    return { coarse, fine };
  };
  const judge = (weights: Weights, pictures: Tensor4D[], hole: Tensor4D, mode: Mode) =>
    discriminator.judge(
      weights,
      concat(
        pictures.map((picture) => concat([picture, hole], 3)),
        0,
      ) as Tensor4D,
      mode,
    );
  return {
    name: network.name,
    network,
    discriminator: discriminator.layers,
    discriminatorSteps,
    adam,
    generatorLoss(generator, adversary, batch, { mode }) {
      const { image, hole } = batch;
      const { coarse, fine } = fill(generator, batch, mode);
      const [ofCoarse, ofFine] = [l1(coarse, image), l1(fine, image)];
      const adversarial = hingeGeneratorLoss(judge(adversary, [composite(fine, image, hole)], hole, mode));
      const total = add(mul(l1Weight, add(ofCoarse, ofFine)), adversarial) as Scalar;
      return { total, parts: { coarse: ofCoarse, fine: ofFine, adversarial } };
    },
    discriminatorLoss(generator, adversary, batch, { mode }) {
      const { image, hole } = batch;
      const count = image.shape[0];
      const fake = constant(() => composite(fill(generator, batch).fine, image, hole));
      const scores = judge(adversary, [image, fake], hole, mode);
      const half = (n: number) => slice(scores, [n * count, 0], [count, scores.shape[1] as number]);
      const total = hingeDiscriminatorLoss(half(0), half(1));
      return { total, parts: { hinge: total } };
    },
    pictures(generator, batch, mode) {
      return tidy(() => {
        const { coarse, fine } = fill(generator, batch, mode);
        return { input: cut(batch), coarse, fine, composite: composite(fine, batch.image, batch.hole) };
      });
    },
  };
}
