import { clipByValue, concat, greater, sub, type Tensor4D, tile, where, zerosLike } from '@tensorflow/tfjs-core';
import { checkOneOf } from '../../check';
import { Conv2d } from '../../layers/conv2d';
import { GatedConv2d, type GateKind } from '../../layers/gated-conv2d';
import { kaiming } from '../../layers/initializers';
import type { Mode, Weights } from '../../layers/layer';
import { PartialConv2d } from '../../layers/partial-conv2d';
import { twofold } from '../../ops/gated-conv2d';
import { type FeatureMaps, type FillNetwork, type NetworkInput, type NetworkStage, networkStages } from '../network';
import { PictureNormalization } from './normalize';
import { pytorchOrigin } from './origins';

/** The gates that {@link partialUnet} can have: see {@link GateKind}. */
export type PartialUnetGate = Exclude<GateKind, 'depth-separable'>;

/** What a {@link partialUnetNetwork} is made of. */
export interface PartialUnetNetworkOptions {
  /** How often the size is halved, at least 1. Default 8. */
  levels?: number;
  /** Default `'partial'`. */
  convolution?: 'partial' | 'gated';
  /** How gates are computed, where there are any. Default `'full'`. */
  gate?: PartialUnetGate;
  /** Channels of the first levels; the last one holds for all that are deeper. Default 64, 128, 256, 512. */
  widths?: readonly number[];
}

// Sizes of the kernels of the first levels; all that are deeper have the last.
const SIZES = [7, 5, 5, 3];
const PUBLISHED = 32_859_732;
const PUBLISHED_WIDTHS = [64, 128, 256, 512];

const atLevel = (list: readonly number[], level: number): number => list[Math.min(level, list.length) - 1];

/** The U-Net of partial convolutions: down by strides, up by copying pixels, features and masks joined at each level; or the same of gated ones. */
export function partialUnetNetwork(options: PartialUnetNetworkOptions = {}): FillNetwork {
  const { levels = 8, convolution = 'partial', gate = 'full', widths = PUBLISHED_WIDTHS } = options;
  const body = convolution === 'partial' ? partialBody(levels, widths) : gatedBody(levels, widths, gate);
  const isPublished = convolution === 'partial' && levels === 8 && widths.join() === PUBLISHED_WIDTHS.join();
  return {
    name: 'partial-unet',
    multiple: 2 ** levels,
    workingSize: 2 ** (levels + 1),
    publishedParameters: isPublished ? PUBLISHED : undefined,
    origins: convolution === 'partial' ? [pytorchOrigin] : [],
    ...body,
  };
}

type Body = Pick<FillNetwork, 'layers' | 'stages'>;

/** What stages hand on: the features of each level, from the picture's own size downwards, */
type Features = { readonly features: readonly Tensor4D[] };
/** and which of their pixels are valid by then. */
type Masked = Features & { readonly valid: readonly Tensor4D[] };

const range = (levels: number): number[] => Array.from({ length: levels }, (_, n) => n + 1);

/** Sizes of the convolution down to a level, and of the one up from it, of a picture of so many channels. */
function sizesOf(level: number, widths: readonly number[], channels: number) {
  const above = level === 1 ? channels : atLevel(widths, level - 1);
  const here = atLevel(widths, level);
  const size = atLevel(SIZES, level);
  const output = level === 1 ? 3 : above;
  return {
    down: { input: above, output: here, size, stride: 2, initializer: kaiming(size * size * above) },
    up: { input: here + above, output, size: 3, initializer: kaiming(9 * (here + above)) },
  };
}

const known = (image: Tensor4D, hole: Tensor4D): Tensor4D => where(greater(hole, 0), zerosLike(image), image);

