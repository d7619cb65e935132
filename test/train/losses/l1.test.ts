import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { holeL1, l1, validL1 } from '../../../src/train/losses/l1';
import { twoStageL1 } from '../../../src/train/losses/two-stage-l1';
import { type Golden, goldenTensor, readGolden } from '../../support/golden';
import { expectScalar } from '../../support/gradients';
import { expectClose, expectGradient, expectNoLeak, seeded, values } from '../../support/values';

const shape: [number, number, number, number] = [2, 3, 4, 3];
const picture = (seed: number) => tf.tensor4d(seeded(seed, 72), shape);
const mask = Float32Array.from(seeded(9, 24), (u) => (u > 0.2 ? 1 : 0));
const hole = () => tf.tensor4d(mask, [2, 3, 4, 1]);
const meanOf = (f: (i: number, hole: number) => number) => Array.from({ length: 72 }, (_, i) => f(i, mask[Math.floor(i / 3)]!)).reduce((a, b) => a + b, 0) / 72;
const [x, y, z] = [seeded(1, 72), seeded(2, 72), seeded(3, 72)];
const off = (a: Float32Array, b: Float32Array, i: number) => Math.abs(a[i]! - b[i]!);

describe('l1, holeL1, validL1', () => {
  let golden: Map<string, Golden>;
  beforeAll(async () => {
    golden = await readGolden('partial_conv.safetensors');
  });

  it('agree with the reference values', async () => {
    const at = (key: string) => goldenTensor(golden, key) as tf.Tensor4D;
    const outside = tf.sub(1, tf.slice(at('mask_single'), 0, 1)) as tf.Tensor4D;
    await expectScalar(holeL1(at('loss.out'), at('loss.gt'), outside), golden.get('loss.hole')!.values[0]!, 3e-6);
    await expectScalar(validL1(at('loss.out'), at('loss.gt'), outside), golden.get('loss.valid')!.values[0]!, 3e-6);
  });

  it('agree with a naive loop', async () => {
    await expectScalar(
      l1(picture(1), picture(2)),
      meanOf((i) => off(x, y, i)),
      3e-6,
    );
    await expectScalar(
      holeL1(picture(1), picture(2), hole()),
      meanOf((i, h) => h * off(x, y, i)),
      3e-6,
    );
    await expectScalar(
      validL1(picture(1), picture(2), hole()),
      meanOf((i, h) => (1 - h) * off(x, y, i)),
      3e-6,
    );
  });

  it('have the sign of what is off as gradient, and 0 where nothing is', async () => {
    const given = tf.tensor4d([1, 0.5, -0.5, 2], [1, 1, 4, 1]);
    const target = tf.tensor4d([1, 0, 0, 2], [1, 1, 4, 1]);
    const half = tf.tensor4d([1, 1, 0, 0], [1, 1, 4, 1]);
    expectClose(await values(tf.grad((t) => l1(t as tf.Tensor4D, target))(given)), [0, 0.25, -0.25, 0], 0);
    expectClose(await values(tf.grad((t) => holeL1(t as tf.Tensor4D, target, half))(given)), [0, 0.25, 0, 0], 0);
    expectClose(await values(tf.grad((t) => validL1(t as tf.Tensor4D, target, half))(given)), [0, 0, -0.25, 0], 0);
    await expectGradient((t) => tf.mul(72, holeL1(picture(2), t as tf.Tensor4D, hole())), x, shape, 6);
  });

  it('name what is wrong', () => {
    expect(() => l1(picture(1), tf.zeros([2, 3, 4, 1]))).toThrow(/l1: target must be \[2, 3, 4, 3\]/);
    expect(() => l1(tf.zeros([3, 4, 3]) as unknown as tf.Tensor4D, picture(1))).toThrow(/l1: x must be BHWC/);
    expect(() => holeL1(picture(1), picture(2), picture(1))).toThrow(/holeL1: hole must be \[2, 3, 4, 1\]/);
    expect(() => validL1(picture(1), tf.zeros([2, 3, 4, 1]), hole())).toThrow(/validL1: target/);
    expect(() => twoStageL1({ coarse: hole(), fine: picture(1), target: picture(2), hole: hole() })).toThrow(/twoStageL1: coarse must be/);
    expect(() => twoStageL1({ coarse: picture(1), fine: picture(1), target: hole(), hole: hole() })).toThrow(/twoStageL1: target must be/);
  });

  it('leave no tensors behind', async () => {
    const [a, b, h] = [picture(1), picture(2), hole()];
    await expectNoLeak(() => [l1(a, b), holeL1(a, b, h), validL1(a, b, h)]);
    await expectNoLeak(() => twoStageL1({ coarse: a, fine: b, target: a, hole: h }));
    await expectNoLeak(() => tf.grad((t) => holeL1(t as tf.Tensor4D, b, h))(a));
  });
});

