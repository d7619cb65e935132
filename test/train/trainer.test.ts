import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { networkStages } from '../../src/generators/network';
import type { NamedBatch } from '../../src/train/batches';
import type { Recipe } from '../../src/train/recipe';
import { Trainer } from '../../src/train/trainer';
import { first, last, network, recipe, size } from '../support/tiny-recipe';
import { seeded, values } from '../support/values';

const smooth = (seed: number) => seeded(seed, 2 * size * size * 3).map((v, i) => 0.5 * Math.sin(Math.floor(i / 3) / 5 + seed) + 0.2 * v);
/** Batches by number, the same from the same number. */
function source(start = 0, spoil?: number) {
  let n = start;
  return async (): Promise<NamedBatch> => {
    const pixels = smooth(n);
    if (n === spoil) pixels[size * size * 3 + 7] = Number.NaN;
    const hole = seeded(1000 + n, 2 * size * size).map((v) => (v > 0.4 ? 1 : 0));
    const names = [`${n}a.jpg`, `${n}b.jpg`];
    n++;
    return { names, batch: { image: tf.tensor4d(pixels, [2, size, size, 3]), hole: tf.tensor4d(hole, [2, size, size, 1]) } };
  };
}

async function everyValue(trainer: Trainer): Promise<Record<string, number[]>> {
  const state = trainer.state();
  const all = Object.fromEntries(await Promise.all(Object.entries(state).map(async ([name, t]) => [name, await values(t)])));
  tf.dispose(state);
  return all;
}

