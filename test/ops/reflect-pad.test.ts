import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { reflectPad } from '../../src/ops/reflect-pad';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

/** Where a place beyond the border is mirrored to, step by step. */
function mirrored(place: number, length: number): number {
  if (length === 1) return 0;
  let at = place;
  while (at < 0 || at >= length) at = at < 0 ? -at : 2 * (length - 1) - at;
  return at;
}

function naive(x: Float32Array, [B, H, W, C]: number[], margin: number): number[] {
  const y: number[] = [];
  for (let b = 0; b < B!; b++)
    for (let i = -margin; i < H! + margin; i++)
      for (let j = -margin; j < W! + margin; j++) for (let c = 0; c < C!; c++) y.push(x[((b * H! + mirrored(i, H!)) * W! + mirrored(j, W!)) * C! + c]!);
  return y;
}

// The last three mirror more than once, or have but one pixel to mirror.
const cases: [margin: number, height: number, width: number][] = [
  [0, 3, 4],
  [1, 2, 5],
  [3, 5, 4],
  [3, 3, 4],
  [7, 3, 2],
  [2, 1, 4],
];

describe('reflectPad', () => {
  it.each(cases)('mirrors the picture, the border not repeated: margin %d of %d x %d', async (margin, height, width) => {
    const shape: [number, number, number, number] = [2, height, width, 3];
    const x = seeded(
      1,
      shape.reduce((a, b) => a * b),
    );
    const y = reflectPad(tf.tensor4d(x, shape), margin);
    expect(y.shape).toEqual([2, height + 2 * margin, width + 2 * margin, 3]);
    expect(await values(y)).toEqual(naive(x, shape, margin));
  });

  it('keeps rank 3', async () => {
    const y = reflectPad(tf.tensor3d([1, 2, 3], [1, 3, 1]), 1);
    expect(y.shape).toEqual([3, 5, 1]);
    expect(await values(y)).toEqual([2, 1, 2, 3, 2, 2, 1, 2, 3, 2, 2, 1, 2, 3, 2]);
  });

  it.each(cases)('has the gradient that its margin adds to: margin %d of %d x %d', async (margin, height, width) => {
    const shape = [1, height, width, 2];
    const weights = tf.tensor(seeded(2, (height + 2 * margin) * (width + 2 * margin) * 2), [1, height + 2 * margin, width + 2 * margin, 2]);
    const f = (t: tf.Tensor) => tf.sum(tf.mul(tf.square(reflectPad(t as tf.Tensor4D, margin)), weights)) as tf.Scalar;
    await expectGradient(f, seeded(3, height * width * 2), shape, 8, 0.25);
  });

  it('hands each pixel what its mirror images get', async () => {
    const gradient = tf.grad((t) =>
      tf.sum(
        tf.mul(reflectPad(t as tf.Tensor3D, 2), tf.tensor3d([1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7].flatMap((v) => [v, 0, 0, 0, 0]).slice(0, 40), [8, 5, 1])),
      ),
    )(tf.zeros([4, 1, 1]));
    // Rows 0 to 7 show the pixels 2 1 0 1 2 3 2 1; all columns show the one that there is.
    expectClose(await values(gradient), [100, 10 + 1000 + 1e7, 1 + 1e4 + 1e6, 1e5], tolerance.exact);
  });

  it('names op and argument in its errors, and leaves no tensors behind', async () => {
    const x = tf.zeros([3, 3, 2]) as tf.Tensor3D;
    expect(() => reflectPad(tf.zeros([3, 3]) as unknown as tf.Tensor3D, 1)).toThrow(/reflectPad: x must be/);
    expect(() => reflectPad(x, -1)).toThrow(/reflectPad: margin must be a whole number >= 0/);
    await expectNoLeak(() => reflectPad(x, 1));
    await expectNoLeak(() => reflectPad(x, 5));
    await expectNoLeak(() => tf.grad((t) => tf.sum(reflectPad(t as tf.Tensor3D, 1)))(x));
  });
});
