import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { conv2d } from '../../src/ops/conv2d';
import { gatedConv2d } from '../../src/ops/gated-conv2d';
import { constant } from '../../src/train/constant';
import { lossGradients } from '../../src/train/gradients';
import { gradientPenalty } from '../../src/train/losses/gradient-penalty';
import { expectClose, expectNoLeak, seeded, values } from '../support/values';

const kernel = (seed: number, input: number, output: number) => tf.tensor4d(seeded(seed, 9 * input * output), [3, 3, input, output]);
const picture = (seed: number) => tf.tensor4d(seeded(seed, 60), [1, 6, 5, 2]);

describe('lossGradients', () => {
  const weights = { w: kernel(1, 2, 3), v: kernel(2, 3, 3), g: kernel(3, 3, 3), s: tf.scalar(0.7), unused: tf.scalar(1) };
  // `v` and `s` are used twice, and some results lead nowhere.
  const total = ({ w, v, g, s }: Record<string, tf.Tensor>): tf.Scalar => {
    const x = conv2d(picture(4), w as tf.Tensor4D, { activation: 'elu' });
    const y = conv2d(conv2d(x, v as tf.Tensor4D, { activation: 'tanh', dilation: 2 }), v as tf.Tensor4D);
    const z = gatedConv2d(y, v as tf.Tensor4D, g as tf.Tensor4D, { stride: 2 });
    tf.mul(z, 3);
    const [half] = tf.split(y, 3, 3) as [tf.Tensor];
    return tf.add(tf.mul(s!, tf.mean(tf.square(z))), tf.mean(tf.mul(half, s!))) as tf.Scalar;
  };

  it('agrees with tfjs', async () => {
    const { loss, gradients } = lossGradients(() => {
      const first = total(weights);
      return { total: first, parts: { twice: tf.mul(first, 2) as tf.Scalar } };
    }, weights);
    const names = ['w', 'v', 'g', 's'] as const;
    expect(Object.keys(gradients)).toEqual(names);
    const expected = tf.grads((...all: tf.Tensor[]) => total(Object.fromEntries(names.map((name, n) => [name, all[n]!]))))(names.map((name) => weights[name]));
    for (const [n, name] of names.entries()) expectClose(await values(gradients[name]!), await values(expected[n]!), 2e-6);
    expectClose(await values(loss.total), await values(total(weights)), 2e-6);
    expectClose(await values(loss.parts.twice), await values(tf.mul(2, loss.total)), 2e-6);
  });

  it('differentiates what has gradients inside', async () => {
    const [a, b, mix] = [picture(5), picture(6), tf.tensor4d([0.4], [1, 1, 1, 1])];
    const penalty = (w: tf.Tensor) => gradientPenalty((x) => conv2d(x, w as tf.Tensor4D, { stride: 2, activation: 'leaky-relu' }), a, b, mix);
    const { gradients } = lossGradients(() => ({ total: penalty(weights.w) }), { w: weights.w });
    expectClose(await values(gradients.w!), await values(tf.grad(penalty)(weights.w)), 2e-6);
  });

  it('takes constants as such', async () => {
    let depth = -1;
    const f = (s: tf.Tensor) => {
      const fixed = constant(() => {
        depth = tf.engine().state.gradientDepth;
        return tf.square(s);
      });
      return tf.mul(fixed, s) as tf.Scalar;
    };
    const { gradients } = lossGradients(() => ({ total: f(weights.s) }), { s: weights.s });
    expect(depth).toBe(0);
    expectClose(await values(gradients.s!), [0.7 ** 2], 1e-6);
    expectClose(await values(tf.grad(f)(weights.s)), [0.7 ** 2], 1e-6);
    expect(() =>
      lossGradients(
        () =>
          constant(() => {
            throw new Error('inside');
          }),
        {},
      ),
    ).toThrow('inside');
    expect(tf.engine().state.gradientDepth).toBe(0);
  });

  it('names an op that has no gradient, and refuses to be nested', () => {
    const x = tf.tensor1d([1, 2]);
    expect(() => lossGradients(() => ({ total: tf.sum(tf.stridedSlice(x, [0], [1], [1])) as tf.Scalar }), { x })).toThrow(
      /lossGradients: StridedSlice has no gradient/,
    );
    expect(() => tf.grad((t) => lossGradients(() => ({ total: tf.sum(t) as tf.Scalar }), { t }).loss.total)(x)).toThrow(/lossGradients: where it is called/);
    expect(tf.engine().state.gradientDepth).toBe(0);
  });

  it('leaves no tensors behind, on success and when it throws', async () => {
    await expectNoLeak(() => {
      const { loss, gradients } = lossGradients(() => ({ total: total(weights) }), weights);
      return [loss.total, gradients] as unknown as tf.TensorContainer;
    });
    const x = tf.tensor1d([1, 2]);
    await expectNoLeak(() => {
      expect(() =>
        lossGradients(() => {
          total(weights);
          throw new Error('in the loss');
        }, weights),
      ).toThrow('in the loss');
      expect(() => lossGradients(() => ({ total: tf.sum(tf.stridedSlice(x, [0], [1], [1])) as tf.Scalar }), { x })).toThrow(/StridedSlice/);
    });
    // And tfjs's own go on as before.
    expectClose(await values(tf.grad((t) => tf.sum(tf.square(t)))(x)), [2, 4], 0);
  });

  it('needs less memory than tfjs', () => {
    const deep = (w: tf.Tensor) => {
      let x: tf.Tensor4D = tf.ones([1, 16, 16, 8]);
      for (let n = 0; n < 12; n++) x = conv2d(x, w as tf.Tensor4D, { activation: 'elu' });
      return tf.mean(x) as tf.Scalar;
    };
    const w = kernel(7, 8, 8);
    const { state } = tf.engine();
    const course = (run: () => tf.TensorContainer) => {
      const before = state.numBytes;
      const held: number[] = [];
      let bytes = state.numBytes;
      // tfjs counts as it goes.
      Object.defineProperty(state, 'numBytes', {
        configurable: true,
        get: () => bytes,
        set: (value: number) => {
          bytes = value;
          held.push(value - before);
        },
      });
      const result = run();
      Object.defineProperty(state, 'numBytes', { configurable: true, writable: true, enumerable: true, value: bytes });
      tf.dispose(result);
      return held;
    };
    const own = course(() => {
      const { loss, gradients } = lossGradients(() => ({ total: deep(w) }), { w });
      return [loss.total, gradients.w!];
    });
    const theirs = course(() => tf.grad(deep)(w));
    expect(Math.max(...own)).toBeGreaterThan(0);
    expect(Math.max(...own)).toBeLessThan(Math.max(...theirs) / 2);
    // What was kept for a gradient, and the gradients of what is in between, go as they were used. On wasm the patches that
    // a kernel's gradient is made of are larger than all of it.
    if (tf.getBackend() !== 'wasm') expect(Math.max(...own.slice(-own.length / 4))).toBeLessThan(Math.max(...own) / 2);
  });
});
