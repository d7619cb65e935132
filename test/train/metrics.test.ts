import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { l1Distance } from '../../src/train/metrics/l1';
import { halved, msSsim } from '../../src/train/metrics/ms-ssim';
import { psnr } from '../../src/train/metrics/psnr';
import { ssim } from '../../src/train/metrics/ssim';
import goldens from '../golden/metrics.json';
import { expectClose, expectNoLeak, seeded, values } from '../support/values';

type Shape = [number, number, number, number];
interface Case {
  shape: Shape;
  seed: number;
  gain: number;
  amount: number;
  shift: number;
  range: [number, number];
  scales: number;
  ssim: number;
  msSsim: number;
  psnr: number;
  l1: number;
}
const cases = Object.entries(goldens as unknown as Record<string, Case>);

/** The pictures of test/golden/make_metrics.py. */
function pictures({ shape, seed, gain, amount, shift, range: [low, high] }: Case): [tf.Tensor4D, tf.Tensor4D] {
  const [batch, height, width, channels] = shape;
  const [rows, columns] = [Math.ceil(height / 8), Math.ceil(width / 8)];
  const count = batch * height * width * channels;
  const [blocks, fine, other] = [seeded(seed, batch * rows * columns * channels), seeded(seed + 1, count), seeded(seed + 2, count)];
  const clip = (value: number) => Math.min(1, Math.max(-1, value));
  const [a, b] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    const [c, x] = [i % channels, Math.floor(i / channels) % width];
    const [y, n] = [Math.floor(i / channels / width) % height, Math.floor(i / channels / width / height)];
    a[i] = clip(0.7 * blocks[((n * rows + (y >> 3)) * columns + (x >> 3)) * channels + c] + 0.3 * fine[i]);
    b[i] = clip(gain * a[i] + amount * other[i] + shift);
  }
  const asTensor = (values: Float64Array) =>
    tf.tensor4d(
      Float32Array.from(values, (value) => low + ((value + 1) / 2) * (high - low)),
      shape,
    );
  return [asTensor(a), asTensor(b)];
}

const one = async (scalar: tf.Scalar) => {
  expect(scalar.shape).toEqual([]);
  const [value] = await values(scalar);
  scalar.dispose();
  return value!;
};

describe.each(cases)('%s', (_, golden) => {
  it('agrees with TensorFlow', async () => {
    const [a, b] = pictures(golden);
    const { range } = golden;
    expectClose([await one(ssim(a, b, { range }))], [golden.ssim], 3e-5);
    expectClose([await one(msSsim(a, b, { range }))], [golden.msSsim], 3e-5);
    expectClose([await one(psnr(a, b, { range }))], [golden.psnr], 1e-5);
    expectClose([await one(l1Distance(a, b))], [golden.l1], 1e-5);
    tf.dispose([a, b]);
  });
});

