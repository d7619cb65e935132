import { type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkShape, checkWhole } from '../../check';
import type { Origin } from '../../generators/network/origin';
import { Conv2d } from '../../layers/conv2d';
import type { Weights } from '../../layers/layer';
import { Dense } from './dense';
import type { Discriminator } from './discriminator';

const WIDTHS = [64, 128, 256, 256, 256, 256];

/** Checkpoints of the authors' TensorFlow program, which hold the generator too. */
const tensorflowOrigin: Origin = {
  name: 'the HiFill authors, TensorFlow',
  colourOrder: 'bgr',
  ignored: /(^|\/)(beta[12]_power|global_step)(\/|$|_)|^generator\/|\/Adam(_1)?$|ExponentialMovingAverage$/,
  nameOf(weight) {
    const [, layer, part] = weight.split('.');
    if (layer === 'linear') return `discriminator/linear/${part === 'weights' ? 'kernel' : 'bias'}`;
    return `discriminator/${layer}/${part === 'weights' ? 'w' : 'biases'}`;
  },
};

/**
 * The discriminator of CRA: one score for a whole picture, trained by the Wasserstein distance with a gradient penalty.
 *
 * Six 5 x 5 convolutions of stride 2 with leaky ReLUs and one dense layer; no normalisation. It takes pictures of one size
 * only: at 512 pixels 5,961,601 parameters.
 *
 * @param size height and width of the pictures in pixels. Default 512.
 * @returns the discriminator; `judge` takes [B, size, size, 3] and returns [B, 1]. Differentiable twice.
 * @throws ArgumentError
 * @example
 * ```ts
 * const discriminator = craDiscriminator(256);
 * const scores = discriminator.judge(initialWeights(weightsOf(discriminator.layers), 7), pictures);
 * ```
 * Source: Yi et al., Contextual Residual Aggregation (arXiv 2005.09704), and the authors' program.
 */
export function craDiscriminator(size = 512): Discriminator {
  checkWhole(size, 1, 'craDiscriminator', 'size');
  const convolutions = WIDTHS.map(
    (output, n) => new Conv2d(`discriminator.conv${n + 1}`, { input: n === 0 ? 3 : WIDTHS[n - 1], output, size: 5, stride: 2, activation: 'leaky-relu' }),
  );
  const side = Math.ceil(size / 2 ** WIDTHS.length);
  const dense = new Dense('discriminator.linear', side * side * WIDTHS[WIDTHS.length - 1], 1);
  return {
    name: 'CRA discriminator',
    layers: [...convolutions, dense],
    origins: [tensorflowOrigin],
    judge(weights: Weights, x: Tensor4D): Tensor2D {
      checkShape(x, 'BHW3', 'CRA discriminator', 'x');
      return tidy(() =>
        dense.apply(
          convolutions.reduce((y, layer) => layer.apply(y, weights), x),
          weights,
        ),
      );
    },
  };
}
