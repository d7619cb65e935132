import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { irfft2, rfft2 } from '../../src/ops/rfft2';
import { goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const golden = await readGolden('lama.safetensors');
const take = (key: string) => goldenTensor(golden, key) as tf.Tensor4D;
const sizes = ['8x10', '7x9', '8x9', '7x10', '6x1', '5x2', '1x6', '16x16'];

/** The definition, place by place. */
function naive(x: Float32Array, [H, W, C]: [number, number, number]): number[] {
  const half = Math.floor(W / 2) + 1;
  const y: number[] = [];
  for (let u = 0; u < H; u++)
    for (let v = 0; v < half; v++)
      for (let c = 0; c < C; c++) {
        let [re, im] = [0, 0];
        for (let i = 0; i < H; i++)
          for (let j = 0; j < W; j++) {
            const angle = -2 * Math.PI * ((u * i) / H + (v * j) / W);
            re += x[(i * W + j) * C + c]! * Math.cos(angle);
            im += x[(i * W + j) * C + c]! * Math.sin(angle);
          }
        y.push(re / Math.sqrt(H * W), im / Math.sqrt(H * W));
      }
  return y;
}

describe('rfft2', () => {
  it.each(sizes)('agrees with the reference, and so does its gradient: %s', async (size) => {
    const [x, upstream] = [take(`fft.${size}.x`), take(`fft.${size}.upstream_spectrum`)];
    const y = rfft2(x);
    expect(y.shape).toEqual(golden.get(`fft.${size}.spectrum`)!.shape);
    expectClose(await values(y), golden.get(`fft.${size}.spectrum`)!.values, 3e-6);
    const gradient = tf.grad((t) => tf.sum(tf.mul(rfft2(t as tf.Tensor4D), upstream)))(x);
    expectClose(await values(gradient), golden.get(`fft.${size}.dx`)!.values, 3e-6);
  });

  it.each([
    [3, 5],
    [6, 4],
  ])('agrees with the definition, and keeps rank 3: %d x %d', async (height, width) => {
    const x = seeded(1, height * width * 2);
    const y = rfft2(tf.tensor3d(x, [height, width, 2]));
    expect(y.shape).toEqual([height, Math.floor(width / 2) + 1, 4]);
    expectClose(await values(y), naive(x, [height, width, 2]));
  });

  it('is exact enough for large pictures, and keeps the energy', async () => {
    const x = seeded(2, 96 * 120);
    const y = await values(rfft2(tf.tensor3d(x, [96, 120, 1])));
    const square = (list: ArrayLike<number>) => Array.from(list).reduce((sum, v) => sum + v * v, 0);
    const columns = y.map((v, i) => v * Math.sqrt([0, 60].includes(Math.floor(i / 2) % 61) ? 1 : 2));
    expect(Math.abs(square(columns) / square(x) - 1)).toBeLessThan(1e-5);
  });
});

describe('irfft2', () => {
  it.each(sizes)('agrees with the reference on any half spectrum, and so does its gradient: %s', async (size) => {
    const [spectrum, upstream] = [take(`fft.${size}.half`), take(`fft.${size}.upstream_y`)];
    const width = upstream.shape[2];
    expectClose(await values(irfft2(spectrum, width)), golden.get(`fft.${size}.y`)!.values, 3e-6);
    const gradient = tf.grad((t) => tf.sum(tf.mul(irfft2(t as tf.Tensor4D, width), upstream)))(spectrum);
    expectClose(await values(gradient), golden.get(`fft.${size}.dspectrum`)!.values, 3e-6);
  });

  it.each(sizes)('takes rfft2 back: %s', async (size) => {
    const x = take(`fft.${size}.x`);
    const y = irfft2(rfft2(x), x.shape[2]);
    expect(y.shape).toEqual(x.shape);
    expectClose(await values(y), await values(x), 3e-6);
  });

  it('makes the even and the odd width that have as many columns', async () => {
    const spectrum = tf.tensor3d(seeded(3, 3 * 4 * 2), [3, 4, 2]);
    expect(irfft2(spectrum, 6).shape).toEqual([3, 6, 1]);
    expect(irfft2(spectrum, 7).shape).toEqual([3, 7, 1]);
    const again = await values(rfft2(irfft2(spectrum, 7)));
    // All but the imaginary part of the first column is that of a real picture already, up to the symmetry of that column.
    expectClose(
      again.filter((_, i) => Math.floor(i / 2) % 4 > 0),
      (await values(spectrum)).filter((_, i) => Math.floor(i / 2) % 4 > 0),
    );
  });
});

describe('rfft2 and irfft2', () => {
  it('have the gradients of finite differences, to second order', async () => {
    const weights = tf.tensor(seeded(4, 4 * 3 * 4), [4, 3, 4]);
    const forth = (t: tf.Tensor) => tf.sum(tf.mul(tf.square(rfft2(t as tf.Tensor3D)), weights)) as tf.Scalar;
    await expectGradient(forth, seeded(5, 4 * 5 * 2), [4, 5, 2], 12, 0.25);
    await expectGradient((t) => tf.sum(tf.square(tf.grad(forth)(t))) as tf.Scalar, seeded(5, 4 * 5 * 2), [4, 5, 2], 6, 0.25);
    const other = tf.tensor(seeded(6, 4 * 5 * 2), [4, 5, 2]);
    const back = (t: tf.Tensor) => tf.sum(tf.mul(tf.square(irfft2(t as tf.Tensor3D, 5)), other)) as tf.Scalar;
    await expectGradient(back, seeded(7, 4 * 3 * 4), [4, 3, 4], 12, 0.25);
  });

  it('name op and argument in their errors', () => {
    expect(() => rfft2(tf.zeros([3, 3]) as unknown as tf.Tensor3D)).toThrow(/rfft2: x must be/);
    expect(() => irfft2(tf.zeros([3, 3]) as unknown as tf.Tensor3D, 4)).toThrow(/irfft2: spectrum must be/);
    expect(() => irfft2(tf.zeros([3, 3, 3]) as tf.Tensor3D, 4)).toThrow(/irfft2: spectrum must be of an even number of channels, got 3/);
    for (const width of [3, 6, 4.5]) expect(() => irfft2(tf.zeros([3, 3, 2]) as tf.Tensor3D, width)).toThrow(/irfft2: width must be/);
  });

  it('leave no tensors behind', async () => {
    const x = tf.zeros([2, 3, 5, 2]) as tf.Tensor4D;
    const spectrum = rfft2(x);
    await expectNoLeak(() => rfft2(x));
    await expectNoLeak(() => irfft2(spectrum, 5));
    await expectNoLeak(() => tf.grad((t) => tf.sum(irfft2(rfft2(t as tf.Tensor4D), 5)))(x));
  });

  it('are as exact with a strong mean', async () => {
    const x = seeded(8, 24 * 30).map((v) => (v + 1) / 2);
    const y = irfft2(rfft2(tf.tensor3d(x, [24, 30, 1])), 30);
    expectClose(await values(y), x, tolerance.matmul);
  });
});
