import { checkWhole } from '../../check';
import type { WeightFile } from '../../io/weights/weight-file';
import { checkWeightFile } from '../network/match-weights';
import { type NetworkGenerator, type NetworkOptions, networkGenerator } from '../network/network-generator';
import { lamaNetwork } from './network';
import { blocksOf } from './origins';

/** Options of {@link lama}. */
export interface LamaOptions extends NetworkOptions {
  /** How many residual blocks the network has: 18 as big-lama, 9 as lama-fourier. Default: as many as the weights have, and 18 without any. */
  blocks?: number;
}

/**
 * LaMa, a network whose layers see the whole picture by its Fourier transform: strong where something repeats, such as windows,
 * tiles and bars, and for large holes.
 *
 * big-lama has 50,975,875 parameters, lama-fourier 27,048,835; which one it is shows in the weights. Takes pictures whose sides are
 * multiples of 8; trained on 256 x 256, and used by its authors up to about 2000. It has no attention: where its details come from
 * is looked up in its result.
 *
 * The weights are the authors', advimman/lama, under the Apache 2.0 licence. Their checkpoint is a pickle, which runs code as
 * it is read and is not read here: the guide "LaMa in three lines" turns it into safetensors.
 *
 * @param weights read by `readWeights`: that safetensors file, with or without what stands before the names; the tensors of the
 * scripted module of IOPaint; the ONNX export of Carve; or a file of our own. In float32 or float16. Without any, `load` them later.
 * @param options blocks, precision.
 * @throws ArgumentError; WeightsError `weights-mismatch`, also for lama-regular, which is another network
 * @example
 * ```ts
 * const generator = lama(await readWeights('big-lama.safetensors'));
 * const result = await inpaint(photo, mask, { generator });
 * generator.dispose();
 * ```
 * Source: Suvorov et al., Resolution-robust Large Mask Inpainting with Fourier Convolutions (arXiv 2109.07161).
 */
export function lama(weights?: WeightFile, { blocks, ...options }: LamaOptions = {}): NetworkGenerator {
  if (blocks !== undefined) checkWhole(blocks, 1, 'lama', 'blocks');
  if (weights) checkWeightFile(weights, 'lama');
  return networkGenerator(lamaNetwork({ blocks: blocks ?? (weights && blocksOf(weights)) }), weights, options);
}
