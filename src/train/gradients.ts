import { add, dispose, engine, ones, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { checkArgument } from '../check';
import { BackendError } from '../errors';
import type { Weights } from '../layers/layer';

/** One recorded operation: what tfjs keeps of it. */
interface Recorded {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
  readonly saved?: readonly Tensor[];
  readonly gradient?: (dys: (Tensor | undefined)[]) => Record<string, () => Tensor>;
}

/** What {@link lossGradients} differentiates, such as the loss of a recipe. */
export interface Differentiated {
  /** The scalar that is differentiated. */
  readonly total: Tensor;
}

/** What {@link lossGradients} returns: tensors, to be disposed by the caller. */
export interface LossGradients<T extends Differentiated> {
  /** What the function returned. */
  readonly loss: T;
  /** The gradient of its total in each weight; none of those that it does not depend on. */
  readonly gradients: Record<string, Tensor>;
}

/**
 * The gradients of a loss in weights: `tf.variableGrads` that frees as it goes.
 *
 * tfjs keeps every gradient of every intermediate result, and all that it computes on the way to them, until the last one
 * is there. Here both go as soon as they were used, and what was kept for them too: a training step takes about a third of
 * the memory. Gradients may be nested in `compute`, but not this in others.
 *
 * @param compute computes the loss, of the tensors in `weights` among others.
 * @param weights what to differentiate in, by name; they stay the caller's.
 * @returns the loss and the gradients.
 * @throws ArgumentError within a function that is being differentiated; BackendError `backend` where an op has no gradient
 * @example
 * ```ts
 * const { loss, gradients } = lossGradients(() => recipe.generatorLoss(weights, adversary, batch, context), trained);
 * ```
 */
export function lossGradients<T extends Differentiated>(compute: () => T, weights: Weights): LossGradients<T> {
  const { state } = engine();
  checkArgument(state.gradientDepth === 0, 'lossGradients', 'where it is called', 'outside of functions that are differentiated', 'inside');
  let tape: Recorded[] = [];
  try {
    return tidy(() => {
      state.activeTape = [];
      state.gradientDepth = 1;
      let loss: T;
      try {
        loss = tidy(compute as never) as unknown as T;
      } finally {
        tape = state.activeTape as unknown as Recorded[];
        state.gradientDepth = 0;
        state.activeTape = null as never;
      }
      return { loss, gradients: backwards(tape, loss.total, weights) } as never;
    });
  } finally {
    for (const { saved } of tape) dispose(saved as Tensor[] | undefined);
  }
}

function backwards(tape: readonly Recorded[], total: Tensor, weights: Weights): Record<string, Tensor> {
  const wanted = new Set(Object.values(weights).map(({ id }) => id));
  const dependent = dependents(tape, wanted);
  // By the id of the tensor whose gradient it is.
  const found = new Map<number, Tensor>([[total.id, ones(total.shape)]]);
  for (const { kernelName, inputs, outputs, gradient, saved } of [...tape].reverse()) {
    const arrived = outputs.map(({ id }) => found.get(id));
    const towards = Object.entries(inputs).filter(([, { id }]) => dependent.has(id));
    if (towards.length > 0 && arrived.some((dy) => dy !== undefined)) {
      if (!gradient) throw new BackendError('backend', `lossGradients: ${kernelName} has no gradient`, { actual: kernelName });
      const slopes = tidy(() => {
        const all = gradient(arrived);
        return towards.map(([name]) => all[name]());
      });
      for (const [n, [, { id }]] of towards.entries()) {
        const before = found.get(id);
        // Some gradients hand on what they were given.
        const slope = arrived.includes(slopes[n]) ? slopes[n].clone() : slopes[n];
        found.set(id, before ? add(before, slope) : slope);
        if (before) dispose([before, slope]);
      }
    }
    for (const { id } of outputs) {
      if (wanted.has(id)) continue;
      found.get(id)?.dispose();
      found.delete(id);
    }
    dispose(saved as Tensor[] | undefined);
  }
  return Object.fromEntries(Object.entries(weights).flatMap(([name, { id }]) => (found.has(id) ? [[name, found.get(id) as Tensor]] : [])));
}

/** The ids of the tensors that depend on any of these, themselves included. */
function dependents(tape: readonly Recorded[], sources: ReadonlySet<number>): Set<number> {
  const ids = new Set(sources);
  for (const { inputs, outputs } of tape) if (Object.values(inputs).some(({ id }) => ids.has(id))) for (const { id } of outputs) ids.add(id);
  return ids;
}
