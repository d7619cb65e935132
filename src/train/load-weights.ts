import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { matchWeights, toTensor } from '../generators/network/match-weights';
import type { FillNetwork } from '../generators/network/network';
import type { ColourOrder } from '../generators/network/origin';
import type { WeightFile } from '../io/weights/weight-file';

/** What {@link loadWeights} returns. */
export interface LoadedWeights {
  /** Tensors by our names, to be disposed by the caller. */
  readonly weights: Record<string, Tensor>;
  /** The order of the channels that they were trained with. */
  readonly colourOrder: ColourOrder;
}

/**
 * Makes tensors of the weights of a network or discriminator, to train on from them.
 *
 * @param network a {@link FillNetwork} or {@link Discriminator}.
 * @param file read by `readWeights`: one of our own, or of any of the network's origins, such as a checkpoint of the authors'.
 * @returns the tensors, and the colour order that they were trained with.
 * @throws WeightsError `weights-mismatch`
 * @example
 * ```ts
 * const { weights } = loadWeights(craDiscriminator(512), await readWeights('checkpoint'));
 * ```
 */
export function loadWeights(network: Pick<FillNetwork, 'name' | 'layers' | 'origins'>, file: WeightFile): LoadedWeights {
  const { arrays, colourOrder } = matchWeights(file, network);
  return { weights: tidy(() => Object.fromEntries([...arrays].map(([name, weight]) => [name, toTensor(weight)]))), colourOrder };
}
