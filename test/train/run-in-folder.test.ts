import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BackendError } from '../../src/errors';
import { readSafetensors } from '../../src/io/weights/safetensors';
import type { TrainingData } from '../../src/train/batches';
import { LAST, type TrainOptions, trainInFolder } from '../../src/train/run-in-folder';
import { Trainer } from '../../src/train/trainer';
import { recipe, size } from '../support/tiny-recipe';
import { seeded } from '../support/values';

let out: string;
beforeAll(() => tf.setBackend('cpu'));
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'run-'));
});
afterEach(() => rm(out, { recursive: true, force: true }));

/** Pictures that are a function of their position; every seventh can't be read, as a corrupt file could not. */
const dataOf = (spoil?: number): TrainingData => ({
  masks: { size, at: (position) => seeded(5000 + position, size * size).map((v) => (v > 0.3 ? 1 : 0)) },
  pictures: {
    [Symbol.asyncIterator]() {
      return this.startAt(0);
    },
    async *startAt(start) {
      for (let position = start; ; ) {
        const values = new Float32Array(2 * size * size * 3);
        const names: string[] = [];
        while (names.length < 2) {
          const at = position++;
          if (at % 7 === 6) continue;
          values.set(
            seeded(at, size * size * 3).map((v, i) => (at === spoil && i === 5 ? Number.NaN : 0.4 * v + 0.3 * Math.sin(i / 9 + at))),
            names.length * size * size * 3,
          );
          names.push(`${at}.jpg`);
        }
        yield { values, names, position };
      }
    },
  },
});

const train = async (steps: number, more: Partial<TrainOptions> = {}, seed = 2): Promise<number> => {
  const trainer = new Trainer(recipe, { seed });
  try {
    return await trainInFolder(trainer, { out, steps, data: dataOf(), logEvery: 1, saveEvery: 5, ...more });
  } finally {
    trainer.dispose();
  }
};
const tensorsOf = async (folder: string) =>
  Object.fromEntries(
    [...readSafetensors(new Uint8Array(await readFile(join(folder, LAST)))).tensors].map(([name, { data }]) => [name, Buffer.from(data).toString('hex')]),
  );
