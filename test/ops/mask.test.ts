import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { composedSquaredDistance, squaredDistance } from '../../src/ops/distance';
import { growMask, normalizeMask, poolMask } from '../../src/ops/mask';
import { goldenTensor, readGolden } from '../support/golden';
import { expectNoLeak, seeded, values } from '../support/values';

/** A few hole pixels at seeded places, and one in a corner. */
const specks = (seed: number, count: number, share: number) =>
  Float32Array.from(seeded(seed, count), (u, i) => (i === count - 1 || (u + 1) / 2 < share ? 1 : 0));

function naiveSquaredDistance(hole: Float32Array, h: number, w: number): number[] {
  return Array.from(hole, (_, p) => {
    let best = Number.POSITIVE_INFINITY;
    hole.forEach((v, q) => {
      if (v > 0) best = Math.min(best, (Math.floor(p / w) - Math.floor(q / w)) ** 2 + ((p % w) - (q % w)) ** 2);
    });
    return h > 0 ? best : 0;
  });
}

describe('normalizeMask', () => {
  it('takes grey, RGB and RGBA, white or black', async () => {
    const grey = tf.tensor3d([0, 20, 128, 255], [1, 4, 1], 'int32');
    expect(await values(normalizeMask(grey))).toEqual([0, 0, 1, 1]);
    expect(await values(normalizeMask(grey, { hole: 'black' }))).toEqual([1, 1, 1, 0]);
    expect(await values(normalizeMask(grey, { threshold: 0.6 }))).toEqual([0, 0, 0, 1]);
    const red = tf.tensor3d([255, 0, 0, 0, 0, 0], [1, 2, 3], 'int32');
    expect(await values(normalizeMask(red))).toEqual([1, 0]);
    // Black and white strokes on a transparent ground: what is transparent is kept.
    const strokes = tf.tensor4d([0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 0], [1, 1, 3, 4], 'int32');
    expect(await values(normalizeMask(strokes))).toEqual([0, 1, 0]);
    expect(await values(normalizeMask(strokes, { hole: 'black' }))).toEqual([1, 0, 0]);
    expect(await values(normalizeMask(strokes, { hole: 'alpha' }))).toEqual([0, 0, 1]);
    expect(await values(normalizeMask(strokes, { hole: 'opaque' }))).toEqual([1, 1, 0]);
    const soft = tf.tensor3d([0, 0, 0, 20, 0, 30, 0, 255], [1, 4, 2], 'int32');
    expect(await values(normalizeMask(soft, { hole: 'opaque' }))).toEqual([0, 0, 1, 1]);
    expect(normalizeMask(strokes).shape).toEqual([1, 1, 3, 1]);
  });

  it('takes float32 as 0 to 1, and the soft edges of a JPEG for the hole', async () => {
    const soft = tf.tensor3d([0, 0.03, 0.09, 0.11, 0.5, 0.97, 1], [7, 1, 1]);
    expect(await values(normalizeMask(soft))).toEqual([0, 0, 0, 1, 1, 1, 1]);
    expect(await values(normalizeMask(soft, { hole: 'black' }))).toEqual([1, 1, 1, 1, 1, 0, 0]);
    const bytes = tf.tensor3d([0, 255], [2, 1, 1]);
    expect(await values(normalizeMask(bytes, { hole: 'black', maximum: 255 }))).toEqual([1, 0]);
  });
});

describe('squaredDistance and growMask', () => {
  it.each([0, 0.9, 1, 1.5, 2, 3.7, 5, 12])('are exact at %s pixels', async (radius) => {
    const hole = specks(20, 15 * 19, 0.02);
    const x = tf.tensor3d(hole, [15, 19, 1]);
    const expected = naiveSquaredDistance(hole, 15, 19);
    for (const y of [squaredDistance(x, radius), composedSquaredDistance(tf.reshape(x, [1, 15, 19]), radius)]) {
      const squared = await values(y);
      expected.forEach((d, i) => {
        if (d <= radius * radius) expect(squared[i]).toBe(d);
        else expect(squared[i]).toBeGreaterThan(radius * radius);
      });
    }
    expect(await values(growMask(x, radius))).toEqual(expected.map((d) => (d <= radius * radius ? 1 : 0)));
  });

  it.each([0, 0.9, 2, 3.7, 12])('beyond %s pixels are the square of the next whole number, by kernel and composition, over batches apart', async (radius) => {
    const pictures = [specks(21, 15 * 19, 0.004), new Float32Array(15 * 19), specks(22, 15 * 19, 0.05)];
    const hole = tf.tensor3d(Float32Array.from(pictures.flatMap((picture) => [...picture])), [3, 15, 19]);
    const most = (Math.floor(radius) + 1) ** 2;
    const expected = pictures.flatMap((picture) => naiveSquaredDistance(picture, 15, 19).map((d) => Math.min(d, most)));
    expect(await values(squaredDistance(tf.reshape(hole, [3, 15, 19, 1]) as tf.Tensor4D, radius))).toEqual(expected);
    expect(await values(composedSquaredDistance(hole, radius))).toEqual(expected);
  });

  it('grow by 64 pixels, over batches apart', async () => {
    const hole = new Float32Array(2 * 80 * 70);
    hole[0] = 1;
    const y = await values(growMask(tf.tensor4d(hole, [2, 80, 70, 1]), 64));
    const expected = Array.from(hole, (_, p) => (p < 5600 && Math.floor(p / 70) ** 2 + (p % 70) ** 2 <= 64 * 64 ? 1 : 0));
    expect(y).toEqual(expected);
  });

  it('keep none none, all all, and 1 x 1', async () => {
    expect(await values(growMask(tf.zeros([3, 4, 1]) as tf.Tensor3D, 50))).toEqual(new Array(12).fill(0));
    expect(await values(growMask(tf.ones([3, 4, 1]) as tf.Tensor3D, 2.5))).toEqual(new Array(12).fill(1));
    expect(await values(growMask(tf.ones([1, 1, 1]) as tf.Tensor3D, 9))).toEqual([1]);
    expect(await values(growMask(tf.tensor3d([0, 0, 0, 0, 1], [1, 5, 1]), 2))).toEqual([0, 0, 1, 1, 1]);
  });
});

