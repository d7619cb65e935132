import { type Tensor, type Tensor1D, tensor1d } from '@tensorflow/tfjs-core';
import { toFloat16 } from '../../io/weights/weight-file';
import type { Weights } from '../../layers/layer';
import { widenHalf } from '../../ops/widen-half';
import { type FoundWeight, toTensor, valuesOf } from './match-weights';

/** How many bits a stored weight has. */
export type Precision = 'float32' | 'float16';

/** Holds a network's weights as tensors, by our names. */
export class WeightStore {
  /** The weights by name. With half precision each look makes a tensor that belongs to whoever looks: inside a `tidy`, as a rule. */
  readonly weights: Weights = {};
  private readonly held: Tensor[] = [];

  constructor(found: ReadonlyMap<string, FoundWeight>, precision: Precision) {
    try {
      for (const [name, weight] of found) {
        if (precision === 'float16') this.addHalf(name, weight);
        else this.add(name, toTensor(weight));
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  private add(name: string, tensor: Tensor): void {
    this.held.push(tensor);
    Object.defineProperty(this.weights, name, { value: tensor, enumerable: true });
  }

  private addHalf(name: string, weight: FoundWeight): void {
    const { values, shape } = valuesOf(weight);
    const halves = new Uint16Array(2 * Math.ceil(values.length / 2));
    halves.set(toFloat16(values));
    const packed: Tensor1D = tensor1d(new Int32Array(halves.buffer), 'int32');
    this.held.push(packed);
    Object.defineProperty(this.weights, name, { get: () => widenHalf(packed, shape), enumerable: true });
  }

  /** Frees them. */
  dispose(): void {
    for (const tensor of this.held.splice(0)) tensor.dispose();
  }
}
