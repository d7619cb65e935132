import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../src/layers/initial-weights';
import { type Initializer, identity, kaiming, normal, ones, truncatedNormal, zeros } from '../../src/layers/initializers';
import { expectNoLeak, values } from '../support/values';

const COUNT = 20_000;
const drawn = async (initializer: Initializer, seed = 1, name = 'layer.weights') => {
  const weights = initialWeights({ [name]: { shape: [COUNT / 4, 4], initializer } }, seed);
  expect(weights[name]!.shape).toEqual([COUNT / 4, 4]);
  return values(weights[name]!);
};
const meanOf = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
const deviationOf = (v: number[]) => Math.sqrt(meanOf(v.map((n) => (n - meanOf(v)) ** 2)));

describe('initialWeights', () => {
  it('gives constants', async () => {
    expect(new Set(await drawn(zeros))).toEqual(new Set([0]));
    expect(new Set(await drawn(ones))).toEqual(new Set([1]));
  });

  // Within five standard errors of what is asked for: one run in a million would be further off.
  it.each([
    ['normal', normal(0.02, 1), 1, 0.02],
    ['kaiming', kaiming(50), 0, 0.2],
    ['kaiming of gain 1', kaiming(100, 1), 0, 0.1],
    // The deviation of normal values without those beyond two deviations is 0.8796.
    ['truncated', truncatedNormal(0.05), 0, 0.05 * 0.8796],
  ] as const)('gives values of the mean and deviation asked for: %s', async (_, initializer, mean, deviation) => {
    const v = await drawn(initializer);
    expect(Math.abs(meanOf(v) - mean)).toBeLessThan((5 * deviation) / Math.sqrt(COUNT));
    expect(Math.abs(deviationOf(v) / deviation - 1)).toBeLessThan(5 / Math.sqrt(2 * COUNT));
    expect(new Set(v).size).toBeGreaterThan(0.95 * COUNT);
  });

  it('gives normal values: a third beyond one deviation, a twentieth beyond two, as many above as below', async () => {
    const v = await drawn(normal(1));
    const share = (test: (n: number) => boolean) => v.filter(test).length / COUNT;
    expect(Math.abs(share((n) => Math.abs(n) > 1) - 0.3173)).toBeLessThan(0.017);
    expect(Math.abs(share((n) => Math.abs(n) > 2) - 0.0455)).toBeLessThan(0.008);
    expect(Math.abs(share((n) => n > 0) - 0.5)).toBeLessThan(0.018);
    // Neighbours are drawn in pairs; they must not resemble each other.
    const product = meanOf(v.slice(1).map((n, i) => n * v[i]!));
    expect(Math.abs(product)).toBeLessThan(5 / Math.sqrt(COUNT));
  });

  it('cuts at two deviations, by drawing again, not by clipping', async () => {
    const v = await drawn(truncatedNormal(0.05));
    expect(Math.max(...v.map(Math.abs))).toBeLessThanOrEqual(0.1);
    expect(v.filter((n) => Math.abs(n) > 0.0999).length).toBeLessThan(0.005 * COUNT);
    expect(v.filter((n) => Math.abs(n) > 0.095).length).toBeGreaterThan(0);
  });

  it("hands a kernel's input on, channel by channel, on top of normal values", async () => {
    for (const [input, output] of [
      [3, 5],
      [5, 3],
    ] as const) {
      const shape = [5, 3, input, output];
      const [noise, both] = await Promise.all(
        [normal(0.1), identity(2, 0.1)].map((initializer) => values(initialWeights({ 'a.weights': { shape, initializer } }, 1)['a.weights']!)),
      );
      const added = both!.map((v, i) => v - noise![i]!);
      // The middle tap of 5 x 3 is row 2, column 1.
      const expected = added.map((_, i) => {
        const [tap, from, to] = [Math.floor(i / input / output), Math.floor(i / output) % input, i % output];
        return tap === 7 && from === to ? 2 : 0;
      });
      for (const [i, v] of added.entries()) expect(v).toBeCloseTo(expected[i]!, 5);
    }
    expect(() => initialWeights({ 'a.bias': { shape: [3], initializer: identity(1, 0) } }, 1)).toThrow(/shape must be of four axes for the identity/);
  });

  it('is the same for the same name and seed, whatever else there is, and another for others', async () => {
    const first = await drawn(normal(1));
    expect(await drawn(normal(1))).toEqual(first);
    expect(await drawn(normal(1), 2)).not.toEqual(first);
    expect(await drawn(normal(1), 1, 'other.weights')).not.toEqual(first);
    const specification = { shape: [COUNT / 4, 4], initializer: normal(1) };
    const both = initialWeights({ 'before.weights': specification, 'layer.weights': specification }, 1);
    expect(await values(both['layer.weights']!)).toEqual(first);
  });

  it('refuses seeds and limits that are none', () => {
    const specification = { 'a.weights': { shape: [2], initializer: { kind: 'normal' as const, deviation: 1, limit: 0 } } };
    expect(() => initialWeights(specification, 1)).toThrow(/initialWeights: limit must be > 0, got 0/);
    expect(() => initialWeights({}, -1)).toThrow(/initialWeights: seed must be a whole number >= 0, got -1/);
  });

  it('makes a tensor for each weight, and no other', async () => {
    const specification = { 'a.weights': { shape: [2, 3], initializer: normal(1) }, 'a.bias': { shape: [3], initializer: zeros } };
    await expectNoLeak(() => ({ ...initialWeights(specification, 4) }));
    const before = tf.memory().numTensors;
    const weights = initialWeights(specification, 4);
    expect(Object.keys(weights)).toEqual(['a.weights', 'a.bias']);
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose({ ...weights });
  });
});
