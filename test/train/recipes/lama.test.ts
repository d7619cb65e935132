import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { WeightFile } from '../../../src/io/weights/weight-file';
import { countParameters, type Weights, weightsOf } from '../../../src/layers/layer';
import type { NamedBatch } from '../../../src/train/batches';
import { pix2pixHdGan } from '../../../src/train/discriminators/pix2pix-hd-gan';
import { lossGradients } from '../../../src/train/gradients';
import { loadWeights } from '../../../src/train/load-weights';
import type { Batch, Loss, StepContext } from '../../../src/train/recipe';
import { lamaRecipe } from '../../../src/train/recipes/lama';
import { Trainer } from '../../../src/train/trainer';
// @ts-expect-error: plain JavaScript, as it came with the golden values
import { weight } from '../../golden/procedural.js';
import { readGolden } from '../../support/golden';
import { expectScalar } from '../../support/gradients';
import { checkpoint, lamaBatch, small } from '../../support/lama';
import { values } from '../../support/values';

const golden = await readGolden('lama_training.safetensors');
const at = (key: string): number[] => {
  const found = golden.get(key);
  if (!found) throw new Error(`no golden '${key}'`);
  return [...found.values];
};

const WIDTH = 4;
const adversary = pix2pixHdGan({ baseWidth: WIDTH });

/** Seeded weights of the discriminator as a checkpoint of the authors', beside what else is in one. */
function discriminatorFile(): WeightFile {
  const [origin] = adversary.origins;
  const shapes = Object.entries(weightsOf(adversary.layers)).map(([name, { shape }]) => {
    const [rows, columns, input, output] = shape;
    return [origin!.nameOf(name)!, shape.length === 4 ? [output!, input!, rows!, columns!] : shape] as const;
  });
  const sorted = shapes.sort(([a], [b]) => (a < b ? -1 : 1));
  const tensors = new Map(
    sorted.map(([name, shape], n) => {
      const amplitude = shape.length === 4 ? 1.5 * Math.sqrt(3 / (shape[1]! * 16)) : 0.2;
      const middle = /\.1\.weight$|running_var$/.test(name) ? 1 : 0;
      const count = shape.reduce((a, b) => a * b, 1);
      const made: Float32Array = weight(79_000 + n, count, amplitude, middle);
      return [name, { shape, dtype: 'float32' as const, data: new Uint8Array(made.buffer) }];
    }),
  );
  const other = { shape: [1], dtype: 'float32' as const, data: new Uint8Array(4) };
  for (const name of ['generator.model.1.bn_l.weight', 'discriminator.model1.1.num_batches_tracked', 'loss_resnet_pl.impl.conv1.weight'])
    tensors.set(name, other);
  return { format: 'safetensors', tensors, metadata: new Map() };
}

/** Features of two scales, by the golden values' kernels. */
function extract(image: tf.Tensor4D): tf.Tensor4D[] {
  const kernel = (seed: number, output: number) =>
    tf.transpose(tf.tensor4d(weight(seed, output * 27, 0.5) as Float32Array, [output, 3, 3, 3]), [2, 3, 1, 0]) as tf.Tensor4D;
  const first = tf.relu(tf.conv2d(image, kernel(79_101, 3), 2, 'valid'));
  return [first, tf.relu(tf.conv2d(first, kernel(79_102, 4), 2, 'valid'))];
}

// Each part by itself is the backend's work once more; on one backend it is enough.
const partsToo = tf.getBackend() === 'tensorflow';

