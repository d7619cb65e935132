import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { applyMaps, composedAlongAxis } from '../../src/ops/axis-map';
import { extractPatches, foldPatches, type PatchOptions } from '../../src/ops/patches';
import { goldenTensor, readGolden } from '../support/golden';
import { expectClose, expectGradient, expectNoLeak, seeded, tolerance, values } from '../support/values';

const shape: [number, number, number, number] = [2, 7, 9, 2];
const x = seeded(50, 252);
const cases: [PatchOptions, [number, number]][] = [
  [{ size: 3 }, [5, 7]],
  [{ size: 1, stride: 2 }, [4, 5]],
  [{ size: 2, stride: 3, rate: 2 }, [2, 3]],
  [{ size: 3, stride: 2, padding: 'same' }, [4, 5]],
  [{ size: 4, stride: 2, padding: 'same' }, [4, 5]],
  [{ size: 3, rate: 4, padding: 'same' }, [7, 9]],
  [{ size: 2, stride: 5, padding: 'same' }, [2, 2]],
];

/** Calls `visit` with each value of the patches and the place in the picture that it comes from, -1 beyond the border. */
function places({ size, stride = 1, rate = 1, padding }: PatchOptions, [rows, columns]: [number, number], visit: (patch: number, picture: number) => void) {
  const [b, h, w, c] = shape;
  const before = (n: number, count: number) => (padding === 'same' ? Math.floor(Math.max(0, (count - 1) * stride + (size - 1) * rate + 1 - n) / 2) : 0);
  let at = 0;
  for (let n = 0; n < b; n++) {
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < columns; q++) {
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < size; j++) {
            const [u, v] = [r * stride + i * rate - before(h, rows), q * stride + j * rate - before(w, columns)];
            for (let k = 0; k < c; k++) visit(at++, u < 0 || v < 0 || u >= h || v >= w ? -1 : ((n * h + u) * w + v) * c + k);
          }
        }
      }
    }
  }
}

describe('extractPatches', () => {
  it.each(cases)('agrees with a naive loop: %j', async (options, grid) => {
    const y = extractPatches(tf.tensor4d(x, shape), options);
    expect(y.shape).toEqual([2, ...grid, options.size ** 2 * 2]);
    const expected: number[] = [];
    places(options, grid, (at, from) => {
      expected[at] = from < 0 ? 0 : x[from]!;
    });
    expectClose(await values(y), expected, tolerance.exact);
  });

  it('agrees with the reference values', async () => {
    const golden = await readGolden('cra_units.safetensors');
    const picture = goldenTensor(golden, 'patches.x') as tf.Tensor4D;
    for (const [size, stride] of [
      [3, 1],
      [3, 2],
      [4, 2],
      [8, 4],
    ] as const) {
      const expected = golden.get(`patches.k${size}s${stride}`)!;
      const y = extractPatches(picture, { size, stride, padding: 'same' });
      expect(y.shape).toEqual(expected.shape);
      expectClose(await values(y), expected.values, tolerance.exact);
    }
    expectClose(await values(extractPatches(picture, { size: 1, stride: 2, padding: 'same' })), golden.get('patches.downsample2')!.values, tolerance.exact);
  });

  it('takes rank 3, 1 x 1 and big values', async () => {
    const y = extractPatches(tf.tensor3d([1e30], [1, 1, 1]), { size: 3, padding: 'same' });
    expect(y.shape).toEqual([1, 1, 9]);
    expectClose(await values(y), [0, 0, 0, 0, 1e30, 0, 0, 0, 0], 1e-7);
  });

  it('keeps a NaN to the patches that hold it', async () => {
    const y = await values(extractPatches(tf.tensor3d([Number.NaN, 1, 2, 3], [4, 1, 1]), { size: 3, padding: 'same' }));
    expect(y.filter(Number.isNaN).length).toBe(2);
  });

  it.each(cases)('has the right gradient, and a second order: %j', async (options, grid) => {
    const upstream = tf.tensor4d(seeded(51, 2 * grid[0] * grid[1] * options.size ** 2 * 2), [2, ...grid, options.size ** 2 * 2]);
    await expectGradient((t) => tf.sum(tf.mul(extractPatches(t as tf.Tensor4D, options), upstream)), x, shape, 6);
  });
});

