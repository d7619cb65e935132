import { add, concat, mul, sub, type Tensor4D } from '@tensorflow/tfjs-core';
import { Conv2d } from '../../layers/conv2d';
import { kaiming } from '../../layers/initializers';
import type { Weights } from '../../layers/layer';
import { upsampleBinomial } from '../../ops/binomial';
import { type FeatureMaps, type FillNetwork, type NetworkInput, type NetworkStage, type NetworkStages, networkStages } from '../network';
import { onnxOrigin } from './origins';
import { activation, SeparableConv2d, scaled } from './separable-conv2d';

/** Channels at each size of the published network: at 512, 256, .. 4 pixels. */
const CHANNELS = [64, 128, 256, 512, 512, 512, 512, 512] as const;

// Pixels of the smallest features, of a picture of the working size.
const SMALLEST = 4;

/** What its stages hand on: features, and those of each size on the way down, to be joined on the way up. */
type Encoded = FeatureMaps<'features'> & { readonly skips: readonly Tensor4D[] };
/** The same with the picture as far as it is painted: not before the smallest size. */
type Painted = Encoded & Partial<FeatureMaps<'image'>>;

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
  const enter: NetworkStage<NetworkInput, Encoded> = ({ image, hole }, weights) => {
    const valid = sub(1, hole);
    const shown = concat([sub<Tensor4D>(valid, 0.5), mul<Tensor4D>(image, valid)], 3);
    return { features: activation(fromRgb.apply(shown, scaledLayer(fromRgb, weights))), skips: [] };
  };

  const encode =
    (level: number): NetworkStage<Encoded, Encoded> =>
    ({ features, skips }, weights) => {
      const [first, second] = encoder[level];
      const skip = first.apply(features, weights);
      return { features: second.apply(skip, weights), skips: [...skips, skip] };
    };

  const paint = (level: number, { features, image, skips }: Painted, weights: Weights) => {
    const [first, second] = synthesis[level];
    const joined: Tensor4D = add(first.apply(features, weights), skips[level]);
    const next = second.apply(joined, weights);
    const colours = toRgb[level].apply(next, weights);
    return { features: next, image: image ? add<Tensor4D>(upsampleBinomial(image), colours) : colours, skips: skips.slice(0, level) };
  };
  const synthesise =
    (level: number): NetworkStage<Painted, Painted> =>
    (state, weights) =>
      paint(level, state, weights);
  const finish: NetworkStage<Painted, FeatureMaps<'image'>> = (state, weights) => ({ image: paint(0, state, weights).image });

  const levels = channels.map((_, level) => level);
  const encoded = levels.reduce((stages, level) => stages.next(encode(level)), networkStages(enter));
  const painted = levels.slice(1).reduceRight<NetworkStages<Painted>>((stages, level) => stages.next(synthesise(level)), encoded);
  return {
    name: 'migan',
    multiple: 2 ** last,
    workingSize: sizes[0],
    layers: [fromRgb, ...encoder.flat(), ...synthesis.flat(), ...toRgb],
    publishedParameters: channels === CHANNELS ? 5_893_144 : undefined,
    origins: [onnxOrigin(sizes[0])],
    stages: painted.next(finish),
  };
}

function scaledLayer({ name }: Conv2d, weights: Weights): Weights {
  return { [`${name}.weights`]: scaled(weights[`${name}.weights`]), [`${name}.bias`]: scaled(weights[`${name}.bias`]) };
}
