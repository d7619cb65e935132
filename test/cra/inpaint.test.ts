import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { Photo } from '../../src/cra/kinds';
import type { InpaintOptions, Progress } from '../../src/cra/options';
import type { Picture } from '../../src/picture';
import { values } from '../support/values';
import {
  changedWhere,
  disc,
  expectUntouched,
  fillSmall,
  hasty,
  maskOf,
  meadow,
  meanColour,
  near,
  painted,
  pictureOf,
  type Rule,
  rectangle,
  scene,
} from './support';

const W = 52;
const H = 44;
const hole = disc(20, 25, 7);
const mask = maskOf(W, H, hole);
const seam = { grow: 1, feather: 2 };
const touched = near(W, H, hole, seam.grow + seam.feather);
const options: InpaintOptions = { workingSize: 40, generator: hasty(), thin: 0, ...seam };

const imageData = ({ width, height, data }: Picture): ImageData => ({ width, height, data: new Uint8ClampedArray(data), colorSpace: 'srgb' }) as ImageData;
const asTensor = ({ width, height, channels, data }: Picture, dtype: 'int32' | 'float32') =>
  tf.tensor3d(dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data, (v) => v / 255), [height, width, channels], dtype);

describe('a Picture', () => {
  it.each([
    { channels: 3, bits: 8 },
    { channels: 4, bits: 8 },
    { channels: 1, bits: 8 },
    { channels: 2, bits: 8 },
    { channels: 1, bits: 16 },
    { channels: 3, bits: 16 },
    { channels: 4, bits: 16 },
  ] as const)('comes back as it was but for the hole: %o', async ({ channels, bits }) => {
    const icc = new Uint8Array([1, 2, 3]);
    const photo: Picture = { ...painted(scene(W, H, channels, bits), hole), metadata: { format: 'png', icc, density: 300 } };
    const before = photo.data.slice();
    const tensors = tf.memory().numTensors;
    const result = await inpaint(photo, mask, options);
    expect(tf.memory().numTensors).toBe(tensors);

    expect({ ...result, data: undefined }).toEqual({ ...photo, data: undefined });
    expect(result.data.constructor).toBe(photo.data.constructor);
    expect(photo.data).toEqual(before);
    expect(result.data.buffer).not.toBe(photo.data.buffer);
    expectUntouched(result.data, photo.data, channels, touched);
    const holePixels = mask.data.filter((v) => v > 0).length;
    expect(changedWhere(result.data, photo.data, photo, hole)).toBe(holePixels);
    // 16 bits are not 8 stretched.
    if (bits === 16) expect(new Set(Array.from(result.data, (v) => v % 257)).size).toBeGreaterThan(50);
  });

  it('does not depend on the kind of array that holds its bytes', async () => {
    const photo = painted(scene(W, H), hole);
    const plain = await inpaint(photo, mask, options);
    const clamped = await inpaint({ ...photo, data: new Uint8ClampedArray(photo.data) }, mask, options);
    expect(clamped.data).toBeInstanceOf(Uint8ClampedArray);
    const differences = Array.from(plain.data, (v, i) => Math.abs(v - clamped.data[i]));
    // A tie of half a level may be rounded either way.
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
    expect(differences.reduce((a, b) => a + b, 0)).toBeLessThan(0.02 * differences.length);
  });

  it('gives 16 bits the same fill as 8, to within rounding', async () => {
    const eight = painted(scene(W, H), hole);
    const sixteen: Picture = { ...eight, data: Uint16Array.from(eight.data, (v) => v * 257) };
    const [a, b] = [await inpaint(eight, mask, { ...options, generator: meanColour() }), await inpaint(sixteen, mask, { ...options, generator: meanColour() })];
    const off = Array.from(a.data, (v, i) => Math.abs(v - b.data[i] / 257));
    expect(off.reduce((x, y) => x + y, 0) / (3 * mask.data.filter((v) => v > 0).length)).toBeLessThan(2);
  });
});

describe('an ImageData', () => {
  it.each([1, 0.5])('comes back as an ImageData, alpha as it was, at %s of the range', async (share) => {
    const scenery = painted(scene(W, H, 4), hole);
    const photo = imageData({ ...scenery, data: scenery.data.map((v) => v * share) });
    const before = photo.data.slice();
    const result = await inpaint(photo, imageData(maskRgba()), options);
    if (typeof ImageData !== 'undefined') expect(result).toBeInstanceOf(ImageData);
    expect('channels' in result).toBe(false);
    expect([result.width, result.height, result.colorSpace]).toEqual([W, H, 'srgb']);
    expect(result.data).toBeInstanceOf(Uint8ClampedArray);
    expect(photo.data).toEqual(before);
    expect(result.data.buffer).not.toBe(photo.data.buffer);
    expectUntouched(result.data, photo.data, 4, touched);
    expect(changedWhere(result.data, photo.data, { width: W, height: H, channels: 4 }, hole)).toBe(mask.data.filter((v) => v > 0).length);
  });
});

