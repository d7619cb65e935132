import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError } from '../../src/errors';
import { composedDownsampleBinomial, downsampleBinomial, upsampleBinomial } from '../../src/ops/binomial';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

type Shape = [number, number, number, number];
const TAPS = [1, 3, 3, 1];

/** Filters a picture between zeros: `at(i, j)` of the result is a sum over the 4 x 4 places from `step` times (i, j), less `before`. */
function filtered(x: ArrayLike<number>, [batch, height, width, channels]: Shape, [rows, columns]: [number, number], step: number, before: number): number[] {
  const out: number[] = [];
  const at = (b: number, i: number, j: number, c: number) =>
    i < 0 || j < 0 || i >= height || j >= width ? 0 : x[((b * height + i) * width + j) * channels + c]!;
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let p = 0; p < 4; p++) for (let q = 0; q < 4; q++) sum += TAPS[p]! * TAPS[q]! * at(b, step * i + p - before, step * j + q - before, c);
          out.push(sum);
        }
  return out;
}

const naiveDown = (x: ArrayLike<number>, shape: Shape) => filtered(x, shape, [shape[1] / 2, shape[2] / 2], 2, 1).map((v) => v / 64);

function naiveUp(x: ArrayLike<number>, [batch, height, width, channels]: Shape): number[] {
  const spread = new Float64Array(batch * 4 * height * width * channels);
  for (let n = 0; n < x.length; n++) {
    const [c, j, i] = [n % channels, Math.floor(n / channels) % width, Math.floor(n / channels / width)];
    spread[(2 * i * 2 * width + 2 * j) * channels + c] = x[n]!;
  }
  return filtered(spread, [batch, 2 * height, 2 * width, channels], [2 * height, 2 * width], 1, 2).map((v) => v / 16);
}

const shapes: Shape[] = [
  [2, 6, 10, 3],
  [1, 2, 2, 1],
  [1, 8, 4, 16],
];

describe('downsampleBinomial', () => {
  it.each(shapes.map((shape) => [shape]))('agrees with a naive loop: %j', async (shape) => {
    const x = seeded(
      70,
      shape.reduce((a, b) => a * b),
    );
    const tensor = tf.tensor4d(x, shape);
    const y = downsampleBinomial(tensor);
    expect(y.shape).toEqual([shape[0], shape[1] / 2, shape[2] / 2, shape[3]]);
    expectClose(await values(y), naiveDown(x, shape));
    expectClose(await values(tf.tidy(() => composedDownsampleBinomial(tensor))), naiveDown(x, shape));
  });

  it('keeps the rank, and leaks nothing', async () => {
    const x = tf.zeros<tf.Rank.R3>([4, 6, 2]);
    await values(x);
    // Kernels hold data that no tensor tells of.
    const before = tf.backend().numDataIds();
    await expectNoLeak(() => {
      const y = downsampleBinomial(x);
      expect(y.shape).toEqual([2, 3, 2]);
      return y;
    });
    expect(tf.backend().numDataIds()).toBe(before);
  });

  it('has a gradient', () => expectGradient((x) => tf.sum(tf.square(downsampleBinomial(x as tf.Tensor4D))), seeded(71, 1 * 4 * 6 * 2), [1, 4, 6, 2]));

  it('wants even sizes', () => {
    expect(() => downsampleBinomial(tf.zeros<tf.Rank.R3>([4, 5, 2]))).toThrow(ArgumentError);
    expect(() => downsampleBinomial(tf.zeros([4, 4]) as unknown as tf.Tensor3D)).toThrow(ShapeError);
  });
});

describe('upsampleBinomial', () => {
  it.each(shapes.map((shape) => [shape]))('agrees with zeros between pixels and a naive loop: %j', async (shape) => {
    const x = seeded(
      72,
      shape.reduce((a, b) => a * b),
    );
    const y = upsampleBinomial(tf.tensor4d(x, shape));
    expect(y.shape).toEqual([shape[0], 2 * shape[1], 2 * shape[2], shape[3]]);
    expectClose(await values(y), naiveUp(x, shape), tolerance.arithmetic * 4);
  });

  it('takes a single pixel', async () => {
    expectClose(await values(upsampleBinomial(tf.ones<tf.Rank.R3>([1, 1, 1]))), new Array(4).fill(9 / 16));
  });

  it('keeps the rank, and leaks nothing', async () => {
    const x = tf.zeros<tf.Rank.R3>([2, 3, 2]);
    await expectNoLeak(() => {
      const y = upsampleBinomial(x);
      expect(y.shape).toEqual([4, 6, 2]);
      return y;
    });
  });

  it('has a gradient', () => expectGradient((x) => tf.sum(tf.square(upsampleBinomial(x as tf.Tensor4D))), seeded(73, 1 * 3 * 4 * 2), [1, 3, 4, 2]));

  it('wants a picture', () => {
    expect(() => upsampleBinomial(tf.zeros([4, 4]) as unknown as tf.Tensor3D)).toThrow(ShapeError);
  });
});
