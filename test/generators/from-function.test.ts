import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import { AbortError, ArgumentError, ShapeError } from '../../src/errors';
import { type FillFunction, type FromFunctionOptions, fromFunction } from '../../src/generators/from-function';
import type { FillRequest } from '../../src/generators/generator';
import { expectClose, expectNoLeak, seeded, values } from '../support/values';

const colours = seeded(1, 6 * 4 * 3);

/** Has a function fill a seeded picture of 6 x 4; returns the fill's values, and that nothing is left over. */
async function filledBy(fill: FillFunction, options: FromFunctionOptions = {}, request: Partial<FillRequest> = {}): Promise<number[]> {
  const image = tf.tensor3d(colours, [6, 4, 3]);
  const hole = tf.zeros<tf.Rank.R3>([6, 4, 1]);
  try {
    let filled: number[] = [];
    await expectNoLeak(async () => {
      const result = await fromFunction(fill, options).fill({ image, hole, seed: 7, ...request });
      filled = await values(result.image);
      expect(image.isDisposed || hole.isDisposed).toBe(false);
      return result.image;
    });
    return filled;
  } finally {
    tf.dispose([image, hole]);
  }
}

/** What a fill ends with, and that it leaves no tensor. */
async function failure(fill: unknown, request: Partial<FillRequest> = {}): Promise<unknown> {
  const before = tf.memory().numTensors;
  const error = await filledBy(fill as FillFunction, { name: 'mine' }, request).catch((caught: unknown) => caught);
  expect(tf.memory().numTensors).toBe(before);
  return error;
}

describe('what the function returns', () => {
  const bytes = Uint8Array.from({ length: 6 * 4 * 4 }, (_, i) => (i * 37) % 256);
  const expected = Array.from({ length: 72 }, (_, i) => bytes[Math.floor(i / 3) * 4 + (i % 3)]! / 127.5 - 1);

  it('a tensor, at once or later', async () => {
    expectClose(
      await filledBy((image) => tf.neg(image)),
      colours.map((v) => -v),
    );
    expectClose(
      await filledBy(async (image) => tf.tidy(() => tf.mul<tf.Tensor3D>(tf.add(image, 1), 0.5))),
      colours.map((v) => (v + 1) / 2),
    );
  });
  it('the image itself, which stays the caller’s', async () => expectClose(await filledBy((image) => image), colours, 0));
  it('bytes with an alpha channel', async () => expectClose(await filledBy(() => ({ width: 4, height: 6, data: new Uint8ClampedArray(bytes) })), expected));
  it('bytes without one', async () => {
    const data = bytes.filter((_, i) => i % 4 !== 3);
    expectClose(await filledBy(() => ({ width: 4, height: 6, data })), expected);
  });
  it('float32, with and without alpha', async () => {
    expectClose(await filledBy(() => ({ width: 4, height: 6, data: colours })), colours, 0);
    const data = Float32Array.from({ length: 96 }, (_, i) => (i % 4 === 3 ? 9 : colours[Math.floor(i / 4) * 3 + (i % 4)]!));
    expectClose(await filledBy(() => ({ width: 4, height: 6, data })), colours, 0);
  });
});

it('the function is given image, hole, and the whole request; progress ends at 1', async () => {
  const seen: unknown[] = [];
  const steps: number[] = [];
  const { signal } = new AbortController();
  await filledBy(
    (image, hole, request) => {
      seen.push(image.shape, hole.shape, request.seed, request.signal === signal, request.image === image);
      request.onProgress?.(0.5);
      return tf.neg(image);
    },
    {},
    { signal, onProgress: (fraction) => steps.push(fraction) },
  );
  expect([seen, steps]).toEqual([
    [[6, 4, 3], [6, 4, 1], 7, true, true],
    [0.5, 1],
  ]);
});

it('takes a sketch if it says so', async () => {
  const sketch = tf.zeros<tf.Rank.R3>([6, 4, 1]);
  await filledBy(
    (image, _, request) => {
      expect(request.sketch).toBe(sketch);
      return tf.neg(image);
    },
    { takesSketch: true },
    { sketch },
  );
  sketch.dispose();
  expect([fromFunction((image) => image).takesSketch, fromFunction((image) => image, { takesSketch: true }).takesSketch]).toEqual([false, true]);
});

