export { type AttentionTransferOptions, attentionTransfer } from './attention-transfer';
export { composite } from './composite';
export { type ContextualAttention, type ContextualAttentionOptions, contextualAttention } from './contextual-attention';
export { squaredDistance } from './distance';
export { type BlurBorder, type FeatherCraOptions, feather, featherCra, type GaussianBlurOptions, gaussianBlur, gaussianKernel } from './feather';
export { growMask, type NormalizeMaskOptions, normalizeMask, type PoolMaskOptions, poolMask } from './mask';
export { type MembraneOptions, membrane } from './membrane';
export { type ResizeFlavour, type ResizeOptions, resizeArea, resizeBilinear, resizeNearest, resizeValid, type ValidResize } from './resize';
