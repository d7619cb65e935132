import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { compareAll, type ExhaustivePatchesOptions, nearestPatchesExhaustive } from '../../src/ops/nearest-patches-exhaustive';
import { fieldDistances, leastDistances, maskOf, type PlainPicture, texture } from '../support/patches';
import { expectClose, expectNoLeak, tolerance, values } from '../support/values';

const H = 9;
const W = 13;
const plane = (mask: Float32Array, height = H, width = W) => tf.tensor3d(mask, [height, width, 1]);
const image = ({ values: v, height, width, channels }: PlainPicture) => tf.tensor3d(v, [height, width, channels]);
const sources = maskOf(H, W, (y, x) => x < 6 && (x + y) % 3 !== 0);
// Corners and edges among them, so that patches hang over the border.
const queries = maskOf(H, W, (y, x) => x >= 7 && (x * 5 + y) % 2 === 0);

interface Case {
  patchSize: number;
  channels?: number;
  offsetPenalty?: [number, number];
  known?: Float32Array;
  sources?: Float32Array;
}

/** Runs the op and compares its distances, and those its offsets lead to, with the loop's. */
async function expectNearest({ patchSize, channels = 3, offsetPenalty, known, sources: from = sources }: Case) {
  const picture = texture(1, H, W, channels);
  const options: ExhaustivePatchesOptions = { sources: plane(from), queries: plane(queries), patchSize, offsetPenalty };
  if (known) options.known = plane(known);
  const { offsets, distances } = await nearestPatchesExhaustive(image(picture), options);
  expect(offsets.dtype).toBe('int32');
  expect(offsets.shape).toEqual([H, W, 2]);
  expect(distances.shape).toEqual([H, W]);
  const led = await values(offsets);
  queries.forEach((asked, q) => {
    const s = q + led[2 * q]! * W + led[2 * q + 1]!;
    if (asked > 0) expect(from[s]).toBe(1);
    else expect([led[2 * q], led[2 * q + 1]]).toEqual([0, 0]);
  });
  const least = leastDistances(picture, from, queries, patchSize, offsetPenalty, known);
  expectClose(await values(distances), least, tolerance.matmul);
  expectClose(fieldDistances(picture, led, queries, patchSize, offsetPenalty, known), least, tolerance.matmul);
}

