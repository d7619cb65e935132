import { checkOneOf } from '../../check';
import type { WeightFile } from '../../io/weights/weight-file';
import { type NetworkGenerator, type NetworkOptions, networkGenerator } from '../network/network-generator';
import { hifillNetwork, type RefinementGate } from './network';

export type { RefinementGate } from './network';

/** Options of {@link hifill}. */
export interface HifillOptions extends NetworkOptions {
  /** The gates of the refinement: `'pixelwise'` as in the weights that the authors released (default), or `'depth-separable'` as in the paper. */
  refinementGate?: RefinementGate;
}

/**
 * HiFill, the generator of contextual residual aggregation: a coarse network fills the hole at half the size, a second one
 * refines it by looking up valid features (contextual attention) and carrying them over at two more sizes (attention
 * transfer). Its attention is the correspondence by which `inpaint()` then aggregates residuals.
 *
 * 2,722,791 parameters. Takes pictures whose sides are multiples of 16; trained at 512 x 512.
 *
 * @param weights read by `readWeights`: the authors' frozen graph (`hifill.pb`) or a checkpoint of their training, a
 * checkpoint of the port to MindSpore, these tensors in safetensors or ONNX, or a file of our own. The order of colour
 * channels is the weights' affair. Without any, `load` them later.
 * @param options gates and precision.
 * @throws ArgumentError; WeightsError `weights-mismatch`
 * @example
 * ```ts
 * const generator = hifill(await readWeights('hifill.pb'));
 * const result = await inpaint(photo, mask, { generator });
 * generator.dispose();
 * ```
 * Source: Yi et al., Contextual Residual Aggregation for Ultra High-Resolution Image Inpainting (arXiv 2005.09704).
 */
export function hifill(weights?: WeightFile, { refinementGate = 'pixelwise', ...options }: HifillOptions = {}): NetworkGenerator {
  checkOneOf(refinementGate, ['pixelwise', 'depth-separable'], 'hifill', 'refinementGate');
  return networkGenerator(hifillNetwork(refinementGate), weights, options);
}
