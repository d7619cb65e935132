/**
 * Who fills the low-resolution picture: {@link exemplar}, {@link fromFunction} for any function of yours, and the interface of both.
 * @module cra-inpaint/generators
 */
export { type ExemplarOptions, exemplar } from './exemplar';
export { type FilledPixels, type FillFunction, type FromFunctionOptions, fromFunction } from './from-function';
export type { Correspondence, Fill, FillRequest, Generator, NearestField, SoftAttention } from './generator';
export { migan } from './migan';
export {
  type ColourOrder,
  type FillNetwork,
  type NetworkGenerator,
  type NetworkOptions,
  type NetworkState,
  type Origin,
  type Precision,
  type RunOptions,
  runNetwork,
  type Stage,
} from './network';
export { type Pix2pixGenerator, type Pix2pixOptions, pix2pix, type TranslateOptions } from './pix2pix';
