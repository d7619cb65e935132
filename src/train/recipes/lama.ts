import { add, mul, type Scalar, sub, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type LamaNetworkOptions, lamaNetwork } from '../../generators/lama/network';
import { runNetwork } from '../../generators/network/network';
import type { Mode, Weights } from '../../layers/layer';
import { composite } from '../../ops/composite';
import { resizeNearest } from '../../ops/resize';
import { constant } from '../constant';
import { pix2pixHdGan } from '../discriminators/pix2pix-hd-gan';
import { binaryCrossEntropy } from '../losses/binary-cross-entropy';
import { featureMatchingLoss } from '../losses/feature-matching';
import { validL1 } from '../losses/l1';
import { type FeatureExtractor, perceptualLoss } from '../losses/perceptual';
import { r1Penalty } from '../losses/r1-penalty';
import type { AdamOptions, Batch, Recipe } from '../recipe';
import { cut } from './cut';

/** Options of {@link lamaRecipe}. The defaults are the authors' numbers. */
export interface LamaRecipeOptions extends LamaNetworkOptions {
  /**
   * What features are compared by; the authors have a ResNet-50 with dilated convolutions that was trained to segment (ADE20K), whose
   * layers see far. Default: none are, and the perceptual loss is left out.
   */
  extract?: FeatureExtractor;
  /** Channels of the discriminator's first layer (the authors' `ndf`). Default: the generator's `baseWidth`. */
  discriminatorWidth?: number;
  /** The generator's optimiser. Default: 1e-3, 0.9, 0.999. */
  adam?: AdamOptions;
  /** The discriminator's. Default: 1e-4, 0.9, 0.999. */
  discriminatorAdam?: AdamOptions;
}

const WEIGHTS = { valid: 10, adversarial: 10, features: 100, perceptual: 30 } as const;
const PENALTY = 0.001;

// What the weights are for: the losses are of pictures in [0, 1].
const unit = (x: Tensor4D): Tensor4D => mul(add(x, 1), 0.5);

/** Without the listeners: the statistics are for others to tell. */
const quiet = ({ training, seed }: Mode): Mode => ({ training, seed });

/**
 * How LaMa is trained, at any size whose sides are multiples of 8: L1 outside the hole, a non-saturating adversary that sees all
 * that the generator paints and is held flat at pictures (R1), its features, and, where there is something to extract them by, those of
 * a network that sees far.
 *
 * With x the picture, G what is made of it, both in [0, 1], D the discriminator's scores, F its features, m the hole at the scores'
 * size, BCE the {@link binaryCrossEntropy}:
 * generator: 10 mean((1 - hole) |G - x|) + 10 BCE(D(G), 1) + 100 mean (F(G) - F(x))^2 + 30 sum of mean (extract(G) - extract(x))^2;
 * discriminator: BCE(D(x), 1) + BCE(D(G), 1 - m) + 0.001 mean |dD(x) / dx|^2
 *
 * In the hole nothing asks for the picture's own pixels. Outside it the discriminator is to take what the generator paints for real,
 * too, so that it looks at the fill alone. R1 is computed in every step. See {@link validL1}, {@link featureMatchingLoss},
 * {@link perceptualLoss}, {@link r1Penalty} and {@link pix2pixHdGan}.
 *
 * @param options what the network is made of (`blocks: 9` for lama-fourier, 18 for big-lama), and see {@link LamaRecipeOptions}.
 * @throws ArgumentError
 * @example
 * ```ts
 * const recipe = lamaRecipe({ blocks: 9, extract: (image) => segmenter(image) });
 * ```
 * Source: Suvorov et al., Resolution-robust Large Mask Inpainting with Fourier Convolutions (arXiv 2109.07161), section 2.3, and the
 * authors' program.
 */
export function lamaRecipe({
  extract,
  discriminatorWidth,
  adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999 },
  discriminatorAdam = { learningRate: 1e-4, beta1: 0.9, beta2: 0.999 },
  ...options
}: LamaRecipeOptions = {}): Recipe {
  const network = lamaNetwork(options);
  const discriminator = pix2pixHdGan({ baseWidth: discriminatorWidth ?? options.baseWidth });
  const fill = (weights: Weights, { image, hole }: Batch, mode?: Mode) => runNetwork(network, weights, image, hole, { mode }).image;
  return {
    name: network.name,
    network,
    discriminator: discriminator.layers,
    discriminatorSteps: 1,
    adam,
    discriminatorAdam,
    generatorLoss(generator, adversary, batch, { mode }) {
      const { image, hole } = batch;
      const made = fill(generator, batch, mode);
      const { scores, features } = discriminator.look(adversary, unit(made), mode);
      const target = constant(() => discriminator.look(adversary, unit(image), mode).features);
      const parts: Record<string, Scalar> = {
        valid: validL1(unit(made), unit(image), hole),
        adversarial: binaryCrossEntropy(scores, 1),
        features: featureMatchingLoss(features, target),
      };
      if (extract) {
        const wanted = constant(() => extract(image));
        parts.perceptual = perceptualLoss(extract(made), wanted, { difference: 'squared' });
      }
      const weighed = Object.entries(parts).map(([name, part]): Tensor => mul(WEIGHTS[name as keyof typeof WEIGHTS], part));
      return { total: weighed.reduce((a, b) => add(a, b)) as Scalar, parts };
    },
    discriminatorLoss(generator, adversary, batch, { mode }) {
      const picture = constant(() => unit(batch.image));
      const made = constant(() => unit(fill(generator, batch, quiet(mode))));
      const scores = discriminator.judge(adversary, made, mode) as Tensor4D;
      const [, rows, columns] = scores.shape;
      const label = constant(() => sub<Tensor4D>(1, resizeNearest(batch.hole, [rows, columns], { flavour: 'legacy' })));
      const parts = {
        real: binaryCrossEntropy(discriminator.judge(adversary, picture, mode), 1),
        fake: binaryCrossEntropy(scores, label),
        penalty: r1Penalty((x) => discriminator.judge(adversary, x, quiet(mode)), picture),
      };
      return { total: add(add(parts.real, parts.fake), mul(PENALTY, parts.penalty)) as Scalar, parts };
    },
    pictures(generator, batch, mode) {
      return tidy(() => {
        const fine = fill(generator, batch, mode);
        return { input: cut(batch), fine, composite: composite(fine, batch.image, batch.hole) };
      });
    },
  };
}
