import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { Weights } from '../../src/layers/layer';
import { values } from './values';

/** The gradients of a loss in some of the weights. The caller disposes them. */
export function gradientsOf(loss: (weights: Weights) => tf.Tensor, weights: Weights, names: readonly string[]): Record<string, tf.Tensor> {
  const found = tf.grads((...given: tf.Tensor[]) => loss({ ...weights, ...Object.fromEntries(names.map((name, n) => [name, given[n]!])) }))(
    names.map((name) => weights[name]!),
  );
  return Object.fromEntries(names.map((name, n) => [name, found[n]!]));
}

/** [mean, deviation, sum of magnitudes, largest magnitude] of values. */
export function statistics(all: ArrayLike<number>): [number, number, number, number] {
  const list = Array.from(all);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  const deviation = Math.sqrt(list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length);
  return [mean, deviation, list.reduce((a, b) => a + Math.abs(b), 0), list.reduce((a, b) => Math.max(a, Math.abs(b)), 0)];
}

/** Expects a number within a share of what is expected. */
export async function expectScalar(actual: tf.Tensor, expected: number, limit: number, absolute = 0): Promise<void> {
  const [value] = await values(actual);
  expect(Math.abs(value! - expected), `${value}, expected ${expected}`).toBeLessThanOrEqual(Math.max(limit * Math.abs(expected), absolute));
}
