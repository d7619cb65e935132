import { engine, type TensorContainer, tidy } from '@tensorflow/tfjs-core';

/**
 * Computes something that is a constant to whoever differentiates: no op of it is recorded, nothing of it is kept for a
 * gradient, and convolutions are fused as outside training. Nothing may be differentiated inside.
 */
export function constant<T extends TensorContainer>(compute: () => T): T {
  const { state } = engine();
  const depth = state.gradientDepth;
  state.gradientDepth = 0;
  try {
    return tidy(compute);
  } finally {
    state.gradientDepth = depth;
  }
}
