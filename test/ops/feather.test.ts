import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type BlurBorder, feather, featherCra, gaussianBlur, gaussianKernel } from '../../src/ops/feather';
import { goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const folded: Record<BlurBorder, (i: number, n: number) => number> = {
  zero: (i, n) => (i < 0 || i >= n ? -1 : i),
  replicate: (i, n) => Math.min(n - 1, Math.max(0, i)),
  reflect: (i, n) => {
    let at = i;
    while (n > 1 && (at < 0 || at >= n)) at = at < 0 ? -at : 2 * (n - 1) - at;
    return n === 1 ? 0 : at;
  },
};

function naiveBlur(x: Float32Array, [b, h, w, c]: [number, number, number, number], size: number, sigma: number, border: BlurBorder): number[] {
  const r = (size - 1) / 2;
  const k = Array.from({ length: size }, (_, i) => Math.exp(-((i - r) ** 2) / (2 * sigma * sigma)));
  const sum = k.reduce((s, v) => s + v);
  return Array.from({ length: b * h * w * c }, (_, o) => {
    const [n, i, j, ch] = [Math.floor(o / (h * w * c)), Math.floor(o / (w * c)) % h, Math.floor(o / c) % w, o % c];
    let y = 0;
    for (let p = -r; p <= r; p++) {
      for (let q = -r; q <= r; q++) {
        const [u, v] = [folded[border](i + p, h), folded[border](j + q, w)];
        if (u >= 0 && v >= 0) y += (k[p + r]! * k[q + r]! * x[((n * h + u) * w + v) * c + ch]!) / (sum * sum);
      }
    }
    return y;
  });
}

describe('gaussianKernel', () => {
  it('agrees with the reference values', async () => {
    const golden = await readGolden('cra_units.safetensors');
    expectClose(await values(gaussianKernel(7, 1)), golden.get('feather.gauss7')!.values, 1e-7);
  });

  it('sums to 1 at any size', async () => {
    for (const [size, sigma] of [
      [1, 3],
      [4, 0.8],
      [9, 20],
    ] as const) {
      const k = gaussianKernel(size, sigma);
      expect(k.shape).toEqual([size, size]);
      expectClose([(await values(k)).reduce((a, b) => a + b)], [1]);
    }
  });
});

describe('gaussianBlur', () => {
  it.each(['zero', 'replicate', 'reflect'] as const)('agrees with a naive loop: %s', async (border) => {
    for (const [shape, size, sigma] of [
      [[2, 7, 9, 2], 5, 1.1],
      [[1, 40, 3, 1], 7, 2],
      [[1, 1, 2, 3], 9, 3],
    ] as [[number, number, number, number], number, number][]) {
      const x = seeded(
        30,
        shape.reduce((a, b) => a * b),
      );
      const y = gaussianBlur(tf.tensor4d(x, shape), { size, sigma, border });
      expect(y.shape).toEqual(shape);
      expectClose(await values(y), naiveBlur(x, shape, size, sigma, border));
    }
  });

  it('takes 3 sigma to either side by default, and keeps a constant', async () => {
    const x = seeded(31, 63);
    expectClose(await values(gaussianBlur(tf.tensor3d(x, [9, 7, 1]), { sigma: 0.7 })), naiveBlur(x, [1, 9, 7, 1], 7, 0.7, 'reflect'));
    expectClose(await values(gaussianBlur(tf.fill([9, 7, 1], 255) as tf.Tensor3D, { sigma: 2 })), new Array(63).fill(255));
  });

  it.each(['zero', 'replicate', 'reflect'] as const)('has the right gradient: %s', async (border) => {
    const upstream = tf.tensor4d(seeded(32, 70), [1, 7, 5, 2]);
    await expectGradient((x) => tf.sum(tf.mul(gaussianBlur(x as tf.Tensor4D, { size: 5, sigma: 1.5, border }), upstream)), seeded(33, 70), [1, 7, 5, 2]);
  });
});

describe('feather', () => {
  const hole = new Float32Array(16 * 18);
  for (let y = 0; y < 5; y++) for (let x = 13; x < 18; x++) hole[y * 18 + x] = 1; // in the picture's corner
  hole[11 * 18 + 5] = 1; // a single pixel
  const distance = Array.from(hole, (_, p) => {
    let best = Number.POSITIVE_INFINITY;
    hole.forEach((v, q) => {
      if (v) best = Math.min(best, Math.hypot(Math.floor(p / 18) - Math.floor(q / 18), (p % 18) - (q % 18)));
    });
    return best;
  });

  it.each([0, 0.5, 1, 3, 4.5, 40])('is 1 in the whole hole, 0 beyond %s pixels, and falls in between', async (width) => {
    const w = await values(feather(tf.tensor3d(hole, [16, 18, 1]), width));
    const end = Math.exp(-3.125);
    distance.forEach((d, i) => {
      if (d === 0) expect(w[i]).toBe(1);
      else if (d >= width) expect(w[i]).toBe(0);
      else {
        expect(w[i]).toBeGreaterThan(0);
        expect(w[i]).toBeLessThan(1);
      }
    });
    expectClose(
      w,
      distance.map((d) => (d >= width ? (d === 0 ? 1 : 0) : (Math.exp(-3.125 * (d / width) ** 2) - end) / (1 - end))),
      tolerance.transcendental,
    );
  });

  it('keeps none none and all all', async () => {
    expect(await values(feather(tf.zeros([2, 3, 1]) as tf.Tensor3D, 5))).toEqual(new Array(6).fill(0));
    expect(await values(feather(tf.ones([1, 2, 3, 1]) as tf.Tensor4D, 5))).toEqual(new Array(6).fill(1));
    expect(await values(feather(tf.ones([1, 1, 1]) as tf.Tensor3D, 2))).toEqual([1]);
  });
});

describe('featherCra', () => {
  it('agrees with the reference values', async () => {
    const golden = await readGolden('cra_units.safetensors');
    for (const [mask, expected] of [
      ['post_tf.small_mask', 'post_tf.feather_small'],
      ['post_np.x2.small_hole', 'post_np.x2.feather_small'],
    ] as const) {
      const y = featherCra(goldenTensor(golden, mask) as tf.Tensor4D);
      expectClose(await values(y), golden.get(expected)!.values, 1e-5);
    }
  });
});

describe('feathering', () => {
  it('names op and argument in its errors', () => {
    const x = tf.zeros([4, 4, 1]) as tf.Tensor3D;
    expect(() => gaussianKernel(0, 1)).toThrow(/gaussianKernel: size must be/);
    expect(() => gaussianBlur(x, { sigma: 0 })).toThrow(/gaussianBlur: sigma must be/);
    expect(() => gaussianBlur(x, { sigma: 1, size: 4 })).toThrow(/gaussianBlur: size must be/);
    expect(() => gaussianBlur(x, { sigma: 1, border: 'wrap' as BlurBorder })).toThrow(/gaussianBlur: border must be/);
    expect(() => feather(x, -1)).toThrow(/feather: width must be/);
    expect(() => feather(tf.zeros([4, 4, 2]) as tf.Tensor3D, 1)).toThrow(/feather: hole must be HW1/);
    expect(() => featherCra(tf.zeros([4, 4]) as unknown as tf.Tensor3D)).toThrow(/featherCra: hole must be/);
  });

  it('leaves no tensors behind', async () => {
    const x = tf.zeros([40, 8, 1]) as tf.Tensor3D;
    await expectNoLeak(() => [gaussianKernel(3, 1), gaussianBlur(x, { sigma: 1 }), feather(x, 0), feather(x, 3), featherCra(x)]);
    await expectNoLeak(() => {
      expect(() => feather(x, Number.NaN)).toThrow();
    });
  });
});
