import { checkArgument, checkOneOf, checkWhole } from '../../check';
import type { WeightFile } from '../../io/weights/weight-file';
import { type NetworkGenerator, type NetworkOptions, networkGenerator } from '../network/network-generator';
import { type PartialUnetGate, partialUnetNetwork } from './network';

export type { PartialUnetGate } from './network';

/** Options of {@link partialUnet}. */
export interface PartialUnetOptions extends NetworkOptions {
  /** How often the size is halved, from 1 to 12. Default 8, as in the paper; the PyTorch program that many weights come from has 7. */
  levels?: number;
  /** `'partial'` (default), or `'gated'`: the same body of gated convolutions, which are given the hole as a fourth channel. */
  convolution?: 'partial' | 'gated';
  /** How gates are computed, where there are any. Default `'full'`. */
  gate?: PartialUnetGate;
}

/**
 * The U-Net of partial convolutions, which sees nothing of a hole: each window counts its valid pixels only, and the hole
 * shrinks from layer to layer until nothing of it is left. Encoder of 7 x 7, 5 x 5, 5 x 5 and 3 x 3 kernels of stride 2; decoder
 * of copied pixels, skip connections and 3 x 3 kernels; batch normalisation in all layers but the first and the last.
 *
 * 32,859,732 parameters with 8 levels, 25,779,796 with 7. Takes pictures whose sides are multiples of 2^levels.
 *
 * @param weights read by `readWeights`: those of naoto0804's PyTorch program (`levels: 7`, partial convolutions only) as
 * safetensors or ONNX, whose normalisation by ImageNet's means comes with them, or a file of our own. Without any, `load`
 * them later.
 * @param options levels, kind of convolution, precision.
 * @throws ArgumentError; WeightsError `weights-mismatch`
 * @example
 * ```ts
 * const generator = partialUnet(await readWeights('partial-unet.safetensors'), { levels: 7 });
 * const result = await inpaint(photo, mask, { generator });
 * generator.dispose();
 * ```
 * Source: Liu et al., Image Inpainting for Irregular Holes Using Partial Convolutions (arXiv 1804.07723); gates: Yu et al.
 * (arXiv 1806.03589).
 */
export function partialUnet(
  weights?: WeightFile,
  { levels = 8, convolution = 'partial', gate = 'full', ...options }: PartialUnetOptions = {},
): NetworkGenerator {
  checkWhole(levels, 1, 'partialUnet', 'levels');
  checkArgument(levels <= 12, 'partialUnet', 'levels', 'at most 12', levels);
  checkOneOf(convolution, ['partial', 'gated'], 'partialUnet', 'convolution');
  return networkGenerator(partialUnetNetwork({ levels, convolution, gate }), weights, options);
}
