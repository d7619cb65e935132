import { add, clipByValue, concat, mul, sub, type Tensor4D } from '@tensorflow/tfjs-core';
import { GatedConv2d, type GateKind } from '../../layers/gated-conv2d';
import type { Weights } from '../../layers/layer';
import { attentionTransfer } from '../../ops/attention-transfer';
import { contextualAttention } from '../../ops/contextual-attention';
import { resizeBilinear } from '../../ops/resize';
import { type FeatureMaps, type FillNetwork, type NetworkInput, type NetworkStage, networkStages } from '../network';
import { coarseRows, decoderRows, encoderRows, type LayerRow } from './layers';
import { mindsporeOrigin, tensorflowOrigin } from './origins';

/** How the gates of the refinement are computed: as in the released weights, or as in the paper. */
export type RefinementGate = Extract<GateKind, 'pixelwise' | 'depth-separable'>;

// A cell of the attention covers this many pixels of the picture.
const CELL = 16;

/** What its stages hand on. The numbers in names are the side of features at 512 pixels. */
type FilledCoarsely = FeatureMaps<'coarse' | 'hole' | 'features'>;
type Encoded = FeatureMaps<'coarse' | 'hole' | 'at256' | 'at128' | 'at64'>;
type Attended = FeatureMaps<'coarse' | 'at256' | 'at128' | 'features' | 'scores'>;
type DecodedTo128 = FeatureMaps<'coarse' | 'at256' | 'features' | 'scores'>;
type Refined = FeatureMaps<'coarse' | 'image' | 'scores'>;

/** HiFill, whose result holds the coarse fill, too. */
export interface HifillNetwork extends FillNetwork<Refined> {
  /** Its first stage, the coarse network, which can be trained alone. */
  readonly fillCoarsely: NetworkStage<NetworkInput, FilledCoarsely>;
}

/** HiFill, the networks of contextual residual aggregation: a coarse one at half the size, and one that refines its result by attention. */
export function hifillNetwork(refinementGate: RefinementGate = 'pixelwise'): HifillNetwork {
  const layersOf = (rows: readonly LayerRow[], gate: GateKind) => rows.map(({ name, options }) => new GatedConv2d(name, { ...options, gate }));
  const coarse = layersOf(coarseRows, 'single-channel');
  const encoder = layersOf(encoderRows, refinementGate);
  const decoder = layersOf(decoderRows, refinementGate);
  const byName = new Map([...encoder, ...decoder].map((layer) => [layer.name, layer]));
  const chain = (x: Tensor4D, weights: Weights, layers: readonly GatedConv2d[]) => layers.reduce((y, layer) => layer.apply(y, weights), x);
  const refine = (x: Tensor4D, weights: Weights, ...names: string[]) =>
    chain(
      x,
      weights,
      names.map((name) => byName.get(`refine.${name}`) as GatedConv2d),
    );

  /** Fills the hole roughly, at half the size. */
  const fillCoarsely: NetworkStage<NetworkInput, FilledCoarsely> = ({ image, hole }, weights) => {
    const [, height, width] = image.shape;
    const known: Tensor4D = mul(image, sub(1, hole));
    const half = resizeBilinear(concat([known, hole], 3), [height / 2, width / 2], { flavour: 'legacy' });
    const small = clipByValue(chain(half, weights, coarse), -1, 1);
    const filled = resizeBilinear(small, [height, width], { flavour: 'legacy' });
    return { coarse: filled, hole, features: concat([add<Tensor4D>(mul(filled, hole), known), hole], 3) };
  };

  const encode: NetworkStage<FilledCoarsely, Encoded> = ({ coarse, hole, features }, weights) => {
    const at256 = refine(features, weights, 'down_256', 'encode_256');
    const at128 = refine(at256, weights, 'down_128', 'encode_128');
    const at64 = refine(at128, weights, 'down_64', 'encode_64', 'dilated_1', 'dilated_2', 'dilated_4', 'dilated_8', 'dilated_16');
    return { coarse, hole, at256, at128, at64 };
  };

  const attend: NetworkStage<Encoded, Attended> = ({ coarse, hole, at256, at128, at64 }, weights) => {
    const { output, scores } = contextualAttention(at64, at64, hole);
    const attended = refine(output, weights, 'attended_64');
    const joined = refine(concat([at64, attended], 3), weights, 'joined_64');
    return { coarse, at256, at128, features: joined, scores };
  };

  const decodeTo128: NetworkStage<Attended, DecodedTo128> = ({ coarse, at256, at128, features, scores }, weights) => {
    const decoded = refine(features, weights, 'up_128', 'decode_128');
    const transferred = refine(attentionTransfer(at128, scores), weights, 'transferred_128_1', 'transferred_128_2');
    return { coarse, at256, features: concat([transferred, decoded], 3), scores };
  };

  const decode: NetworkStage<DecodedTo128, Refined> = ({ coarse, at256, features, scores }, weights) => {
    const decoded = refine(features, weights, 'up_256', 'decode_256');
    const transferred = refine(attentionTransfer(at256, scores), weights, 'transferred_256_1', 'transferred_256_2');
    const refined = refine(concat([transferred, decoded], 3), weights, 'rgb');
    return { coarse, image: clipByValue(refined, -1, 1), scores };
  };

  return {
    name: 'hifill',
    multiple: CELL,
    workingSize: 512,
    layers: [...coarse, ...encoder, ...decoder],
    publishedParameters: refinementGate === 'pixelwise' ? 2_722_791 : undefined,
    origins: [tensorflowOrigin, mindsporeOrigin],
    fillCoarsely,
    stages: networkStages(fillCoarsely).next(encode).next(attend).next(decodeTo128).next(decode),
  };
}
