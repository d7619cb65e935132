import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { answer, isKnown, trustDevice } from '../../../src/generators/network/known-answer';

it('this backend computes what is known, with much to spare, and keeps nothing', async () => {
  const before = tf.memory().numTensors;
  const found = await answer();
  expect(isKnown(found)).toBe(true);
  expect(Math.abs(found + 15.8915)).toBeLessThan(0.001);
  expect(tf.memory().numTensors).toBe(before);
});

it('this backend is trusted', () => expect(trustDevice()).resolves.toBeUndefined());

it('what is not near, or no number, is not known', () => {
  expect([-15.8915, -15.85, 0, Number.NaN, Number.POSITIVE_INFINITY].map(isKnown)).toEqual([true, false, false, false, false]);
});
