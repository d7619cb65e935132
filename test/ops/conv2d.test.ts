import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Activation } from '../../src/ops/activation';
import { type ConvOptions, conv2d } from '../../src/ops/conv2d';
import { naiveConvolution } from '../support/convolution';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const X: [number, number, number, number] = [2, 6, 7, 3];
const x = seeded(30, 2 * 6 * 7 * 3);
const picture = () => tf.tensor(x, X) as tf.Tensor4D;
const kernelValues = (size: number) => seeded(31, size * size * 3 * 2);
const kernel = (size: number) => tf.tensor4d(kernelValues(size), [size, size, 3, 2]);
const bias = [0.3, -0.7];

/** Runs `f` as it runs while gradients are recorded. */
function recorded(f: (x: tf.Tensor4D) => tf.Tensor): tf.Tensor {
  const { value, grad } = tf.valueAndGrad((t: tf.Tensor) => f(t as tf.Tensor4D))(picture());
  grad.dispose();
  return value;
}

describe('conv2d', () => {
  let golden: Map<string, Golden>;
  beforeAll(async () => {
    golden = await readGolden('cra_units.safetensors');
  });

  it.each(['k1s2d1', 'k3s1d1', 'k3s1d2', 'k3s1d4', 'k3s1d8', 'k3s2d1', 'k5s1d1', 'k5s2d1'])('agrees with the reference values: %s', async (name) => {
    const [, stride, dilation] = name.match(/\d/g)!.map(Number) as [number, number, number];
    const at = (key: string) => goldenTensor(golden, `conv.${key}`);
    const y = conv2d(at('x') as tf.Tensor4D, at(`${name}.w`) as tf.Tensor4D, { bias: at(`${name}.b`) as tf.Tensor1D, stride, dilation });
    expect(y.shape).toEqual(golden.get(`conv.${name}.y`)!.shape);
    expectClose(await values(y), golden.get(`conv.${name}.y`)!.values, 1e-5);
  });

  it("agrees with the reference's discriminator: a stride of 2 and a leaky slope", async () => {
    const at = (key: string) => goldenTensor(golden, key);
    const [w, b] = [at('discriminator_conv.w') as tf.Tensor4D, at('discriminator_conv.b') as tf.Tensor1D];
    const y = conv2d(at('gated.x') as tf.Tensor4D, w, { bias: b, stride: 2, activation: 'leaky-relu' });
    expectClose(await values(y), golden.get('discriminator_conv.y')!.values, 1e-5);
  });

  // Recorded or not, it goes different ways: fused, or padded and by patches.
  it.each(
    ([1, 2, 3, 5] as const).flatMap((size) =>
      (
        [
          [1, 1],
          [2, 1],
          [1, 2],
          [2, 2],
          [3, 1],
        ] as const
      ).flatMap(([stride, dilation]) => (['same', 'valid', 0, 2] as const).map((padding) => ({ size, stride, dilation, padding }))),
    ),
  )('agrees with a naive loop: %j', async ({ size, ...options }) => {
    if (options.padding !== 'same' && options.dilation * (size - 1) + 1 > 6 + 2 * (Number(options.padding) || 0)) {
      expect(() => conv2d(picture(), kernel(size), options)).toThrow(/conv2d: weights must be no larger than the padded picture/);
      return;
    }
    const expected = naiveConvolution({ shape: X, values: x }, { shape: [size, size, 3, 2], values: kernelValues(size) }, { ...options, bias });
    const given: ConvOptions = { ...options, bias: tf.tensor1d(bias) };
    for (const y of [conv2d(picture(), kernel(size), given), recorded((t) => conv2d(t, kernel(size), given))]) {
      expect(y.shape).toEqual(expected.shape);
      expectClose(await values(y), expected.values, tolerance.matmul);
    }
  });

  const functions: Record<Activation, (v: number) => number> = {
    elu: (v) => (v > 0 ? v : Math.expm1(v)),
    relu: (v) => Math.max(0, v),
    'leaky-relu': (v) => (v > 0 ? v : 0.2 * v),
    linear: (v) => v,
    tanh: Math.tanh,
  };
  it.each(Object.keys(functions) as Activation[])('goes through the activation: %s', async (activation) => {
    const options = { bias: tf.tensor1d(bias), activation };
    const { values: sums } = naiveConvolution({ shape: X, values: x }, { shape: [3, 3, 3, 2], values: kernelValues(3) }, { bias });
    const expected = sums.map(functions[activation]);
    expectClose(await values(conv2d(picture(), kernel(3), options)), expected, tolerance.transcendental);
    expectClose(await values(recorded((t) => conv2d(t, kernel(3), options))), expected, tolerance.transcendental);
  });

  it('takes and gives a picture without a batch axis', async () => {
    const y = conv2d(tf.squeeze(tf.slice(picture(), 0, 1), [0]) as tf.Tensor3D, kernel(3), { stride: 2 });
    expect(y.shape).toEqual([3, 4, 2]);
    const [first] = tf.split(conv2d(picture(), kernel(3), { stride: 2 }), 2);
    expectClose(await values(y), await values(first!), tolerance.matmul);
  });

  it.each([
    [3, 1, 1, 'same'],
    [3, 2, 1, 'same'],
    [3, 1, 2, 'same'],
    [3, 2, 2, 'same'],
    [5, 2, 1, 2],
    [2, 1, 1, 'valid'],
    [1, 2, 1, 'same'],
  ] as const)('has the right gradient: size %i, stride %i, dilation %i, padding %s', async (size, stride, dilation, padding) => {
    const loss = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) =>
      tf.sum(tf.square(conv2d(a as tf.Tensor4D, b as tf.Tensor4D, { bias: c as tf.Tensor1D, stride, dilation, padding }))) as tf.Scalar;
    const [w, b] = [kernel(size), tf.tensor1d(bias)];
    // The loss is a parabola along each value: a large step costs no accuracy and drowns the rounding.
    await expectGradient((t) => loss(t, w, b), x, X, 5, 0.25);
    await expectGradient((t) => loss(picture(), t, b), kernelValues(size), [size, size, 3, 2], 5, 0.25);
    await expectGradient((t) => loss(picture(), w, t), Float32Array.from(bias), [2], 2, 0.25);
  });

  it.each(['elu', 'relu', 'leaky-relu', 'tanh'] as const)('has the right gradient through %s', async (activation) => {
    const loss = (w: tf.Tensor) => tf.mean(conv2d(picture(), w as tf.Tensor4D, { activation })) as tf.Scalar;
    await expectGradient(loss, kernelValues(3), [3, 3, 3, 2], 6, 2e-3, 4e-3);
  });

  it('extremes: one pixel, a kernel wider than the picture, large values', async () => {
    const one = tf.tensor3d([2], [1, 1, 1]);
    const nine = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3, 1, 1]);
    expect(await values(conv2d(one, nine))).toEqual([10]);
    expect(await values(conv2d(one, nine, { dilation: 8 }))).toEqual([10]);
    expect(await values(conv2d(one, nine, { stride: 2 }))).toEqual([10]);
    expect(await values(conv2d(one, nine, { padding: 1 }))).toEqual([10]);
    expectClose(await values(conv2d(tf.fill([1, 2, 2, 1], 1e30) as tf.Tensor4D, nine)), [28e30, 24e30, 16e30, 12e30], tolerance.matmul);
  });

  it('names op and argument in its errors', () => {
    const w = kernel(3);
    expect(() => conv2d(tf.zeros([4, 4]) as unknown as tf.Tensor3D, w)).toThrow(/conv2d: x must be/);
    expect(() => conv2d(tf.zeros([4, 4, 2]) as tf.Tensor3D, w)).toThrow(/conv2d: weights must be \[3, 3, 2, 2\], got \[3, 3, 3, 2\]/);
    expect(() => conv2d(picture(), tf.zeros([3, 2, 3, 2]) as tf.Tensor4D)).toThrow(/conv2d: weights must be \[3, 3, 3, 2\]/);
    expect(() => conv2d(picture(), w, { bias: tf.zeros([3]) as tf.Tensor1D })).toThrow(/conv2d: bias must be \[2\]/);
    expect(() => conv2d(picture(), w, { stride: 0 })).toThrow(/conv2d: stride must be/);
    expect(() => conv2d(picture(), w, { dilation: 1.5 })).toThrow(/conv2d: dilation must be/);
    expect(() => conv2d(picture(), w, { padding: -1 })).toThrow(/conv2d: padding must be/);
    expect(() => conv2d(picture(), w, { activation: 'swish' as Activation })).toThrow(
      /conv2d: activation must be 'elu', 'relu', 'leaky-relu', 'linear' or 'tanh', got swish/,
    );
  });

  it('leaves no tensors behind', async () => {
    const [p, w, b] = [picture(), kernel(3), tf.tensor1d(bias)];
    await expectNoLeak(() => conv2d(p, w, { bias: b, stride: 2, activation: 'elu' }));
    await expectNoLeak(() => conv2d(p, w, { stride: 2, dilation: 2 }));
    await expectNoLeak(() => tf.grad((t: tf.Tensor) => tf.sum(conv2d(t as tf.Tensor4D, w, { bias: b, dilation: 2 })))(p));
    await expectNoLeak(() => {
      expect(() => conv2d(p, w, { padding: 'valid', dilation: 4 })).toThrow();
    });
  });
});
