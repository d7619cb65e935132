import { keep, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { WeightArray } from '../../io/weights/weight-file';
import type { Weights } from '../../layers/layer';
import { toTensor } from './match-weights';

/** How many bits a stored weight has. */
export type Precision = 'float32' | 'float16';

/** Holds a network's weights as tensors, by our names. */
export class WeightStore {
  /** The weights by name. */
  readonly weights: Weights;

  constructor(arrays: ReadonlyMap<string, { readonly array: WeightArray; readonly axes?: readonly number[] }>, _precision: Precision) {
    const weights: Record<string, Tensor> = {};
    try {
      for (const [name, found] of arrays) weights[name] = tidy(() => keep(toTensor(found)));
    } catch (error) {
      for (const tensor of Object.values(weights)) tensor.dispose();
      throw error;
    }
    this.weights = weights;
  }

  /** Frees them. */
  dispose(): void {
    for (const tensor of Object.values(this.weights)) tensor.dispose();
  }
}
