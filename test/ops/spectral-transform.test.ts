import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { batchNorm } from '../../src/ops/batch-norm';
import { fourierUnit } from '../../src/ops/fourier-unit';
import { type SpectralTransformWeights, spectralTransform } from '../../src/ops/spectral-transform';
import { goldenTensor, readGolden } from '../support/golden';
import { unitKernel, unitVector } from '../support/lama';
import { expectClose, expectGradient, expectNoLeak, seeded, values } from '../support/values';

const golden = await readGolden('lama.safetensors');
const take = (key: string) => goldenTensor(golden, key) as tf.Tensor4D;
const largest = (list: ArrayLike<number>) => Array.from(list).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** Normalises by the stored statistics of a table of units. */
const normBy =
  (name: string, scale = unitVector(`${name}.weight`), offset = unitVector(`${name}.bias`)) =>
  (x: tf.Tensor4D) =>
    batchNorm(x, unitVector(`${name}.running_mean`), unitVector(`${name}.running_var`), { scale, offset });

/** The same as a factor for the kernel and a bias. */
function folded(name: string): { factor: tf.Tensor1D; bias: tf.Tensor1D } {
  const factor = tf.div(unitVector(`${name}.weight`), tf.sqrt(tf.add(unitVector(`${name}.running_var`), 1e-5))) as tf.Tensor1D;
  return { factor, bias: tf.sub(unitVector(`${name}.bias`), tf.mul(factor, unitVector(`${name}.running_mean`))) };
}

describe('fourierUnit', () => {
  describe.each(['8x10', '7x9', '7x10'])('of a picture of %s', (size) => {
    const key = (part: string) => `fourier_unit.${size}.${part}`;
    const kernel = () => unitKernel('fourier_unit.conv_layer.weight');

    it('agrees with the reference', async () => {
      const y = fourierUnit(take(key('x')), kernel(), { normalize: normBy('fourier_unit.bn') });
      expectClose(await values(y), golden.get(key('y'))!.values, 5e-6);
      const { factor, bias } = folded('fourier_unit.bn');
      const fast = fourierUnit(take(key('x')), tf.mul(kernel(), factor), { bias });
      expectClose(await values(fast), golden.get(key('y'))!.values, 5e-6);
    });

    it('has the gradients of the reference', async () => {
      const upstream = take(key('upstream'));
      const [scale, offset] = [unitVector('fourier_unit.bn.weight'), unitVector('fourier_unit.bn.bias')];
      const loss = (...[x, w, s, o]: tf.Tensor[]) =>
        tf.sum(tf.mul(fourierUnit(x as tf.Tensor4D, w as tf.Tensor4D, { normalize: normBy('fourier_unit.bn', s as tf.Tensor1D, o as tf.Tensor1D) }), upstream));
      const [dx, dw, dScale, dOffset] = tf.grads(loss)([take(key('x')), kernel(), scale, offset]);
      const compare = async (actual: tf.Tensor, expected: string) => {
        const wanted = golden.get(key(expected))!.values;
        expectClose(await values(actual), wanted, 1e-5 * Math.max(1, largest(wanted)));
      };
      await compare(dx!, 'dx');
      await compare(tf.transpose(dw!, [3, 2, 0, 1]), 'd_conv_layer');
      await compare(dScale!, 'd_bn_weight');
      await compare(dOffset!, 'd_bn_bias');
    });
  });

  it('has the gradient of finite differences', async () => {
    // A bias this large keeps every part of the spectrum away from the kink of the ReLU.
    const [w, bias] = [tf.tensor4d(seeded(1, 24), [1, 1, 4, 6]), tf.tensor1d([9, -9, 9, 9, 9, 9])];
    const f = (t: tf.Tensor) => tf.sum(tf.square(fourierUnit(t as tf.Tensor3D, w, { bias }))) as tf.Scalar;
    await expectGradient(f, seeded(2, 5 * 3 * 2), [5, 3, 2], 10, 0.1);
  });

  it('names op and argument in its errors, and leaves no tensors behind', async () => {
    const [x, w, bias] = [tf.zeros([3, 4, 2]) as tf.Tensor3D, tf.zeros([1, 1, 4, 6]) as tf.Tensor4D, tf.zeros([6]) as tf.Tensor1D];
    expect(() => fourierUnit(tf.zeros([3]) as unknown as tf.Tensor3D, w)).toThrow(/fourierUnit: x must be/);
    expect(() => fourierUnit(x, tf.zeros([3, 3, 4, 6]) as tf.Tensor4D)).toThrow(/fourierUnit: weights must be 11CO/);
    expect(() => fourierUnit(x, tf.zeros([1, 1, 4, 5]) as tf.Tensor4D)).toThrow(/fourierUnit: weights must be of an even number of outputs/);
    expect(() => fourierUnit(x, tf.zeros([1, 1, 2, 6]) as tf.Tensor4D)).toThrow(/fourierUnit: weights must be \[1, 1, 4, 6\]/);
    expect(() => fourierUnit(x, w, { bias: tf.zeros([3]) as tf.Tensor1D })).toThrow(/fourierUnit: bias must be \[6\]/);
    expect(fourierUnit(x, w).shape).toEqual([3, 4, 3]);
    await expectNoLeak(() => fourierUnit(x, w, { bias }));
    await expectNoLeak(() => fourierUnit(x, w, { normalize: (t) => tf.mul(t, 2) }));
  });
});

