import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { NEAREST_PATCHES } from '../../src/kernels/nearest-patches';
import { composedSearch } from '../../src/ops/composed-patches';
import { type NearestPatches, type NearestPatchesOptions, nearestPatches } from '../../src/ops/nearest-patches';
import { nearestPatchesExhaustive } from '../../src/ops/nearest-patches-exhaustive';
import { fieldDistances, leastDistances, maskOf, type PlainPicture, texture, withoutKernel } from '../support/patches';
import { expectClose, expectNoLeak, tolerance, values } from '../support/values';

const H = 14;
const W = 18;
const plane = (mask: Float32Array, height = H, width = W) => tf.tensor3d(mask, [height, width, 1]);
const image = ({ values: v, height, width, channels }: PlainPicture) => tf.tensor3d(v, [height, width, channels]);
const sources = maskOf(H, W, (y, x) => x < 8 || (y < 4 && x !== 12));
// Corners and edges among them, so that patches hang over the border.
const queries = maskOf(H, W, (y, x) => x >= 9 && y >= 4 && !(x === 11 && y === 8));
const count = queries.reduce((sum, v) => sum + v, 0);

/** What is tested: the op (its kernel, on these backends), and the composition that stands in where there is none. */
const searches: [string, (features: tf.Tensor3D, options: NearestPatchesOptions) => NearestPatches][] = [
  ['nearestPatches', nearestPatches],
  [
    'its composition',
    (features, { sources: s, queries: q, offsets, patchSize = 7, iterations = 4, searchRadius = 9, offsetPenalty = [0, 0], seed = 0 }) =>
      tf.tidy(() => {
        const [rowPenalty, columnPenalty] = offsetPenalty;
        const start = offsets ?? tf.zeros<tf.Rank.R3>([features.shape[0], features.shape[1], 2], 'int32');
        const [field, distances] = composedSearch(features, s, q, start, { patchSize, iterations, searchRadius, rowPenalty, columnPenalty, seed });
        return { offsets: field, distances };
      }),
  ],
];