describe("lamaRecipe, by PyTorch's losses and gradients", () => {
  const recipe = lamaRecipe({ baseWidth: 8, downs: 2, blocks: 2, discriminatorWidth: WIDTH, extract });
  const context: StepContext = { mode: { training: true }, random: Math.random };
  const loaded = (): { generator: Weights; discriminator: Weights; batch: Batch } => ({
    generator: loadWeights(recipe.network, checkpoint(small)).weights,
    discriminator: loadWeights(adversary, discriminatorFile()).weights,
    batch: lamaBatch('lama_small_a', 'lama_small_b'),
  });
  const withTotal = ({ total, parts }: Loss): Record<string, tf.Scalar> => ({ ...parts, total });

  it("the generator's, of all and, on tensorflow, of each part", async () => {
    const { generator, discriminator, batch } = loaded();
    const names = ['valid', 'adversarial', 'features', 'perceptual', 'total'];
    for (const name of partsToo ? names : ['total']) {
      const { loss, gradients } = lossGradients(
        () => {
          const all = recipe.generatorLoss(generator, discriminator, batch, context);
          expect(Object.keys(withTotal(all))).toEqual(names);
          return { total: withTotal(all)[name]! };
        },
        { 'last.bias': generator['last.bias']! },
      );
      await expectScalar(loss.total, at(`generator.${name}`)[0]!, 1e-4);
      const wanted = at(`generator.${name}.last_bias`);
      const largest = Math.max(...wanted.map(Math.abs));
      for (const [i, v] of (await values(gradients['last.bias']!)).entries()) expect(Math.abs(v - wanted[i]!), name).toBeLessThanOrEqual(1e-3 * largest);
      tf.dispose([loss.total, gradients] as tf.TensorContainer);
    }
    tf.dispose([generator, discriminator, batch] as unknown as tf.TensorContainer);
  });

  it("the discriminator's, with the gradient of a gradient through its norms", async () => {
    const { generator, discriminator, batch } = loaded();
    const [origin] = adversary.origins;
    const trained = Object.fromEntries(Object.entries(discriminator).filter(([name]) => weightsOf(adversary.layers)[name]!.trainable !== false));
    for (const name of partsToo ? ['penalty', 'total'] : ['total']) {
      let parts: Record<string, tf.Scalar> = {};
      const { loss, gradients } = lossGradients(() => {
        parts = withTotal(recipe.discriminatorLoss!(generator, discriminator, batch, context));
        return { ...parts, total: parts[name]! };
      }, trained);
      expect(Object.keys(parts)).toEqual(['real', 'fake', 'penalty', 'total']);
      await expectScalar(loss.total, at(`discriminator.${name}`)[0]!, 1e-4);
      if (name === 'total') for (const part of ['real', 'fake', 'penalty'] as const) await expectScalar(parts[part]!, at(`discriminator.${part}`)[0]!, 1e-4);
      let compared = 0;
      for (const [weightName, gradient] of Object.entries(gradients)) {
        const key = `discriminator.${name}.${origin!.nameOf(weightName)!.replace('discriminator.', '')}`;
        if (!golden.has(key)) continue;
        const laid = gradient.rank === 4 ? tf.transpose(gradient, [3, 2, 0, 1]) : gradient;
        const wanted = at(key);
        const all = await values(laid);
        const worst = Math.max(...wanted.map((v, i) => Math.abs(all[i]! - v)));
        // The bias before a norm does nothing: its gradient is rounding.
        expect(worst, key).toBeLessThanOrEqual(Math.max(1e-3 * at(`${key}.largest`)[0]!, 1e-4 * at(`discriminator.${name}`)[0]!));
        compared++;
      }
      expect(compared).toBe([...golden.keys()].filter((key) => key.startsWith(`discriminator.${name}.`) && key.endsWith('.largest')).length);
      tf.dispose([loss, gradients] as unknown as tf.TensorContainer);
    }
    tf.dispose([generator, discriminator, batch] as unknown as tf.TensorContainer);
  });
});

describe('lamaRecipe', () => {
  it('goes by the published numbers', () => {
    const recipe = lamaRecipe();
    expect([recipe.adam, recipe.discriminatorAdam]).toEqual([
      { learningRate: 1e-3, beta1: 0.9, beta2: 0.999 },
      { learningRate: 1e-4, beta1: 0.9, beta2: 0.999 },
    ]);
    expect([recipe.name, recipe.discriminatorSteps]).toEqual(['lama', 1]);
    expect(countParameters(weightsOf(recipe.discriminator!))).toBe(6_962_369);
    expect(countParameters(weightsOf(recipe.network.layers))).toBe(50_975_875);
    expect(countParameters(weightsOf(lamaRecipe({ blocks: 9 }).network.layers))).toBe(27_048_835);
  });
});

