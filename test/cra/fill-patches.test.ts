import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { fillPatches } from '../../src/cra/fill-patches';
import { inpaint } from '../../src/cra/inpaint';
import type { InpaintOptions, Progress } from '../../src/cra/options';
import { AbortError } from '../../src/errors';
import type { Generator } from '../../src/generators/generator';
import type { Picture } from '../../src/picture';
import type { Box } from '../../src/pixels/box';
import { copyOf, type PhotoSource, viewOf } from '../../src/pixels/view';
import { type Patch, pastePatch } from '../../src/pixels/window';
import { expectNoLeak, seeded } from '../support/values';
import { expectFailure, hasty, maskOf, meanColour, near, type Rule, scene } from './support';

const W = 1000;
const H = 260;
/** A slanting stroke: there are two, with windows of their own, whose boxes overlap, and whose seams meet. */
const stroke =
  (y0: number, x0: number): Rule =>
  (y, x) =>
    x >= x0 && x < x0 + 500 && Math.abs(y - y0 - (x - x0) / 4) < 4;
const rules: Rule[] = [stroke(30, 40), stroke(112, 440)];
const hole: Rule = (y, x) => rules.some((rule) => rule(y, x));
const mask = maskOf(W, H, hole);
const options: InpaintOptions = { workingSize: 64, grow: 0, feather: 6, thin: 0, generator: hasty(), seed: 5 };

async function all(photo: Parameters<typeof fillPatches>[0], more: InpaintOptions = {}): Promise<Patch[]> {
  const patches: Patch[] = [];
  for await (const patch of fillPatches(photo, mask, { ...options, ...more })) patches.push(patch);
  return patches;
}

/** Values are compared here: a matcher takes seconds for a million of them. */
function expectSame(actual: Picture, expected: Picture): void {
  expect(actual.data.constructor).toBe(expected.data.constructor);
  expect(actual.data.length).toBe(expected.data.length);
  expect(actual.data.findIndex((value, i) => value !== expected.data[i])).toBe(-1);
}

function pasted(photo: Picture, patches: Patch[]): Picture {
  const result = copyOf(photo);
  for (const patch of patches) pastePatch(patch, result);
  return result;
}

/** Attends evenly to all cells. */
const attending: Generator = {
  name: 'even',
  multiple: 8,
  async fill({ image }) {
    const [rows, columns] = image.shape.map((side) => side / 8);
    return {
      image: tf.mul(image, 0.5),
      correspondence: { kind: 'soft-attention', scores: tf.fill([rows!, columns!, rows! * columns!], 1 / (rows! * columns!)) },
    };
  },
};

const kinds: [string, Picture, InpaintOptions][] = [
  ['a nearest field', scene(W, H, 3), {}],
  ['soft attention, 16 bits and alpha', scene(W, H, 4, 16), { generator: attending }],
  ['no correspondence, grey', scene(W, H, 1), { generator: meanColour() }],
  ['no detail', scene(W, H, 3), { detail: false }],
  ['healed, as thin', scene(W, H, 3), { thin: 20 }],
];

describe.each(kinds)('%s', (_, photo, more) => {
  it("in any order the patches make up inpaint()'s result, bit for bit", async () => {
    const patches = await all(photo, more);
    expect(patches.length).toBeGreaterThan(1);
    const result = await inpaint(photo, mask, { ...options, ...more });
    expect(result.data.some((value, i) => value !== photo.data[i])).toBe(true);
    for (const order of [patches, [...patches].reverse(), [...patches.slice(1), patches[0]!]]) expectSame(pasted(photo, order), result);
  });
});

describe('patches', () => {
  const photo = scene(W, H);

  it('make up the hole and its seam; each pixel is that of one, and where a patch weighs nothing it holds the photo', async () => {
    const writers = new Uint8Array(W * H);
    for (const { top, left, picture, weights } of await all(photo)) {
      for (let p = 0; p < picture.width * picture.height; p++) {
        const at = (top + Math.floor(p / picture.width)) * W + left + (p % picture.width);
        if (weights.data[p]! > 0) writers[at]!++;
        else for (let c = 0; c < 3; c++) if (picture.data[3 * p + c] !== photo.data[3 * at + c]) expect.fail(`pixel ${p} is not the photo's`);
      }
    }
    const exact = near(W, H, hole, 6);
    expect(writers.findIndex((count, p) => count !== exact[p])).toBe(-1);
  });

  it("of a tensor are a Picture's, in its 16 bits", async () => {
    const tensor = tf.tensor3d(
      Float32Array.from(photo.data, (v) => v / 255),
      [H, W, 3],
    );
    const own: Picture = { ...photo, data: Uint16Array.from(photo.data, (v) => Math.round(Math.fround(v / 255) * 65535)) };
    const patches = await all(tensor);
    expect(patches[0]!.picture.data).toBeInstanceOf(Uint16Array);
    const result = await inpaint(own, mask, options);
    expectSame(pasted(own, patches), result);
    tensor.dispose();
  });

  it("come with the stages of each window, but for the last, which is the caller's", async () => {
    const seen: Progress[] = [];
    const patches = await all(photo, { onProgress: (progress) => seen.push(progress) });
    const stages = [...new Set(seen.map(({ stage }) => stage))];
    expect(stages).toEqual(['plan', 'low-resolution', 'fill', 'detail']);
    expect(seen.filter(({ stage }) => stage === 'detail').map(({ done, total }) => [done, total])).toEqual(patches.map((_, n) => [n + 1, patches.length]));
    seen.length = 0;
    await inpaint(photo, mask, { ...options, onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ stage: 'composite', done: patches.length, total: patches.length });
  });

  it('there are none where the mask marks nothing', async () => {
    const warnings: string[] = [];
    const none = fillPatches(
      photo,
      maskOf(W, H, () => false),
      { onWarning: ({ code }) => warnings.push(code) },
    );
    expect(await none.next()).toEqual({ done: true, value: undefined });
    expect(warnings).toEqual(['mask-without-hole']);
  });
});

