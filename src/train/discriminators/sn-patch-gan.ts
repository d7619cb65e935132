import { reshape, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkShape, checkWhole } from '../../check';
import type { Origin } from '../../generators/network/origin';
import type { Mode, Weights } from '../../layers/layer';
import { SpectralConv2d } from '../../layers/spectral-conv2d';
import type { Discriminator } from './discriminator';

const WIDTHS = [64, 128, 256, 256, 256, 256];
const PARTS: Readonly<Record<string, string>> = { weights: 'kernel', bias: 'bias', u: 'kernel_sn/u' };

/** Checkpoints of the authors' TensorFlow program, which hold the generator too. */
const tensorflowOrigin: Origin = {
  name: 'the DeepFill authors, TensorFlow',
  colourOrder: 'bgr',
  ignored: /^inpaint_net\/|^global_step$|^beta[12]_power|\/(Adam|Adam_\d+|ExponentialMovingAverage)$/,
  nameOf(weight) {
    const [, layer, part] = weight.split('.');
    return `discriminator/sn_patch_gan/${layer}/${PARTS[part]}`;
  },
};

/**
 * SN-PatchGAN, the discriminator of DeepFill v2: scores for each place and channel of a feature map, trained with a hinge.
 *
 * Six 5 x 5 convolutions of stride 2 with leaky ReLUs, whose kernels are divided by their largest singular value. In
 * training each call tells the vectors that the next should start from to `mode.onVector`. 5,946,816 parameters.
 *
 * @param channels of what it takes. Default 4: the picture and its hole.
 * @returns the discriminator; `judge` takes [B, H, W, channels] and returns [B, scores]: for each 64 x 64 pixels 256.
 * @throws ArgumentError
 * @example
 * ```ts
 * const discriminator = snPatchGan();
 * const scores = discriminator.judge(weights, tf.concat([pictures, hole], 3));
 * ```
 * Source: Yu et al., Free-Form Image Inpainting with Gated Convolution (arXiv 1806.03589), section 3.3.
 */
export function snPatchGan(channels = 4): Discriminator {
  checkWhole(channels, 1, 'snPatchGan', 'channels');
  const convolutions = WIDTHS.map(
    (output, n) =>
      new SpectralConv2d(`discriminator.conv${n + 1}`, { input: n === 0 ? channels : WIDTHS[n - 1], output, size: 5, stride: 2, activation: 'leaky-relu' }),
  );
  return {
    name: 'SN-PatchGAN',
    layers: convolutions,
    origins: [tensorflowOrigin],
    judge(weights: Weights, x: Tensor4D, mode?: Mode): Tensor2D {
      checkShape(x, 'BHWC', 'SN-PatchGAN', 'x');
      return tidy(() =>
        reshape(
          convolutions.reduce((y, layer) => layer.apply(y, weights, mode), x),
          [x.shape[0], -1],
        ),
      );
    },
  };
}
