import { add, clipByValue, mul, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { runNetwork } from '../../generators/network/network';
import { type PartialUnetNetworkOptions, partialUnetNetwork } from '../../generators/partial-unet/network';
import type { Mode, Weights } from '../../layers/layer';
import { composite } from '../../ops/composite';
import { constant } from '../constant';
import { holeL1, validL1 } from '../losses/l1';
import { type FeatureExtractor, perceptualLoss, styleLoss } from '../losses/perceptual';
import { totalVariation } from '../losses/total-variation';
import type { AdamOptions, Batch, Recipe } from '../recipe';
import { cut } from './cut';

/** Options of {@link partialUnetRecipe}. The defaults are the paper's numbers. */
export interface PartialUnetRecipeOptions extends PartialUnetNetworkOptions {
  /** What features are compared by; the paper has the first three pooling layers of VGG-16. Default: none are. */
  extract?: FeatureExtractor;
  /** The optimiser. Default: 2e-4, 0.9, 0.999. */
  adam?: AdamOptions;
}

const WEIGHTS = { valid: 1, hole: 6, variation: 0.1, perceptual: 0.05, style: 120 } as const;

/**
 * How the U-Net of partial convolutions is trained: without an adversary, by L1 in the hole and outside, total variation,
 * and, where there is something to extract features by, perceptual and style losses of both the fill and the composite.
 *
 * generator: valid + 6 hole + 0.1 variation + 0.05 perceptual + 120 style, see {@link validL1}, {@link holeL1},
 * {@link totalVariation}, {@link perceptualLoss} and {@link styleLoss}
 *
 * @param options what the network is made of, and see {@link PartialUnetRecipeOptions}.
 * @throws ArgumentError
 * @example
 * ```ts
 * const recipe = partialUnetRecipe({ levels: 7, extract: (image) => vgg(image) });
 * ```
 * Source: Liu et al., Image Inpainting for Irregular Holes Using Partial Convolutions (arXiv 1804.07723), section 3.3.
 */
export function partialUnetRecipe({ extract, adam = { learningRate: 2e-4, beta1: 0.9, beta2: 0.999 }, ...options }: PartialUnetRecipeOptions = {}): Recipe {
  const network = partialUnetNetwork(options);
  const fill = (weights: Weights, { image, hole }: Batch, mode?: Mode) => runNetwork(network, weights, image, hole, { mode }).image;
  return {
    name: network.name,
    network,
    discriminatorSteps: 0,
    adam,
    generatorLoss(generator, _adversary, batch, { mode }) {
      const { image, hole } = batch;
      const fine = fill(generator, batch, mode);
      const whole = composite(fine, image, hole);
      const parts: Record<string, Scalar> = { valid: validL1(fine, image, hole), hole: holeL1(fine, image, hole), variation: totalVariation(whole, hole) };
      if (extract) {
        const target = constant(() => extract(image));
        const both = [extract(fine), extract(whole)];
        const sum = (of: typeof styleLoss) => add(of(both[0], target), of(both[1], target)) as Scalar;
        parts.perceptual = sum(perceptualLoss);
        parts.style = sum(styleLoss);
      }
      const weighed = Object.entries(parts).map(([name, part]): Tensor => mul(WEIGHTS[name as keyof typeof WEIGHTS], part));
      return { total: weighed.reduce((a, b) => add(a, b)) as Scalar, parts };
    },
    pictures(generator, batch, mode) {
      return tidy(() => {
        const fine = clipByValue(fill(generator, batch, mode), -1, 1);
        return { input: cut(batch), fine, composite: composite(fine, batch.image, batch.hole) };
      });
    },
  };
}
