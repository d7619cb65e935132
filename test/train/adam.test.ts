import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Adam } from '../../src/train/adam';
import { type Golden, readGolden } from '../support/golden';
import { expectClose, expectNoLeak, seeded, values } from '../support/values';

const options = { learningRate: 1e-4, beta1: 0.5, beta2: 0.9 };

describe('Adam', () => {
  let golden: Map<string, Golden>;
  beforeAll(async () => {
    golden = await readGolden('cra_units.safetensors');
  });
  const row = (key: string, n: number) => golden.get(key)!.values.slice(5 * n, 5 * n + 5) as Float32Array;

  it("makes the reference's six steps, one of them without a gradient", async () => {
    const adam = new Adam(options);
    let weight: tf.Tensor = tf.tensor1d(row('adam.p0', 0));
    for (let n = 0; n < 6; n++) {
      weight = adam.step({ w: weight }, { w: tf.tensor1d(row('adam.grads', n)) }).w!;
      const [actual, expected] = [await values(weight), row('adam.p', n)];
      // Of what the weights have moved, not of what they are.
      const moved = (all: ArrayLike<number>) => Array.from(all, (v, i) => (v - row('adam.p0', 0)[i]!) / options.learningRate);
      expectClose(actual, expected, 1e-6);
      // A float32 weight of about 1 is exact to 6e-8, which is 6e-4 of a step.
      expectClose(moved(actual), moved(expected), 2e-3);
    }
    expect(adam.steps).toBe(6);
    adam.dispose();
  });

  it('agrees with the formula, at another learning rate too', async () => {
    const adam = new Adam({ ...options, epsilon: 1e-2 });
    const [start, gradients] = [seeded(1, 6), [seeded(2, 6), seeded(3, 6), seeded(4, 6)]];
    const rates = [0.1, 0.1, 0.03];
    let weight: tf.Tensor = tf.tensor2d(start, [2, 3]);
    for (const [n, gradient] of gradients.entries()) weight = adam.step({ w: weight }, { w: tf.tensor2d(gradient, [2, 3]) }, rates[n]).w!;
    const expected = Array.from(start, (w, i) => {
      let [m, s] = [0, 0];
      for (const [n, gradient] of gradients.entries()) {
        m = 0.5 * m + 0.5 * gradient[i]!;
        s = 0.9 * s + 0.1 * gradient[i]! ** 2;
        w -= (((rates[n]! * Math.sqrt(1 - 0.9 ** (n + 1))) / (1 - 0.5 ** (n + 1))) * m) / (Math.sqrt(s) + 1e-2);
      }
      return w;
    });
    expect(weight.shape).toEqual([2, 3]);
    expectClose(await values(weight), expected, 2e-6);
    adam.dispose();
  });

  it('steps only what has a gradient, and leaves what it was given', async () => {
    const adam = new Adam(options);
    const weights = { a: tf.tensor1d([1, 2]), b: tf.tensor1d([3]) };
    const stepped = adam.step(weights, { a: tf.tensor1d([1, -1]) });
    expect(Object.keys(stepped)).toEqual(['a']);
    expect(await values(weights.a)).toEqual([1, 2]);
    expect(await values(stepped.a!)).not.toEqual([1, 2]);
    adam.dispose();
  });

  it('goes on from its state as if it had never stopped, to the bit', async () => {
    const gradients = [1, 2, 3, 4].map((seed) => ({ w: tf.tensor1d(seeded(seed, 5)), 'x.norm.mean': tf.tensor1d(seeded(10 + seed, 2)) }));
    const start = { w: tf.tensor1d(seeded(20, 5)), 'x.norm.mean': tf.tensor1d(seeded(21, 2)) };
    const straight = new Adam(options);
    let weights: Record<string, tf.Tensor> = start;
    for (const gradient of gradients) weights = straight.step(weights, gradient);

    const first = new Adam(options);
    let others: Record<string, tf.Tensor> = start;
    for (const gradient of gradients.slice(0, 2)) others = first.step(others, gradient);
    const state = first.state();
    expect(Object.keys(state).sort()).toEqual(['adam.steps', 'w.adam_mean', 'w.adam_square', 'x.norm.mean.adam_mean', 'x.norm.mean.adam_square']);
    first.dispose();
    const second = new Adam(options);
    await second.restore(state);
    expect(second.steps).toBe(2);
    for (const gradient of gradients.slice(2)) others = second.step(others, gradient);
    for (const name of Object.keys(start)) expect(await values(others[name]!)).toEqual(await values(weights[name]!));
    straight.dispose();
    second.dispose();
  });

  it('names what is wrong, and keeps what it has', async () => {
    for (const wrong of [{ learningRate: -1 }, { beta1: 1 }, { beta2: -0.1 }, { epsilon: 0 }]) {
      expect(() => new Adam({ ...options, ...wrong })).toThrow(/^Adam: /);
    }
    const adam = new Adam(options);
    const w = tf.tensor1d([1, 2]);
    expect(() => adam.step({ w }, { w: tf.tensor1d([1]) })).toThrow(/Adam.step: w must be \[2\]/);
    expect(() => adam.step({ w }, { v: w })).toThrow(/Adam.step: gradients must be of weights that are there, got v/);
    expect(adam.steps).toBe(0);
    adam.step({ w }, { w });
    const state = adam.state();
    await expect(adam.restore({ 'w.adam_mean': w, other: w })).rejects.toMatchObject({
      code: 'weights-mismatch',
      actual: { missing: ['adam.steps', 'w.adam_square'], surplus: ['other'] },
    });
    expect(adam.steps).toBe(1);
    expect(Object.keys(adam.state())).toEqual(Object.keys(state));
    adam.dispose();
  });

  it('leaves no tensors behind', async () => {
    const w = tf.tensor1d([1, 2]);
    await expectNoLeak(async () => {
      const adam = new Adam(options);
      let weights: Record<string, tf.Tensor> = { w: w.clone() };
      for (let n = 0; n < 3; n++) {
        const next = adam.step(weights, { w });
        tf.dispose(weights);
        weights = next;
      }
      const state = adam.state();
      await adam.restore(state);
      tf.dispose([state, weights]);
      expect(() => adam.step({ w }, { v: w })).toThrow();
      adam.dispose();
      adam.dispose();
    });
  });
});