describe('a tensor', () => {
  it.each([
    { dtype: 'int32', channels: 3 },
    { dtype: 'float32', channels: 3 },
    { dtype: 'float32', channels: 4 },
    { dtype: 'float32', channels: 1 },
    { dtype: 'int32', channels: 2 },
  ] as const)('comes back as a tensor, exact beyond the seam: %o', async ({ dtype, channels }) => {
    const photo = asTensor(painted(scene(W, H, channels), hole), dtype);
    // Values that no 16 bits could hold: they are the caller's, and stay.
    const odd = dtype === 'float32' ? tf.tidy(() => tf.add(photo, 1e-7) as tf.Tensor3D) : photo.clone();
    const before = await values(odd);
    const marks = asTensor(mask, 'int32');
    const tensors = tf.memory().numTensors;
    const result = await inpaint(odd, marks, options);
    expect(tf.memory().numTensors).toBe(tensors + 1);
    expect([result.shape, result.dtype]).toEqual([[H, W, channels], dtype]);
    expect([odd.isDisposed, marks.isDisposed]).toEqual([false, false]);
    expect(await values(odd)).toEqual(before);
    const after = await values(result);
    expectUntouched(after, before, channels, touched);
    expect(changedWhere(after, before, { width: W, height: H, channels }, hole)).toBe(mask.data.filter((v) => v > 0).length);
    odd.dispose();
    expect(await values(result)).toEqual(after);
    tf.dispose([photo, marks, result]);
  });

  it('keeps values beyond the range where nothing is filled', async () => {
    const wild = tf.tidy(() => tf.mul(asTensor(scene(W, H), 'float32'), 3) as tf.Tensor3D);
    const before = await values(wild);
    const result = await inpaint(wild, mask, options);
    expectUntouched(await values(result), before, 3, touched);
    tf.dispose([wild, result]);
  });

  it.each(['float32', 'bool'] as const)('may be a mask of zeros and ones: %s', async (dtype) => {
    const photo = painted(scene(W, H), hole);
    const marks = tf.tensor3d(
      Array.from(mask.data, (v) => (v > 0 ? 1 : 0)),
      [H, W, 1],
      dtype,
    );
    const result = await inpaint(photo, marks, options);
    expect(result.data).toEqual((await inpaint(photo, mask, options)).data);
    marks.dispose();
  });
});

/** The mask as an opaque RGBA picture. */
function maskRgba(): Picture {
  return pictureOf(W, H, 4, (y, x, c) => (c === 3 || hole(y, x) ? 255 : 0));
}

describe('which colour is the hole', () => {
  const photo = painted(scene(W, H), hole);
  let reference: Promise<Picture> | undefined;
  const expected = () => {
    reference ??= inpaint(photo, mask, options);
    return reference;
  };
  const cases: [string, Photo, InpaintOptions][] = [
    ['white, grey mask', mask, { hole: 'white' }],
    ['white, RGB mask', pictureOf(W, H, 3, (y, x) => (hole(y, x) ? 255 : 0)), { hole: 'white' }],
    ['white, RGBA mask', maskRgba(), {}],
    ['white, 16-bit mask', pictureOf(W, H, 1, (y, x) => (hole(y, x) ? 255 : 0), 16), {}],
    ['black', pictureOf(W, H, 1, (y, x) => (hole(y, x) ? 0 : 255)), { hole: 'black' }],
    ['black, RGB mask', pictureOf(W, H, 3, (y, x) => (hole(y, x) ? 0 : 255)), { hole: 'black' }],
    ['alpha, RGBA mask', pictureOf(W, H, 4, (y, x, c) => (c < 3 ? 77 : hole(y, x) ? 0 : 255)), { hole: 'alpha' }],
    ['alpha, grey mask', pictureOf(W, H, 2, (y, x, c) => (c < 1 ? 200 : hole(y, x) ? 0 : 255)), { hole: 'alpha' }],
    ['opaque, RGBA mask', pictureOf(W, H, 4, (y, x, c) => (c < 3 ? 77 : hole(y, x) ? 255 : 0)), { hole: 'opaque' }],
    ['opaque, grey mask of 16 bits', pictureOf(W, H, 2, (y, x, c) => (c < 1 ? 200 : hole(y, x) ? 255 : 0), 16), { hole: 'opaque' }],
  ];
  it.each(cases)('%s', async (_, marks, colour) => {
    expect((await inpaint(photo, marks, { ...options, ...colour })).data).toEqual((await expected()).data);
  });
});

