import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { spreadByPhases, transposedConv2d } from '../../src/ops/transposed-conv2d';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

/** Each input pixel lays its kernel over the output, `stride` apart; `padding` pixels are cut off all round, and `more` are kept at the far ends. */
function naive(x: Float32Array, [B, H, W, C]: number[], w: Float32Array, k: number, O: number, stride: number, padding: number, more = 0): number[] {
  const [rows, columns] = [(H! - 1) * stride + k - 2 * padding + more, (W! - 1) * stride + k - 2 * padding + more];
  const y = new Array<number>(B! * rows * columns * O).fill(0);
  for (let b = 0; b < B!; b++)
    for (let a = 0; a < H!; a++)
      for (let e = 0; e < W!; e++)
        for (let p = 0; p < k; p++)
          for (let q = 0; q < k; q++) {
            const [i, j] = [a * stride + p - padding, e * stride + q - padding];
            if (i < 0 || j < 0 || i >= rows || j >= columns) continue;
            for (let o = 0; o < O; o++)
              for (let c = 0; c < C!; c++)
                y[((b * rows + i) * columns + j) * O + o]! += x[((b * H! + a) * W! + e) * C! + c]! * w[((p * k + q) * O + o) * C! + c]!;
          }
  return y;
}

const cases: [size: number, stride: number, padding: number][] = [
  [4, 2, 1],
  [4, 2, 0],
  [3, 1, 1],
  [3, 2, 1],
  [2, 2, 0],
  [5, 3, 2],
  [2, 3, 0],
  [4, 2, 2],
];

