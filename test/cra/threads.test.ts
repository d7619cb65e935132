import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fillPatches, inpaint } from '../../src';
import { inpaintBy } from '../../src/cra/inpaint';
import type { InpaintOptions, Progress } from '../../src/cra/options';
import { openThreads, shareThreads, unlessEnded } from '../../src/cra/threads';
import { AbortError, ArgumentError } from '../../src/errors';
import type { Generator } from '../../src/generators/generator';
import type { Picture } from '../../src/picture';
import { nodeThreads } from '../../src/threads/node-threads';
import { task } from '../../src/threads/task';
import { disc, hasty, maskOf, meanColour, type Rule, scene } from './support';

// On one backend: starting threads of the sources takes half a second each. `kept-threads.test.ts` is for all.
tf.env().set('IS_TEST', true);
await tf.setBackend('wasm');
tf.env().set('IS_TEST', false);

const photo = scene(420, 300);
// Three holes too far apart for one window, a speck, and a wire.
const holes = [disc(60, 70, 22), disc(230, 330, 26), disc(70, 350, 18), disc(200, 60, 3), (y: number, x: number) => y === 150 && x > 40 && x < 380];
const any =
  (rules: Rule[]): Rule =>
  (y, x) =>
    rules.some((rule) => rule(y, x));
const mask = maskOf(420, 300, any(holes));
const fill = (threads: number, more: InpaintOptions = {}): Promise<Picture> => inpaint(photo, mask, { threads, seed: 3, workingSize: 128, ...more });
/** Where only what goes on around the fill counts. */
const small = (threads: number, more: InpaintOptions = {}): Promise<Picture> => fill(threads, { workingSize: 48, generator: hasty(), ...more });
const until = async (holds: () => boolean) => {
  for (let i = 0; !holds(); i++) {
    if (i > 500) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

let [started, alive] = [0, 0];
beforeEach(() => {
  [started, alive] = [0, 0];
  const module = nodeThreads();
  if (!module) return;
  const { Worker } = module;
  // Counts those that are started, and those that have not ended yet.
  class Counted extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      started++;
      alive++;
    }
    override async terminate(): Promise<number> {
      const code = await super.terminate();
      alive--;
      return code;
    }
  }
  const process = globalThis.process as unknown as { getBuiltinModule(name: string): object };
  const builtin = process.getBuiltinModule.bind(process);
  vi.spyOn(process, 'getBuiltinModule').mockImplementation((name) => (name === 'node:worker_threads' ? { ...module, Worker: Counted } : builtin(name)));
});
afterEach(async () => {
  // Those that end late would be counted with the next test's.
  await until(() => alive === 0);
  vi.restoreAllMocks();
});

