/** The kernel behind the op `downsampleBinomial`: input x, [B, H, W, C]; one output. */
export const DOWNSAMPLE_BINOMIAL = 'CraDownsampleBinomial';

/** The filter along one axis. */
export const BINOMIAL = [0.125, 0.375, 0.375, 0.125] as const;
