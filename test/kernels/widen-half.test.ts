import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { toFloat16 } from '../../src/io/weights/weight-file';
import { widenHalf } from '../../src/ops/widen-half';
import { expectNoLeak, values } from '../support/values';

const packed = (numbers: number[]) => {
  const halves = new Uint16Array(2 * Math.ceil(numbers.length / 2));
  halves.set(toFloat16(Float32Array.from(numbers)));
  return tf.tensor1d(new Int32Array(halves.buffer), 'int32');
};

it('widens halves to float32, exactly', async () => {
  // Normal halves of both signs, an odd number of them; 2^-14 is the smallest.
  const numbers = [1, -2, 0.5, 65504, -65504, 2 ** -14, -(2 ** -14), 0, 1 + 2 ** -10, 0.333251953125, -7.75];
  const wide = widenHalf(packed(numbers), [11]);
  expect(wide.dtype).toBe('float32');
  expect(await values(wide)).toEqual(numbers);
});

it('gives the shape that is asked for, in order', async () => {
  const numbers = Array.from({ length: 24 }, (_, i) => i - 12);
  const wide = widenHalf(packed(numbers), [2, 3, 4]);
  expect(wide.shape).toEqual([2, 3, 4]);
  expect(await values(wide)).toEqual(numbers);
});

it('memory: leaves nothing behind but what it returns', async () => {
  const x = packed([1, 2, 3]);
  await expectNoLeak(() => widenHalf(x, [3]));
});
