import { add, clone, dispose, div, mul, scalar, sqrt, square, sub, type Tensor, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape } from '../check';
import { WeightsError } from '../errors';
import type { Weights } from '../layers/layer';
import type { AdamOptions } from './recipe';

/** The name that the number of steps has among an optimiser's tensors. */
const STEPS = 'adam.steps';
const FIRST = '.adam_mean';
const SECOND = '.adam_square';

interface Moments {
  mean: Tensor;
  square: Tensor;
}

/**
 * The Adam optimiser in TensorFlow 1's form, which the published networks were trained with.
 *
 * With g a gradient and t the number of the step, from 1:
 * m = beta1 m + (1 - beta1) g; s = beta2 s + (1 - beta2) g^2;
 * w = w - learningRate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(s) + epsilon)
 *
 * `tf.train.adam` adds epsilon after correcting for the start, and has another.
 *
 * @example
 * ```ts
 * const adam = new Adam({ learningRate: 1e-4, beta1: 0.5, beta2: 0.9 });
 * const next = adam.step(weights, gradients);
 * tf.dispose(weights);
 * ```
 * Source: Kingma and Ba (arXiv 1412.6980), section 2, the efficient form.
 */
export class Adam {
  /** Its numbers. */
  readonly options: Required<AdamOptions>;
  private readonly moments = new Map<string, Moments>();
  private taken = 0;

  /**
   * @param options learning rate and how slowly it forgets.
   * @throws ArgumentError
   */
  constructor({ learningRate, beta1, beta2, epsilon = 1e-8 }: AdamOptions) {
    checkArgument(learningRate >= 0, 'Adam', 'learningRate', '>= 0', learningRate);
    checkArgument(beta1 >= 0 && beta1 < 1, 'Adam', 'beta1', 'at least 0 and less than 1', beta1);
    checkArgument(beta2 >= 0 && beta2 < 1, 'Adam', 'beta2', 'at least 0 and less than 1', beta2);
    checkArgument(epsilon > 0, 'Adam', 'epsilon', '> 0', epsilon);
    this.options = { learningRate, beta1, beta2, epsilon };
  }

  /** How many steps were made. */
  get steps(): number {
    return this.taken;
  }

  /**
   * Makes one step.
   *
   * @param weights tensors by name, which stay the caller's.
   * @param gradients those of some or all of them, which stay the caller's.
   * @param learningRate of this step. Default: that of the options.
   * @returns new tensors for all that have a gradient, the caller's to dispose.
   * @throws ShapeError, ArgumentError
   */
  step(weights: Weights, gradients: Weights, learningRate = this.options.learningRate): Record<string, Tensor> {
    const names = Object.keys(gradients);
    for (const name of names) {
      checkArgument(name in weights, 'Adam.step', 'gradients', 'of weights that are there', name);
      checkSameShape(gradients[name].shape, weights[name].shape, 'Adam.step', name);
    }
    const { beta1, beta2, epsilon } = this.options;
    this.taken++;
    const rate = (learningRate * Math.sqrt(1 - beta2 ** this.taken)) / (1 - beta1 ** this.taken);
    const stepped: Record<string, Tensor> = {};
    for (const name of names) {
      const before = this.moments.get(name);
      const [mean, second, weight] = tidy((): Tensor[] => {
        const gradient = gradients[name];
        const [m, s] = before ? [before.mean, before.square] : [zerosLike(gradient), zerosLike(gradient)];
        const nextMean = add(mul(m, beta1), mul(gradient, 1 - beta1));
        const nextSquare = add(mul(s, beta2), mul(square(gradient), 1 - beta2));
        return [nextMean, nextSquare, sub(weights[name], div(mul(nextMean, rate), add(sqrt(nextSquare), epsilon)))];
      });
      if (before) dispose([before.mean, before.square]);
      this.moments.set(name, { mean, square: second });
      stepped[name] = weight;
    }
    return stepped;
  }

  /**
   * What it remembers: `NAME.adam_mean` and `NAME.adam_square` for each weight that it has stepped, and the scalar `adam.steps`.
   * @returns tensors, the caller's to dispose.
   */
  state(): Record<string, Tensor> {
    const tensors: Record<string, Tensor> = { [STEPS]: scalar(this.taken, 'int32') };
    for (const [name, { mean, square: second }] of this.moments) {
      tensors[name + FIRST] = clone(mean);
      tensors[name + SECOND] = clone(second);
    }
    return tensors;
  }

  /**
   * Goes on from what another one remembered, in place of what this one does.
   * @param state what `state()` returned; stays the caller's.
   * @throws WeightsError `weights-mismatch`, after which nothing has changed
   */
  async restore(state: Weights): Promise<void> {
    const names = Object.keys(state).filter((name) => name.endsWith(FIRST));
    const weights = names.map((name) => name.slice(0, -FIRST.length));
    const wanted = new Set([STEPS, ...weights.flatMap((name) => [name + FIRST, name + SECOND])]);
    const missing = [...wanted].filter((name) => !(name in state));
    const surplus = Object.keys(state).filter((name) => !wanted.has(name));
    if (missing.length + surplus.length > 0) {
      const actual = { missing, surplus };
      throw new WeightsError('weights-mismatch', `Adam.restore: not an optimiser's state; missing: ${missing.join(', ')}; unknown: ${surplus.join(', ')}`, {
        expected: [...wanted],
        actual,
      });
    }
    const [taken] = await state[STEPS].data();
    this.dispose();
    this.taken = taken;
    for (const name of weights) this.moments.set(name, { mean: clone(state[name + FIRST]), square: clone(state[name + SECOND]) });
  }

  /** Frees what it remembers; it starts from the beginning again. */
  dispose(): void {
    for (const { mean, square: second } of this.moments.values()) dispose([mean, second]);
    this.moments.clear();
    this.taken = 0;
  }
}
