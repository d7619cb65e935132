/**
 * Who fills the low-resolution picture: {@link exemplar}, which needs no weights, networks with anyone's weights
 * ({@link hifill}, {@link deepfillV2}, {@link migan}, {@link partialUnet}, {@link pix2pix}), {@link fromFunction} for any
 * function of yours, and the interface of them all.
 * @module cra-inpaint/generators
 */
export { type DeepfillV2Options, deepfillV2 } from './deepfill-v2';
export { type ExemplarOptions, exemplar } from './exemplar';
export { type FilledPixels, type FillFunction, type FromFunctionOptions, fromFunction } from './from-function';
export type { Correspondence, Fill, FillRequest, Generator, NearestField, SoftAttention } from './generator';
export { type HifillOptions, hifill, type RefinementGate } from './hifill';
export { migan } from './migan';
export {
  type ColourOrder,
  type FillNetwork,
  type NetworkGenerator,
  type NetworkOptions,
  type NetworkStage,
  type NetworkState,
  type Origin,
  type Precision,
  type RunOptions,
  runNetwork,
} from './network';
export { type PartialUnetGate, type PartialUnetOptions, partialUnet } from './partial-unet';
export { type Pix2pixGenerator, type Pix2pixOptions, pix2pix, type TranslateOptions } from './pix2pix';
