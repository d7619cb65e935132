import { add, dispose, mul, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { Weights } from '../layers/layer';
import { copies } from './copies';

/**
 * An exponential moving average of a network's weights: the single steps' noise, which small batches make large, cancels out.
 *
 * After step t, from 1: average = d average + (1 - d) weights, where d is the smaller of `decay` and (1 + t) / (10 + t),
 * so that first weights are soon forgotten.
 *
 * Source: Polyak and Juditsky (SIAM J. Control Optim. 30, 1992); the start as in TensorFlow's ExponentialMovingAverage.
 */
export class MovingAverage {
  private averages: Record<string, Tensor>;

  /**
   * @param decay at least 0 and less than 1: how much of the average each step leaves.
   * @param trained the weights that are averaged; of others, such as running means, the last are taken.
   * @param weights the first ones; they stay the caller's.
   */
  constructor(
    private readonly decay: number,
    private readonly trained: readonly string[],
    weights: Weights,
  ) {
    this.averages = copies(weights);
  }

  /** The averages, by the weights' names. */
  get weights(): Weights {
    return this.averages;
  }

  /** Takes in the weights after a step, which stay the caller's. */
  add(weights: Weights, step: number): void {
    const decay = Math.min(this.decay, (1 + step) / (10 + step));
    const next = tidy(() => ({
      ...copies(weights),
      ...Object.fromEntries(this.trained.map((name) => [name, add(mul(this.averages[name], decay), mul(weights[name], 1 - decay))])),
    }));
    this.dispose();
    this.averages = next;
  }

  /** Goes on from averages, which stay the caller's. */
  restore(averages: Weights): void {
    this.dispose();
    this.averages = copies(averages);
  }

  /** Frees the averages. */
  dispose(): void {
    dispose(this.averages);
  }
}