describe.each(searches)('%s', (name, search) => {
  const run = async (picture: PlainPicture, options: Partial<NearestPatchesOptions> = {}) => {
    const found = search(image(picture), { sources: plane(sources), queries: plane(queries), ...options });
    const [offsets, distances] = [await values(found.offsets), await values(found.distances)];
    expect([found.offsets.dtype, found.distances.dtype]).toEqual(['int32', 'float32']);
    expect(found.offsets.shape).toEqual([picture.height, picture.width, 2]);
    expect(found.distances.shape).toEqual([picture.height, picture.width]);
    tf.dispose([found.offsets, found.distances]);
    return { offsets, distances };
  };
  const expectObedient = (offsets: number[]) => {
    queries.forEach((asked, q) => {
      const [down, right] = [offsets[2 * q]!, offsets[2 * q + 1]!];
      if (asked > 0) expect((q % W) + right >= 0 && (q % W) + right < W && sources[q + down * W + right] === 1).toBe(true);
      else expect([down, right]).toEqual([0, 0]);
    });
  };
  const total = (distances: number[]) => distances.reduce((sum, d) => sum + d, 0);

  const slow = name !== 'nearestPatches' && tf.getBackend() === 'webgpu';
  const whole = (title: string, test: () => Promise<void>) => it.skipIf(slow)(slow ? `${title} (thousands of dispatches, on software WebGPU)` : title, test);

  it.each([
    { patchSize: 1, channels: 5 },
    { patchSize: 3, channels: 1, offsetPenalty: [2, 0.5] as [number, number] },
    { patchSize: 7, channels: 5, offsetPenalty: [0.1, 0.2] as [number, number] },
  ])('tells the distances to the sources it leads to: %o', async ({ patchSize, channels, offsetPenalty }) => {
    const picture = texture(1, H, W, channels);
    const { offsets, distances } = await run(picture, { patchSize, offsetPenalty, iterations: 1 });
    expectObedient(offsets);
    expectClose(distances, fieldDistances(picture, offsets, queries, patchSize, offsetPenalty), tolerance.arithmetic);
  });

  it('starts from the offsets that it is given, where they lead to a source', async () => {
    const picture = texture(2, H, W, 2);
    const start = Int32Array.from({ length: H * W * 2 }, (_, i) => (i % 2 ? -9 + ((i >> 1) % 3) : 1));
    const { offsets } = await run(picture, { offsets: tf.tensor3d(start, [H, W, 2], 'int32'), iterations: 0, patchSize: 3 });
    expectObedient(offsets);
    let kept = 0;
    queries.forEach((asked, q) => {
      const [y, x] = [Math.floor(q / W) + start[2 * q]!, (q % W) + start[2 * q + 1]!];
      if (!asked || y >= H || !(sources[y * W + x]! > 0)) return;
      kept++;
      expect([offsets[2 * q], offsets[2 * q + 1]]).toEqual([start[2 * q], start[2 * q + 1]]);
    });
    expect(kept).toBeGreaterThan(20);
  });

  whole('starts anywhere among the sources without offsets, as the seed says', async () => {
    const picture = texture(2, H, W, 1);
    const starts = await Promise.all([0, 0, 7].map((seed) => run(picture, { iterations: 0, patchSize: 1, seed })));
    expect(starts[1]).toEqual(starts[0]);
    expect(starts[2]).not.toEqual(starts[0]);
    const places = new Set<number>();
    queries.forEach((asked, q) => {
      if (asked) places.add(q + starts[0]!.offsets[2 * q]! * W + starts[0]!.offsets[2 * q + 1]!);
    });
    expect(places.size).toBeGreaterThan(count / 3);
    // Both parts of the sources, top right and left, are drawn from.
    expect([...places].some((s) => s % W >= 8) && [...places].some((s) => s % W < 8)).toBe(true);
  });

  whole('gets nearer from sweep to sweep, and nowhere farther', async () => {
    const picture = texture(3, H, W, 3);
    const first = await run(picture, { iterations: 0, patchSize: 3 });
    const offsets = tf.tensor3d(first.offsets, [H, W, 2], 'int32');
    const later = await run(picture, { iterations: 2, patchSize: 3, offsets });
    for (const [p, d] of later.distances.entries()) expect(d).toBeLessThanOrEqual(first.distances[p]!);
    expect(total(later.distances)).toBeLessThan(0.5 * total(first.distances));
  });

  whole('finds a planted copy', async () => {
    const picture = texture(5, H, W, 3);
    for (let y = 5; y < 13; y++)
      for (let x = 10; x < 18; x++) for (let c = 0; c < 3; c++) picture.values[(y * W + x) * 3 + c] = picture.values[((y - 1) * W + x - 9) * 3 + c]!;
    const asked = maskOf(H, W, (y, x) => y >= 6 && y < 12 && x >= 11 && x < 17);
    const { offsets, distances } = await run(picture, { queries: plane(asked), patchSize: 3, iterations: 10 });
    asked.forEach((v, q) => {
      expect(distances[q]).toBe(0);
      if (v) expect([offsets[2 * q], offsets[2 * q + 1]]).toEqual([-1, -9]);
    });
  });

  whole('is the same for the same seed', async () => {
    const picture = texture(6, H, W, 2);
    const options = { patchSize: 3, iterations: 2, seed: 12345 };
    expect(await run(picture, options)).toEqual(await run(picture, options));
  });

  whole('does without queries, without sources, and with a single one', async () => {
    const picture = texture(6, H, W, 2);
    const unasked = await run(picture, { queries: tf.zeros([H, W, 1]), patchSize: 3 });
    expect(new Set([...unasked.offsets, ...unasked.distances])).toEqual(new Set([0]));
    const nowhere = await run(picture, { sources: tf.zeros([H, W, 1]), patchSize: 3, iterations: 1 });
    expect(new Set(nowhere.offsets)).toEqual(new Set([0]));
    expect(nowhere.distances).toEqual(Array.from(queries, (asked) => (asked ? Number.POSITIVE_INFINITY : 0)));
    const single = await run(picture, { sources: plane(maskOf(H, W, (y, x) => y === 13 && x === 2)), patchSize: 3, iterations: 1 });
    queries.forEach((asked, q) => {
      if (asked) expect([Math.floor(q / W) + single.offsets[2 * q]!, (q % W) + single.offsets[2 * q + 1]!]).toEqual([13, 2]);
    });
  });

  it('works on one pixel, and on a picture smaller than a patch', async () => {
    const one = tf.ones<tf.Rank.R3>([1, 1, 1]);
    const found = search(one, { sources: one, queries: one, searchRadius: 0 });
    expect([...(await values(found.offsets)), ...(await values(found.distances))]).toEqual([0, 0, 0]);
    const strip = texture(7, 1, 6, 2);
    const [left, right] = [maskOf(1, 6, (_, x) => x < 2), maskOf(1, 6, (_, x) => x > 3)];
    const { offsets, distances } = await run(strip, { sources: plane(left, 1, 6), queries: plane(right, 1, 6) });
    expectClose(distances, fieldDistances(strip, offsets, right, 7), tolerance.arithmetic);
    expectClose(distances, leastDistances(strip, left, right, 7), tolerance.arithmetic);
  });

  it('leaves no tensor behind', async () => {
    const picture = image(texture(1, H, W, 3));
    const options = { sources: plane(sources), queries: plane(queries), patchSize: 3, iterations: 1 };
    await expectNoLeak(() => Object.values(search(picture, options)));
    await expectNoLeak(() => {
      expect(() => nearestPatches(picture, { ...options, patchSize: 0 })).toThrow();
    });
  });
});