describe('spectralTransform', () => {
  const kernels = (name: string): SpectralTransformWeights => ({
    reduce: unitKernel(`${name}.conv1.0.weight`),
    spectrum: unitKernel(`${name}.fu.conv_layer.weight`),
    expand: unitKernel(`${name}.conv2.weight`),
  });

  it.each([
    ['spectral_transform', 1],
    ['spectral_transform_stride2', 2],
  ] as const)('agrees with the reference, and so does its gradient: %s', async (name, stride) => {
    const weights = kernels(name);
    const options = { normalizeReduced: normBy(`${name}.conv1.1`), normalizeSpectrum: normBy(`${name}.fu.bn`), stride };
    const [x, upstream] = [take(`${name}.x`), take(`${name}.upstream`)];
    expectClose(await values(spectralTransform(x, weights, options)), golden.get(`${name}.y`)!.values, 1e-5);
    const gradient = tf.grad((t) => tf.sum(tf.mul(spectralTransform(t as tf.Tensor4D, weights, options), upstream)))(x);
    expectClose(await values(gradient), golden.get(`${name}.dx`)!.values, 1e-5);

    const [first, second] = [folded(`${name}.conv1.1`), folded(`${name}.fu.bn`)];
    const scaled = { ...weights, reduce: tf.mul(weights.reduce, first.factor), spectrum: tf.mul(weights.spectrum, second.factor) } as SpectralTransformWeights;
    const biased = spectralTransform(x, scaled, { reduceBias: first.bias, spectrumBias: second.bias, expandBias: tf.fill([12], 2), stride });
    expectClose(
      await values(biased),
      Array.from(golden.get(`${name}.y`)!.values, (v) => v + 2),
      1e-5,
    );
  });

  it('names op and argument in its errors, and leaves no tensors behind', async () => {
    const x = tf.zeros([4, 6, 3]) as tf.Tensor3D;
    const weights = { reduce: tf.zeros([1, 1, 3, 2]), spectrum: tf.zeros([1, 1, 4, 4]), expand: tf.zeros([1, 1, 2, 5]) } as SpectralTransformWeights;
    const without = (part: object) => () => spectralTransform(x, { ...weights, ...part });
    expect(() => spectralTransform(tf.zeros([4]) as unknown as tf.Tensor3D, weights)).toThrow(/spectralTransform: x must be/);
    expect(without({ reduce: tf.zeros([1, 1, 2, 2]) })).toThrow(/spectralTransform: weights.reduce must be \[1, 1, 3, 2\]/);
    expect(without({ spectrum: tf.zeros([1, 1, 2, 2]) })).toThrow(/spectralTransform: weights.spectrum must be \[1, 1, 4, 4\]/);
    expect(without({ expand: tf.zeros([1, 1, 3, 5]) })).toThrow(/spectralTransform: weights.expand must be \[1, 1, 2, 5\]/);
    expect(() => spectralTransform(x, weights, { stride: 3 as 1 })).toThrow(/spectralTransform: stride must be 1 or 2, got 3/);
    expect(spectralTransform(x, weights, { stride: 2 }).shape).toEqual([2, 3, 5]);
    await expectNoLeak(() => spectralTransform(x, weights));
  });
});
