import { type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkShape, checkWhole } from '../../check';
import type { Origin } from '../../generators/network/origin';
import { PYTORCH, SHORT } from '../../generators/pix2pix/origins';
import { BatchNorm } from '../../layers/batch-norm';
import { Conv2d } from '../../layers/conv2d';
import { normal } from '../../layers/initializers';
import type { Layer, Mode, Weights } from '../../layers/layer';
import { activate } from '../../ops/activation';
import type { Discriminator } from './discriminator';

/** Options of {@link patchGan}. */
export interface PatchGanOptions {
  /** Channels of what it takes. Default 6: what is translated, and what it was translated to. */
  channels?: number;
  /** Channels of the first layer (the authors' `ndf`). Default 64. */
  baseWidth?: number;
}

const STRIDES = [2, 2, 2, 1, 1];
const FACTORS = [1, 2, 4, 8];

/** The number of the layer and the part of it that one of our weights is. */
function parsed(weight: string): { number: number; part: string } {
  const [, layer, ...part] = weight.split('.');
  return { number: Number(layer.slice('conv'.length)), part: part.join('.') };
}

/** One short name for each layer: `conv1.w`, `conv2.bn_gamma`. */
const layersOrigin: Origin = {
  name: 'a table by layers',
  nameOf: (weight) => `conv${parsed(weight).number}.${SHORT[parsed(weight).part]}`,
};

/** Files of the authors' PyTorch program: one list [convolution, leaky ReLU, then thrice convolution, norm, leaky ReLU, convolution]. */
const authorsOrigin: Origin = {
  name: "the authors' PyTorch program",
  ignored: /\.num_batches_tracked$/,
  nameOf(weight) {
    const { number, part } = parsed(weight);
    const convolution = number === 1 ? 0 : 3 * number - 4;
    return `model.${convolution + Number(part.startsWith('norm.'))}.${PYTORCH[part]}`;
  },
};

/**
 * PatchGAN, the discriminator of pix2pix: a score for each patch of 70 x 70 pixels, trained by cross entropy.
 *
 * Five 4 x 4 convolutions, three of stride 2, with batch normalisation and leaky ReLUs between. 2,768,705 parameters.
 *
 * @param options channels and width.
 * @returns the discriminator; `judge` takes [B, H, W, channels] and returns logits [B, H / 8 - 2, W / 8 - 2, 1].
 * @throws ArgumentError
 * @example
 * ```ts
 * const discriminator = patchGan();
 * const logits = discriminator.judge(weights, tf.concat([labels, photo], 3));
 * ```
 * Source: Isola et al., Image-to-Image Translation with Conditional Adversarial Networks (arXiv 1611.07004), section 6.1.2.
 */
export function patchGan({ channels = 6, baseWidth = 64 }: PatchGanOptions = {}): Discriminator {
  checkWhole(channels, 1, 'patchGan', 'channels');
  checkWhole(baseWidth, 1, 'patchGan', 'baseWidth');
  const widths = [channels, ...FACTORS.map((factor) => factor * baseWidth), 1];
  const convolutions = STRIDES.map((stride, n) => {
    const isNormalised = n >= 1 && n <= 3;
    const [input, output] = [widths[n], widths[n + 1]];
    return new Conv2d(`discriminator.conv${n + 1}`, { input, output, size: 4, stride, padding: 1, bias: !isNormalised, initializer: normal(0.02) });
  });
  const norms = new Map([1, 2, 3].map((n) => [n, new BatchNorm(`discriminator.conv${n + 1}.norm`, widths[n + 1])]));
  return {
    name: 'PatchGAN',
    layers: convolutions.flatMap((convolution, n): Layer[] => [convolution, ...(norms.has(n) ? [norms.get(n) as Layer] : [])]),
    origins: [layersOrigin, authorsOrigin],
    judge(weights: Weights, x: Tensor4D, mode?: Mode): Tensor4D {
      checkShape(x, 'BHWC', 'PatchGAN', 'x');
      return tidy(() =>
        convolutions.reduce((y, convolution, n) => {
          const convolved = convolution.apply(y, weights);
          const normalised = norms.get(n)?.apply(convolved, weights, mode) ?? convolved;
          return n === STRIDES.length - 1 ? normalised : (activate['leaky-relu'](normalised) as Tensor4D);
        }, x),
      );
    },
  };
}
