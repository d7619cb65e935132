import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attentionTransfer } from '../../src/ops/attention-transfer';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

let golden: Map<string, Golden>;
beforeAll(async () => {
  golden = await readGolden('cra_units.safetensors');
});

/** One picture, float64: side is the patches' side, they start `before` pixels before their cell. */
function naive(x: ArrayLike<number>, [height, width, channels]: number[], scores: ArrayLike<number>, [rows, columns]: number[], overlap: boolean): number[] {
  const rate = height / rows;
  const before = overlap ? Math.floor(rate / 2) : 0;
  const side = overlap ? 2 * rate : rate;
  const y: number[] = Array(height * width * channels).fill(0);
  for (let q = 0; q < rows * columns; q++) {
    for (let r = 0; r < rows * columns; r++) {
      for (let i = 0; i < side; i++) {
        for (let j = 0; j < side; j++) {
          const to = [Math.floor(q / columns) * rate + i - before, (q % columns) * rate + j - before];
          const from = [Math.floor(r / columns) * rate + i - before, (r % columns) * rate + j - before];
          const inside = ([a, b]: number[]) => a >= 0 && b >= 0 && a < height && b < width;
          if (!inside(to) || !inside(from)) continue;
          for (let c = 0; c < channels; c++)
            y[(to[0] * width + to[1]) * channels + c] += scores[q * rows * columns + r] * x[(from[0] * width + from[1]) * channels + c];
        }
      }
    }
  }
  return y;
}

describe('attentionTransfer', () => {
  for (const rate of [2, 4, 8]) {
    it(`golden: rate ${rate}, overlapping and not`, async () => {
      const x = goldenTensor(golden, `transfer.r${rate}.x`) as tf.Tensor4D;
      const scores = goldenTensor(golden, 'attention.soft_fuse.match') as tf.Tensor4D;
      expectClose(await values(attentionTransfer(x, scores)), golden.get(`transfer.r${rate}.overlap_sum`)!.values, 1e-5);
      expectClose(await values(attentionTransfer(x, scores, { overlap: false })), golden.get(`transfer.r${rate}.no_overlap`)!.values, 1e-5);
    });
  }

  for (const [shape, cells] of [
    [
      [4, 6, 2],
      [2, 3],
    ],
    [
      [9, 6, 1],
      [3, 2],
    ],
    [
      [2, 3, 2],
      [2, 3],
    ],
  ]) {
    it(`values: equals the naive loop for ${shape.join(' x ')} over ${cells.join(' x ')} cells`, async () => {
      const x = seeded(1, shape[0] * shape[1] * shape[2]);
      const n = cells[0] * cells[1];
      const scores = seeded(2, n * n);
      for (const overlap of [true, false]) {
        const y = attentionTransfer(tf.tensor3d(x, shape as [number, number, number]), tf.tensor3d(scores, [cells[0], cells[1], n]), { overlap });
        expect(y.shape).toEqual(shape);
        expectClose(await values(y), naive(x, shape, scores, cells, overlap), tolerance.matmul);
      }
    });
  }

  it('values: scores that point each cell at itself give the map back, four times inside where patches overlap', async () => {
    const x = tf.tensor(seeded(3, 64), [8, 8, 1]) as tf.Tensor3D;
    const self = tf.reshape(tf.eye(16), [4, 4, 16]) as tf.Tensor3D;
    expectClose(await values(attentionTransfer(x, self, { overlap: false })), await values(x), tolerance.arithmetic);
    const inner = (t: tf.Tensor3D) => tf.slice(t, [2, 2, 0], [4, 4, 1]);
    expectClose(await values(inner(attentionTransfer(x, self))), await values(tf.mul(inner(x), 4)), tolerance.matmul);
  });

  it('gradient: agrees with finite differences for the map and for the scores', async () => {
    const scores = tf.tensor(seeded(4, 16), [2, 2, 4]) as tf.Tensor3D;
    const x = tf.tensor(seeded(5, 32), [4, 4, 2]) as tf.Tensor3D;
    const weight = tf.tensor(seeded(6, 32), [4, 4, 2]);
    const loss = (y: tf.Tensor) => tf.sum(tf.mul(y, weight)) as tf.Scalar;
    for (const overlap of [true, false]) {
      await expectGradient((t) => loss(attentionTransfer(t as tf.Tensor3D, scores, { overlap })), seeded(7, 32), [4, 4, 2], 6, 0.1);
      await expectGradient((t) => loss(attentionTransfer(x, t as tf.Tensor3D, { overlap })), seeded(8, 16), [2, 2, 4], 6, 0.1);
    }
  });

  it('extremes: one cell, and big values', async () => {
    const x = tf.tensor(
      seeded(9, 12).map((v) => v * 1e8),
      [2, 2, 3],
    ) as tf.Tensor3D;
    expectClose(await values(attentionTransfer(x, tf.ones([1, 1, 1]) as tf.Tensor3D, { overlap: false })), await values(x));
    const dot = tf.tensor([5], [1, 1, 1]) as tf.Tensor3D;
    expectClose(await values(attentionTransfer(dot, tf.ones([1, 1, 1]) as tf.Tensor3D)), [5]);
  });

  it('errors: typed, and named', () => {
    const x = tf.zeros([4, 4, 2]) as tf.Tensor3D;
    const scores = (...shape: number[]) => tf.zeros(shape as [number, number, number]) as tf.Tensor3D;
    expect(() => attentionTransfer(scores(4, 4), scores(2, 2, 4))).toThrow(/attentionTransfer: x must be BHWC/);
    expect(() => attentionTransfer(x, scores(2, 2, 5))).toThrow(/attentionTransfer: scores must be \[rows, columns, rows \* columns\], got \[2, 2, 5\]/);
    expect(() => attentionTransfer(x, scores(3, 2, 6))).toThrow(/attentionTransfer: x must be a whole multiple of 3 x 2/);
    expect(() => attentionTransfer(x, scores(1, 2, 2))).toThrow(/attentionTransfer: x must be a whole multiple of 1 x 2/);
    expect(() => attentionTransfer(scores(2, 4, 4, 1), scores(1, 2, 2, 4))).toThrow(/attentionTransfer: scores must be \[2, rows/);
  });

  it('memory: leaves nothing behind, on success and on a throw', async () => {
    const x = tf.zeros([4, 4, 2]) as tf.Tensor3D;
    const [scores, wrong] = [tf.zeros([2, 2, 4]), tf.zeros([3, 2, 6])] as tf.Tensor3D[];
    await expectNoLeak(() => attentionTransfer(x, scores));
    await expectNoLeak(() => void expect(() => attentionTransfer(x, wrong)).toThrow());
  });
});