describe('foldPatches', () => {
  it.each(cases)('agrees with a naive loop: %j', async (options, grid) => {
    const patches = seeded(52, 2 * grid[0] * grid[1] * options.size ** 2 * 2);
    const y = foldPatches(tf.tensor4d(patches, [2, ...grid, options.size ** 2 * 2]), { ...options, shape: [7, 9] });
    expect(y.shape).toEqual(shape);
    const expected = new Array(252).fill(0);
    places(options, grid, (at, from) => {
      if (from >= 0) expected[from] += patches[at]!;
    });
    expectClose(await values(y), expected);
  });

  it('has the right gradient, of both orders', async () => {
    const options = { size: 3, stride: 2, padding: 'same', shape: [5, 4] as [number, number] } as const;
    const upstream = tf.tensor4d(seeded(53, 20), [1, 5, 4, 1]);
    await expectGradient((t) => tf.sum(tf.mul(foldPatches(t as tf.Tensor4D, options), upstream)), seeded(54, 54), [1, 3, 2, 9]);
    const f = (t: tf.Tensor) => tf.sum(tf.square(foldPatches(t as tf.Tensor4D, options))) as tf.Scalar;
    await expectGradient((t) => tf.sum(tf.square(tf.grad(f)(t))), seeded(54, 54), [1, 3, 2, 9], 4);
  });
});

describe('maps along an axis', () => {
  const map = { size: 5, indices: [[0, 4], [], [2], [3, 1, 2]], weights: [[0.5, 2], [], [1], [-1, 3, 0.25]] };

  it('are the same by kernel and by composition', async () => {
    const columns = { size: 3, indices: [[0], [1], [2]], weights: [[1], [1], [1]] };
    const a = seeded(55, 30);
    const expected = [0, 1].flatMap((b) =>
      map.indices.flatMap((row, i) => [0, 1, 2].map((c) => row.reduce((s, at, k) => s + map.weights[i]![k]! * a[(b * 5 + at) * 3 + c]!, 0))),
    );
    expectClose(await values(applyMaps(tf.tensor4d(a, [2, 5, 3, 1]), map, columns)), expected);
    expectClose(await values(composedAlongAxis(tf.tensor3d(a, [2, 5, 3]), map)), expected);
  });

  it('keep a NaN to the outputs that read it', async () => {
    for (const y of [
      applyMaps(tf.tensor4d([Number.NaN, 1, 2, 3, 4], [1, 5, 1, 1]), map, { size: 1, indices: [[0]], weights: [[1]] }),
      composedAlongAxis(tf.tensor3d([Number.NaN, 1, 2, 3, 4], [1, 5, 1]), map),
    ]) {
      expect(await values(y)).toEqual([Number.NaN, 0, 2, 0.5]);
    }
  });
});

describe('patches', () => {
  it('name op and argument in their errors', () => {
    const t = tf.zeros([4, 5, 1]) as tf.Tensor3D;
    expect(() => extractPatches(tf.zeros([4, 4]) as unknown as tf.Tensor3D, { size: 2 })).toThrow(/extractPatches: x must be/);
    expect(() => extractPatches(t, { size: 5 })).toThrow(/extractPatches: size must be at most the picture's 4/);
    expect(() => extractPatches(t, { size: 0 })).toThrow(/extractPatches: size must be a whole number/);
    expect(() => extractPatches(t, { size: 2, stride: 0.5 })).toThrow(/extractPatches: stride must be/);
    expect(() => extractPatches(t, { size: 2, rate: 0 })).toThrow(/extractPatches: rate must be/);
    expect(() => extractPatches(t, { size: 2, padding: 'full' as 'same' })).toThrow(/extractPatches: padding must be/);
    expect(() => foldPatches(t, { size: 2, shape: [5, 6] })).toThrow(/foldPatches: patches must be \[4, 5, 4\]/);
    expect(() => foldPatches(t, { size: 1, shape: [5, 0] })).toThrow(/foldPatches: shape\[1\] must be/);
  });

  it('leave no tensors behind', async () => {
    const t = tf.zeros(shape) as tf.Tensor4D;
    const patches = tf.zeros([4, 5, 9]) as tf.Tensor3D;
    await expectNoLeak(() => [extractPatches(t, { size: 3 }), foldPatches(patches, { size: 3, shape: [6, 7] })]);
    await expectNoLeak(() => tf.grad((a: tf.Tensor) => tf.sum(extractPatches(a as tf.Tensor4D, { size: 3, stride: 2 })))(t));
    await expectNoLeak(() => {
      expect(() => extractPatches(t, { size: 50 })).toThrow();
    });
  });
});