describe('threads of inpaint()', () => {
  it('change nothing of the result, however many there are', { timeout: 300_000 }, async () => {
    const alone = await fill(1);
    expect(started).toBe(0);
    for (const threads of [2, 3, 8]) expect((await fill(threads)).data, `${threads} threads`).toEqual(alone.data);
    expect(started).toBeGreaterThan(4);
    await until(() => alive === 0);
  });

  it('nor of 16 bits with alpha; progress never goes back and ends at the total', async () => {
    const fine = scene(420, 300, 4, 16);
    const told: Progress[] = [];
    const options = { workingSize: 48, generator: hasty(), seed: 3 };
    const alone = await inpaint(fine, mask, { ...options, threads: 1 });
    const several = await inpaint(fine, mask, { ...options, threads: 2, onProgress: (progress) => told.push(progress) });
    expect(several.data).toEqual(alone.data);
    for (const stage of ['plan', 'low-resolution', 'fill', 'detail', 'composite']) {
      const of = told.filter((progress) => progress.stage === stage);
      const done = of.map((progress) => progress.done);
      expect(done, stage).toEqual([...done].sort((a, b) => a - b));
      expect(of.at(-1), stage).toMatchObject({ done: of[0].total, total: of[0].total });
    }
  });

  it('an abort in the middle ends them all, and carries its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const before = tf.memory().numTensors;
    const onProgress = ({ stage, done }: Progress) => {
      if (stage === 'fill' && done > 0 && started > 0) controller.abort(reason);
    };
    const failed = await fill(2, { signal: controller.signal, onProgress }).catch((error) => error);
    expect(failed).toBeInstanceOf(AbortError);
    expect(failed.cause).toBe(reason);
    expect(started).toBeGreaterThan(0);
    await until(() => alive === 0);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('nothing is left of patches that are broken off', async () => {
    for await (const patch of fillPatches(photo, mask, { threads: 2, workingSize: 48, generator: hasty() })) {
      expect(patch.picture.width).toBeGreaterThan(0);
      break;
    }
    expect(started).toBeGreaterThan(0);
    await until(() => alive === 0);
  });

  it('a generator that does not say it may be is never asked for two fills at once', async () => {
    let [now, most, fills] = [0, 0, 0];
    const mean = meanColour();
    const slow: Generator = {
      ...mean,
      async fill(request) {
        most = Math.max(most, ++now);
        fills++;
        await new Promise((resolve) => setTimeout(resolve, 10));
        return mean.fill(request).finally(() => now--);
      },
    };
    await small(4, { generator: slow, thin: 0, detail: false });
    expect([most, fills > 2]).toEqual([1, true]);
  });

  it('where memory is for one window alone, one is worked on at a time', async () => {
    let [now, most] = [0, 0];
    const source = (memory: number) =>
      fillPatches(
        {
          ...photo,
          bits: 8,
          read: async ({ top, left, bottom, right }: { top: number; left: number; bottom: number; right: number }) => {
            most = Math.max(most, ++now);
            const [height, width] = [bottom - top, right - left];
            const data = new Uint8Array(width * height * 3);
            for (let y = 0; y < height; y++) data.set(photo.data.subarray(3 * ((top + y) * 420 + left), 3 * ((top + y) * 420 + right)), 3 * y * width);
            return { width, height, channels: 3, data };
          },
        } as never,
        mask,
        { threads: 4, workingSize: 48, generator: hasty(), grow: 0, thin: 0, memory },
      );
    for await (const _ of source(1)) now--;
    expect([most, now]).toEqual([1, 0]);
    for await (const _ of source(2 ** 29)) now--;
    expect(most).toBeGreaterThan(1);
  });

  it('a few thin holes are healed here, many by threads, and alike', async () => {
    const [width, height] = [1600, 1100];
    const large: Picture = { width, height, channels: 1, data: new Uint8Array(width * height).map((_, i) => 80 + ((i * 7919) % 61)) };
    const specks = (count: number): Picture => {
      const data = new Uint8Array(width * height);
      for (let i = 0; i < count; i++)
        data.fill(255, (100 + 256 * Math.floor(i / 6)) * width + 100 + 256 * (i % 6)).fill(0, (100 + 256 * Math.floor(i / 6)) * width + 103 + 256 * (i % 6));
      return { width, height, channels: 1, data };
    };
    await inpaint(large, specks(6), { threads: 2 });
    expect(started).toBe(0);
    const [alone, several] = [await inpaint(large, specks(24), { threads: 1 }), await inpaint(large, specks(24), { threads: 2 })];
    expect(started).toBe(2);
    expect(several.data).toEqual(alone.data);
  });

  it('what fails in a thread comes by its class, and is no end of the thread', async () => {
    const threads = openThreads(2, () => undefined);
    try {
      const pause = () => Promise.resolve();
      const unknown = task('no such task', () => 0);
      await expect(threads.run(unknown, 0, pause)).rejects.toThrow('no task "no such task"');
      await expect(
        threads.run(
          task('heal', () => 0),
          { nonsense: true },
          pause,
        ),
      ).rejects.toMatchObject({ name: 'TypeError' });
      expect(started).toBe(1);
    } finally {
      threads.close();
    }
    await until(() => alive === 0);
  });
});

describe('threads that several photos share', () => {
  const options = { seed: 3, workingSize: 48, onWarning: () => undefined };

  it('are each in part, for as long as others are at work', () => {
    const open = shareThreads(openThreads(4, () => undefined));
    const one = open();
    expect(one).toMatchObject({ count: 4, part: 1 });
    const [two, three] = [open(), open()];
    expect([one.part, three.part]).toEqual([1 / 3, 1 / 3]);
    two.close();
    one.close();
    expect(three.part).toBe(1);
  });

  it('fill them as they are filled alone, though one of them is aborted', { timeout: 300_000 }, async () => {
    const threads = openThreads(2, () => undefined);
    const open = shareThreads(threads);
    const controller = new AbortController();
    const beside = (more: InpaintOptions = {}) => {
      const kept = open();
      return inpaintBy(photo, mask, { ...options, ...more }, kept).finally(() => kept.close());
    };
    try {
      const abort = { signal: controller.signal, onProgress: ({ stage }: Progress) => stage === 'fill' && controller.abort() };
      const [aborted, ...others] = await Promise.allSettled([beside(abort), beside(), beside({ thin: 0 })]);
      expect(aborted).toMatchObject({ reason: expect.any(AbortError) });
      const alone = [await inpaint(photo, mask, { ...options, threads: 1 }), await inpaint(photo, mask, { ...options, threads: 1, thin: 0 })];
      expect(others).toEqual(alone.map(({ data }) => ({ status: 'fulfilled', value: expect.objectContaining({ data }) })));
    } finally {
      threads.close();
    }
    await until(() => alive === 0);
  });

  it('have a generator fill one after the other, unless it says that it may be asked for two', async () => {
    const mean = meanColour();
    for (const concurrent of [false, true]) {
      let [now, most] = [0, 0];
      const slow: Generator = {
        ...mean,
        concurrent,
        async fill(request) {
          most = Math.max(most, ++now);
          await new Promise((resolve) => setTimeout(resolve, 10));
          return mean.fill(request).finally(() => now--);
        },
      };
      const threads = openThreads(2, () => undefined);
      const open = shareThreads(threads);
      const beside = () => inpaintBy(photo, mask, { ...options, generator: slow, thin: 0, detail: false }, open());
      await Promise.all([beside(), beside(), beside()]);
      threads.close();
      expect(most > 1).toBe(concurrent);
    }
  });

  it('have one window of each at a time, where there are as many photos as threads', async () => {
    const mean = meanColour();
    const now = new Map<string, number>();
    let most = 0;
    const counting = (name: string): Generator => ({
      ...mean,
      concurrent: true,
      async fill(request) {
        now.set(name, (now.get(name) ?? 0) + 1);
        most = Math.max(most, now.get(name)!);
        await new Promise((resolve) => setTimeout(resolve, 10));
        return mean.fill(request).finally(() => now.set(name, now.get(name)! - 1));
      },
    });
    const threads = openThreads(2, () => undefined);
    const open = shareThreads(threads);
    const beside = (name: string) => inpaintBy(photo, mask, { ...options, generator: counting(name), thin: 0, detail: false }, open());
    await Promise.all([beside('one'), beside('other')]);
    expect(most).toBe(1);
    threads.close();
  });
});

it('threads are a whole number of at least one', async () => {
  for (const threads of [0, -1, 1.5, Number.NaN]) await expect(fill(threads)).rejects.toThrow(ArgumentError);
});

describe('unlessEnded()', () => {
  const pause = () => Promise.resolve();
  const never = { count: 2, run: () => new Promise<never>(() => undefined) };
  const nothing = task('nothing', () => 0);

  it('ends what is under way and begins nothing more', async () => {
    const controller = new AbortController();
    const threads = unlessEnded(never, controller.signal);
    const underWay = [threads.run(nothing, 0, pause), threads.run(nothing, 0, pause)];
    controller.abort('enough');
    for (const { reason } of (await Promise.allSettled([...underWay, threads.run(nothing, 0, pause)])) as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(AbortError);
      expect(reason.cause).toBe('enough');
    }
  });
});
