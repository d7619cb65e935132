import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import { AbortError, BackendError } from '../../src/errors';
import { exemplar, fromFunction, type Generator, pix2pix } from '../../src/generators';
import type { FillRequest } from '../../src/generators/generator';
import { lamaNetwork } from '../../src/generators/lama/network';
import { type FillNetwork, networkGenerator, networkStages } from '../../src/generators/network';
import { translate } from '../../src/generators/pix2pix/translate';
import { readSafetensors } from '../../src/io/weights/safetensors';
import { Conv2d } from '../../src/layers/conv2d';
import { device, expectLost, expectTensors, failureOf, hasDevice, registerAnew, report } from '../support/device';
import { untrainedWeights } from '../support/untrained';
import { seeded, values } from '../support/values';

const SIZE = 16;
const first = new Conv2d('first', { input: 4, output: 4, size: 3 });
const second = new Conv2d('second', { input: 4, output: 3, size: 1 });
const network: FillNetwork = {
  name: 'tiny',
  multiple: 4,
  workingSize: SIZE,
  layers: [first, second],
  origins: [],
  stages: networkStages(({ image, hole }, weights) => ({ features: first.apply(tf.concat([image, hole], 3), weights) })).next(({ features }, weights) => ({
    image: second.apply(features, weights),
  })),
};

function tiny(precision: 'float32' | 'float16' = 'float32') {
  const generator = networkGenerator(network, undefined, { precision });
  generator.load(readSafetensors(untrainedWeights(generator)));
  return generator;
}

function tinyLama() {
  const generator = networkGenerator(lamaNetwork({ baseWidth: 4, downs: 2, blocks: 1 }));
  generator.load(readSafetensors(untrainedWeights(generator)));
  return generator;
}

const makers: [string, () => Generator][] = [
  ['exemplar()', () => exemplar({ starts: 1, rounds: 2, coarseRounds: 2 })],
  ['a network', () => tiny()],
  ['a network of half precision', () => tiny('float16')],
  ['lama()', tinyLama],
  [
    'fromFunction()',
    () =>
      fromFunction(async (image, _, { onProgress }) => {
        const half = tf.mul(image, 0.5);
        onProgress?.(0.5);
        return half as tf.Tensor3D;
      }),
  ],
];

async function filledBy(generator: Generator, more: Partial<FillRequest> = {}): Promise<number[]> {
  const image = tf.tensor3d(seeded(1, SIZE * SIZE * 3), [SIZE, SIZE, 3]);
  const hole = tf.tidy(() => tf.pad(tf.ones([4, 4, 1]), [[6, 6], [6, 6], [0, 0]]) as tf.Tensor3D); // biome-ignore format: sides in rows
  try {
    const { image: filled, correspondence } = await generator.fill({ image, hole, seed: 0, ...more });
    const colours = await values(filled);
    filled.dispose();
    if (correspondence?.kind === 'nearest-field') tf.dispose([correspondence.offsets, correspondence.distances!]);
    return colours;
  } finally {
    tf.dispose([image, hole]);
  }
}