const logged = async () =>
  (await readFile(join(out, 'log.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('trainInFolder', () => {
  it('stopped and resumed, ends where it would have ended, to the bit', async () => {
    const straight = await mkdtemp(join(tmpdir(), 'run-'));
    try {
      expect(await train(20, { out: straight })).toBe(20);
      expect(await train(10)).toBe(10);
      expect(await train(20, { resume: true })).toBe(20);
      expect(await tensorsOf(out)).toEqual(await tensorsOf(straight));
    } finally {
      await rm(straight, { recursive: true });
    }
    expect((await logged()).map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('writes what a generator loads as it is, with the step and the settings', async () => {
    await train(3, { colourOrder: 'bgr' });
    const { tensors, metadata } = readSafetensors(new Uint8Array(await readFile(join(out, LAST))));
    expect([...tensors.keys()].filter((name) => !name.startsWith('train/')).sort()).toEqual(Object.keys(new Trainer(recipe).weights).sort());
    expect(Object.fromEntries(metadata)).toMatchObject({ recipe: 'tiny', generator: 'tiny', colour_order: 'bgr', step: '3' });
  });

  it('ends at an abort after the step at hand, with a checkpoint, and goes on from there', async () => {
    const stop = new AbortController();
    const steps: number[] = [];
    const onStep = ({ step }: { step: number }) => {
      steps.push(step);
      if (step === 7) stop.abort();
    };
    await expect(train(20, { signal: stop.signal, onStep, saveEvery: 1000 })).rejects.toMatchObject({ name: 'AbortError' });
    expect(steps.at(-1)).toBe(7);
    const seen: number[] = [];
    await train(9, { resume: true, saveEvery: 1000, onStep: ({ step }) => seen.push(step) });
    expect(seen).toEqual([8, 9]);
  });

  it('stops at NaN with the last good step saved, and says which file', async () => {
    // Batches of two, three batches a step, every seventh position skipped: position 16 is in the third step.
    await expect(train(20, { data: dataOf(16) })).rejects.toMatchObject({ code: 'not-learning', message: expect.stringContaining('16.jpg') });
    const { metadata } = readSafetensors(new Uint8Array(await readFile(join(out, LAST))));
    expect(metadata.get('step')).toBe('2');
    for (const array of readSafetensors(new Uint8Array(await readFile(join(out, LAST)))).tensors.values()) {
      if (array.dtype === 'float32') expect(new Float32Array(array.data.slice().buffer).every(Number.isFinite)).toBe(true);
    }
  });

  it('killed in the middle of a save, leaves the save before', async () => {
    await train(5);
    const before = await readFile(join(out, LAST));
    // A process that writes another checkpoint, slowly, and is killed half-way.
    const script = `
      const fs = require('node:fs');
      const file = fs.openSync(process.argv[1] + '.' + process.pid + '.tmp', 'w');
      fs.writeSync(file, Buffer.alloc(1000));
      process.stdout.write('half');
      setInterval(() => {}, 1000);`;
    const child = execFile(process.execPath, ['-e', script, join(out, LAST)]);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    expect((await readdir(out)).some((name) => name.endsWith('.tmp'))).toBe(true);
    expect(await readFile(join(out, LAST))).toEqual(before);
    await train(6, { resume: true });
    expect((await readdir(out)).sort()).toEqual([LAST, 'log.jsonl']);
  });

  it('refuses a folder that holds a run, another recipe, other settings, and what is no checkpoint', async () => {
    await train(2);
    await expect(train(4)).rejects.toMatchObject({ code: 'file-exists' });
    await expect(train(4, { resume: true, decay: { kind: 'steps' } })).rejects.toMatchObject({ code: 'checkpoint', message: expect.stringContaining('decay') });
    await expect(train(4, { resume: true }, 3)).rejects.toThrow(/seed 2, now 3/);
    await writeFile(join(out, LAST), 'not weights');
    await expect(train(4, { resume: true })).rejects.toMatchObject({ code: 'weights-damaged' });
  });

  it('calls at intervals, logs what comes back, and lets the rate go down', async () => {
    const asked: number[] = [];
    await train(7, {
      intervalEvery: 3,
      decay: { kind: 'steps', every: 2 },
      onInterval: async ({ step }) => {
        asked.push(step);
        return { validation: step / 10 };
      },
    });
    expect(asked).toEqual([3, 6, 7]);
    expect((await logged()).filter(({ validation }) => validation !== undefined)).toEqual([
      { step: 3, validation: 0.3 },
      { step: 6, validation: 0.6 },
      { step: 7, validation: 0.7 },
    ]);
  });

  it.each(['device-lost', 'backend'] as const)(
    'stops where a GPU tells of %s, writes nothing that it holds over the last checkpoint, and closes its data',
    async (code) => {
      let lose: (info: { message: string }) => void = () => undefined;
      const gpu = Object.assign(new EventTarget(), {
        lost: new Promise<{ message: string }>((resolve) => {
          lose = resolve;
        }),
        queue: { onSubmittedWorkDone: async () => undefined },
      });
      // A backend with a device, as far as it is looked at.
      const handing = { device: gpu, ensureCommandEncoderReady() {}, endComputePassEncoder() {}, submitQueue() {} };
      const backend = tf.backend() as unknown as Record<string, unknown>;
      Object.assign(backend, handing);
      const fail = () => {
        if (code === 'device-lost') lose({ message: 'gone' });
        else gpu.dispatchEvent(Object.assign(new Event('uncapturederror'), { error: { message: 'refused' } }));
      };
      let closed = false;
      const data = dataOf();
      const counted: TrainingData = {
        ...data,
        pictures: {
          ...data.pictures,
          async *startAt(start) {
            try {
              let drawn = 0;
              for await (const batch of data.pictures.startAt(start)) {
                // In the ninth step, after the checkpoint of the fifth.
                if (++drawn === 8 * 3 + 2) fail();
                yield batch;
              }
            } finally {
              closed = true;
            }
          },
        },
      };
      try {
        const error = await train(20, { data: counted }).catch((caught) => caught);
        expect(error).toBeInstanceOf(BackendError);
        expect(error.code).toBe(code);
        expect(readSafetensors(new Uint8Array(await readFile(join(out, LAST)))).metadata.get('step')).toBe('5');
        expect(closed).toBe(true);
      } finally {
        for (const name of Object.keys(handing)) delete backend[name];
      }
    },
  );

  it('leaves no tensors, also where it fails', async () => {
    const before = tf.memory().numTensors;
    await train(2);
    await train(4, { resume: true });
    await expect(train(20, { resume: true, data: dataOf(29) })).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });
});
