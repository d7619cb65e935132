import { add, concat, mul, type Scalar, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { runNetwork } from '../../generators/network/network';
import { type Pix2pixNetworkOptions, pix2pixNetwork } from '../../generators/pix2pix/network';
import type { Mode, Weights } from '../../layers/layer';
import { composite } from '../../ops/composite';
import { constant } from '../constant';
import { patchGan } from '../discriminators/patch-gan';
import { binaryCrossEntropy } from '../losses/binary-cross-entropy';
import { l1 } from '../losses/l1';
import type { AdamOptions, Batch, Recipe } from '../recipe';
import { cut } from './cut';

/** Options of {@link pix2pixRecipe}. The defaults are the authors' numbers. */
export interface Pix2pixRecipeOptions extends Pix2pixNetworkOptions {
  /** Channels of the discriminator's first layer (the authors' `ndf`). Default: the generator's `baseWidth`. */
  discriminatorWidth?: number;
  /** The weight of the L1, where the adversarial loss has 1. Default 100. */
  l1Weight?: number;
  /** Both optimisers. Default: 2e-4, 0.5, 0.999. */
  adam?: AdamOptions;
}

/**
 * How pix2pix is trained, at multiples of 256: L1, and PatchGAN by cross entropy, which sees what was translated beside
 * what came of it.
 *
 * With x the picture, its hole mid grey, y the target and G what is made of x:
 * generator: BCE(D(x, G), 1) + 100 mean|G - y|; discriminator: BCE(D(x, y), 1) / 2 + BCE(D(x, G), 0) / 2
 *
 * The target is the batch's; without one the picture itself, whole: then it learns to fill.
 *
 * @param options what the network is made of, and see {@link Pix2pixRecipeOptions}.
 * @throws ArgumentError
 * @example
 * ```ts
 * const recipe = pix2pixRecipe({ baseWidth: 32 });
 * ```
 * Source: Isola et al., Image-to-Image Translation with Conditional Adversarial Networks (arXiv 1611.07004), and the authors' program.
 */
export function pix2pixRecipe(options: Pix2pixRecipeOptions = {}): Recipe {
  const { discriminatorWidth = options.baseWidth ?? 64, l1Weight = 100, adam = { learningRate: 2e-4, beta1: 0.5, beta2: 0.999 } } = options;
  const network = pix2pixNetwork(options);
  const discriminator = patchGan({ baseWidth: discriminatorWidth });
  const make = (weights: Weights, { image, hole }: Batch, mode?: Mode) => runNetwork(network, weights, image, hole, { mode }).image;
  const judge = (weights: Weights, input: Tensor4D, picture: Tensor4D, mode: Mode) => discriminator.judge(weights, concat([input, picture], 3), mode);
  return {
    name: network.name,
    network,
    discriminator: discriminator.layers,
    discriminatorSteps: 1,
    adam,
    generatorLoss(generator, adversary, batch, { mode }) {
      const made = make(generator, batch, mode);
      const distance = l1(made, batch.target ?? batch.image);
      const adversarial = binaryCrossEntropy(
        judge(
          adversary,
          constant(() => cut(batch)),
          made,
          mode,
        ),
        1,
      );
      return { total: add(adversarial, mul(l1Weight, distance)) as Scalar, parts: { l1: distance, adversarial } };
    },
    discriminatorLoss(generator, adversary, batch, { mode }) {
      const input = constant(() => cut(batch));
      // The generator's statistics are for its own step to tell.
      const made = constant(() => make(generator, batch, { training: mode.training, seed: mode.seed }));
      // Apart, so that each is normalised by its own statistics.
      const real = binaryCrossEntropy(judge(adversary, input, batch.target ?? batch.image, mode), 1);
      const fake = binaryCrossEntropy(judge(adversary, input, made, mode), 0);
      return { total: mul(0.5, add(real, fake)) as Scalar, parts: { real, fake } };
    },
    pictures(generator, batch, mode) {
      return tidy(() => {
        const fine = make(generator, batch, mode);
        // A translation is shown as it is: there is nothing to lay it over.
        return { input: cut(batch), fine, composite: batch.target ? fine.clone() : composite(fine, batch.image, batch.hole) };
      });
    },
  };
}
