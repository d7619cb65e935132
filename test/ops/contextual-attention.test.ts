import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ContextualAttentionOptions, contextualAttention } from '../../src/ops/contextual-attention';
import { type Golden, goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

let golden: Map<string, Golden>;
beforeAll(async () => {
  golden = await readGolden('cra_units.safetensors');
});

const picture = (seed: number, shape: number[]) => {
  const count = shape.reduce((a, b) => a * b);
  return tf.tensor(seeded(seed, count), shape as [number, number, number]) as tf.Tensor3D;
};
const zeros = (shape: number[]) => tf.zeros(shape as [number, number, number]) as tf.Tensor3D;
const ones = (shape: number[]) => tf.ones(shape as [number, number, number]) as tf.Tensor3D;

/** The golden README's hole: a rectangle in a mask of picture size. */
function rectangle(key: string): tf.Tensor4D {
  const [y0, y1, x0, x1, height, width] = golden.get(`${key}.mask_rect_y0y1x0x1_size`)!.values;
  const mask = Float32Array.from({ length: height * width }, (_, k) => {
    const [y, x] = [Math.floor(k / width), k % width];
    return y >= y0 && y < y1 && x >= x0 && x < x1 ? 1 : 0;
  });
  return tf.tensor(mask, [1, height, width, 1]);
}

interface Naive {
  scores: number[];
  output: number[];
  offsets: number[];
}

/** One picture, float64, index by index as the formulas are printed. */
function naive(
  query: ArrayLike<number>,
  [height, width, channels]: number[],
  reference: ArrayLike<number>,
  [referenceHeight, referenceWidth]: number[],
  valid: ArrayLike<number>,
  options: Required<Omit<ContextualAttentionOptions, 'pick' | 'dilate'>>,
): Naive {
  const { rate, patchSize, fuse, fuseSize, mode, softmaxScale, masking, normEpsilon, pasteSize, pasteScale } = options;
  const grid = (h: number, w: number) => [Math.ceil(h / rate), Math.ceil(w / rate)];
  const [rows, columns] = grid(height, width);
  const [referenceRows, referenceColumns] = grid(referenceHeight, referenceWidth);
  const at = (x: ArrayLike<number>, h: number, w: number, i: number, j: number, c: number) =>
    i < 0 || j < 0 || i >= h || j >= w ? 0 : x[(i * w + j) * channels + c];
  const patch = (x: ArrayLike<number>, h: number, w: number, r: number, s: number) => {
    const out: number[] = [];
    const [n, m] = grid(h, w);
    const half = (patchSize - 1) / 2;
    for (let i = r - half; i <= r + half; i++) {
      for (let j = s - half; j <= s + half; j++) {
        for (let c = 0; c < channels; c++) out.push(i < 0 || j < 0 || i >= n || j >= m ? 0 : at(x, h, w, i * rate, j * rate, c));
      }
    }
    return out;
  };
  const queries = rows * columns;
  const references = referenceRows * referenceColumns;
  let s = Array.from({ length: queries }, (_, q) => {
    const mine = patch(query, height, width, Math.floor(q / columns), q % columns);
    return Array.from({ length: references }, (_, r) => {
      const other = patch(reference, referenceHeight, referenceWidth, Math.floor(r / referenceColumns), r % referenceColumns);
      const norm = Math.max(Math.sqrt(other.reduce((a, v) => a + v * v, 0)), normEpsilon);
      return other.reduce((a, v, i) => a + v * mine[i], 0) / norm;
    });
  });
  if (fuse) {
    const half = (fuseSize - 1) / 2;
    const sum = (m: number[][]) =>
      m.map((row, q) =>
        row.map((_, r) => {
          let t = 0;
          for (let d = -half; d <= half; d++) t += m[q + d]?.[r + d] ?? 0;
          return t;
        }),
      );
    s = sum(s);
    const byColumn = (k: number, n: number, m: number) => (k % m) * n + Math.floor(k / m);
    const turned: number[][] = Array.from({ length: queries }, () => Array(references).fill(0));
    for (let q = 0; q < queries; q++) {
      for (let r = 0; r < references; r++) turned[byColumn(q, rows, columns)][byColumn(r, referenceRows, referenceColumns)] = s[q][r];
    }
    const again = sum(turned);
    s = s.map((row, q) => row.map((_, r) => again[byColumn(q, rows, columns)][byColumn(r, referenceRows, referenceColumns)]));
  }
  const weights = s.map((row) => {
    const kept = row.map((v, r) => v * valid[r]);
    const rivals = masking === 'exclude' ? kept.filter((_, r) => valid[r]) : kept;
    if (mode === 'hard') {
      const best = Math.max(...rivals);
      return kept.map((v, r) => (v >= best && (masking === 'zero-logit' || valid[r]) ? (v / (Math.max(...row) + 1e-4)) ** 2 : 0));
    }
    const total = rivals.reduce((a, v) => a + Math.exp(softmaxScale * v), 0);
    return kept.map((v, r) => (valid[r] ? Math.exp(softmaxScale * v) / total : 0));
  });
  const output: number[] = Array(height * width * channels).fill(0);
  const before = (n: number, count: number) => Math.floor(Math.max(0, (count - 1) * rate + pasteSize - n) / 2);
  weights.forEach((row, q) => {
    for (let i = 0; i < pasteSize; i++) {
      for (let j = 0; j < pasteSize; j++) {
        const y = Math.floor(q / columns) * rate + i - before(height, rows);
        const x = (q % columns) * rate + j - before(width, columns);
        if (y < 0 || x < 0 || y >= height || x >= width) continue;
        row.forEach((w, r) => {
          const [a, b] = [
            Math.floor(r / referenceColumns) * rate + i - before(referenceHeight, referenceRows),
            (r % referenceColumns) * rate + j - before(referenceWidth, referenceColumns),
          ];
          for (let c = 0; c < channels; c++) output[(y * width + x) * channels + c] += pasteScale * w * at(reference, referenceHeight, referenceWidth, a, b, c);
        });
      }
    }
  });
  const offsets = weights.flatMap((row, q) => {
    const best = row.indexOf(Math.max(...row));
    return [Math.floor(best / referenceColumns) - Math.floor(q / columns), (best % referenceColumns) - (q % columns)];
  });
  return { scores: weights.flat(), output, offsets };
}

const cra = {
  rate: 2,
  patchSize: 3,
  fuse: true,
  fuseSize: 3,
  mode: 'soft',
  softmaxScale: 10,
  masking: 'zero-logit',
  normEpsilon: 1e-8,
  pasteSize: 3,
  pasteScale: 1,
} as const;

describe('contextualAttention', () => {
  for (const key of ['attention', 'attention_rect']) {
    for (const mode of ['soft', 'hard'] as const) {
      for (const fuse of [true, false]) {
        it(`golden: ${key}, ${mode}, ${fuse ? 'fused' : 'not fused'}`, async () => {
          const name = `${key}.${mode}_${fuse ? 'fuse' : 'nofuse'}`;
          const x = goldenTensor(golden, `${key}.x`) as tf.Tensor4D;
          const { scores, output } = contextualAttention(x, x, rectangle(key), { mode, fuse });
          expectClose(await values(scores), golden.get(`${name}.match`)!.values, 1e-5);
          expectClose(await values(output), golden.get(`${name}.out`)!.values, 1e-5);
        });
      }
    }
  }

  const cases: [string, number[], number[], Partial<ContextualAttentionOptions>][] = [
    ['the defaults', [6, 8, 2], [6, 8, 2], {}],
    ['clean exclusion', [6, 8, 2], [6, 8, 2], { masking: 'exclude' }],
    ['hard with clean exclusion', [6, 8, 2], [6, 8, 2], { mode: 'hard', masking: 'exclude' }],
    ['another reference of another size', [6, 8, 2], [8, 4, 2], { masking: 'exclude' }],
    ['rate 1, 5x5 patches, fuse over 5', [4, 3, 2], [3, 5, 2], { rate: 1, patchSize: 5, fuseSize: 5, pasteSize: 1 }],
    ['odd sizes, rate 3', [7, 8, 2], [7, 8, 2], { rate: 3, pasteSize: 5 }],
    ['the constants of DeepFill', [6, 8, 2], [6, 8, 2], { pasteSize: 4, pasteScale: 0.25, normEpsilon: 1e-4 }],
    ['single pixels and softmax scale 1', [4, 6, 3], [4, 6, 3], { patchSize: 1, softmaxScale: 1 }],
    ['a norm epsilon above most norms', [4, 6, 3], [4, 6, 3], { patchSize: 1, normEpsilon: 1.2 }],
  ];
  for (const [name, shape, referenceShape, changes] of cases) {
    it(`values: equals the naive loop with ${name}`, async () => {
      const options = { ...cra, ...changes };
      const [rows, columns] = [Math.ceil(referenceShape[0] / options.rate), Math.ceil(referenceShape[1] / options.rate)];
      const query = picture(1, shape);
      const reference = referenceShape === shape ? query : picture(2, referenceShape);
      const hole = seeded(3, rows * columns).map((v) => (v > 0.2 ? 1 : 0));
      const result = contextualAttention(query, reference, tf.tensor3d(hole, [rows, columns, 1]), { ...changes, dilate: 0 });
      const expected = naive(
        await values(query),
        shape,
        await values(reference),
        referenceShape,
        hole.map((h) => 1 - h),
        options,
      );
      expect(result.scores.shape).toEqual([Math.ceil(shape[0] / options.rate), Math.ceil(shape[1] / options.rate), rows * columns]);
      expect(result.output.shape).toEqual([shape[0], shape[1], shape[2]]);
      expectClose(await values(result.scores), expected.scores, 2e-5);
      expectClose(await values(result.output), expected.output, 2e-5);
      expect(await values(result.offsets)).toEqual(expected.offsets);
    });
  }

  it('values: rows sum to 1 with exclusion, and to less with the zero logit', async () => {
    const x = goldenTensor(golden, 'attention.x') as tf.Tensor4D;
    const sums = async (masking: 'exclude' | 'zero-logit') => values(tf.sum(contextualAttention(x, x, rectangle('attention'), { masking }).scores, 3));
    expectClose(await sums('exclude'), Array(128).fill(1), tolerance.transcendental);
    expect(Math.min(...(await sums('zero-logit')))).toBeLessThan(0.999);
  });

  it('values: the hole is pooled to cells and grown, and may have a mask for each sample', async () => {
    const x = picture(4, [2, 8, 8, 2]) as unknown as tf.Tensor4D;
    const first = tf.pad(tf.ones([1, 1]), [
      [17, 14],
      [2, 29],
    ]); // one pixel of 32 x 32: row 17, column 2 is cell 2, 0
    const hole = tf.reshape(tf.stack([first, tf.zeros([32, 32])]), [2, 32, 32, 1]) as tf.Tensor4D;
    const { scores } = contextualAttention(x, x, hole, { fuse: false });
    const used = await values(tf.greater(tf.max(tf.reshape(scores, [2, 16, 16]), 1), 0));
    expect(used).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, ...Array(16).fill(1)]);
  });

  it("values: 'align-corners' takes even pixels in the first half and odd ones in the second", async () => {
    const x = picture(5, [8, 8, 2]);
    const picked = tf.gather(tf.gather(x, [0, 2, 5, 7], 0), [0, 2, 5, 7], 1);
    const { scores } = contextualAttention(x, x, undefined, { pick: 'align-corners' });
    expectClose(await values(scores), await values(contextualAttention(picked, picked, undefined, { rate: 1 }).scores), tolerance.matmul);
  });

  it('values: without a hole, every pixel finds itself', async () => {
    const x = picture(6, [8, 8, 8]);
    const { offsets, output } = contextualAttention(x, x, undefined, { softmaxScale: 1000, rate: 1, fuse: false, patchSize: 1 });
    // P[q] · P[r] / |P[r]| = |P[q]| cos(angle): the best reference is the one of the same direction, itself.
    expect(await values(offsets)).toEqual(Array(128).fill(0));
    expectClose(await values(output), await values(x), 1e-3);
  });

  it('gradient: agrees with finite differences for query and reference', async () => {
    const [query, reference] = [picture(7, [4, 4, 2]), picture(8, [4, 4, 2])];
    const hole = tf.tensor([0, 0, 0, 1], [2, 2, 1]) as tf.Tensor3D;
    const weight = picture(9, [4, 4, 2]);
    for (const masking of ['zero-logit', 'exclude'] as const) {
      const loss = (q: tf.Tensor, r: tf.Tensor) =>
        tf.sum(tf.mul(contextualAttention(q as tf.Tensor3D, r as tf.Tensor3D, hole, { dilate: 0, softmaxScale: 2, masking }).output, weight)) as tf.Scalar;
      await expectGradient((q) => loss(q, reference), seeded(10, 32), [4, 4, 2], 4, 1e-2);
      await expectGradient((r) => loss(query, r), seeded(11, 32), [4, 4, 2], 4, 1e-2);
    }
    const self = (x: tf.Tensor) =>
      tf.sum(tf.mul(contextualAttention(x as tf.Tensor3D, x as tf.Tensor3D, hole, { dilate: 0, softmaxScale: 2 }).output, weight)) as tf.Scalar;
    await expectGradient(self, seeded(12, 32), [4, 4, 2], 4, 1e-2);
  });

  it('gradient: stays finite where the features are all zero', async () => {
    const g = tf.grad((x: tf.Tensor) => tf.sum(contextualAttention(x as tf.Tensor3D, x as tf.Tensor3D).output))(zeros([4, 4, 2]));
    expect((await values(g)).every(Number.isFinite)).toBe(true);
  });

  it('extremes: every reference kept out gives zeros, one cell works, big features do not overflow', async () => {
    const x = picture(13, [4, 6, 2]);
    for (const masking of ['zero-logit', 'exclude'] as const) {
      for (const mode of ['soft', 'hard'] as const) {
        const { scores, output } = contextualAttention(x, x, ones([4, 6, 1]), { masking, mode, rate: 1 });
        expect(await values(scores)).toEqual(Array(576).fill(0));
        expect(await values(output)).toEqual(Array(48).fill(0));
      }
    }
    const single = contextualAttention(picture(14, [1, 1, 3]), picture(14, [1, 1, 3]));
    expect(await values(single.scores)).toEqual([1]);
    expect(await values(single.offsets)).toEqual([0, 0]);
    const big = contextualAttention(tf.mul(x, 1e6) as tf.Tensor3D, tf.mul(x, 1e6) as tf.Tensor3D);
    expect((await values(big.scores)).every(Number.isFinite)).toBe(true);
  });

  it('errors: typed, and named', () => {
    const x = zeros([4, 4, 2]);
    expect(() => contextualAttention(zeros([4, 4]), x)).toThrow(/contextualAttention: query must be BHWC/);
    expect(() => contextualAttention(x, zeros([4, 4, 3]))).toThrow(/contextualAttention: reference must be of rank 3 with 2 channels/);
    expect(() => contextualAttention(x, x, zeros([5, 4, 1]))).toThrow(/contextualAttention: hole/);
    expect(() => contextualAttention(x, x, zeros([4, 4, 2]))).toThrow(/contextualAttention: hole must be HW1/);
    expect(() => contextualAttention(x, x, undefined, { patchSize: 2 })).toThrow(/patchSize must be an odd whole number/);
    expect(() => contextualAttention(x, x, undefined, { fuseSize: 2 })).toThrow(/fuseSize/);
    expect(() => contextualAttention(x, x, undefined, { rate: 0 })).toThrow(/rate must be a whole number >= 1/);
    expect(() => contextualAttention(x, x, undefined, { mode: 'medium' as 'soft' })).toThrow(/mode must be 'soft' or 'hard'/);
    expect(() => contextualAttention(x, x, undefined, { masking: 'no' as 'exclude' })).toThrow(/masking/);
  });

  it('memory: leaves nothing behind but what it returns, on success and on a throw', async () => {
    const x = zeros([4, 4, 2]);
    const [hole, wrong] = [ones([4, 4, 1]), zeros([5, 4, 1])];
    await expectNoLeak(() => Object.values(contextualAttention(x, x, hole)));
    await expectNoLeak(() => void expect(() => contextualAttention(x, x, wrong)).toThrow());
  });
});
