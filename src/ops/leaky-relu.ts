import { clipByValue, engine, getBackend, getKernel, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { checkArgument } from '../check';
import { LEAKY_RELU, type LeakyReluAttributes } from '../kernels/leaky-relu';
import '../kernels/tensorflow/leaky-relu';
import '../kernels/wasm/leaky-relu';
import '../kernels/webgpu/leaky-relu';
import { activate } from './activation';

/**
 * The leaky ReLU of slope 0.2, cut off where asked.
 *
 * y = min(max(x > 0 ? x : 0.2 x, -limit), limit)
 *
 * On the wasm backend many times as fast as `tf.leakyRelu`.
 *
 * @param x any shape, float32, any range.
 * @param limit > 0; default none.
 * @returns a tensor of x's shape. Differentiable, once where there is a limit.
 * @throws ArgumentError
 * @example
 * ```ts
 * const y = leakyRelu(x, 256);
 * ```
 */
export function leakyRelu<T extends Tensor>(x: T, limit = Number.POSITIVE_INFINITY): T {
  checkArgument(limit > 0, 'leakyRelu', 'limit', '> 0', limit);
  if (engine().state.gradientDepth === 0 && x.rank > 0 && getKernel(LEAKY_RELU, getBackend()))
    return engine().runKernel(LEAKY_RELU, { x }, { limit } satisfies LeakyReluAttributes) as T;
  return composedLeakyRelu(x, limit);
}

/** The same as a composition of tfjs ops: what runs where there is no kernel, and what the kernels are tested against. */
export const composedLeakyRelu = <T extends Tensor>(x: T, limit: number): T =>
  tidy(() => {
    const y = activate['leaky-relu'](x);
    return (limit < Number.POSITIVE_INFINITY ? clipByValue(y, -limit, limit) : y) as T;
  });
