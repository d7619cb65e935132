import { type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkShape, checkWhole } from '../../check';
import type { Origin } from '../../generators/network/origin';
import { PYTORCH } from '../../generators/pix2pix/origins';
import { BatchNorm } from '../../layers/batch-norm';
import { Conv2d } from '../../layers/conv2d';
import { asPyTorch } from '../../layers/fourier-unit';
import type { Layer, Mode, Weights } from '../../layers/layer';
import { activate } from '../../ops/activation';
import type { FeatureDiscriminator, Seen } from './discriminator';

/** Options of {@link pix2pixHdGan}. */
export interface Pix2pixHdGanOptions {
  /** Channels of what it takes. Default 3. */
  channels?: number;
  /** Channels of the first layer (the authors' `ndf`); twice as many in each after, up to eight times. Default 64. */
  baseWidth?: number;
  /** How many layers halve the size, a whole number >= 1. Default 4. */
  halvings?: number;
}

/** Checkpoints of LaMa's trainer, which hold the generator and what it was measured by, too. */
const lamaOrigin: Origin = {
  name: 'the LaMa authors',
  ignored: /\.num_batches_tracked$|^(generator|val_evaluator|test_evaluator|loss_\w+)\./,
  nameOf(weight) {
    const [, number, part] = /conv(\d+)\.(.+)$/.exec(weight) as RegExpExecArray;
    return `discriminator.model${Number(number) - 1}.${part.startsWith('norm.') ? 1 : 0}.${PYTORCH[part]}`;
  },
};

/**
 * The discriminator of pix2pixHD at one size, as LaMa is trained by it: a score for each patch, and the features of its layers.
 *
 * 4 x 4 convolutions with two zeros on each side: those that halve the size, one that does not, and one that scores; batch
 * normalisation between all but the first and the last, and leaky ReLUs. With four halvings 6,962,369 parameters.
 *
 * @param options channels, width, halvings.
 * @returns the discriminator; `judge` takes [B, H, W, channels], float32, in whatever range it was trained with (LaMa's: [0, 1]), and
 * returns logits [B, h, w, 1], 19 x 19 of 256 x 256. Differentiable twice.
 * @throws ArgumentError
 * @example
 * ```ts
 * const { scores, features } = pix2pixHdGan().look(weights, pictures);
 * ```
 * Source: Wang et al., High-Resolution Image Synthesis with Conditional GANs (arXiv 1711.11585), section 3.2; Suvorov et al. (arXiv 2109.07161).
 */
export function pix2pixHdGan({ channels = 3, baseWidth = 64, halvings = 4 }: Pix2pixHdGanOptions = {}): FeatureDiscriminator {
  checkWhole(channels, 1, 'pix2pixHdGan', 'channels');
  checkWhole(baseWidth, 1, 'pix2pixHdGan', 'baseWidth');
  checkWhole(halvings, 1, 'pix2pixHdGan', 'halvings');
  const widths = [channels, ...Array.from({ length: halvings + 1 }, (_, n) => baseWidth * Math.min(2 ** n, 8)), 1];
  const convolutions = widths.slice(1).map((output, n) => {
    const input = widths[n];
    const stride = n < halvings ? 2 : 1;
    return new Conv2d(`discriminator.conv${n + 1}`, { input, output, size: 4, stride, padding: 2, initializer: asPyTorch(16 * input) });
  });
  const last = convolutions[halvings + 1];
  const hidden = convolutions.slice(0, -1);
  const norms = hidden.map(({ name, options }, n) => (n === 0 ? undefined : new BatchNorm(`${name}.norm`, options.output)));

  const look = (weights: Weights, x: Tensor4D, mode?: Mode): Seen => {
    checkShape(x, 'BHWC', 'pix2pixHD discriminator', 'x');
    return tidy(() => {
      const features: Tensor4D[] = [];
      for (const [n, convolution] of hidden.entries()) {
        const convolved = convolution.apply(features[n - 1] ?? x, weights);
        features.push(activate['leaky-relu'](norms[n]?.apply(convolved, weights, mode) ?? convolved) as Tensor4D);
      }
      return { features, scores: last.apply(features[hidden.length - 1], weights) } as never;
    });
  };
  return {
    name: 'pix2pixHD discriminator',
    layers: [...hidden.flatMap((convolution, n): Layer[] => [convolution, ...(norms[n] ? [norms[n]] : [])]), last],
    origins: [lamaOrigin],
    look,
    judge: (weights, x, mode) => tidy(() => look(weights, x, mode).scores),
  };
}