function partialBody(levels: number, widths: readonly number[]): Body {
  const normalization = new PictureNormalization('picture');
  const sizes = range(levels).map((n) => sizesOf(n, widths, 3));
  const downs = sizes.map(
    ({ down }, n) => new PartialConv2d(`encode${n + 1}`, { ...down, bias: false, batchNorm: n > 0, activation: 'relu', maskKind: 'single' }),
  );
  const ups = sizes.map(
    ({ up }, n) =>
      new PartialConv2d(`decode${n + 1}`, { ...up, bias: n === 0, batchNorm: n > 0, activation: n > 0 ? 'leaky-relu' : 'linear', maskKind: 'multi' }),
  );

  const start: NetworkStage<NetworkInput, Masked> = ({ image, hole }, weights) => ({
    features: [normalization.apply(known(image, hole), weights)],
    valid: [sub(1, hole)],
  });
  const down =
    (n: number): NetworkStage<Masked, Masked> =>
    ({ features, valid }, weights, mode) => {
      const made = downs[n - 1].apply(features[n - 1], valid[n - 1], weights, mode);
      return { features: [...features, made.features], valid: [...valid, made.valid] };
    };
  const join = (n: number, { features, valid }: Masked, weights: Weights, mode?: Mode) => {
    const below = twofold(features[n], 'nearest');
    const skip = features[n - 1];
    // Each channel counts with its own mask.
    const masks = [tile(twofold(valid[n], 'nearest'), [1, 1, 1, below.shape[3]]), tile(valid[n - 1], [1, 1, 1, skip.shape[3]])];
    return ups[n - 1].apply(concat([below, skip], 3), concat(masks, 3), weights, mode);
  };
  const up =
    (n: number): NetworkStage<Masked, Masked> =>
    (state, weights, mode) => {
      const made = join(n, state, weights, mode);
      return { features: [...state.features.slice(0, n - 1), made.features], valid: [...state.valid.slice(0, n - 1), made.valid] };
    };
  const finish: NetworkStage<Masked, FeatureMaps<'image'>> = (state, weights, mode) => ({
    image: finished(normalization.undo(join(1, state, weights, mode).features, weights), mode?.training),
  });

  const halved = range(levels).reduce((stages, n) => stages.next(down(n)), networkStages(start));
  const doubled = range(levels)
    .slice(1)
    .reduceRight((stages, n) => stages.next(up(n)), halved);
  return { layers: [normalization, ...downs, ...ups], stages: doubled.next(finish) };
}

function gatedBody(levels: number, widths: readonly number[], gate: PartialUnetGate): Body {
  checkOneOf(gate, ['full', 'split', 'single-channel', 'pixelwise'], 'partialUnet', 'gate');
  // The hole is a fourth channel.
  const sizes = range(levels).map((n) => sizesOf(n, widths, 4));
  const downs = sizes.map(
    ({ down }, n) => new GatedConv2d(`encode${n + 1}`, { ...down, gate, padding: (down.size - 1) / 2, activation: 'relu', batchNorm: n > 0 }),
  );
  const ups = sizes.map(({ up }, n) =>
    n === 0 ? new Conv2d('decode1', up) : new GatedConv2d(`decode${n + 1}`, { ...up, gate, activation: 'leaky-relu', batchNorm: true }),
  );

  const start: NetworkStage<NetworkInput, Features> = ({ image, hole }) => ({ features: [concat([known(image, hole), hole], 3)] });
  const down =
    (n: number): NetworkStage<Features, Features> =>
    ({ features }, weights, mode) => ({ features: [...features, downs[n - 1].apply(features[n - 1], weights, mode)] });
  const join = (n: number, { features }: Features, weights: Weights, mode?: Mode) =>
    ups[n - 1].apply(concat([twofold(features[n], 'nearest'), features[n - 1]], 3), weights, mode);
  const up =
    (n: number): NetworkStage<Features, Features> =>
    (state, weights, mode) => ({ features: [...state.features.slice(0, n - 1), join(n, state, weights, mode)] });
  const finish: NetworkStage<Features, FeatureMaps<'image'>> = (state, weights, mode) => ({
    image: finished(join(1, state, weights, mode), mode?.training),
  });

  const halved = range(levels).reduce((stages, n) => stages.next(down(n)), networkStages(start));
  const doubled = range(levels)
    .slice(1)
    .reduceRight((stages, n) => stages.next(up(n)), halved);
  return { layers: [...downs, ...ups], stages: doubled.next(finish) };
}

// Clipping would stop gradients where the fill is off the most.
const finished = (image: Tensor4D, training = false): Tensor4D => (training ? image : clipByValue(image, -1, 1));
