import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { composite } from '../../../src/ops/composite';
import { totalVariation } from '../../../src/train/losses/total-variation';
import { goldenTensor, readGolden } from '../../support/golden';
import { expectScalar } from '../../support/gradients';
import { expectGradient, expectNoLeak, seeded, values } from '../../support/values';

describe('totalVariation', () => {
  const hole = () => {
    const mask = new Float32Array(30);
    for (const at of [7, 8, 13, 14, 29]) mask[at] = 1;
    return tf.tensor4d(mask, [1, 5, 6, 1]);
  };

  it('agrees with the reference value', async () => {
    const golden = await readGolden('partial_conv.safetensors');
    const at = (key: string) => goldenTensor(golden, key) as tf.Tensor4D;
    const outside = tf.sub(1, tf.slice(at('mask_single'), 0, 1)) as tf.Tensor4D;
    const whole = composite(at('loss.out'), at('loss.gt'), outside);
    await expectScalar(totalVariation(whole, outside), golden.get('loss.tv_dilated_product')!.values[0]!, 3e-6);
  });

  it('has the right gradient, and none beyond the ring around the hole', async () => {
    const x = seeded(3, 60);
    const f = (t: tf.Tensor) => tf.mul(50, totalVariation(t as tf.Tensor4D, hole())) as tf.Scalar;
    await expectGradient(f, x, [1, 5, 6, 2], 12);
    const gradient = await values(tf.grad(f)(tf.tensor4d(x, [1, 5, 6, 2])));
    // Row 0, column 4 is two pixels from the hole; row 0, column 0 is next to it.
    expect(gradient.slice(8, 10)).toEqual([0, 0]);
    expect(gradient[0]).not.toBe(0);
    // A flat hole stays as it is.
    const flat = await values(tf.grad(f)(tf.ones([1, 5, 6, 2])));
    expect(flat.slice(14, 18)).toEqual([0, 0, 0, 0]);
  });

  it('names what is wrong and leaves no tensors behind', async () => {
    const [x, h] = [tf.zeros([1, 5, 6, 2]) as tf.Tensor4D, hole()];
    expect(() => totalVariation(x, x)).toThrow(/totalVariation: hole must be \[1, 5, 6, 1\]/);
    expect(() => totalVariation(tf.zeros([5, 6, 2]) as unknown as tf.Tensor4D, h)).toThrow(/totalVariation: x must be BHWC/);
    await expectNoLeak(() => totalVariation(x, h));
  });
});
