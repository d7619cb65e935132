/**
 * Who fills the low-resolution picture: {@link exemplar}, which needs no weights, networks with anyone's weights
 * ({@link lama}, {@link migan}, {@link hifill}, {@link deepfillV2}, {@link partialUnet}, {@link pix2pix}), {@link networkGenerator} for a
 * network of your own, {@link fromFunction} for any function of yours, {@link bestGenerator} for the best whose weights are at hand, and
 * the interface of them all.
 * @module cra-inpaint/generators
 */
export { type BestChoice, type BestGeneratorOptions, bestGenerator } from './best';
export { type DeepfillV2Options, deepfillV2 } from './deepfill-v2';
export { type ExemplarOptions, exemplar } from './exemplar';
export { type FilledPixels, type FillFunction, type FromFunctionOptions, fromFunction } from './from-function';
export type { Correspondence, Fill, FillRequest, Generator, NearestField, SoftAttention } from './generator';
export { type HifillOptions, hifill, type RefinementGate } from './hifill';
export { type LamaOptions, lama } from './lama';
export { migan } from './migan';
export { GENERATOR_NAMES, type GeneratorName } from './names';
export {
  type ColourOrder,
  type FeatureMaps,
  type FillNetwork,
  type NetworkGenerator,
  type NetworkInput,
  type NetworkOptions,
  type NetworkOutput,
  type NetworkStage,
  type NetworkStages,
  type NetworkState,
  networkGenerator,
  networkStages,
  type Origin,
  type Precision,
  type RunOptions,
  runNetwork,
} from './network';
export { type PartialUnetGate, type PartialUnetOptions, partialUnet } from './partial-unet';
export { type Pix2pixGenerator, type Pix2pixOptions, pix2pix, type TranslateOptions } from './pix2pix';