describe('Trainer', () => {
  it('lowers the loss', async () => {
    const trainer = new Trainer(recipe, { seed: 1 });
    const next = source();
    const l1: number[] = [];
    for (let n = 0; n < 30; n++) l1.push((await trainer.trainStep(next)).l1!);
    expect(trainer.step).toBe(30);
    expect(l1.slice(-5).reduce((a, b) => a + b)).toBeLessThan(0.6 * l1.slice(0, 5).reduce((a, b) => a + b));
    trainer.dispose();
  });

  it('draws as many batches as it says, and tells all losses', async () => {
    const trainer = new Trainer(recipe, { seed: 1, accumulate: 2 });
    let drawn = 0;
    const next = source();
    const losses = await trainer.trainStep(() => {
      drawn++;
      return next();
    });
    expect(trainer.batchesPerStep).toBe(6);
    expect(drawn).toBe(6);
    expect(Object.keys(losses).sort()).toEqual(['adversarial', 'judged', 'l1', 'share', 'total']);
    trainer.dispose();
  });

  it.each([undefined, 0.6])('goes on from its state as if it had never stopped, to the bit (average %s)', async (average) => {
    const straight = new Trainer(recipe, { seed: 3, average });
    const next = source();
    for (let n = 0; n < 6; n++) await straight.trainStep(next);

    const before = new Trainer(recipe, { seed: 3, average });
    const half = source();
    for (let n = 0; n < 3; n++) await before.trainStep(half);
    const state = before.state();
    const after = new Trainer(recipe, { seed: 3, average });
    await after.restore(state, before.step);
    tf.dispose(state);
    const rest = source(3 * after.batchesPerStep);
    for (let n = 0; n < 3; n++) await after.trainStep(rest);

    expect(after.step).toBe(6);
    expect(await everyValue(after)).toEqual(await everyValue(straight));
    for (const trainer of [straight, before, after]) trainer.dispose();
  });

  it('averages the gradients of accumulated batches', async () => {
    // Without normalisation a step over two batches of two is one over a batch of four.
    const plain: Recipe = {
      ...recipe,
      discriminator: undefined,
      network: {
        ...network,
        layers: [first, last],
        stages: networkStages(({ image, hole }, w) => ({ image: last.apply(first.apply(tf.concat([image, hole], 3), w), w) })),
      },
      generatorLoss(generator, _, batch) {
        const y = last.apply(first.apply(tf.concat([batch.image, batch.hole], 3) as tf.Tensor4D, generator), generator);
        const l1 = tf.mean(tf.square(tf.sub(y, batch.image))) as tf.Scalar;
        return { total: l1, parts: {} };
      },
    };
    const apart = new Trainer(plain, { seed: 2, accumulate: 2 });
    await apart.trainStep(source());
    const together = new Trainer(plain, { seed: 2 });
    const two = source();
    await together.trainStep(async () => {
      const [a, b] = [await two(), await two()];
      const joined = { image: tf.concat([a.batch.image, b.batch.image]), hole: tf.concat([a.batch.hole, b.batch.hole]) };
      tf.dispose([a.batch.image, a.batch.hole, b.batch.image, b.batch.hole]);
      return { names: [...a.names, ...b.names], batch: joined };
    });
    const [a, b] = [await everyValue(apart), await everyValue(together)];
    for (const name of ['first.weights', 'last.weights']) for (const [i, v] of a[name]!.entries()) expect(Math.abs(v - b[name]![i]!)).toBeLessThan(1e-4);
    apart.dispose();
    together.dispose();
  });

  it('keeps a moving average of the weights, and trains as without', async () => {
    const plain = new Trainer(recipe, { seed: 4 });
    const averaging = new Trainer(recipe, { seed: 4, average: 0.25 });
    const [next, again] = [source(), source()];
    const expected = await everyValue(plain);
    for (let n = 1; n <= 4; n++) {
      await plain.trainStep(next);
      await averaging.trainStep(again);
      const stepped = await everyValue(plain);
      // At first it is less: 2 / 11 after one step.
      const decay = Math.min(0.25, (1 + n) / (10 + n));
      for (const name of Object.keys(plain.weights)) {
        const averaged = /mean|variance/.test(name) ? stepped[name]! : stepped[name]!.map((v, i) => decay * expected[name]![i]! + (1 - decay) * v);
        expected[name] = averaged;
      }
      const found = await everyValue(averaging);
      for (const [name, numbers] of Object.entries(stepped)) {
        const own = name in plain.weights;
        expect(found[own ? `train/unaveraged/${name}` : name], name).toEqual(numbers);
        if (own) for (const [i, v] of found[name]!.entries()) expect(Math.abs(v - expected[name]![i]!), name).toBeLessThan(1e-6);
      }
    }
    expect(await values(averaging.weights['first.weights']!)).not.toEqual(await values(plain.weights['first.weights']!));
    for (const trainer of [plain, averaging]) trainer.dispose();
    for (const average of [1, -0.1, Number.NaN]) expect(() => new Trainer(recipe, { average })).toThrow(/average must be at least 0 and less than 1/);
  });

  it('moves running means, and trains the rest', async () => {
    const trainer = new Trainer(recipe, { seed: 5 });
    const before = await everyValue(trainer);
    await trainer.trainStep(source());
    const after = await everyValue(trainer);
    for (const name of ['norm.mean', 'norm.variance', 'norm.scale', 'first.weights', 'last.bias', 'train/weights/judge.weights'])
      expect(after[name], name).not.toEqual(before[name]);
    // The mean moves a tenth of the way, from 0: the batch's own is ten times what it is now.
    expect(Math.max(...after['norm.variance']!.map((v) => Math.abs(v - 1)))).toBeLessThan(0.5);
    trainer.dispose();
  });

  it('stops at NaN, names the picture, and keeps what it had', async () => {
    const trainer = new Trainer(recipe, { seed: 1 });
    const next = source(0, 5);
    await trainer.trainStep(next);
    const before = await everyValue(trainer);
    await expect(trainer.trainStep(next)).rejects.toMatchObject({ code: 'not-learning', message: expect.stringContaining('5b.jpg holds NaN or infinity') });
    expect(trainer.step).toBe(1);
    const after = await everyValue(trainer);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const name of Object.keys(after)) if (!name.startsWith('train/')) expect(after[name], name).toEqual(before[name]);
    for (const [name, numbers] of Object.entries(after)) expect(numbers.every(Number.isFinite), name).toBe(true);
    trainer.dispose();
  });

  it('stops at a gradient that is not finite, though the loss is, and keeps what it had', async () => {
    const rooted: Recipe = {
      ...recipe,
      discriminator: undefined,
      generatorLoss: (generator, _, batch) => {
        // 0 at the root, where the slope is infinite.
        const none = tf.sum(tf.sqrt(tf.mul(generator['last.weights']!, 0))) as tf.Scalar;
        return { total: tf.add(none, tf.mean(tf.abs(batch.image))) as tf.Scalar, parts: {} };
      },
    };
    const trainer = new Trainer(rooted, { seed: 1 });
    const before = await everyValue(trainer);
    await expect(trainer.trainStep(source())).rejects.toMatchObject({ code: 'not-learning' });
    expect(await everyValue(trainer)).toEqual(before);
    trainer.dispose();
  });

  it('refuses the state of another network, and changes nothing', async () => {
    const trainer = new Trainer(recipe);
    const state = trainer.state();
    const before = await everyValue(trainer);
    const averaging = new Trainer(recipe, { average: 0.9 });
    await expect(averaging.restore(state, 4)).rejects.toMatchObject({ code: 'checkpoint', message: expect.stringContaining('train/unaveraged/') });
    const averaged = averaging.state();
    await expect(trainer.restore(averaged, 4)).rejects.toMatchObject({ code: 'checkpoint', message: expect.stringContaining('train/unaveraged/') });
    tf.dispose(averaged);
    averaging.dispose();
    const { 'last.bias': bias, ...rest } = state;
    await expect(trainer.restore(rest, 4)).rejects.toMatchObject({ code: 'checkpoint', message: expect.stringContaining('last.bias') });
    await expect(trainer.restore({ ...state, other: bias! }, 4)).rejects.toThrow(/other/);
    expect(trainer.step).toBe(0);
    expect(await everyValue(trainer)).toEqual(before);
    tf.dispose(state);
    trainer.dispose();
  });

  it('memory: holds as many tensors after each step, and none in the end', async () => {
    const start = tf.memory().numTensors;
    const trainer = new Trainer(recipe, { accumulate: 2, average: 0.9 });
    const next = source(0, 18);
    await trainer.trainStep(next);
    const held = tf.memory().numTensors;
    for (let n = 0; n < 2; n++) await trainer.trainStep(next);
    expect(tf.memory().numTensors).toBe(held);
    await expect(trainer.trainStep(next)).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(held);
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });
});