describe('twoStageL1', () => {
  it('agrees with a naive loop', async () => {
    const pictures = { coarse: picture(1), fine: picture(2), target: picture(3), hole: hole() };
    for (const coarseWeight of [undefined, 0.5]) {
      const found = twoStageL1(pictures, { coarseWeight });
      const all = (i: number) => (coarseWeight ?? 1.2) * off(x, z, i) + off(y, z, i);
      await expectScalar(
        found.hole,
        meanOf((i, h) => h * all(i)),
        3e-6,
      );
      await expectScalar(found.valid, meanOf((i, h) => (1 - h) * all(i)) / meanOf((_, h) => 1 - h), 3e-6);
    }
  });

  it("averages over each picture's hole on request, so that a hole of one pixel counts as much as a large one, and none nothing", async () => {
    const small = Float32Array.from({ length: 12 }, (_, i) => (i === 5 ? 1 : 0));
    for (const first of [mask.subarray(0, 12), new Float32Array(12)]) {
      const holes = Float32Array.of(...first, ...small);
      const { hole: found, valid } = twoStageL1(
        { coarse: picture(1), fine: picture(2), target: picture(3), hole: tf.tensor4d(holes, [2, 3, 4, 1]) },
        { holeMean: 'hole' },
      );
      const means = [0, 1].map((picture) => {
        const inside = Array.from({ length: 36 }, (_, i) => 36 * picture + i).filter((i) => holes[Math.floor(i / 3)] === 1);
        return inside.reduce((sum, i) => sum + 1.2 * off(x, z, i) + off(y, z, i), 0) / Math.max(1, inside.length);
      });
      await expectScalar(found, (means[0]! + means[1]!) / 2, 3e-6);
      // What is outside does not change by it.
      const usual = twoStageL1({ coarse: picture(1), fine: picture(2), target: picture(3), hole: tf.tensor4d(holes, [2, 3, 4, 1]) });
      await expectScalar(valid, (await values(usual.valid))[0]!, 1e-7);
    }
    const pictures = { coarse: picture(1), fine: picture(2), target: picture(3), hole: hole() };
    expect(() => twoStageL1(pictures, { holeMean: 'mask' as 'hole' })).toThrow(/holeMean must be 'picture' or 'hole'/);
  });

  for (const holeMean of ['picture', 'hole'] as const) {
    it(`has the right gradients, averaged over the ${holeMean}`, async () => {
      const total = (coarse: tf.Tensor, fine: tf.Tensor) => {
        const pictures = { coarse: coarse as tf.Tensor4D, fine: fine as tf.Tensor4D, target: picture(3), hole: hole() };
        const { hole: inside, valid } = twoStageL1(pictures, { holeMean });
        return tf.mul(72, tf.add(inside, valid)) as tf.Scalar;
      };
      await expectGradient((t) => total(t, picture(2)), x, shape, 6);
      await expectGradient((t) => total(picture(1), t), y, shape, 6);
    });
  }
});