describe('transposedConv2d', () => {
  it.each(cases)('agrees with a naive loop: %d x %d, stride, padding %d', async (size, stride, padding) => {
    const shape = [2, 3, 4, 3];
    const [x, w, b] = [seeded(1, 72), seeded(2, size * size * 2 * 3), seeded(3, 2)];
    const y = transposedConv2d(tf.tensor4d(x, shape as [number, number, number, number]), tf.tensor4d(w, [size, size, 2, 3]), { stride, padding });
    expect(y.shape).toEqual([2, 2 * stride + size - 2 * padding, 3 * stride + size - 2 * padding, 2]);
    const expected = naive(x, shape, w, size, 2, stride, padding);
    expectClose(await values(y), expected);
    const biased = transposedConv2d(tf.tensor4d(x, shape as [number, number, number, number]), tf.tensor4d(w, [size, size, 2, 3]), {
      stride,
      padding,
      bias: tf.tensor1d(b),
    });
    expectClose(
      await values(biased),
      expected.map((v, i) => v + b[i % 2]!),
    );
  });

  it('is the same for many pixels and few channels as the other way round', async () => {
    for (const shape of [
      [1, 9, 8, 2],
      [1, 2, 1, 40],
      [2, 1, 1, 70],
    ] as [number, number, number, number][]) {
      const [x, w] = [
        seeded(
          1,
          shape.reduce((a, b) => a * b),
        ),
        seeded(2, 48 * shape[3]),
      ];
      expectClose(await values(transposedConv2d(tf.tensor4d(x, shape), tf.tensor4d(w, [4, 4, 3, shape[3]]))), naive(x, shape, w, 4, 3, 2, 1), tolerance.matmul);
    }
  });

  it('enlarges twofold by default, and keeps rank 3', async () => {
    const [x, w] = [seeded(1, 12), seeded(2, 96)];
    const y = transposedConv2d(tf.tensor3d(x, [2, 3, 2]), tf.tensor4d(w, [4, 4, 3, 2]));
    expect(y.shape).toEqual([4, 6, 3]);
    expectClose(await values(y), naive(x, [1, 2, 3, 2], w, 4, 3, 2, 1));
  });

  it.each(cases)('has the right gradient in everything: %d x %d, stride, padding %d', async (size, stride, padding) => {
    const [x, w] = [seeded(4, 24), seeded(5, size * size * 4)];
    const f = (a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor) =>
      tf.sum(tf.square(transposedConv2d(a as tf.Tensor4D, b as tf.Tensor4D, { stride, padding, bias: bias as tf.Tensor1D }))) as tf.Scalar;
    const [tx, tw, tb] = [tf.tensor(x, [1, 3, 4, 2]), tf.tensor(w, [size, size, 2, 2]), tf.tensor1d([0.3, -0.2])];
    // The loss is a parabola along each value: a large step costs no accuracy and drowns the rounding.
    await expectGradient((t) => f(t, tw, tb), x, [1, 3, 4, 2], 6, 0.25);
    await expectGradient((t) => f(tx, t, tb), w, [size, size, 2, 2], 6, 0.25);
    await expectGradient((t) => f(tx, tw, t), Float32Array.from([0.3, -0.2]), [2], 2, 0.25);
  });

  // In the last two the result ends beyond all that kernels are laid over.
  const unequal: [size: number, stride: number, padding: number, outputPadding: number][] = [
    [3, 2, 1, 1],
    [4, 3, 1, 1],
    [5, 3, 2, 1],
    [3, 2, 0, 1],
    [2, 3, 0, 2],
  ];

  it.each(unequal)('keeps more at the bottom right: %d x %d, stride, padding %d and %d', async (size, stride, padding, outputPadding) => {
    const shape: [number, number, number, number] = [2, 3, 4, 3];
    const [x, w] = [seeded(1, 72), seeded(2, size * size * 2 * 3)];
    const [tx, tw, bias] = [tf.tensor4d(x, shape), tf.tensor4d(w, [size, size, 2, 3]), tf.tensor1d([0.5, -1])];
    const y = transposedConv2d(tx, tw, { stride, padding, outputPadding, bias });
    expect(y.shape).toEqual([2, 2 * stride + size - 2 * padding + outputPadding, 3 * stride + size - 2 * padding + outputPadding, 2]);
    const expected = naive(x, shape, w, size, 2, stride, padding, outputPadding);
    expectClose(
      await values(y),
      expected.map((v, i) => v + (i % 2 ? -1 : 0.5)),
    );
    const f = (a: tf.Tensor, b: tf.Tensor) =>
      tf.sum(tf.square(transposedConv2d(a as tf.Tensor4D, b as tf.Tensor4D, { stride, padding, outputPadding }))) as tf.Scalar;
    await expectGradient((t) => f(t, tw), x, shape, 6, 0.25);
    await expectGradient((t) => f(tx, t), w, [size, size, 2, 3], 6, 0.25);
  });

  it.each([...cases.filter(([size, stride]) => size >= stride).map((one) => [...one, 0] as const), ...unequal.slice(0, 4)])(
    'is the same phase by phase: %d x %d, stride, padding %d and %d',
    async (size, stride, padding, outputPadding) => {
      const shape: [number, number, number, number] = [2, 3, 4, 3];
      const [x, w] = [seeded(1, 72), seeded(2, size * size * 2 * 3)];
      const cut = { stride, padding, outputPadding };
      const y = spreadByPhases(tf.tensor4d(x, shape), tf.tensor4d(w, [size, size, 2, 3]), cut);
      expectClose(await values(y), naive(x, shape, w, size, 2, stride, padding, outputPadding));
    },
  );

  it('is the transpose of a strided convolution', async () => {
    const [x, y, w] = [tf.tensor4d(seeded(6, 96), [1, 6, 8, 2]), tf.tensor4d(seeded(7, 36), [1, 3, 4, 3]), tf.tensor4d(seeded(8, 96), [4, 4, 2, 3])];
    const around: [number, number][] = [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ];
    const there = tf.sum(tf.mul(tf.conv2d(tf.pad(x, around), w, 2, 'valid'), y));
    const back = tf.sum(tf.mul(x, transposedConv2d(y, w)));
    expectClose(await values(back), await values(there), tolerance.matmul);
  });

  it('names op and argument in its errors', () => {
    const x = tf.zeros([3, 3, 2]) as tf.Tensor3D;
    const w = tf.zeros([4, 4, 5, 2]) as tf.Tensor4D;
    expect(() => transposedConv2d(tf.zeros([3, 3]) as unknown as tf.Tensor3D, w)).toThrow(/transposedConv2d: x must be/);
    expect(() => transposedConv2d(x, tf.zeros([4, 4, 2]) as unknown as tf.Tensor4D)).toThrow(/transposedConv2d: weights must be KKOC/);
    expect(() => transposedConv2d(x, tf.zeros([4, 3, 5, 2]) as tf.Tensor4D)).toThrow(/transposedConv2d: weights must be \[4, 4, 5, 2\]/);
    expect(() => transposedConv2d(x, tf.zeros([4, 4, 2, 5]) as tf.Tensor4D)).toThrow(/transposedConv2d: weights must be \[4, 4, 2, 2\]/);
    expect(() => transposedConv2d(x, w, { bias: tf.zeros([2]) as tf.Tensor1D })).toThrow(/transposedConv2d: bias must be \[5\]/);
    expect(() => transposedConv2d(x, w, { stride: 0 })).toThrow(/transposedConv2d: stride must be/);
    expect(() => transposedConv2d(x, w, { padding: 0.5 })).toThrow(/transposedConv2d: padding must be a whole number/);
    expect(() => transposedConv2d(x, w, { padding: 4 })).toThrow(/transposedConv2d: padding must be at most 3/);
    expect(() => transposedConv2d(x, w, { outputPadding: -1 })).toThrow(/transposedConv2d: outputPadding must be a whole number/);
    expect(() => transposedConv2d(x, w, { outputPadding: 2 })).toThrow(/transposedConv2d: outputPadding must be less than the stride, 2/);
    expect(transposedConv2d(x, w, { padding: 3 }).shape).toEqual([2, 2, 5]);
  });

  it('leaves no tensors behind', async () => {
    const x = tf.zeros([3, 3, 2]) as tf.Tensor3D;
    const w = tf.zeros([4, 4, 5, 2]) as tf.Tensor4D;
    const bias = tf.zeros([5]) as tf.Tensor1D;
    await expectNoLeak(() => transposedConv2d(x, w, { bias }));
    await expectNoLeak(() => transposedConv2d(x, w, { padding: 0 }));
    await expectNoLeak(() => transposedConv2d(x, w, { outputPadding: 1 }));
    await expectNoLeak(() => tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.sum(transposedConv2d(a as tf.Tensor3D, b as tf.Tensor4D)))([x, w]));
    await expectNoLeak(() => {
      expect(() => transposedConv2d(x, w, { padding: 4 })).toThrow();
    });
  });
});
