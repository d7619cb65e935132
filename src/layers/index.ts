/**
 * Operations that own weights, to compose networks of: {@link Conv2d}, {@link GatedConv2d} and others.
 * @module cra-inpaint/layers
 */

export { BatchNorm, type NormedKernel } from './batch-norm';
export { Conv2d, type Conv2dOptions } from './conv2d';
export { FourierConv2d, type FourierConv2dOptions } from './fourier-conv2d';
export { FourierUnit, type FourierUnitLayerOptions } from './fourier-unit';
export { GatedConv2d, type GatedConv2dOptions, type GateKind } from './gated-conv2d';
export { initialWeights } from './initial-weights';
export {
  type ConstantInitializer,
  type IdentityInitializer,
  type Initializer,
  identity,
  kaiming,
  type NormalInitializer,
  normal,
  ones,
  truncatedNormal,
  zeros,
} from './initializers';
export { InstanceNorm, type InstanceNormLayerOptions } from './instance-norm';
export { countParameters, Layer, type Mode, type WeightSpecification, type WeightSpecifications, type Weights, weightsOf } from './layer';
export { PartialConv2d, type PartialConv2dOptions } from './partial-conv2d';
export { SpectralConv2d } from './spectral-conv2d';
export { type GivenSpectralTransform, SpectralTransform, type SpectralTransformLayerOptions } from './spectral-transform';
export { TransposedConv2d, type TransposedConv2dOptions } from './transposed-conv2d';
export { type Normalization, type UNetBlockOptions, UNetDown, UNetUp } from './unet-block';