describe('repeatable', () => {
  const photo = painted(scene(W, H), hole);
  it('the same seed gives the same bits', async () => {
    const results = [await inpaint(photo, mask, { ...options, seed: 5 }), await inpaint(photo, mask, { ...options, seed: 5 })];
    expect(results[0].data).toEqual(results[1].data);
  });

  it('the seed reaches the search: among some, results differ', async () => {
    const results = new Set<string>();
    for (let seed = 0; seed < 4; seed++) results.add((await inpaint(photo, mask, { ...options, seed })).data.join());
    expect(results.size).toBeGreaterThan(1);
  });
});

describe('transparent pixels', () => {
  it('are not copied from, nor changed beyond the seam', async () => {
    const clear = rectangle(0, 30, H, W);
    const spot = disc(20, 20, 7);
    const photo = painted(painted(meadow(W, H, 4), clear, [1, 0, 1], 0), spot);
    const result = await inpaint(photo, maskOf(W, H, spot), { ...options, grow: 1, feather: 3 });
    expectUntouched(result.data, photo.data, 4, near(W, H, spot, 4));
    let worst = -255;
    for (let p = 0; p < W * H; p++) {
      if (!clear(Math.floor(p / W), p % W)) worst = Math.max(worst, Math.min(result.data[4 * p], result.data[4 * p + 2]) - result.data[4 * p + 1]);
    }
    // All of the meadow is 45 greener.
    expect(worst).toBeLessThanOrEqual(-40);
  });
});

describe('the memory budget', () => {
  it.each([1, 1e4, 1e6])('of %d bytes still gives a result', async (memory) => {
    const photo = painted(scene(96, 80), disc(40, 40, 10));
    const marks = maskOf(96, 80, disc(40, 40, 10));
    const result = await inpaint(photo, marks, { ...options, workingSize: 32, memory });
    expectUntouched(result.data, photo.data, 3, near(96, 80, disc(40, 40, 10), 3));
    expect(changedWhere(result.data, photo.data, photo, disc(40, 40, 10))).toBe(marks.data.filter((v) => v > 0).length);
  });
});

describe('progress', () => {
  const stages = ['plan', 'low-resolution', 'fill', 'detail', 'composite'];
  const follow = async (photo: Picture, marks: Picture, more: InpaintOptions = {}) => {
    const steps: Progress[] = [];
    await inpaint(photo, marks, { ...options, ...more, onProgress: (step) => steps.push({ ...step }) });
    return steps;
  };

  it('tells the stages in order, each to its end', async () => {
    const steps = await follow(painted(scene(W, H), hole), mask);
    expect(steps.map(({ stage }) => stage).filter((stage, i, all) => stage !== all[i - 1])).toEqual(stages);
    for (const stage of stages) {
      const own = steps.filter((step) => step.stage === stage);
      for (const [i, { done, total }] of own.entries()) {
        expect(done).toBeGreaterThanOrEqual(i === 0 ? 0 : own[i - 1].done);
        expect(done).toBeLessThanOrEqual(total);
      }
      expect(own.at(-1)).toEqual({ stage, done: 1, total: 1 });
    }
    expect(steps.filter(({ stage }) => stage === 'fill').length).toBeGreaterThan(2);
  });

  it('counts windows: two holes far apart are two of them', async () => {
    const pair: Rule = (y, x) => disc(20, 15, 4)(y, x) || disc(20, 400, 4)(y, x);
    const photo = painted(meadow(416, 40), pair);
    const steps = await follow(photo, maskOf(416, 40, pair), { workingSize: 32, generator: meanColour() });
    expect(steps.filter(({ stage }) => stage === 'composite')).toEqual([
      { stage: 'composite', done: 1, total: 2 },
      { stage: 'composite', done: 2, total: 2 },
    ]);
  });
});

it('does without the detail if asked, and is then as smooth as its upsampled fill', async () => {
  const flat = await fillSmall(painted(scene(64, 64), disc(30, 30, 9)), maskOf(64, 64, disc(30, 30, 9)), { detail: false, generator: meanColour() });
  const inside = Array.from(flat.data).filter((_, i) => disc(30, 30, 6)(Math.floor(i / 3 / 64), Math.floor(i / 3) % 64));
  // One value a colour.
  expect(new Set(inside).size).toBe(3);
});