/** Eight tiles that repeat, waves and checkers of several widths, each with a square hole elsewhere. */
function tiles(size: number, first: number, count: number): Batch {
  const image = new Float32Array(count * size * size * 3);
  const hole = new Float32Array(count * size * size);
  for (let b = 0; b < count; b++) {
    const n = (first + b) % 8;
    const [top, left] = [(7 * n) % (size / 2), (11 * n) % (size / 2)];
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const at = (b * size + i) * size + j;
        const [along, across] = n % 2 ? [i, j] : [j, i];
        const sign = n < 4 ? 1 : Math.sign(Math.sin((across * Math.PI) / 8));
        for (let c = 0; c < 3; c++) image[3 * at + c] = 0.8 * sign * Math.sin((along * 2 * Math.PI) / (8 + 4 * (n >> 1)) + c);
        hole[at] = Number(i >= top && i < top + size / 2.5 && j >= left && j < left + size / 2.5);
      }
  }
  return { image: tf.tensor4d(image, [count, size, size, 3]), hole: tf.tensor4d(hole, [count, size, size, 1]) };
}

/** Batches of those tiles, one after the other. */
function source(size: number, count: number, start = 0): () => Promise<NamedBatch> {
  let at = start * count;
  return async () => {
    const batch = tiles(size, at, count);
    at += count;
    return { batch, names: Array.from({ length: count }, (_, n) => `tile ${n}`) };
  };
}

describe('a Trainer with lamaRecipe', () => {
  it.skipIf(tf.getBackend() === 'webgpu')('goes on from its state to the bit, running means included (the drivers of WebGPU here take minutes)', async () => {
    const recipe = lamaRecipe({ baseWidth: 4, downs: 1, blocks: 1, discriminatorWidth: 1 });
    const [straight, before, after] = [1, 1, 1].map((seed) => new Trainer(recipe, { seed })) as [Trainer, Trainer, Trainer];
    const next = source(16, 2);
    const losses = [await straight.trainStep(next), await straight.trainStep(next)];
    for (const step of losses) {
      expect(Object.keys(step).sort()).toEqual(['adversarial', 'fake', 'features', 'penalty', 'real', 'total', 'valid']);
      expect(Object.values(step).every(Number.isFinite)).toBe(true);
    }
    await before.trainStep(source(16, 2));
    const state = before.state();
    await after.restore(state, before.step);
    await after.trainStep(source(16, 2, after.batchesPerStep));
    const [ended, resumed] = [straight.state(), after.state()];
    expect(Object.keys(resumed)).toEqual(Object.keys(ended));
    for (const name of Object.keys(ended)) expect(await values(resumed[name]!), name).toEqual(await values(ended[name]!));
    // Means begin at 0; those of the discriminator are told by its own steps.
    for (const name of ['enter.local_norm.mean', 'block1.conv2.global_to_global.spectrum_norm.mean', 'train/weights/discriminator.conv2.norm.mean'])
      expect(
        (await values(ended[name]!)).some((v) => v !== 0),
        name,
      ).toBe(true);
    tf.dispose([state, ended, resumed]);
    for (const trainer of [straight, before, after]) trainer.dispose();
  });

  it.skipIf(tf.getBackend() !== 'tensorflow')(
    'fits eight tiles in 200 steps, in the hole too (on tensorflow, which others are too slow for)',
    async () => {
      const size = 32;
      // A small network bears a larger step than the published one.
      const recipe = lamaRecipe({ baseWidth: 8, downs: 1, blocks: 1, discriminatorWidth: 4, adam: { learningRate: 1e-2, beta1: 0.9, beta2: 0.999 } });
      const trainer = new Trainer(recipe, { seed: 1 });
      const all = tiles(size, 0, 8);
      const off = async (): Promise<{ hole: number; known: number }> => {
        const shown = recipe.pictures(trainer.weights, all);
        const within = (where: tf.Tensor) => tf.tidy(() => tf.div(tf.sum(tf.mul(tf.abs(tf.sub(shown.fine!, all.image)), where)), tf.mul(3, tf.sum(where))));
        const [hole] = await values(within(all.hole));
        const [known] = await values(within(tf.sub(1, all.hole)));
        tf.dispose({ ...shown });
        return { hole: hole!, known: known! };
      };
      const start = await off();
      const next = source(size, 8);
      for (let n = 0; n < 200; n++) await trainer.trainStep(next);
      const end = await off();
      expect(end.known / start.known, `${JSON.stringify(start)}, then ${JSON.stringify(end)}`).toBeLessThan(0.4);
      expect(end.hole / start.hole, `${JSON.stringify(start)}, then ${JSON.stringify(end)}`).toBeLessThan(0.65);
      tf.dispose({ ...all });
      trainer.dispose();
    },
    // Two hundred steps of thousands of operations: a busy machine is given time.
    300_000,
  );
});
