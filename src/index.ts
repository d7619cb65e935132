/**
 * All of the library but files: {@link inpaint}, {@link maskFrom}, generators, layers, ops and errors. Nothing here but re-exports. How a layer's
 * weights start out (`zeros`, `normal` and their kin) is said by names that only `cra-inpaint/layers` has: beside TensorFlow.js's
 * own they would be mistaken.
 * @module cra-inpaint
 */
export { type CandidateOptions, inpaintCandidates } from './cra/candidates';
export type { Estimate } from './cra/estimate';
export { fillPatches } from './cra/fill-patches';
export { type DefectKind, type DefectOptions, findDefects } from './cra/find-defects';
export { inpaint } from './cra/inpaint';
export type { Photo } from './cra/kinds';
export type { Detail, InpaintOptions, Preview, Progress, Stage } from './cra/options';
export { openSession, type Session, type SessionOptions, type SessionPatch, type SessionStep } from './cra/session';
export * from './errors';
export * from './generators';
export {
  BatchNorm,
  type ConstantInitializer,
  Conv2d,
  type Conv2dOptions,
  countParameters,
  FourierConv2d,
  type FourierConv2dOptions,
  FourierUnit,
  type FourierUnitLayerOptions,
  GatedConv2d,
  type GatedConv2dOptions,
  type GateKind,
  type IdentityInitializer,
  type Initializer,
  InstanceNorm,
  type InstanceNormLayerOptions,
  initialWeights,
  Layer,
  type Mode,
  type NormalInitializer,
  type Normalization,
  PartialConv2d,
  type PartialConv2dOptions,
  SpectralConv2d,
  SpectralTransform,
  type SpectralTransformLayerOptions,
  TransposedConv2d,
  type TransposedConv2dOptions,
  type UNetBlockOptions,
  UNetDown,
  UNetUp,
  type WeightSpecification,
  type WeightSpecifications,
  type Weights,
  weightsOf,
} from './layers';
export * from './ops';
export {
  type Chromaticities,
  type CodePoints,
  type ColourDescription,
  channelMaximum,
  colourChannels,
  hasAlpha,
  type Picture,
  type PictureFormat,
  type PictureMetadata,
  type PictureText,
} from './picture';
export type { Box } from './pixels/box';
export type { HoleColour } from './pixels/seam';
export type { PhotoSource, Pixels } from './pixels/view';
export { type Patch, pastePatch } from './pixels/window';
export * from './shapes';
export type { OnWarning, Warning, WarningCode } from './warning';
