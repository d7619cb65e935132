import { concat, onesLike, type Tensor4D, zerosLike } from '@tensorflow/tfjs-core';
import { Conv2d } from '../../layers/conv2d';
import { GatedConv2d, type GatedConv2dOptions } from '../../layers/gated-conv2d';
import { normal } from '../../layers/initializers';
import type { Layer, Mode, Weights } from '../../layers/layer';
import { composite } from '../../ops/composite';
import { contextualAttention } from '../../ops/contextual-attention';
import { resizeNearest } from '../../ops/resize';
import { type FeatureMaps, type FillNetwork, type NetworkInput, type NetworkStage, type NetworkStages, networkStages } from '../network';
import { tensorFlow } from './origins';

/** A layer of any kind that turns a feature map into another. */
interface FeatureLayer extends Layer {
  apply(x: Tensor4D, weights: Weights, mode?: Mode): Tensor4D;
}

type Shape = Partial<Pick<GatedConv2dOptions, 'stride' | 'dilation' | 'upsample' | 'activation'>> & { size?: number };

// Glorot and Bengio's (2010), which TensorFlow takes where nothing is said.
const glorot = (size: number, input: number, output: number) => normal(Math.sqrt(2 / (size * size * (input + output))));

/** A gated convolution that halves its channels: one half are the features, the other their gates. */
function gated(name: string, input: number, output: number, { size = 3, ...shape }: Shape = {}): GatedConv2d {
  return new GatedConv2d(name, { input, output, size, gate: 'split', initializer: glorot(size, input, 2 * output), ...shape });
}

const down: Shape = { stride: 2 };
const up: Shape = { upsample: 'nearest' };
const first: Shape = { size: 5 };
const wide = [2, 4, 8, 16].map((dilation): Shape => ({ dilation }));

/** Layers `NAME.convN`, one after the other: for each its number, its outputs and its shape. */
function chain(name: string, input: number, rows: readonly (readonly [number, number, Shape?])[]): FeatureLayer[] {
  let channels = input;
  return rows.map(([number, output, shape]) => {
    const layer = gated(`${name}.conv${number}`, channels, output, shape);
    channels = output;
    return layer;
  });
}

/** From a quarter of the size back to the whole, and to colours in [-1, 1]: convolutions 11 to 17. */
function decoder(name: string, input: number): FeatureLayer[] {
  const features = chain(name, input, [
    [11, 96],
    [12, 96],
    [13, 48, up],
    [14, 48],
    [15, 24, up],
    [16, 12],
  ]);
  return [...features, new Conv2d(`${name}.conv17`, { input: 12, output: 3, size: 3, activation: 'tanh', initializer: glorot(3, 12, 3) })];
}

/** What its stages hand on, from one part of the network to the next. */
type Opened = FeatureMaps<'image' | 'hole' | 'input'>;
type FilledCoarsely = Opened & FeatureMaps<'coarse'>;
type Pasted = FeatureMaps<'coarse' | 'hole' | 'pasted'>;
type Encoded = Pasted & FeatureMaps<'features' | 'attended'>;
type Attended = FeatureMaps<'coarse' | 'features' | 'attended' | 'scores'>;
type Joined = FeatureMaps<'coarse' | 'image' | 'scores'>;

/** A stage that takes the tensor called `from` through a layer, calls it `to`, and keeps the others. */
const through =
  <State extends FeatureMaps<From>, From extends string, To extends string>(
    layer: FeatureLayer,
    from: From,
    to: To,
  ): NetworkStage<State, State & FeatureMaps<To>> =>
  (state, weights, mode) => ({ ...state, ...named(to, layer.apply(state[from], weights, mode)) });

const named = <Name extends string>(name: Name, x: Tensor4D): FeatureMaps<Name> => ({ [name]: x }) as FeatureMaps<Name>;

