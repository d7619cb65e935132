import { add, concat, mul, sub, type Tensor4D, tanh } from '@tensorflow/tfjs-core';
import { Conv2d } from '../../layers/conv2d';
import { FourierConv2d } from '../../layers/fourier-conv2d';
import { normal } from '../../layers/initializers';
import { reflectPad } from '../../ops/reflect-pad';
import { type FeatureMaps, type FillNetwork, type NetworkInput, type NetworkStage, networkStages } from '../network';
import { authorsOrigin } from './origins';
import { Up } from './up';

/** What a {@link lamaNetwork} is made of. */
export interface LamaNetworkOptions {
  /** Channels at the size of the picture; twice as many at each size below. Default 64. */
  baseWidth?: number;
  /** How many times the size is halved. Default 3. */
  downs?: number;
  /** Residual blocks at the smallest size. Default 18. */
  blocks?: number;
}

// Three quarters of the channels see the whole picture.
const GLOBAL = 0.75;

/** How many trained numbers the published networks have, by their residual blocks: big-lama and lama-fourier. */
const PUBLISHED: Readonly<Record<number, number>> = { 18: 50_975_875, 9: 27_048_835 };

/** What its stages hand on. */
type Features = FeatureMaps<'local'> & Partial<FeatureMaps<'global'>>;

/** LaMa's network: three sizes down, residual blocks of Fourier convolutions, three sizes up. */
export function lamaNetwork({ baseWidth = 64, downs = 3, blocks = 18 }: LamaNetworkOptions = {}): FillNetwork {
  const after = { batchNorm: true, activation: 'relu' as const };
  const width = (level: number) => baseWidth * 2 ** level;
  const levels = Array.from({ length: downs }, (_, n) => n + 1);
  const enter = new FourierConv2d('enter', { input: 4, output: baseWidth, size: 7, ...after });
  const down = levels.map(
    (n) => new FourierConv2d(`down${n}`, { input: width(n - 1), output: width(n), size: 3, stride: 2, ...(n === downs && { globalOutput: GLOBAL }), ...after }),
  );
  const residual = Array.from({ length: blocks }, (_, n) =>
    ['conv1', 'conv2'].map((conv) => {
      const channels = { input: width(downs), output: width(downs), globalInput: GLOBAL, globalOutput: GLOBAL };
      return new FourierConv2d(`block${n + 1}.${conv}`, { ...channels, size: 3, ...after });
    }),
  );
  const up = levels.map((n) => new Up(`up${n}`, width(downs - n + 1), width(downs - n)));
  const last = new Conv2d('last', { input: baseWidth, output: 3, size: 7, padding: 'valid', initializer: normal(0.02) });

  /** Shows the picture in [0, 1], black in the hole, and the hole. */
  const begin: NetworkStage<NetworkInput, Features> = ({ image, hole }, weights, mode) => {
    const known = mul<Tensor4D>(add(image, 1), mul(sub(1, hole), 0.5));
    return { ...enter.apply({ local: concat([known, hole], 3) }, weights, mode) };
  };
  const shrink =
    (layer: FourierConv2d): NetworkStage<Features, Features> =>
    (features, weights, mode) => ({ ...layer.apply(features, weights, mode) });
  /** Nothing follows the sum: its second convolution is activated before. */
  const mix =
    ([first, second]: FourierConv2d[]): NetworkStage<Features, Features> =>
    ({ local, global }, weights, mode) => {
      const change = second.apply(first.apply({ local, global }, weights, mode), weights, mode);
      return { local: add<Tensor4D>(local, change.local), global: add<Tensor4D>(global as Tensor4D, change.global as Tensor4D) };
    };
  const join: NetworkStage<Features, Features> = ({ local, global }) => ({ local: concat([local, global as Tensor4D], 3) });
  const enlarge =
    (layer: Up): NetworkStage<Features, Features> =>
    ({ local }, weights, mode) => ({ local: layer.apply(local, weights, mode) });
  /** A sigmoid, doubled and moved to [-1, 1], is a tanh of the half. */
  const finish: NetworkStage<Features, FeatureMaps<'image'>> = ({ local }, weights) => ({
    image: tanh(mul<Tensor4D>(last.apply(reflectPad(local, 3), weights), 0.5)),
  });

  const between = [...down.map(shrink), ...residual.map(mix), join, ...up.map(enlarge)];
  return {
    name: 'lama',
    multiple: 2 ** downs,
    workingSize: 512,
    layers: [enter, ...down, ...residual.flat(), ...up, last],
    publishedParameters: baseWidth === 64 && downs === 3 ? PUBLISHED[blocks] : undefined,
    origins: [authorsOrigin(downs, blocks)],
    stages: between.reduce((stages, stage) => stages.next(stage), networkStages(begin)).next(finish),
  };
}
