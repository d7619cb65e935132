import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { partialConv2d } from '../../src/ops/partial-conv2d';
import { resizeNearest } from '../../src/ops/resize';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

describe('partialConv2d', () => {
  let golden: Map<string, Golden>;
  const at = (key: string) => goldenTensor(golden, key) as tf.Tensor4D;
  beforeAll(async () => {
    golden = await readGolden('partial_conv.safetensors');
  });

  it.each(['k1s1p0d1', 'k3s1p0d1', 'k3s1p1d1', 'k3s1p2d2', 'k3s1p4d4', 'k3s2p1d1', 'k5s2p2d1', 'k7s2p3d1'])(
    'agrees with the reference values: %s',
    async (name) => {
      const [, stride, padding, dilation] = name.match(/\d/g)!.map(Number) as [number, number, number, number];
      const kinds = ['single', 'multi', 'all_valid'].filter((kind) => golden.has(`${name}.${kind}.mask`));
      expect(kinds.length).toBeGreaterThan(1);
      for (const kind of kinds) {
        const valid = kind === 'all_valid' ? (tf.ones([2, 12, 14, 1]) as tf.Tensor4D) : at(`mask_${kind}`);
        const options = { stride, padding, dilation, maskKind: kind === 'multi' ? 'multi' : 'single' } as const;
        const plain = partialConv2d(at('x'), valid, at(`${name}.w`), options);
        expect(await values(plain.valid)).toEqual(Array.from(golden.get(`${name}.${kind}.mask`)!.values));
        expectClose(await values(plain.features), golden.get(`${name}.${kind}.y_nobias`)!.values, 1e-5);
        const bias = at(`${name}.b`) as unknown as tf.Tensor1D;
        expectClose(
          await values(partialConv2d(at('x'), valid, at(`${name}.w`), { ...options, bias }).features),
          golden.get(`${name}.${kind}.y_bias`)!.values,
          1e-5,
        );
      }
    },
  );

  it('agrees with the reference decoder step', async () => {
    const up = (t: tf.Tensor4D) => resizeNearest(t, [8, 8]);
    const x = tf.concat([up(at('decoder.low')), at('decoder.skip')], 3);
    const valid = tf.concat([up(at('decoder.low_mask')), at('decoder.skip_mask')], 3);
    const y = partialConv2d(x, valid, at('decoder.w'), { bias: at('decoder.b') as unknown as tf.Tensor1D });
    expect(await values(y.valid)).toEqual(Array.from(golden.get('decoder.mask')!.values));
    expectClose(await values(y.features), golden.get('decoder.y')!.values, 1e-5);
  });

  it('closes a mask layer by layer as the reference does', async () => {
    let valid = at('chain.mask0');
    for (const key of ['mask1_s2', 'mask2_s1', 'mask3_s2', 'mask4_s1', 'mask5_s1']) {
      valid = partialConv2d(valid, valid, tf.ones([3, 3, 1, 1]) as tf.Tensor4D, { stride: Number(key.at(-1)) }).valid;
      expect(await values(valid)).toEqual(Array.from(golden.get(`chain.${key}`)!.values));
    }
  });

  it("has the reference's gradients", async () => {
    const [upstream, valid] = [at('grad.upstream'), at('mask_single')];
    const loss = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
      tf.sum(tf.mul(partialConv2d(x as tf.Tensor4D, valid, w as tf.Tensor4D, { bias: b as tf.Tensor1D, padding: 1 }).features, upstream)) as tf.Scalar;
    const gradients = tf.grads(loss)([at('x'), at('k3s1p1d1.w'), at('k3s1p1d1.b')]);
    for (const [i, key] of ['dx', 'dw', 'db'].entries()) expectClose(await values(gradients[i]!), golden.get(`grad.${key}`)!.values, 1e-5);
  });

  it.each([
    [1, 1],
    [2, 1],
    [1, 2],
    [2, 2],
  ])('has the right gradient: stride %i, dilation %i', async (stride, dilation) => {
    const valid = tf.tensor4d(
      Float32Array.from(seeded(70, 42), (u) => (u > -0.3 ? 1 : 0)),
      [1, 6, 7, 1],
    );
    const [x, w] = [seeded(71, 84), seeded(72, 54)];
    const f = (a: tf.Tensor, b: tf.Tensor) =>
      tf.sum(tf.square(partialConv2d(a as tf.Tensor4D, valid, b as tf.Tensor4D, { stride, dilation }).features)) as tf.Scalar;
    // The loss is a parabola along each value: a large step costs no accuracy and drowns the rounding.
    await expectGradient((t) => f(t, tf.tensor(w, [3, 3, 2, 3])), x, [1, 6, 7, 2], 6, 0.25);
    await expectGradient((t) => f(tf.tensor(x, [1, 6, 7, 2]), t), w, [3, 3, 2, 3], 6, 0.25);
  });

  it('reads nothing of the hole, and gives 0 where there is nothing else', async () => {
    const x = tf.tensor3d([Number.NaN, Number.POSITIVE_INFINITY, 1e38, Number.NaN, 2, 3], [1, 6, 1]);
    const valid = tf.tensor3d([0, 0, 0, 0, 1, 1], [1, 6, 1]);
    const y = partialConv2d(x, valid, tf.ones([3, 3, 1, 1]) as tf.Tensor4D, { bias: tf.tensor1d([10]) });
    expectClose(await values(y.features), [0, 0, 0, 28, 32.5, 32.5], tolerance.arithmetic);
    expect(await values(y.valid)).toEqual([0, 0, 0, 1, 1, 1]);
    const none = partialConv2d(x, tf.zeros([1, 6, 1]) as tf.Tensor3D, tf.ones([3, 3, 1, 2]) as tf.Tensor4D);
    expect(await values(none.features)).toEqual(new Array(12).fill(0));
    expect(none.valid.shape).toEqual([1, 6, 1]);
  });

  it('names op and argument in its errors', () => {
    const x = tf.zeros([4, 4, 3]) as tf.Tensor3D;
    const v = tf.ones([4, 4, 1]) as tf.Tensor3D;
    const w = tf.ones([3, 3, 3, 2]) as tf.Tensor4D;
    expect(() => partialConv2d(tf.zeros([4, 4]) as unknown as tf.Tensor3D, v, w)).toThrow(/partialConv2d: x must be/);
    expect(() => partialConv2d(x, v, tf.ones([3, 3, 2, 2]) as tf.Tensor4D)).toThrow(/partialConv2d: weights must be \[3, 3, 3, 2\]/);
    expect(() => partialConv2d(x, tf.ones([4, 4, 2]) as tf.Tensor3D, w)).toThrow(/partialConv2d: valid must be/);
    expect(() => partialConv2d(x, v, w, { maskKind: 'multi' })).toThrow(/partialConv2d: valid must be \[4, 4, 3\]/);
    expect(() => partialConv2d(x, v, w, { bias: tf.zeros([3]) as tf.Tensor1D })).toThrow(/partialConv2d: bias must be \[2\]/);
    expect(() => partialConv2d(x, v, w, { stride: 0 })).toThrow(/partialConv2d: stride must be/);
    expect(() => partialConv2d(x, v, w, { padding: -1 })).toThrow(/partialConv2d: padding must be/);
    expect(() => partialConv2d(x, v, tf.ones([2, 2, 3, 2]) as tf.Tensor4D)).toThrow(/partialConv2d: padding must be a number/);
    expect(() => partialConv2d(x, v, w, { padding: 0, dilation: 2 })).toThrow(/partialConv2d: weights must be no larger/);
  });

  it('leaves no tensors behind', async () => {
    const x = tf.zeros([4, 4, 3]) as tf.Tensor3D;
    const v = tf.ones([4, 4, 1]) as tf.Tensor3D;
    const w = tf.ones([3, 3, 3, 2]) as tf.Tensor4D;
    await expectNoLeak(() => ({ ...partialConv2d(x, v, w, { dilation: 2 }) }));
    await expectNoLeak(() => tf.grad((t: tf.Tensor) => tf.sum(partialConv2d(t as tf.Tensor3D, v, w).features))(x));
    await expectNoLeak(() => {
      expect(() => partialConv2d(x, x, w, { maskKind: 'single' })).toThrow();
    });
  });
});
