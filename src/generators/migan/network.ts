import { add, concat, mul, sub, type Tensor1D, type Tensor4D } from '@tensorflow/tfjs-core';
import { Conv2d } from '../../layers/conv2d';
import { kaiming } from '../../layers/initializers';
import type { Weights } from '../../layers/layer';
import { upsampleBinomial } from '../../ops/binomial';
import type { FillNetwork, NetworkStage } from '../network/network';
import { onnxOrigin } from './origins';
import { activation, SeparableConv2d, scaled } from './separable-conv2d';

/** Channels at each size of the published network: at 512, 256, .. 4 pixels. */
const CHANNELS = [64, 128, 256, 512, 512, 512, 512, 512] as const;

// Pixels of the smallest features, of a picture of the working size.
const SMALLEST = 4;

/**
 * MI-GAN's network.
 *
 * @param channels at each size, from that of the picture to a 2^(n - 1)th of it.
 */
export function miganNetwork(channels: readonly number[] = CHANNELS): FillNetwork {
  const sizes = channels.map((_, level) => SMALLEST * 2 ** (channels.length - 1 - level));
  const last = channels.length - 1;
  const fromRgb = new Conv2d('encoder.from_rgb', { input: 4, output: channels[0], size: 1, initializer: kaiming(4, 1) });
  const encoder = channels.map((count, level) => [
    new SeparableConv2d(`encoder.b${sizes[level]}.conv1`, { input: count, output: count }),
    new SeparableConv2d(`encoder.b${sizes[level]}.conv2`, {
      input: count,
      output: channels[Math.min(level + 1, last)],
      ...(level < last && { resample: 'down' as const }),
    }),
  ]);
  const synthesis = channels.map((count, level) => {
    const grows = level < last && { noise: sizes[level] };
    return [
      new SeparableConv2d(`synthesis.b${sizes[level]}.conv1`, {
        input: channels[Math.min(level + 1, last)],
        output: count,
        ...(grows && { ...grows, resample: 'up' as const }),
      }),
      new SeparableConv2d(`synthesis.b${sizes[level]}.conv2`, { input: count, output: count, ...grows }),
    ];
  });
  const toRgb = channels.map(
    (count, level) => new Conv2d(`synthesis.b${sizes[level]}.to_rgb`, { input: count, output: 3, size: 1, initializer: kaiming(count, 1) }),
  );

  /** Shows the valid pixels to the first layer, which knows the hole from a channel of its own. */
  const enter: NetworkStage = ({ image, hole }, weights) => {
    const valid = sub(1, hole);
    const shown = concat([sub(valid, 0.5), mul(image, valid)], 3) as Tensor4D;
    return { features: activation(fromRgb.apply(shown, scaledLayer(fromRgb, weights))) };
  };

  const encode =
    (level: number): NetworkStage =>
    ({ features, ...skips }, weights) => {
      const [first, second] = encoder[level];
      const skip = first.apply(features as Tensor4D, weights);
      return { ...skips, [`skip${level}`]: skip, features: second.apply(skip, weights) };
    };

  const synthesise =
    (level: number): NetworkStage =>
    ({ features, image, [`skip${level}`]: skip, ...skips }, weights) => {
      const [first, second] = synthesis[level];
      const joined = add(first.apply(features as Tensor4D, weights), skip) as Tensor4D;
      const next = second.apply(joined, weights);
      const colours = toRgb[level].apply(next, weights);
      return { ...skips, ...(level > 0 && { features: next }), image: image ? add(upsampleBinomial(image as Tensor4D), colours) : colours };
    };

  const levels = channels.map((_, level) => level);
  return {
    name: 'migan',
    multiple: 2 ** last,
    workingSize: sizes[0],
    layers: [fromRgb, ...encoder.flat(), ...synthesis.flat(), ...toRgb],
    publishedParameters: channels === CHANNELS ? 5_893_144 : undefined,
    origins: [onnxOrigin(sizes[0])],
    stages: [enter, ...levels.map(encode), ...levels.reverse().map(synthesise)],
  };
}

function scaledLayer({ name }: Conv2d, weights: Weights): Weights {
  return { [`${name}.weights`]: scaled(weights[`${name}.weights`] as Tensor4D), [`${name}.bias`]: scaled(weights[`${name}.bias`] as Tensor1D) };
}
