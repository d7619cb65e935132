import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** The tests' names of the backends, told apart by what differs in rounding. */
export const backendName = () => tf.getBackend();

/**
 * One tolerance table for every backend: how far float32 results may lie from a float64 naive loop,
 * relative to the largest expected magnitude. Exact operations (copying, gathering, masks) use 0.
 */
export const tolerance = { exact: 0, arithmetic: 2e-6, matmul: 1e-5, transcendental: 1e-5, gradient: 2e-3 } as const;

/** The values of a tensor, on any backend (WebGPU can only be read asynchronously). */
export const values = async (tensor: tf.Tensor): Promise<number[]> => Array.from(await tensor.data());

/** Expects every value within `limit` times the largest expected magnitude (or 1 if that is smaller). NaN never passes. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, limit: number = tolerance.arithmetic): void {
  expect(actual.length).toBe(expected.length);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  let worst = 0;
  let where = -1;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= worst)) {
      worst = error;
      where = i;
    }
  }
  if (!(worst <= limit * scale)) {
    expect.fail(`value ${where}: expected ${expected[where]}, got ${actual[where]}; off by ${worst}, allowed ${limit * scale}`);
  }
}

/** Seeded values in [-1, 1), the same in every run (mulberry32). */
export function seeded(seed: number, count: number): Float32Array {
  const out = new Float32Array(count);
  let a = seed >>> 0;
  for (let i = 0; i < count; i++) {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    out[i] = (((t ^ (t >>> 14)) >>> 0) / 4294967296) * 2 - 1;
  }
  return out;
}

/**
 * Expects the gradient that tfjs computes for `f` (a scalar function of one tensor) to agree with central differences
 * at `samples` seeded places.
 */
export async function expectGradient(
  f: (x: tf.Tensor) => tf.Scalar,
  at: Float32Array,
  shape: number[],
  samples = 12,
  step = 1e-2,
  limit: number = tolerance.gradient,
): Promise<void> {
  const x = tf.tensor(at, shape);
  const gradient = tf.grad((t: tf.Tensor) => f(t))(x);
  const g = await values(gradient);
  const places = seeded(99, samples).map((u) => Math.floor(((u + 1) / 2) * at.length));
  const numeric: number[] = [];
  for (const i of places) {
    const evaluate = async (delta: number) => {
      const moved = at.slice();
      moved[i] = moved[i]! + delta;
      const y = tf.tidy(() => f(tf.tensor(moved, shape)));
      const [v] = await values(y);
      y.dispose();
      return v!;
    };
    numeric.push(((await evaluate(step)) - (await evaluate(-step))) / (2 * step));
  }
  tf.dispose([x, gradient]);
  expectClose(
    Array.from(places, (i) => g[i]!),
    numeric,
    limit,
  );
}

/** Runs `f` and expects that no tensor is left over but those that `f` returns, which are disposed. */
export async function expectNoLeak(f: () => unknown | Promise<unknown>): Promise<void> {
  const before = tf.memory().numTensors;
  const result = await f();
  tf.dispose(result as tf.TensorContainer);
  expect(tf.memory().numTensors).toBe(before);
}