describe.skipIf(!hasDevice)('a GPU device that is lost outside inpaint() (only the webgpu backend has one)', () => {
  beforeEach(registerAnew);
  afterEach(registerAnew);

  describe.each(makers)('in a fill by %s', (_, make) => {
    it.each([
      ['in the midst of it', () => device().destroy()],
      ['a moment later', () => void Promise.resolve().then(() => device().destroy())],
    ])('%s is a typed error, as is the next fill, and a new device works', async (_, lose) => {
      const generator = make();
      let told = 0;
      await expectLost(() => filledBy(generator, { onProgress: () => ++told === 1 && lose() }));
      await expectLost(() => filledBy(generator));
      generator.dispose?.();
      await registerAnew();
      const fresh = make();
      expect((await filledBy(fresh)).every(Number.isFinite)).toBe(true);
      fresh.dispose?.();
    });

    it('before it is a typed error', async () => {
      const generator = make();
      await expectLost(() => {
        const filling = filledBy(generator);
        device().destroy();
        return filling;
      });
      generator.dispose?.();
    });

    it('a fill that failed leaves no tensors', async () => {
      const generator = make();
      const image = tf.tensor3d(seeded(1, SIZE * SIZE * 3), [SIZE, SIZE, 3]);
      const hole = tf.zeros<tf.Rank.R3>([SIZE, SIZE, 1]);
      const marked = tf.tidy(() => tf.maximum(hole, tf.pad(tf.ones([4, 4, 1]), [[6, 6], [6, 6], [0, 0]])) as tf.Tensor3D); // biome-ignore format: sides in rows
      const before = tf.memory().numTensors;
      await expectLost(() => generator.fill({ image, hole: marked, seed: 0, onProgress: () => device().destroy() }));
      await expectTensors(before);
      tf.dispose([image, hole, marked]);
      generator.dispose?.();
    });

    it('a step that the device refuses is a typed error, and over with the fill', async () => {
      const generator = make();
      let told = 0;
      expect((await failureOf(() => filledBy(generator, { onProgress: () => ++told === 1 && report('GPUValidationError') }))).code).toBe('backend');
      told = 0;
      expect((await failureOf(() => filledBy(generator, { onProgress: () => ++told === 1 && report('GPUOutOfMemoryError') }))).code).toBe('out-of-memory');
      expect((await filledBy(generator)).every(Number.isFinite)).toBe(true);
      generator.dispose?.();
    });

    it('an abort stays an abort', async () => {
      const generator = make();
      const caller = new AbortController();
      caller.abort();
      const error = await filledBy(generator, { signal: caller.signal }).catch((caught) => caught);
      expect(error).toBeInstanceOf(AbortError);
      expect(error.code).toBe('aborted');
      generator.dispose?.();
    });
  });

  it('a step that the device really refuses is a typed error', async () => {
    const generator = fromFunction((image) => {
      device().createBuffer({ size: 16, usage: 0 });
      return tf.clone(image);
    });
    expect((await failureOf(() => filledBy(generator))).code).toBe('backend');
  });

  it("a function's own error stays its own; one that its signal makes is an abort", async () => {
    const caller = new AbortController();
    const own = new RangeError('of my own');
    await expect(filledBy(fromFunction(() => Promise.reject(own)))).rejects.toBe(own);
    const stopped = fromFunction(async (_, __, { signal }) => {
      caller.abort();
      throw signal?.reason;
    });
    const error = await filledBy(stopped, { signal: caller.signal }).catch((caught) => caught);
    expect(error).toBeInstanceOf(AbortError);
  });

  describe('in pix2pix().translate', () => {
    const picture = { width: 20, height: 18, channels: 3 as const, data: Uint8Array.from({ length: 20 * 18 * 3 }, (_, i) => i % 256) };

    function narrow() {
      const weights = readSafetensors(untrainedWeights(pix2pix(undefined, { baseWidth: 1 })));
      return pix2pix(weights, { baseWidth: 1 });
    }

    it.each(['a Picture', 'a tensor'])('of %s is a typed error, as is the next call, and a new device works', async (kind) => {
      for (const at of [1, 8]) {
        const generator = narrow();
        const tensor = tf.tensor3d(seeded(1, 20 * 18 * 3), [18, 20, 3]);
        const image = kind === 'a tensor' ? tensor : picture;
        const before = tf.memory().numTensors;
        let told = 0;
        await expectLost(() => generator.translate(image, { onProgress: () => ++told === at && device().destroy() }));
        await expectLost(() => generator.translate(image));
        await expectTensors(before);
        tensor.dispose();
        generator.dispose();
        await registerAnew();
      }
      const fresh = narrow();
      expect((await fresh.translate(picture)).data.length).toBe(picture.data.length);
      fresh.dispose();
    });

    it('while its result is read is a typed error', async () => {
      const generator = tiny();
      const fill: Generator['fill'] = async (request) => {
        const filled = await generator.fill(request);
        queueMicrotask(() => device().destroy());
        return filled;
      };
      await expectLost(() => translate({ name: 'tiny', multiple: 4, fill }, picture));
      generator.dispose();
    });
  });

  it('within inpaint() is told once, by one listener for all calls', async () => {
    const [width, height] = [24, 24];
    const photo = { width, height, channels: 3 as const, data: Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 37) % 256) };
    const mask = {
      width,
      height,
      channels: 1 as const,
      data: Uint8Array.from({ length: width * height }, (_, i) => (Math.abs((i % width) - 12) < 3 && Math.abs(i / width - 12) < 3 ? 255 : 0)),
    };
    let listeners = 0;
    const listen = device().addEventListener.bind(device());
    Object.defineProperty(device(), 'addEventListener', {
      value: (...given: Parameters<typeof listen>) => {
        listeners++;
        listen(...given);
      },
    });
    const generator = exemplar({ starts: 1, rounds: 2, coarseRounds: 2 });
    await inpaint(photo, mask, { generator, thin: 0 });
    await inpaint(photo, mask, { generator, thin: 0 });
    expect(listeners).toBe(1);
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    if (typeof process !== 'undefined' && process.on) process.on('unhandledRejection', note);
    let told = 0;
    const error = await failureOf(() =>
      inpaint(photo, mask, { generator, thin: 0, onProgress: ({ stage }) => stage === 'fill' && ++told === 1 && device().destroy() }),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(error.code).toBe('device-lost');
    expect(error.cause).not.toBeInstanceOf(BackendError);
    expect(error.message.match(/was lost/g)).toHaveLength(1);
    expect(unhandled).toEqual([]);
    if (typeof process !== 'undefined' && process.off) process.off('unhandledRejection', note);
  });
});
