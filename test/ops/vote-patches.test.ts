import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { VOTE_PATCHES } from '../../src/kernels/vote-patches';
import { composedVotes } from '../../src/ops/composed-patches';
import { type VotePatchesOptions, votePatches } from '../../src/ops/vote-patches';
import { maskOf, type PlainPicture, texture, withoutKernel } from '../support/patches';
import { expectClose, expectNoLeak, seeded, tolerance, values } from '../support/values';

const H = 8;
const W = 11;
const image = ({ values: v, height, width, channels }: PlainPicture) => tf.tensor3d(v, [height, width, channels]);
const hole = maskOf(H, W, (y, x) => x >= 4 && (y > 1 || x > 8));
const weights = seeded(1, H * W).map((v) => Math.max(v, 0));
// Some lead out of the picture for parts of their patches.
const offsets = Int32Array.from(seeded(2, H * W * 2), (v) => Math.round(4 * v));

function naiveVotes({ height, width, channels, values: v }: PlainPicture, field: Int32Array, weight: Float32Array, where: Float32Array, patchSize: number) {
  const margin = (patchSize - 1) / 2;
  return Array.from(v, (kept, i) => {
    const c = i % channels;
    const p = Math.floor(i / channels);
    const [y, x] = [Math.floor(p / width), p % width];
    let sum = 0;
    let total = 0;
    for (let q = 0; q < height * width; q++) {
      const [qy, qx] = [Math.floor(q / width), q % width];
      const [sy, sx] = [y + field[2 * q]!, x + field[2 * q + 1]!];
      if (Math.max(Math.abs(qy - y), Math.abs(qx - x)) > margin || sy < 0 || sx < 0 || sy >= height || sx >= width) continue;
      sum += weight[q]! * v[(sy * width + sx) * channels + c]!;
      total += weight[q]!;
    }
    return where[p]! > 0 && total > 0 ? sum / total : kept;
  });
}

const tensors = (): VotePatchesOptions => ({
  offsets: tf.tensor3d(offsets, [H, W, 2], 'int32'),
  weights: tf.tensor2d(weights, [H, W]),
  hole: tf.tensor3d(hole, [H, W, 1]),
});

/** What is tested: the op (its kernel, on these backends), and the composition that stands in where there is none. */
const votes: [string, (features: tf.Tensor3D, options: VotePatchesOptions) => tf.Tensor3D][] = [
  ['votePatches', votePatches],
  ['its composition', (features, o) => composedVotes(features, o.offsets, o.weights, o.hole, o.patchSize ?? 7)],
];

describe.each(votes)('%s', (_, vote) => {
  it.each([
    [1, 1],
    [3, 4],
    [7, 3],
  ])('takes the weighted mean of patches of side %i (%i channels)', async (patchSize, channels) => {
    const picture = texture(1, H, W, channels);
    const rebuilt = vote(image(picture), { ...tensors(), patchSize });
    expect(rebuilt.shape).toEqual([H, W, channels]);
    expectClose(await values(rebuilt), naiveVotes(picture, offsets, weights, hole, patchSize), tolerance.arithmetic);
  });

  it('keeps what is no hole, and what nobody votes on, bit for bit', async () => {
    const picture = texture(2, H, W, 2);
    picture.values[0] = 1e30;
    const rebuilt = await values(vote(image(picture), { ...tensors(), patchSize: 3 }));
    rebuilt.forEach((v, i) => {
      if (!hole[i >> 1]) expect(v).toBe(picture.values[i]);
    });
    const unvoted = vote(image(picture), { ...tensors(), weights: tf.zeros([H, W]) });
    expect(await values(unvoted)).toEqual(Array.from(picture.values));
    const whole = vote(image(picture), { ...tensors(), hole: tf.zeros([H, W, 1]) });
    expect(await values(whole)).toEqual(Array.from(picture.values));
  });

  it('works on one pixel', async () => {
    const one = tf.ones<tf.Rank.R3>([1, 1, 1]);
    const rebuilt = vote(one, { offsets: tf.zeros([1, 1, 2], 'int32'), weights: tf.ones([1, 1]), hole: one });
    expect(await values(rebuilt)).toEqual([1]);
  });

  it('leaves no tensor behind', async () => {
    const picture = image(texture(1, H, W, 3));
    const options = tensors();
    await expectNoLeak(() => vote(picture, options));
  });
});

describe('votePatches', () => {
  it('falls back on the composition where there is no kernel', async () => {
    const picture = texture(1, H, W, 2);
    const rebuilt = withoutKernel(VOTE_PATCHES, () => votePatches(image(picture), { ...tensors(), patchSize: 3 }));
    expectClose(await values(rebuilt), naiveVotes(picture, offsets, weights, hole, 3), tolerance.arithmetic);
  });

  it('says which argument is wrong, and leaves no tensor behind', async () => {
    const picture = image(texture(1, H, W, 3));
    const good = tensors();
    const wrong: [string, string, Partial<VotePatchesOptions>][] = [
      ['shape', 'offsets', { offsets: tf.zeros([H, W, 3]) }],
      ['shape', 'weights', { weights: tf.zeros([W, H]) }],
      ['shape', 'hole', { hole: tf.zeros([H, W, 2]) }],
      ['argument', 'patchSize', { patchSize: 2 }],
    ];
    await expectNoLeak(() => {
      for (const [code, argument, change] of wrong) {
        expect(() => votePatches(picture, { ...good, ...change })).toThrow(
          expect.objectContaining({ code, message: expect.stringContaining(`votePatches: ${argument} `) }),
        );
      }
    });
    expect(() => votePatches(tf.zeros([2, 2]) as never, good)).toThrow(expect.objectContaining({ code: 'shape' }));
  });
});
