import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextualAttention } from '../../src/ops/contextual-attention';
import type { Correspondence } from '../../src/ops/correspondence';
import { aggregateResidual, aggregateResidualBands } from '../../src/ops/residual-aggregation';
import { resizeBilinear } from '../../src/ops/resize';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { backendName, expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

let golden: Map<string, Golden>;
beforeAll(async () => {
  golden = await readGolden('cra_units.safetensors');
});

const tensor = (x: ArrayLike<number>, shape: number[], dtype: 'float32' | 'int32' = 'float32') =>
  tf.tensor3d(Array.from(x), shape as [number, number, number], dtype);
const noise = (seed: number, shape: number[]) => tensor(seeded(seed, shape[0] * shape[1] * shape[2]), shape);
const given = (key: string) => {
  const t = goldenTensor(golden, key);
  return (t.rank === 4 ? tf.squeeze(t, [0]) : t) as tf.Tensor3D;
};
const soft = (scores: tf.Tensor): Correspondence => ({ kind: 'soft-attention', scores: scores as tf.Tensor3D });
const nearest = (offsets: tf.Tensor): Correspondence => ({ kind: 'nearest-field', offsets: offsets as tf.Tensor3D });
/** The first sample's attention, as the goldens of the whole chain use it. */
const attention = () => soft(tf.squeeze(tf.slice(goldenTensor(golden, 'attention.soft_fuse.match') as tf.Tensor4D, [0, 0, 0, 0], [1, 8, 8, 64]), [0]));

function naiveSoft(x: ArrayLike<number>, [height, width, channels]: number[], scores: ArrayLike<number>, [rows, columns]: number[]): number[] {
  const [h, w, n] = [height / rows, width / columns, rows * columns];
  return Array.from({ length: height * width * channels }, (_, k) => {
    const [i, j, c] = [Math.floor(k / channels / width), Math.floor(k / channels) % width, k % channels];
    const q = Math.floor(i / h) * columns + Math.floor(j / w);
    let sum = 0;
    for (let r = 0; r < n; r++) sum += scores[q * n + r] * x[((Math.floor(r / columns) * h + (i % h)) * width + (r % columns) * w + (j % w)) * channels + c];
    return sum;
  });
}

function naiveNearest(
  x: ArrayLike<number>,
  [height, width, channels]: number[],
  offsets: ArrayLike<number>,
  [rows, columns]: number[],
  crossFade: boolean,
): number[] {
  const clip = (v: number, n: number) => Math.min(Math.max(v, 0), n - 1);
  const offset = (a: number, b: number) => [offsets[(a * columns + b) * 2], offsets[(a * columns + b) * 2 + 1]];
  const seen = (i: number, j: number, c: number, [down, right]: number[]) =>
    x[(clip(i + Math.floor((down * height) / rows + 0.5), height) * width + clip(j + Math.floor((right * width) / columns + 0.5), width)) * channels + c];
  return Array.from({ length: height * width * channels }, (_, k) => {
    const [i, j, c] = [Math.floor(k / channels / width), Math.floor(k / channels) % width, k % channels];
    if (!crossFade) return seen(i, j, c, offset(Math.floor(((i + 0.5) * rows) / height), Math.floor(((j + 0.5) * columns) / width)));
    const [y, z] = [clip(((i + 0.5) * rows) / height - 0.5, rows), clip(((j + 0.5) * columns) / width - 0.5, columns)];
    let [sum, total] = [0, 0];
    for (let a = 0; a < rows; a++) {
      for (let b = 0; b < columns; b++) {
        const weight = Math.max(0, 1 - Math.abs(a - y)) * Math.max(0, 1 - Math.abs(b - z));
        const o = offset(a, b);
        if (weight === 0 || (o[0] === 0 && o[1] === 0)) continue;
        sum += weight * seen(i, j, c, o);
        total += weight;
      }
    }
    return total === 0 ? x[k] : sum / total;
  });
}

/** Seeded offsets of which about a third is 0, 0. */
const someOffsets = (seed: number, rows: number, columns: number) => {
  const u = seeded(seed, rows * columns * 3);
  return Int32Array.from({ length: rows * columns * 2 }, (_, k) => (u[rows * columns * 2 + (k >> 1)] < -0.3 ? 0 : Math.round(u[k] * 4)));
};

/** Puts bands into a picture of NaN; returns it with the number of bands. */
async function collect(bands: AsyncIterable<{ row: number; column: number; residual: tf.Tensor3D }>, [height, width, channels]: number[]) {
  const picture = new Float32Array(height * width * channels).fill(Number.NaN);
  const shapes: number[][] = [];
  for await (const { row, column, residual } of bands) {
    const [rows, columns] = residual.shape;
    const v = await residual.data();
    for (let i = 0; i < rows; i++) picture.set(v.subarray(i * columns * channels, (i + 1) * columns * channels), ((row + i) * width + column) * channels);
    shapes.push([row, column, rows, columns]);
    residual.dispose();
  }
  return { picture, shapes };
}

describe('aggregateResidual from soft attention', () => {
  for (const rate of [2, 4, 8]) {
    it(`golden: transfer without overlap at rate ${rate}`, async () => {
      for (let b = 0; b < 2; b++) {
        const sample = (key: string) => tf.squeeze(tf.slice(goldenTensor(golden, key), [b, 0, 0, 0], [1, -1, -1, -1]), [0]) as tf.Tensor3D;
        const y = aggregateResidual(sample(`transfer.r${rate}.x`), soft(sample('attention.soft_fuse.match')));
        expectClose(await values(y), await values(sample(`transfer.r${rate}.no_overlap`)), 1e-5);
      }
    });
  }

  it("golden: the TensorFlow reference's whole chain", async () => {
    const small = given('post_tf.small');
    const up = resizeBilinear(small, [64, 64], { flavour: 'legacy' });
    expectClose(await values(up), golden.get('post_tf.low_raw_up')!.values, 1e-5);
    const valid = tf.sub(1, tf.image.resizeNearestNeighbor(given('post_tf.small_mask'), [64, 64]));
    const residual = tf.mul(tf.sub(given('post_tf.large'), up), valid) as tf.Tensor3D;
    const detail = aggregateResidual(residual, attention());
    expectClose(await values(detail), golden.get('post_tf.residual_aggregated')!.values, 1e-5);
    const base = resizeBilinear(given('post_tf.low_base'), [64, 64], { flavour: 'legacy' });
    expectClose(await values(base), golden.get('post_tf.low_base_up')!.values, 1e-5);
    const out = tf.mul(tf.add(tf.clipByValue(tf.add(base, detail), -1, 1), 1), 127.5) as tf.Tensor3D;
    await expectPicture(out, 'post_tf', 'legacy', 'post_tf.large_out');
  });

  for (const multiple of [2, 3]) {
    it(`golden: the NumPy reference's whole chain, enlarging ${multiple} times`, async () => {
      const key = `post_np.x${multiple}`;
      const size: [number, number] = [32 * multiple, 32 * multiple];
      const residual = tf.mul(
        tf.sub(given(`${key}.large`), resizeBilinear(given(`${key}.small`), size, { flavour: 'half-pixel' })),
        given(`${key}.large_valid`),
      ) as tf.Tensor3D;
      const detail = aggregateResidual(residual, attention());
      expectClose(await values(detail), golden.get(`${key}.residual_aggregated`)!.values, 5e-6);
      const base = resizeBilinear(given(`${key}.fill_0_255`), size, { flavour: 'half-pixel' });
      await expectPicture(tf.clipByValue(tf.add(base, detail), 0, 255) as tf.Tensor3D, key, 'half-pixel');
    });
  }

  /** Brings a filled picture of 0..255 to the raw size, pastes it by the golden feather, and compares with the golden bytes. */
  async function expectPicture(out: tf.Tensor3D, key: string, flavour: 'legacy' | 'half-pixel', large?: string) {
    if (large) expectClose(await values(out), golden.get(large)!.values, 5e-6);
    const feather = tf.reshape(goldenTensor(golden, `${key}.feather_raw`), [50, 75, 1]);
    const fill = resizeBilinear(out, [50, 75], { flavour });
    const final = await values(tf.add(tf.mul(fill, feather), tf.mul(given('post.raw_bgr_u8'), tf.sub(1, feather))));
    const expected = golden.get(`${key}.final_u8`)!.values;
    const bytes = final.map((v) => Math.floor(Math.min(Math.max(v, 0), 255)));
    expect(bytes.every((v, i) => Math.abs(v - expected[i]) <= 1)).toBe(true);
    expect(bytes.filter((v, i) => v !== expected[i]).length).toBeLessThanOrEqual(0.005 * expected.length);
  }

  it('values: equals the naive loop, whole, in any part, and for chosen cells', async () => {
    const shape = [12, 15, 2];
    const x = seeded(1, 360);
    const scores = seeded(2, 20 * 20);
    const expected = naiveSoft(x, shape, scores, [4, 5]);
    const call = (options = {}) => aggregateResidual(tensor(x, shape), soft(tensor(scores, [4, 5, 20])), options);
    expectClose(await values(call()), expected, tolerance.matmul);
    for (const [rows, columns] of [
      [
        [0, 12],
        [4, 5],
      ],
      [
        [4, 5],
        [0, 15],
      ],
      [
        [2, 8],
        [1, 14],
      ],
      [
        [3, 6],
        [3, 6],
      ],
      [
        [11, 12],
        [14, 15],
      ],
    ]) {
      const part = expected.filter((_, k) => {
        const [i, j] = [Math.floor(k / 30), Math.floor(k / 2) % 15];
        return i >= rows[0] && i < rows[1] && j >= columns[0] && j < columns[1];
      });
      const y = call({ rows, columns });
      expect(y.shape).toEqual([rows[1] - rows[0], columns[1] - columns[0], 2]);
      expectClose(await values(y), part, tolerance.matmul);
    }
    const cells = Array.from({ length: 20 }, (_, k) => (k < 5 || k % 3 === 0 ? 1 : 0)); // the first row whole, some of the others
    cells.fill(0, 10, 15); // and one row without any
    const some = expected.map((v, k) => (cells[Math.floor(Math.floor(k / 30) / 3) * 5 + Math.floor((Math.floor(k / 2) % 15) / 3)] ? v : 0));
    expectClose(await values(call({ cells })), some, tolerance.matmul);
  });

  it('values: detail of a periodic texture comes back, by the attention that the texture itself gives', async () => {
    const wave = (size: number, at: (i: number, j: number) => number) =>
      tensor(
        Float32Array.from({ length: size * size }, (_, k) => at(Math.floor(k / size), k % size)),
        [size, size, 1],
      );
    const features = wave(8, (i, j) => (((i >> 1) + (j >> 1)) % 2) * 2 - 1);
    const hole = tensor(
      Array.from({ length: 16 }, (_, k) => (k === 5 ? 1 : 0)),
      [4, 4, 1],
    );
    const { scores } = contextualAttention(features, features, hole, { masking: 'exclude', dilate: 0, patchSize: 1, fuse: false });
    const texture = (i: number, j: number) => Math.sin((i * Math.PI) / 4) * Math.cos((j * Math.PI) / 4);
    const residual = wave(16, (i, j) => (i >= 4 && i < 8 && j >= 4 && j < 8 ? 0 : texture(i % 8, j % 8)));
    const y = aggregateResidual(residual, soft(scores), { rows: [4, 8], columns: [4, 8] });
    const expected = [];
    for (let i = 4; i < 8; i++) for (let j = 4; j < 8; j++) expected.push((texture(i % 4, j % 4) * 4 + texture(4 + (i % 4), 4 + (j % 4)) * 3) / 7); // eight cells of its kind, less itself
    expectClose(await values(y), expected, 1e-4);
  });

  it('gradient: agrees with finite differences for the residual and the scores', async () => {
    const scores = noise(3, [2, 2, 4]);
    const x = noise(4, [4, 6, 2]);
    const weight = noise(5, [3, 4, 2]);
    const part = { rows: [1, 4] as [number, number], columns: [1, 5] as [number, number] };
    const loss = (y: tf.Tensor) => tf.sum(tf.mul(y, weight)) as tf.Scalar;
    await expectGradient((t) => loss(aggregateResidual(t as tf.Tensor3D, soft(scores), part)), seeded(6, 48), [4, 6, 2], 6, 0.1);
    await expectGradient((t) => loss(aggregateResidual(x, soft(t), part)), seeded(7, 16), [2, 2, 4], 6, 0.1);
  });
});

describe('aggregateResidual from a nearest field', () => {
  for (const [shape, grid] of [
    [
      [12, 16, 2],
      [3, 4],
    ],
    [
      [7, 9, 1],
      [7, 9],
    ],
    [
      [11, 14, 3],
      [4, 5],
    ],
    [
      [1, 6, 1],
      [1, 2],
    ],
  ]) {
    it(`values: equals the naive loop, ${shape.join(' x ')} over a field of ${grid.join(' x ')}`, async () => {
      const x = seeded(8, shape[0] * shape[1] * shape[2]);
      const offsets = someOffsets(9, grid[0], grid[1]);
      for (const crossFade of [false, true]) {
        const y = aggregateResidual(tensor(x, shape), nearest(tensor(offsets, [...grid, 2], 'int32')), { crossFade });
        expectClose(await values(y), naiveNearest(x, shape, offsets, grid, crossFade), crossFade ? tolerance.arithmetic : tolerance.exact);
      }
    });
  }

  it('values: a part equals that part of the whole', async () => {
    const x = noise(10, [12, 16, 2]);
    const field = nearest(tensor(someOffsets(11, 3, 4), [3, 4, 2], 'int32'));
    for (const crossFade of [false, true]) {
      const whole = aggregateResidual(x, field, { crossFade });
      const part = aggregateResidual(x, field, { crossFade, rows: [5, 9], columns: [3, 13] });
      expectClose(await values(part), await values(tf.slice(whole, [5, 3, 0], [4, 10, 2])), tolerance.exact);
    }
  });

  it('values: one offset for all moves the picture, with and without cross-fading; no offset leaves it', async () => {
    const x = noise(12, [8, 8, 1]);
    for (const crossFade of [false, true]) {
      const moved = aggregateResidual(x, nearest(tf.tile(tensor([1, -1], [1, 1, 2], 'int32'), [4, 4, 1])), { crossFade, rows: [0, 6], columns: [2, 8] });
      expectClose(await values(moved), await values(tf.slice(x, [2, 0, 0], [6, 6, 1])), tolerance.arithmetic);
      expect(await values(aggregateResidual(x, nearest(tf.zeros([4, 4, 2], 'int32')), { crossFade }))).toEqual(await values(x));
    }
  });

  it.skipIf(backendName() === 'wasm')('gradient: agrees with finite differences for the residual (not on wasm: no UnsortedSegmentSum)', async () => {
    const field = nearest(tensor(someOffsets(13, 2, 3), [2, 3, 2], 'int32'));
    const weight = noise(14, [4, 6, 2]);
    for (const crossFade of [false, true]) {
      await expectGradient(
        (t) => tf.sum(tf.mul(aggregateResidual(t as tf.Tensor3D, field, { crossFade }), weight)) as tf.Scalar,
        seeded(15, 48),
        [4, 6, 2],
        12,
        0.1,
      );
    }
  });
});

describe('aggregateResidualBands', () => {
  const shape = [12, 16, 2];
  const holeAt = (inside: (i: number, j: number) => boolean) =>
    tensor(
      Float32Array.from({ length: 192 }, (_, k) => (inside(Math.floor(k / 16), k % 16) ? 1 : 0)),
      [12, 16, 1],
    );
  const x = seeded(16, 384);
  const diagonal = (i: number, j: number) => i > 2 && i < 11 && Math.abs(i - j) < 2;

  it('values: soft attention, every band height gives the same and computes the cells of the hole only', async () => {
    const field = soft(noise(17, [3, 4, 12]));
    const whole = await values(aggregateResidual(tensor(x, shape), field));
    for (const bandHeight of [1, 3, 4, 64]) {
      const { picture, shapes } = await collect(aggregateResidualBands(tensor(x, shape), field, holeAt(diagonal), { bandHeight }), shape);
      expect(shapes.length).toBe(3 * Math.ceil(4 / bandHeight));
      let computed = 0;
      for (let i = 0; i < 12; i++) {
        for (let j = 0; j < 16; j++) {
          const k = (i * 16 + j) * 2;
          if (diagonal(i, j)) expectClose([picture[k], picture[k + 1]], [whole[k], whole[k + 1]], tolerance.matmul);
          if (picture[k] !== 0 && !Number.isNaN(picture[k])) computed++;
        }
      }
      // Cells [0,0] (row 3, column 2), [0,1] (3, 4), [1,0] (4, 3), [1,1], [1,2] (7, 8), [2,1] (8, 7), [2,2].
      expect(computed).toBe(7 * 16);
    }
  });

  it('values: nearest field, every band height gives the same and computes the box of the hole only', async () => {
    const field = nearest(tensor(someOffsets(18, 3, 4), [3, 4, 2], 'int32'));
    for (const crossFade of [false, true]) {
      const whole = await values(aggregateResidual(tensor(x, shape), field, { crossFade }));
      for (const bandHeight of [1, 5, 64]) {
        const { picture, shapes } = await collect(aggregateResidualBands(tensor(x, shape), field, holeAt(diagonal), { bandHeight, crossFade }), shape);
        for (const [, column, , columns] of shapes) expect([column, columns]).toEqual([2, 10]);
        for (let i = 3; i < 11; i++) {
          for (let j = 2; j < 12; j++) expectClose([picture[(i * 16 + j) * 2]], [whole[(i * 16 + j) * 2]], tolerance.arithmetic);
        }
        if (bandHeight === 1) expect(shapes.map((s) => s[0])).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
      }
    }
  });

  it('extremes: no hole gives no band, a whole hole gives everything', async () => {
    for (const field of [soft(noise(19, [3, 4, 12])), nearest(tensor(someOffsets(20, 3, 4), [3, 4, 2], 'int32'))]) {
      expect(
        (
          await collect(
            aggregateResidualBands(
              tensor(x, shape),
              field,
              holeAt(() => false),
            ),
            shape,
          )
        ).shapes,
      ).toEqual([]);
      const { picture } = await collect(
        aggregateResidualBands(
          tensor(x, shape),
          field,
          holeAt(() => true),
          { bandHeight: 4 },
        ),
        shape,
      );
      expectClose(picture, await values(aggregateResidual(tensor(x, shape), field)), tolerance.matmul);
    }
  });

  it('errors: typed, and named', async () => {
    const residual = tensor(x, shape);
    const field = nearest(tf.zeros([3, 4, 2], 'int32'));
    expect(() => aggregateResidual(tf.zeros([4, 4]) as unknown as tf.Tensor3D, field)).toThrow(/aggregateResidual: residual must be HWC/);
    expect(() => aggregateResidual(residual, nearest(tf.zeros([3, 4, 3], 'int32')))).toThrow(/aggregateResidual: correspondence.offsets must be HW2/);
    expect(() => aggregateResidual(residual, soft(tf.zeros([3, 4, 11])))).toThrow(
      /correspondence.scores must be \[rows, columns, rows \* columns\], got \[3, 4, 11\]/,
    );
    expect(() => aggregateResidual(residual, soft(tf.zeros([5, 4, 20])))).toThrow(
      /aggregateResidual: residual must be a whole multiple of 5 x 4 cells, got 12 x 16/,
    );
    expect(() => aggregateResidual(residual, field, { rows: [4, 4] })).toThrow(/aggregateResidual: rows must be \[from, to\) within 0 .. 12, got \[4, 4\]/);
    expect(() => aggregateResidual(residual, field, { columns: [0, 17] })).toThrow(/columns/);
    expect(() => aggregateResidual(residual, soft(tf.zeros([3, 4, 12])), { cells: [1] })).toThrow(/cells must be 12 numbers, got 1/);
    await expect(aggregateResidualBands(residual, field, tensor([1], [1, 1, 1])).next()).rejects.toThrow(/aggregateResidualBands: hole must be \[12, 16, 1\]/);
    await expect(aggregateResidualBands(residual, field, holeAt(diagonal), { bandHeight: 0 }).next()).rejects.toThrow(/bandHeight/);
  });

  it('memory: leaves nothing behind, to the end, after a break, and on a throw', async () => {
    const residual = tensor(x, shape);
    const hole = holeAt(diagonal);
    const wrong = soft(tf.zeros([5, 4, 20]));
    for (const field of [soft(noise(21, [3, 4, 12])), nearest(tensor(someOffsets(22, 3, 4), [3, 4, 2], 'int32'))]) {
      await expectNoLeak(() => aggregateResidual(residual, field));
      await expectNoLeak(async () => void (await collect(aggregateResidualBands(residual, field, hole, { bandHeight: 2 }), shape)));
      await expectNoLeak(async () => {
        for await (const band of aggregateResidualBands(residual, field, hole, { bandHeight: 2 })) {
          band.residual.dispose();
          break;
        }
      });
    }
    await expectNoLeak(() => void expect(() => aggregateResidual(residual, wrong)).toThrow());
  });
});