/** Adds stages that take the tensor called `from` through layers, one each, and call it `to`. */
function throughAll<State extends FeatureMaps<From>, From extends string, To extends string>(
  stages: NetworkStages<State>,
  [first, ...others]: readonly FeatureLayer[],
  from: From,
  to: To,
): NetworkStages<State & FeatureMaps<To>> {
  const begun = stages.next<State & FeatureMaps<To>>(through(first, from, to));
  return others.reduce((after, layer) => after.next<State & FeatureMaps<To>>(through(layer, to, to)), begun);
}

/**
 * DeepFill v2: a coarse network fills the hole, a second one does it again with the coarse fill in its place, by two
 * branches, one of plain convolutions and one that attends to the surroundings.
 */
export function deepfillNetwork(sketch: boolean): FillNetwork<Joined> {
  const coarse = [
    ...chain('coarse', sketch ? 6 : 5, [
      [1, 24, first],
      [2, 48, down],
      [3, 48],
      [4, 96, down],
      [5, 96],
      [6, 96],
      ...wide.map((shape, n) => [7 + n, 96, shape] as const),
    ]),
    ...decoder('coarse', 96),
  ];
  const refine = chain('refine', 3, [
    [1, 24, first],
    [2, 24, down],
    [3, 48],
    [4, 48, down],
    [5, 96],
    [6, 96],
    ...wide.map((shape, n) => [7 + n, 96, shape] as const),
  ]);
  const before = chain('attend', 3, [
    [1, 24, first],
    [2, 24, down],
    [3, 48],
    [4, 96, down],
    [5, 96],
    [6, 96, { activation: 'relu' }],
  ]);
  const after = chain('attend', 96, [
    [9, 96],
    [10, 96],
  ]);
  const join = decoder('join', 192);

  const open: NetworkStage<NetworkInput, Opened> = ({ image, hole, sketch: drawn }) => {
    const lines = sketch ? [composite(drawn ?? zerosLike(hole), zerosLike(hole), hole)] : [];
    const known = composite(zerosLike(image), image, hole);
    // Ones tell where the picture ends: beyond it there are zeros.
    return { image: known, hole, input: concat([known, ...lines, onesLike(hole), hole], 3) };
  };
  const paste: NetworkStage<FilledCoarsely, Pasted> = ({ image, hole, coarse }) => ({ coarse, hole, pasted: composite(coarse, image, hole) });
  const attend: NetworkStage<Encoded, Attended> = ({ coarse, hole, features, attended }) => {
    // In two steps, as in training: one would pick other pixels.
    const smaller = (x: Tensor4D, by: number) => resizeNearest(x, [x.shape[1] / by, x.shape[2] / by], { flavour: 'align-corners' });
    const { output, scores } = contextualAttention(attended, attended, smaller(smaller(hole, 4), 2), {
      rate: 2,
      pick: 'align-corners',
      normEpsilon: 1e-4,
      pasteSize: 4,
      pasteScale: 1 / 4,
    });
    return { coarse, features, attended: output, scores };
  };
  const joinBranches: NetworkStage<Attended, Joined> = ({ coarse, features, attended, scores }) => ({ coarse, image: concat([features, attended], 3), scores });

  const filled = throughAll(networkStages(open), coarse, 'input', 'coarse');
  const encoded = throughAll(throughAll(filled.next(paste), refine, 'pasted', 'features'), before, 'pasted', 'attended');
  const attended = throughAll(encoded.next(attend), after, 'attended', 'attended');
  const painted = throughAll(attended.next(joinBranches), join, 'image', 'image');

  return {
    name: sketch ? 'deepfill-v2 with a sketch' : 'deepfill-v2',
    multiple: 8,
    workingSize: 512,
    takesSketch: sketch,
    // A sketch is one more channel of the first kernel.
    publishedParameters: 4_052_478 + (sketch ? 5 * 5 * 48 : 0),
    layers: [...coarse, ...refine, ...before, ...after, ...join],
    origins: [tensorFlow],
    stages: painted,
  };
}