describe('errors', () => {
  it('what is no function, and wrong options', () => {
    expect(() => fromFunction(undefined as unknown as FillFunction)).toThrow(ArgumentError);
    expect(() => fromFunction((image) => image, { multiple: 0 })).toThrow(/multiple must be a whole number >= 1, got 0/);
    expect(() => fromFunction((image) => image, { workingSize: 2.5 })).toThrow(/workingSize/);
  });
  it('a tensor of another shape or type, or a disposed one', async () => {
    expect(await failure(() => tf.zeros([6, 4, 4]))).toMatchObject({ name: 'ShapeError', expected: [6, 4, 3], actual: [6, 4, 4] });
    expect(await failure(() => tf.zeros([1, 6, 4, 3]))).toBeInstanceOf(ShapeError);
    expect(await failure(() => tf.zeros([6, 4, 3], 'int32'))).toMatchObject({ name: 'ArgumentError', actual: 'int32' });
    expect(
      await failure(() => {
        const gone = tf.zeros([6, 4, 3]);
        gone.dispose();
        return gone;
      }),
    ).toMatchObject({ name: 'ArgumentError', message: expect.stringContaining('mine: the result') });
  });
  it('the hole or the sketch, which is no picture and stays the caller’s', async () => {
    const hole = tf.zeros<tf.Rank.R3>([6, 4, 1]);
    const sketch = tf.zeros<tf.Rank.R3>([6, 4, 1]);
    const image = tf.zeros<tf.Rank.R3>([6, 4, 3]);
    await expect(fromFunction((_, h) => h).fill({ image, hole, seed: 0 })).rejects.toThrow(ShapeError);
    expect(hole.isDisposed).toBe(false);
    await expect(fromFunction((_, __, { sketch }) => sketch!, { takesSketch: true }).fill({ image, hole, sketch, seed: 0 })).rejects.toThrow(ShapeError);
    expect(sketch.isDisposed).toBe(false);
    tf.dispose([hole, image, sketch]);
  });
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'ArgumentError'],
    ['a text', 'picture', 'ArgumentError'],
    ['a list of numbers', { width: 4, height: 6, data: Array.from({ length: 72 }, () => 0) }, 'ArgumentError'],
    ['16 bits', { width: 4, height: 6, data: new Uint16Array(72) }, 'ArgumentError'],
    ['another size', { width: 6, height: 4, data: new Uint8Array(72) }, 'ShapeError'],
    ['no size', { data: new Uint8Array(72) }, 'ShapeError'],
    ['one channel', { width: 4, height: 6, data: new Uint8Array(24) }, 'ArgumentError'],
    ['a value too few', { width: 4, height: 6, data: new Float32Array(71) }, 'ArgumentError'],
  ])('%s', async (_, result, name) => {
    expect(await failure(() => result)).toMatchObject({ name, message: expect.stringMatching(/^mine: the result/) });
  });
  it('of the function are passed on', async () => {
    const oops = new RangeError('oops');
    expect(await failure(() => Promise.reject(oops))).toBe(oops);
    expect(
      await failure(() => {
        throw oops;
      }),
    ).toBe(oops);
  });
});

it('abort: before, nothing is called; meanwhile, the result is freed', async () => {
  let called = 0;
  expect(await failure(() => ++called, { signal: AbortSignal.abort() })).toBeInstanceOf(AbortError);
  expect(called).toBe(0);
  const controller = new AbortController();
  const fill: FillFunction = (image) => {
    controller.abort();
    return tf.neg(image);
  };
  expect(await failure(fill, { signal: controller.signal })).toBeInstanceOf(AbortError);
});

it('under inpaint() it is given multiples, at its working size, and its colours reach the photo', async () => {
  const photo = { width: 50, height: 34, channels: 3 as const, data: new Uint8Array(50 * 34 * 3).fill(100) };
  const mask = { width: 50, height: 34, channels: 1 as const, data: new Uint8Array(50 * 34) };
  for (let y = 12; y < 20; y++) mask.data.fill(255, y * 50 + 20, y * 50 + 28);
  const shapes: number[][] = [];
  const red = fromFunction(
    ({ shape: [height, width] }) => {
      shapes.push([height, width]);
      const data = new Uint8Array(3 * height * width).map((_, i) => (i % 3 === 0 ? 200 : 10));
      return { width, height, data };
    },
    { multiple: 16, workingSize: 32 },
  );
  const result = await inpaint(photo, mask, { generator: red, grow: 0, feather: 0, detail: false });
  expect(shapes).toEqual([[32, 32]]);
  expect(Array.from(result.data.subarray(3 * (16 * 50 + 24), 3 * (16 * 50 + 24) + 3))).toEqual([200, 10, 10]);
  expect(Array.from(result.data.subarray(0, 3))).toEqual([100, 100, 100]);
});