describe('poolMask', () => {
  it('agrees with the reference values', async () => {
    const golden = await readGolden('cra_units.safetensors');
    for (const name of ['attention', 'attention_rect']) {
      const [y0, y1, x0, x1, height, width] = golden.get(`${name}.mask_rect_y0y1x0x1_size`)!.values;
      const hole = tf.tidy(
        () =>
          tf.pad(tf.ones([y1! - y0!, x1! - x0!, 1]), [
            [y0!, height! - y1!],
            [x0!, width! - x1!],
            [0, 0],
          ]) as tf.Tensor3D,
      );
      const [, rows] = golden.get(`${name}.invalid`)!.shape;
      const y = poolMask(hole, height! / rows!, { dilate: 1 });
      expect(await values(y)).toEqual(await values(goldenTensor(golden, `${name}.invalid`)));
    }
  });

  it('agrees with a naive loop, cells cut by the border too', async () => {
    const hole = specks(21, 2 * 10 * 11, 0.06);
    for (const [cell, dilate] of [
      [1, 0],
      [4, 0],
      [3, 1],
      [2, 2],
      [16, 1],
    ] as const) {
      const [rows, columns] = [Math.ceil(10 / cell), Math.ceil(11 / cell)];
      const y = poolMask(tf.tensor4d(hole, [2, 10, 11, 1]), cell, { dilate });
      expect(y.shape).toEqual([2, rows, columns, 1]);
      const expected = new Array(2 * rows * columns).fill(0);
      hole.forEach((v, p) => {
        const [b, i, j] = [Math.floor(p / 110), Math.floor(Math.floor((p % 110) / 11) / cell), Math.floor((p % 11) / cell)];
        for (let r = Math.max(0, i - dilate); v > 0 && r <= Math.min(rows - 1, i + dilate); r++) {
          for (let c = Math.max(0, j - dilate); c <= Math.min(columns - 1, j + dilate); c++) expected[(b * rows + r) * columns + c] = 1;
        }
      });
      expect(await values(y)).toEqual(expected);
    }
  });
});

describe('masks', () => {
  it('name op and argument in their errors', () => {
    const x = tf.zeros([4, 4, 1]) as tf.Tensor3D;
    expect(() => normalizeMask(tf.zeros([4, 4]) as unknown as tf.Tensor3D)).toThrow(/normalizeMask: mask must be/);
    expect(() => normalizeMask(tf.zeros([4, 4, 5]) as tf.Tensor3D)).toThrow(/normalizeMask: mask must be of 1 to 4 channels/);
    expect(() => normalizeMask(x, { hole: 'alpha' })).toThrow(/normalizeMask: mask must be of 2 or 4/);
    expect(() => normalizeMask(x, { hole: 'opaque' })).toThrow(/normalizeMask: mask must be of 2 or 4 channels where hole is 'opaque'/);
    expect(() => normalizeMask(x, { hole: 'red' as 'white' })).toThrow(/normalizeMask: hole must be/);
    expect(() => normalizeMask(x, { threshold: 1 })).toThrow(/normalizeMask: threshold must be/);
    expect(() => growMask(tf.zeros([4, 4, 3]) as tf.Tensor3D, 1)).toThrow(/growMask: hole must be HW1/);
    expect(() => growMask(x, Number.NaN)).toThrow(/growMask: radius must be/);
    expect(() => squaredDistance(x, -1)).toThrow(/squaredDistance: reach must be/);
    expect(() => poolMask(x, 0)).toThrow(/poolMask: cell must be/);
    expect(() => poolMask(x, 2, { dilate: 0.5 })).toThrow(/poolMask: dilate must be/);
  });

  it('leave no tensors behind', async () => {
    const x = tf.zeros([9, 8, 1]) as tf.Tensor3D;
    await expectNoLeak(() => [normalizeMask(x), growMask(x, 0), growMask(x, 3), poolMask(x, 4), poolMask(x, 4, { dilate: 1 })]);
    await expectNoLeak(() => {
      expect(() => growMask(x, -1)).toThrow();
    });
  });
});