describe('metrics', () => {
  const shape: Shape = [2, 16, 14, 3];
  const a = seeded(70, 16 * 14 * 6);
  const b = seeded(71, 16 * 14 * 6);
  const mask = seeded(72, 16 * 14 * 2).map((u) => (u > 0.2 ? 1 : 0));
  const tensors = () => [tf.tensor4d(a, shape), tf.tensor4d(b, shape), tf.tensor4d(mask, [2, 16, 14, 1])] as const;

  it('are means over pictures, of what counts alone', async () => {
    const [x, y, hole] = tensors();
    const naive = (within: boolean) => {
      const [sums, squares, counts] = [
        [0, 0],
        [0, 0],
        [0, 0],
      ];
      a.forEach((value, i) => {
        const n = i < 16 * 14 * 3 ? 0 : 1;
        const counted = within ? mask[Math.floor(i / 3)]! : 1;
        sums[n]! += counted * Math.abs(value - b[i]!);
        squares[n]! += counted * (value - b[i]!) ** 2;
        counts[n]! += counted;
      });
      const decibels = [0, 1].map((n) => 10 * Math.log10(4 / (squares[n]! / counts[n]!)));
      return [(sums[0]! / counts[0]! + sums[1]! / counts[1]!) / 2, (decibels[0]! + decibels[1]!) / 2];
    };
    expectClose([await one(l1Distance(x, y)), await one(psnr(x, y))], naive(false), 1e-5);
    expectClose([await one(l1Distance(x, y, { within: hole })), await one(psnr(x, y, { within: hole }))], naive(true), 1e-5);
    const nothing = tf.zeros([2, 16, 14, 1]) as tf.Tensor4D;
    expect(await one(l1Distance(x, y, { within: nothing }))).toBe(0);
    tf.dispose([x, y, hole, nothing]);
  });

  it('know equal pictures, take rank 3 and do not care for the order of the two', async () => {
    const [x, y, hole] = tensors();
    expect(await one(l1Distance(x, x))).toBe(0);
    expectClose([await one(psnr(x, x))], [120], 1e-4);
    expectClose([await one(ssim(x, x)), await one(msSsim(x, x))], [1, 1], 1e-6);
    const flat = tf.fill([1, 16, 16, 3], 0.3) as tf.Tensor4D;
    expectClose([await one(ssim(flat, flat))], [1], 1e-5);
    expectClose([await one(ssim(x, y))], [await one(ssim(y, x))], 1e-6);
    const [first, second] = [tf.squeeze<tf.Tensor3D>(tf.slice(x, 0, 1), [0]), tf.squeeze<tf.Tensor3D>(tf.slice(y, 0, 1), [0])];
    const [rest, others] = [tf.slice(x, 1, 1), tf.slice(y, 1, 1)];
    for (const metric of [ssim, psnr, l1Distance]) {
      expectClose([((await one(metric(first, second))) + (await one(metric(rest, others)))) / 2], [await one(metric(x, y))], 1e-5);
    }
    tf.dispose([x, y, hole, flat, first, second, rest, others]);
  });

  it('halve pictures of odd size with their last row and column doubled', async () => {
    const x = tf.tensor4d([1, 2, 4, 8, 16, 32, 64, 128, 256], [1, 3, 3, 1]);
    const y = halved(x);
    expect(y.shape).toEqual([1, 2, 2, 1]);
    expectClose(await values(y), [27 / 4, 36 / 2, 192 / 2, 256]);
    tf.dispose([x, y]);
  });

  it('ssim does not care where the range begins', async () => {
    const [x, y, hole] = tensors();
    const [u, v] = [tf.mul(tf.add(x, 1), 127.5) as tf.Tensor4D, tf.mul(tf.add(y, 1), 127.5) as tf.Tensor4D];
    for (const metric of [ssim, msSsim, psnr]) {
      expectClose([await one(metric(u, v, { range: [0, 255] }))], [await one(metric(x, y))], 1e-4);
    }
    tf.dispose([x, y, hole, u, v]);
  });

  it('name themselves and the argument in errors, and leave no tensors behind', async () => {
    const [x, y, hole] = tensors();
    const [other, tiny] = [tf.ones([2, 16, 14, 1]) as tf.Tensor4D, tf.ones([10, 40, 3]) as tf.Tensor3D];
    await expectNoLeak(() => {
      for (const [name, metric] of Object.entries({ ssim, msSsim, psnr, l1Distance })) {
        expect(() => metric(x, other)).toThrow(new RegExp(`^${name}: b must be \\[2, 16, 14, 3\\]`));
      }
      expect(() => ssim(tiny, tiny)).toThrow(/ssim: a must be at least 11/);
      expect(() => msSsim(tiny, tiny)).toThrow(/msSsim: a must be at least 11/);
      expect(() => ssim(x, y, { range: [1, -1] })).toThrow(/ssim: range must be/);
      expect(() => psnr(x, y, { within: x })).toThrow(/psnr: within must be \[2, 16, 14, 1\]/);
    });
    await expectNoLeak(() => [ssim(x, y), msSsim(x, y), psnr(x, y, { within: hole }), l1Distance(x, y, { within: hole })]);
    tf.dispose([x, y, hole, other, tiny]);
  });
});