describe('nearestPatchesExhaustive', () => {
  it.each([1, 3, 7])('finds the nearest of all patches of side %i', async (patchSize) => {
    await expectNearest({ patchSize });
  });

  it('weighs in the penalty of the offset', async () => {
    await expectNearest({ patchSize: 3, channels: 1, offsetPenalty: [0.7, 0] });
    await expectNearest({ patchSize: 3, channels: 1, offsetPenalty: [0.2, 3] });
  });

  it('compares known pixels only', async () => {
    const known = maskOf(H, W, (y, x) => x < 8 || (x + 2 * y) % 3 === 0);
    await expectNearest({ patchSize: 3, known });
    await expectNearest({ patchSize: 5, known, channels: 5, offsetPenalty: [0.5, 0.3] });
  });

  it('takes the only source there is', async () => {
    await expectNearest({ patchSize: 3, sources: maskOf(H, W, (y, x) => y === 8 && x === 0) });
  });

  it('never looks at unknown pixels, whatever they hold', async () => {
    const picture = texture(2, H, W, 2);
    const known = maskOf(H, W, (_, x) => x < 8);
    const asked = maskOf(H, W, (_, x) => x === 8);
    const run = async (stain: number) => {
      const stained = { ...picture, values: picture.values.map((v, i) => (known[i >> 1]! > 0 ? v : stain)) };
      const found = await nearestPatchesExhaustive(image(stained), { sources: plane(sources), queries: plane(asked), known: plane(known), patchSize: 3 });
      return [...(await values(found.offsets)), ...(await values(found.distances))];
    };
    expect(await run(1e6)).toEqual(await run(0));
  });

  it('gives Infinity and no offset where nothing can be compared', async () => {
    const picture = image(texture(1, H, W, 3));
    const known = plane(maskOf(H, W, (_, x) => x < 6));
    const asked = maskOf(H, W, (_, x) => x === 6 || x === 10);
    const found = await nearestPatchesExhaustive(picture, { sources: plane(sources), queries: plane(asked), known, patchSize: 3 });
    const [offsets, distances] = [await values(found.offsets), await values(found.distances)];
    for (let y = 0; y < H; y++) {
      expect(distances[y * W + 6]).toBeLessThan(10);
      expect([distances[y * W + 10], offsets[2 * (y * W + 10)], offsets[2 * (y * W + 10) + 1]]).toEqual([Number.POSITIVE_INFINITY, 0, 0]);
    }
    const nowhere = await nearestPatchesExhaustive(picture, { sources: tf.zeros([H, W, 1]), queries: plane(queries), patchSize: 3 });
    expect(await values(nowhere.distances)).toEqual(Array.from(queries, (asked) => (asked ? Number.POSITIVE_INFINITY : 0)));
    const nothing = await nearestPatchesExhaustive(picture, { sources: plane(sources), queries: tf.zeros([H, W, 1]), patchSize: 3 });
    expect(new Set([...(await values(nothing.distances)), ...(await values(nothing.offsets))])).toEqual(new Set([0]));
  });

  it('keeps small distances between large values', async () => {
    const picture = texture(3, H, W, 3);
    const far = { ...picture, values: picture.values.map((v) => Math.fround(v + 100)) };
    const found = await nearestPatchesExhaustive(image(far), { sources: plane(sources), queries: plane(queries), patchSize: 3 });
    expectClose(await values(found.distances), leastDistances(far, sources, queries, 3), 1e-4);
  });

  it('finds the same in pieces, when sources or queries are too many for one tensor', async () => {
    const picture = texture(4, H, W, 2);
    const known = maskOf(H, W, (y, x) => x < 8 || (x + y) % 2 === 0);
    const options = { sources: plane(sources), queries: plane(queries), known: plane(known), patchSize: 3 };
    const found = await compareAll(image(picture), options, 128);
    expectClose(await values(found.distances), leastDistances(picture, sources, queries, 3, [0, 0], known), tolerance.matmul);
  });

  it('works on one pixel', async () => {
    const one = tf.ones<tf.Rank.R3>([1, 1, 1]);
    const found = await nearestPatchesExhaustive(one, { sources: one, queries: one });
    expect([...(await values(found.offsets)), ...(await values(found.distances))]).toEqual([0, 0, 0]);
  });

  it('says which argument is wrong', async () => {
    const picture = image(texture(1, H, W, 3));
    const good = { sources: plane(sources), queries: plane(queries) };
    const wrong: [string, string, Partial<ExhaustivePatchesOptions>][] = [
      ['shape', 'sources', { sources: tf.zeros([H, W + 1, 1]) }],
      ['shape', 'queries', { queries: tf.zeros([H, W, 2]) }],
      ['shape', 'known', { known: tf.zeros([1, 1, 1]) }],
      ['argument', 'patchSize', { patchSize: 4 }],
      ['argument', 'offsetPenalty', { offsetPenalty: [0, -1] }],
    ];
    for (const [code, argument, change] of wrong) {
      await expect(nearestPatchesExhaustive(picture, { ...good, ...change })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(`nearestPatchesExhaustive: ${argument} `),
      });
    }
    await expect(nearestPatchesExhaustive(tf.zeros([2, 2]) as never, good)).rejects.toMatchObject({ code: 'shape' });
  });

  it('leaves no tensor behind', async () => {
    const picture = image(texture(1, H, W, 3));
    const options = { sources: plane(sources), queries: plane(queries), known: plane(maskOf(H, W, (_, x) => x < 8)), patchSize: 3 };
    await expectNoLeak(async () => Object.values(await nearestPatchesExhaustive(picture, options)));
    await expectNoLeak(() => nearestPatchesExhaustive(picture, { ...options, patchSize: 0 }).catch(() => undefined));
  });
});
