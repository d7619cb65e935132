import { clipByValue, concat, greater, sub, type Tensor4D, tile, where, zerosLike } from '@tensorflow/tfjs-core';
import { checkOneOf } from '../../check';
import { Conv2d } from '../../layers/conv2d';
import { GatedConv2d, type GateKind } from '../../layers/gated-conv2d';
import { kaiming } from '../../layers/initializers';
import { PartialConv2d } from '../../layers/partial-conv2d';
import { twofold } from '../../ops/gated-conv2d';
import type { FillNetwork, NetworkStage, NetworkState } from '../network/network';
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

  const start: NetworkStage = ({ image, hole }, weights) => ({
    features0: normalization.apply(known(image as Tensor4D, hole as Tensor4D), weights),
    valid0: sub(1, hole),
  });
  const down =
    (n: number): NetworkStage =>
    (state, weights, mode) => {
      const { features, valid } = downs[n - 1].apply(state[`features${n - 1}`] as Tensor4D, state[`valid${n - 1}`] as Tensor4D, weights, mode);
      return { ...state, [`features${n}`]: features, [`valid${n}`]: valid };
    };
  const up =
    (n: number): NetworkStage =>
    (state, weights, mode): NetworkState => {
      const below = twofold(state[`features${n}`] as Tensor4D, 'nearest');
      const skip = state[`features${n - 1}`] as Tensor4D;
      const masks = [twofold(state[`valid${n}`] as Tensor4D, 'nearest'), state[`valid${n - 1}`]];
      // Each channel counts with its own mask.
      const valid = concat([tile(masks[0], [1, 1, 1, below.shape[3]]), tile(masks[1], [1, 1, 1, skip.shape[3]])], 3) as Tensor4D;
      const joined = ups[n - 1].apply(concat([below, skip], 3), valid, weights, mode);
      if (n > 1) return { ...without(state, n), [`features${n - 1}`]: joined.features, [`valid${n - 1}`]: joined.valid };
      return { image: finished(normalization.undo(joined.features, weights), mode?.training) };
    };
  return { layers: [normalization, ...downs, ...ups], stages: [start, ...range(levels).map(down), ...range(levels).reverse().map(up)] };
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

  const start: NetworkStage = ({ image, hole }) => ({ features0: concat([known(image as Tensor4D, hole as Tensor4D), hole as Tensor4D], 3) });
  const down =
    (n: number): NetworkStage =>
    (state, weights, mode) => ({ ...state, [`features${n}`]: downs[n - 1].apply(state[`features${n - 1}`] as Tensor4D, weights, mode) });
  const up =
    (n: number): NetworkStage =>
    (state, weights, mode): NetworkState => {
      const below = twofold(state[`features${n}`] as Tensor4D, 'nearest');
      const features = ups[n - 1].apply(concat([below, state[`features${n - 1}`] as Tensor4D], 3), weights, mode);
      return n > 1 ? { ...without(state, n), [`features${n - 1}`]: features } : { image: finished(features, mode?.training) };
    };
  return { layers: [...downs, ...ups], stages: [start, ...range(levels).map(down), ...range(levels).reverse().map(up)] };
}

// Clipping would stop gradients where the fill is off the most.
const finished = (image: Tensor4D, training = false): Tensor4D => (training ? image : clipByValue(image, -1, 1));

function without(state: NetworkState, level: number): NetworkState {
  return Object.fromEntries(Object.entries(state).filter(([name]) => name !== `features${level}` && name !== `valid${level}`));
}