describe('a source', () => {
  const photo = scene(W, H, 3);
  const source = (read: PhotoSource['read']): PhotoSource => ({ width: W, height: H, read });

  it('is asked for the windows alone, one at a time, and gives the same', async () => {
    const grain = seeded(3, 10);
    const boxes: Box[] = [];
    let reading = 0;
    const read = async (box: Box) => {
      expect(++reading).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 3 + 2 * grain[boxes.length % 10]!));
      reading--;
      boxes.push(box);
      return copyOf(viewOf(photo, box));
    };
    const patches = await all(source(read));
    expectSame(pasted(photo, patches), await inpaint(photo, mask, options));
    expect(boxes.length).toBe(patches.length);
    for (const box of boxes) expect((box.right - box.left) * (box.bottom - box.top)).toBeLessThan(0.9 * W * H);
  });

  // Two windows of 1.4 to 1.9 MB, which are then aligned to two pixels all the same.
  const little = { memory: 1e6 };

  /** The boxes of those that are read whole, and how many others there are. */
  async function readBy(generator: Generator) {
    const boxes: Box[] = [];
    const read = async (box: Box) => {
      boxes.push(box);
      return copyOf(viewOf(photo, box));
    };
    const patches = await all(source(read), { ...little, generator });
    expectSame(pasted(photo, patches), await inpaint(photo, mask, { ...options, generator }));
    const most = Math.max(...boxes.map(({ top, bottom }) => bottom - top));
    const whole = boxes.filter(({ top, bottom }) => bottom - top > most / 2);
    return { windows: patches.length, whole: whole.length, parts: boxes.length - whole.length };
  }

  it('is read again, in stretches and whole, where a window is more than memory is for, and gives the same', async () => {
    const { windows, whole, parts } = await readBy(hasty());
    expect(whole).toBe(2 * windows);
    expect(parts).toBeGreaterThan(5 * windows);
  });

  it('is not read again where nothing is aligned', async () => {
    expect(await readBy(attending)).toEqual({ windows: 2, whole: 2, parts: 0 });
  });

  it('that fails when it is read again ends it with its own error', async () => {
    const error = new Error('device lost: the cable of the disk is out');
    let times = 0;
    const read = (box: Box) => (++times === 2 ? Promise.reject(error) : viewOf(photo, box));
    await expect(all(source(read), little)).rejects.toBe(error);
  });

  it('whose read fails ends it with its own error, and leaves nothing', async () => {
    await expectNoLeak(async () => {
      const broken = source((box) => {
        if (box.left > 0) throw new RangeError('the disk is gone');
        return viewOf(photo, box);
      });
      await expect(all(broken)).rejects.toThrow(new RangeError('the disk is gone'));
    });
  });

  it('whose error sounds like one of a GPU keeps it', async () => {
    const error = new Error('device lost: the cable of the disk is out');
    await expect(all(source(() => Promise.reject(error)))).rejects.toBe(error);
  });

  it.each<[string, object, RegExp]>([
    ['no width', { width: undefined }, /^fillPatches: photo's width must be a whole number >= 1, got undefined/],
    ['no height', { height: 0 }, /^fillPatches: photo's height must be a whole number >= 1, got 0/],
    ['a width in words', { width: '1000' }, /^fillPatches: photo's width must be a whole number >= 1, got 1000/],
  ])('of %s is refused', async (_, wrong, message) => {
    const read = () => expect.unreachable();
    await expect(all({ ...source(read), ...wrong } as PhotoSource)).rejects.toThrow(message);
  });

  it('that never answers does not keep an abort waiting', async () => {
    const controller = new AbortController();
    const read = () => {
      setTimeout(() => controller.abort('enough'), 5);
      return new Promise<Picture>(() => undefined);
    };
    const error = await expectFailure(() => all(source(read), { signal: controller.signal }), AbortError, 'aborted');
    expect(error.cause).toBe('enough');
  });

  it('that hears of the abort itself, and fails by its reason as fetch does: it is an abort all the same', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const read = () =>
      new Promise<Picture>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        controller.abort('enough');
      });
    await expectFailure(() => all(source(read), { signal }), AbortError, 'aborted');
  });
});

describe('errors', () => {
  const photo = scene(W, H);

  it('name the operation', async () => {
    const first = (photo: unknown, mask: unknown, more: object = {}) => fillPatches(photo as Picture, mask as Picture, { ...options, ...more }).next();
    await expect(first('photo.jpg', mask)).rejects.toThrow(/^fillPatches: photo must be a Picture/);
    await expect(first(undefined, mask)).rejects.toThrow(/^fillPatches: photo must be a Picture/);
    await expect(first(photo, scene(3, 3))).rejects.toThrow(/^fillPatches: the mask is 3 x 3, the photo 1000 x 260/);
    await expect(first(photo, mask, { grow: -1 })).rejects.toThrow(/^fillPatches: grow/);
  });

  it('an abort between two patches', async () => {
    const controller = new AbortController();
    const patches = fillPatches(photo, mask, { ...options, signal: controller.signal });
    const before = tf.memory().numTensors;
    await patches.next();
    controller.abort('enough');
    await expectFailure(() => patches.next(), AbortError, 'aborted');
    expect(await patches.next()).toEqual({ done: true, value: undefined });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('breaking off leaves nothing behind', async () => {
    await expectNoLeak(async () => {
      for await (const patch of fillPatches(photo, mask, options)) {
        expect(patch.picture.width).toBeGreaterThan(0);
        break;
      }
    });
  });
});
