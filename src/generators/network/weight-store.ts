import { clone, type Tensor, type Tensor1D, tensor, tensor1d } from '@tensorflow/tfjs-core';
import { throwIfBackendFailed } from '../../backend';
import { WeightsError } from '../../errors';
import { toFloat16 } from '../../io/weights/weight-file';
import type { Weights } from '../../layers/layer';
import { widenHalf } from '../../ops/widen-half';
import { type FoundWeight, valuesOf } from './match-weights';

/** How many bits a stored weight has. */
export type Precision = 'float32' | 'float16';

/** Holds a network's weights as tensors, by our names. */
export class WeightStore {
  /** The weights by name. With half precision each look makes a tensor that belongs to whoever looks: inside a `tidy`, as a rule. */
  readonly weights: Weights = {};
  /** Whether they have been freed. */
  isDisposed = false;
  private readonly held: Tensor[] = [];

  /** @throws WeightsError `weights-damaged` for a weight that holds NaN or infinity: some backends would paint with it; BackendError `out-of-memory`. */
  constructor(found: ReadonlyMap<string, FoundWeight>, precision: Precision, owner: string) {
    try {
      for (const [name, weight] of found) {
        const { values, shape } = valuesOf(weight);
        if (!allFinite(values)) throw new WeightsError('weights-damaged', `${owner}: the weight ${name} holds NaN or infinity`, { actual: name });
        if (precision === 'float16') this.addHalf(name, values, shape);
        else this.add(name, tensor(values, shape as number[]));
      }
    } catch (error) {
      this.dispose();
      throwIfBackendFailed(error);
      throw error;
    }
  }

  private add(name: string, held: Tensor, get = () => held): void {
    this.held.push(held);
    Object.defineProperty(this.weights, name, { get, enumerable: true });
  }

  private addHalf(name: string, values: Float32Array, shape: readonly number[]): void {
    const halves = toFloat16(values);
    if (halves.some(isInfinite)) {
      // Beyond the range of half precision: kept as it is.
      const whole = tensor(values, shape as number[]);
      this.add(name, whole, () => clone(whole));
      return;
    }
    const pairs = new Uint16Array(2 * Math.ceil(halves.length / 2));
    pairs.set(halves);
    const packed: Tensor1D = tensor1d(new Int32Array(pairs.buffer), 'int32');
    this.add(name, packed, () => widenHalf(packed, shape));
  }

  /** Frees them. */
  dispose(): void {
    this.isDisposed = true;
    for (const tensor of this.held.splice(0)) tensor.dispose();
  }
}

/** A loop, as tens of millions of values may come. */
function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

const isInfinite = (half: number): boolean => (half & 0x7fff) === 0x7c00;
