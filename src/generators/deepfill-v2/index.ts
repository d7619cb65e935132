import type { WeightFile } from '../../io/weights/weight-file';
import { type NetworkGenerator, type NetworkOptions, networkGenerator } from '../network';
import { deepfillNetwork } from './network';

/** Options of {@link deepfillV2}. */
export interface DeepfillV2Options extends NetworkOptions {
  /** Whether it is the user-guided network, which has been trained to follow a sketch; its weights are others. Default false. */
  sketch?: boolean;
}

/**
 * Fills by DeepFill v2: gated convolutions, twice, the second time with contextual attention. 4,052,478 parameters.
 *
 * Sides are multiples of 8 (two halvings, and attention on every second pixel). It was trained at 256 x 256 on holes of
 * up to half the side, but takes any size. Its working size is 512: attention then tells apart 4096 places instead of
 * 1024, so that the detail it leads to is finer, and takes sixteen times as long, over a quarter of the whole. Where
 * the hole is so large that a fill at 512 loses the thread, or time is short, give `inpaint` `workingSize: 256`.
 *
 * With `sketch: true` it takes one more input: a sketch, 1 on its lines, that says how edges run through the hole. What of
 * it lies outside the hole is not looked at; without a sketch there are no lines.
 *
 * @param weights read by `readWeights`, the authors' or in our own names; without any, `load` them before the first fill.
 * @param options see {@link DeepfillV2Options}.
 * @returns the generator, whose fills have a {@link SoftAttention} of one cell for 8 x 8 pixels.
 * @throws WeightsError `weights-mismatch`, which lists by name what is missing, wrongly shaped or unknown
 * @example
 * ```ts
 * const generator = deepfillV2(await readWeights('deepfill-v2.safetensors'));
 * const result = await inpaint(photo, mask, { generator });
 * ```
 * Source: Yu et al., Free-Form Image Inpainting with Gated Convolution, ICCV 2019 (arXiv 1806.03589).
 */
export function deepfillV2(weights?: WeightFile, { sketch = false, ...options }: DeepfillV2Options = {}): NetworkGenerator {
  return networkGenerator(deepfillNetwork(sketch), weights, options);
}
