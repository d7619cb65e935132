import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { dropout } from '../../src/ops/dropout';
import { expectNoLeak, seeded, values } from '../support/values';

describe('dropout', () => {
  it('drops as many as it says, and enlarges the others', async () => {
    const x = tf.ones([50, 40, 5]);
    for (const [rate, seed] of [
      [0.5, 0],
      [0.2, 7],
    ] as const) {
      const y = await values(dropout(x, rate, seed));
      const dropped = y.filter((v) => v === 0).length / y.length;
      expect(Math.abs(dropped - rate)).toBeLessThan(0.02);
      expect(y.every((v) => v === 0 || v === Math.fround(1 / (1 - rate)))).toBe(true);
    }
    expect(await values(dropout(x, 0, 3))).toEqual(await values(x));
  });

  it('drops the places that its seed says, the same on every backend', async () => {
    const x = tf.tensor1d(seeded(1, 12));
    const kept = async (seed: number) => (await values(dropout(x, 0.5, seed))).map((v) => Number(v !== 0)).join('');
    // seeded() is mulberry32 too: a value is kept where its number in [-1, 1) is at least 0.
    const expected = (seed: number) => Array.from(seeded(seed, 12), (u) => Number(u >= 0)).join('');
    for (const seed of [0, 1, 2 ** 31]) expect(await kept(seed)).toBe(expected(seed));
  });

  it('passes the gradient on where it keeps', async () => {
    const x = tf.tensor1d(seeded(2, 30));
    const gradient = await values(tf.grad((t: tf.Tensor) => tf.sum(dropout(t, 0.25, 5)))(x));
    const y = await values(dropout(tf.onesLike(x), 0.25, 5));
    expect(gradient).toEqual(y);
    expect(y).toContain(0);
  });

  it('names op and argument in its errors, and leaves no tensors behind', async () => {
    const x = tf.ones([3]);
    expect(() => dropout(x, 1, 0)).toThrow(/dropout: rate must be at least 0 and less than 1/);
    expect(() => dropout(x, -0.1, 0)).toThrow(/dropout: rate/);
    expect(() => dropout(x, Number.NaN, 0)).toThrow(/dropout: rate/);
    expect(() => dropout(x, 0.5, 0.5)).toThrow(/dropout: seed must be a whole number/);
    await expectNoLeak(() => dropout(x, 0.5, 1));
    await expectNoLeak(() => {
      expect(() => dropout(x, 2, 1)).toThrow();
    });
  });
});