describe('nearestPatches', () => {
  it.each([0, 1])('comes close to the nearest of all (seed %i)', async (seed) => {
    const [height, width] = [40, 56];
    const picture = texture(4, height, width, 3);
    const asked = maskOf(height, width, (y, x) => y >= 12 && y < 30 && x >= 18 && x < 38);
    const from = asked.map((v) => 1 - v);
    const options = { sources: plane(from, height, width), queries: plane(asked, height, width), patchSize: 5, iterations: 5, seed };
    const { distances } = nearestPatches(image(picture), options);
    const exact = await nearestPatchesExhaustive(image(picture), options);
    const [found, least] = [await values(distances), await values(exact.distances)];
    for (const [p, d] of found.entries()) expect(d).toBeGreaterThanOrEqual(least[p]! - 1e-5);
    const total = (all: number[]) => all.reduce((sum, d) => sum + d, 0);
    expect(total(found)).toBeLessThan(1.1 * total(least));
  });

  it('falls back on the composition where there is no kernel', async () => {
    const picture = texture(1, H, W, 2);
    const options = { sources: plane(sources), queries: plane(queries), patchSize: 1, iterations: 1, searchRadius: 1 };
    const found = withoutKernel(NEAREST_PATCHES, () => nearestPatches(image(picture), options));
    expectClose(await values(found.distances), fieldDistances(picture, await values(found.offsets), queries, 1), tolerance.arithmetic);
  });

  it('says which argument is wrong', () => {
    const picture = image(texture(1, H, W, 3));
    const good = { sources: plane(sources), queries: plane(queries) };
    const wrong: [string, string, Partial<NearestPatchesOptions>][] = [
      ['shape', 'sources', { sources: tf.zeros([H, W + 1, 1]) }],
      ['shape', 'queries', { queries: tf.zeros([H, W, 2]) }],
      ['shape', 'offsets', { offsets: tf.zeros([H, W, 1]) }],
      ['argument', 'patchSize', { patchSize: 4 }],
      ['argument', 'patchSize', { patchSize: 2.5 }],
      ['argument', 'iterations', { iterations: -1 }],
      ['argument', 'searchRadius', { searchRadius: 0.5 }],
      ['argument', 'offsetPenalty', { offsetPenalty: [0, -1] }],
    ];
    for (const [code, argument, change] of wrong) {
      expect(() => nearestPatches(picture, { ...good, ...change })).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(`nearestPatches: ${argument} `) }),
      );
    }
    expect(() => nearestPatches(tf.zeros([2, 2]) as never, good)).toThrow(expect.objectContaining({ code: 'shape' }));
  });
});
