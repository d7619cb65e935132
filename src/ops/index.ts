/**
 * The operations that inpainting is made of, as plain tensor functions.
 * @module cra-inpaint/ops
 */
export type { Activation } from './activation';
export { type AttentionTransferOptions, attentionTransfer } from './attention-transfer';
export { type BatchNormOptions, type BatchStatistics, batchNorm, batchStatistics } from './batch-norm';
export { downsampleBinomial, upsampleBinomial } from './binomial';
export { composite } from './composite';
export { type ContextualAttention, type ContextualAttentionOptions, contextualAttention } from './contextual-attention';
export { type ConvOptions, conv2d } from './conv2d';
export type { Correspondence, NearestField, SoftAttention } from './correspondence';
export { squaredDistance } from './distance';
export { dropout } from './dropout';
export { type BlurBorder, type FeatherCraOptions, feather, featherCra, type GaussianBlurOptions, gaussianBlur, gaussianKernel } from './feather';
export { type FlowPictureOptions, flowPicture } from './flow-picture';
export {
  type FourierConvOptions,
  type FourierConvWeights,
  type FourierFeatures,
  fourierConv2d,
} from './fourier-conv2d';
export { type FourierUnitOptions, fourierUnit, type Normalize } from './fourier-unit';
export { type GateOptions, gate } from './gate';
export { type GatedConvOptions, gatedConv2d, type Upsampling } from './gated-conv2d';
export { type InstanceNormOptions, instanceNorm } from './instance-norm';
export { leakyRelu } from './leaky-relu';
export { growMask, type NormalizeMaskOptions, normalizeMask, type PoolMaskOptions, poolMask } from './mask';
export { type MembraneOptions, membrane } from './membrane';
export { type NearestPatches, type NearestPatchesOptions, nearestPatches } from './nearest-patches';
export { type ExhaustivePatchesOptions, nearestPatchesExhaustive } from './nearest-patches-exhaustive';
export { type PartialConvOptions, type PartialConvResult, partialConv2d } from './partial-conv2d';
export { extractPatches, type FoldOptions, foldPatches, type PatchOptions } from './patches';
export { reflectPad } from './reflect-pad';
export {
  type AggregateBandsOptions,
  type AggregateOptions,
  aggregateResidual,
  aggregateResidualBands,
  type ResidualBand,
} from './residual-aggregation';
export { type ResizeFlavour, type ResizeOptions, resizeArea, resizeBilinear, resizeNearest, resizeValid, type ValidResize } from './resize';
export { irfft2, rfft2 } from './rfft2';
export { type SpectralNorm, type SpectralNormOptions, spectralNorm } from './spectral-norm';
export { type SpectralTransformOptions, type SpectralTransformWeights, spectralTransform } from './spectral-transform';
export { type TransposedConvOptions, transposedConv2d } from './transposed-conv2d';
export { type VotePatchesOptions, votePatches } from './vote-patches';
