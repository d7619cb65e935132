import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/io/weights/safetensors';
import type { NamedBatch, TrainingData } from '../../src/train/batches';
import { restoreCheckpoint, writeCheckpoint } from '../../src/train/checkpoint';
import { pictureGrid } from '../../src/train/grid';
import { Trainer } from '../../src/train/trainer';
import { validate, validateMembrane } from '../../src/train/validate';
import { device, expectLost, expectTensors, failureOf, hasDevice, registerAnew, report } from '../support/device';
import { recipe, size } from '../support/tiny-recipe';
import { seeded } from '../support/values';

/** A batch; `meanwhile` happens before it is there. */
const next = (meanwhile?: () => void) => async (): Promise<NamedBatch> => {
  meanwhile?.();
  return {
    names: ['a', 'b'],
    batch: {
      image: tf.tensor4d(seeded(1, 2 * size * size * 3), [2, size, size, 3]),
      hole: tf.tensor4d(seeded(2, 2 * size * size).map((v) => (v > 0.4 ? 1 : 0)), [2, size, size, 1]), // biome-ignore format: one a line
    },
  };
};

const checkpoint = { position: { pictures: 0, holes: 0 }, settings: {}, colourOrder: 'rgb' as const };

describe.skipIf(!hasDevice)('a GPU device that is lost in training (only the webgpu backend has one)', () => {
  beforeEach(registerAnew);
  afterEach(registerAnew);

  it.each([
    ['before the first batch', 1],
    ["in the discriminator's second step", 2],
    ["in the generator's step", 3],
  ])('%s is a typed error of trainStep, and the next call is one, too; a new device works', async (_, at) => {
    const before = tf.memory().numTensors;
    const trainer = new Trainer(recipe, { seed: 1, average: 0.9 });
    let drawn = 0;
    await expectLost(() => trainer.trainStep(next(() => ++drawn === at && device().destroy())));
    expect(trainer.step).toBe(0);
    await expectLost(() => trainer.trainStep(next()));
    trainer.dispose();
    await expectTensors(before);
    await registerAnew();
    const fresh = new Trainer(recipe, { seed: 1 });
    expect(Number.isFinite((await fresh.trainStep(next())).total)).toBe(true);
    fresh.dispose();
  });

  it('while a step is read is a typed error', async () => {
    const trainer = new Trainer(recipe, { seed: 1 });
    const step = () => trainer.trainStep(next(() => queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => device().destroy())))));
    await expectLost(step);
    trainer.dispose();
  });

  it("a trainer's state is a typed error, as a file and as tensors", async () => {
    const trainer = new Trainer(recipe, { seed: 1 });
    await trainer.trainStep(next());
    const before = tf.memory().numTensors;
    await expectLost(() => {
      const writing = writeCheckpoint(trainer, checkpoint);
      device().destroy();
      return writing;
    });
    await expectTensors(before);
    await expectLost(() => writeCheckpoint(trainer, checkpoint));
    await expectLost(async () => trainer.state());
    await expectLost(async () => new Trainer(recipe));
    trainer.dispose();
  });

  it('a state that is restored is a typed error; on a new device it is taken', async () => {
    const trainer = new Trainer(recipe, { seed: 1 });
    await trainer.trainStep(next());
    const file = readSafetensors(await writeCheckpoint(trainer, checkpoint));
    const other = new Trainer(recipe, { seed: 2 });
    await expectLost(() => {
      const restoring = restoreCheckpoint(other, file, 'state');
      device().destroy();
      return restoring;
    });
    expect(other.step).toBe(0);
    for (const each of [trainer, other]) each.dispose();
    await registerAnew();
    const fresh = new Trainer(recipe, { seed: 2 });
    await restoreCheckpoint(fresh, file, 'state');
    expect(fresh.step).toBe(1);
    fresh.dispose();
  });

  it('a validation is a typed error', async () => {
    let drawn = 0;
    const side = 16;
    const data = (at: number): TrainingData => ({
      masks: { size: side, at: () => seeded(3, side * side).map((v) => (v > 0.3 ? 1 : 0)) },
      pictures: {
        [Symbol.asyncIterator]() {
          return this.startAt(0);
        },
        async *startAt() {
          for (;;) {
            if (++drawn === at) device().destroy();
            yield { values: new Float32Array(seeded(4, side * side * 3)), names: ['a'], position: drawn };
          }
        },
      },
    });
    const trainer = new Trainer(recipe, { seed: 1 });
    await expectLost(() => validate(recipe, trainer.weights, data(2), 3));
    trainer.dispose();
    await registerAnew();
    drawn = 0;
    await expectLost(() => validateMembrane(data(1), 3));
  });

  it('a grid of pictures is a typed error', async () => {
    const image = tf.relu(tf.tensor4d(seeded(1, size * size * 3), [1, size, size, 3]));
    await expectLost(() => {
      const made = pictureGrid({ image });
      device().destroy();
      return made;
    });
    image.dispose();
  });

  it('a step that the device refuses is a typed error, and no step', async () => {
    const trainer = new Trainer(recipe, { seed: 1 });
    let drawn = 0;
    expect((await failureOf(() => trainer.trainStep(next(() => ++drawn === 3 && report('GPUValidationError'))))).code).toBe('backend');
    expect(trainer.step).toBe(0);
    await trainer.trainStep(next());
    expect(trainer.step).toBe(1);
    trainer.dispose();
  });
});
