import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import { MaskError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import {
  changedWhere,
  disc,
  expectFailure,
  expectUntouched,
  fillSmall,
  hasty,
  magentaIn,
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

const SIZE = 56;
// What rounding may add to the green that a meadow has.
const TRACE = 3;
const HEAVY = tf.getBackend() === 'webgpu';

/** Fills a meadow whose hole is magenta, and expects none of it to show and nothing beyond the seam to change. */
async function expectClean(rule: Rule, { grow = 0, feather = 2, width = SIZE, height = SIZE } = {}): Promise<Picture> {
  const photo = painted(meadow(width, height), rule);
  const tensors = tf.memory().numTensors;
  const result = await inpaint(photo, maskOf(width, height, rule), { workingSize: 40, grow, feather, generator: hasty() });
  expect(tf.memory().numTensors).toBe(tensors);
  expect(magentaIn(result), 'magenta').toBeLessThanOrEqual(TRACE);
  expectUntouched(result.data, photo.data, 3, near(width, height, rule, grow + feather));
  return result;
}

it('the measure sees one part in fifty of magenta', () => {
  const photo = meadow(SIZE, SIZE);
  expect(magentaIn(photo)).toBe(0);
  const tinted = { ...photo, data: photo.data.map((v, i) => (i < 3 ? v + ((i === 1 ? 0 : 255) - v) / 50 : v)) };
  expect(magentaIn(tinted)).toBeGreaterThan(TRACE);
});

describe('the object under the hole never shows', () => {
  it.each([0, 1, 2, 4, 8])('with a tight mask, grow 0 and feather %d', async (feather) => {
    await expectClean(disc(28, 26, 8), { feather });
  });

  it('with grow 3 and feather 5', async () => {
    await expectClean(disc(28, 26, 8), { grow: 3, feather: 5 });
  });

  it('in 16 bits and beside alpha', async () => {
    const rule = disc(28, 26, 8);
    const photo = painted(meadow(SIZE, SIZE, 4, 16), rule);
    const result = await inpaint(photo, maskOf(SIZE, SIZE, rule), { workingSize: 40, grow: 0, feather: 3, generator: hasty() });
    expect(magentaIn(result)).toBeLessThanOrEqual(TRACE);
  });

  it('without detail', async () => {
    const rule = disc(28, 26, 8);
    const result = await fillSmall(painted(meadow(SIZE, SIZE), rule), maskOf(SIZE, SIZE, rule), { grow: 0, detail: false });
    expect(magentaIn(result)).toBeLessThanOrEqual(TRACE);
  });

  it("where it reaches under a mask's soft grey rim", async () => {
    // The rim that JPEG or a soft brush leaves: from white to black across four pixels. What is a third grey is hole.
    const soft = (y: number, x: number) => 255 * Math.min(Math.max((10 - Math.hypot(y - 28, x - 26)) / 4, 0), 1);
    const marked: Rule = (y, x) => soft(y, x) >= 85;
    const photo = painted(meadow(SIZE, SIZE), marked);
    const marks = pictureOf(SIZE, SIZE, 1, soft);
    const result = await inpaint(photo, marks, { workingSize: 40, grow: 0, feather: 2, generator: hasty() });
    expect(magentaIn(result)).toBeLessThanOrEqual(TRACE);
    const inverted = { ...marks, data: marks.data.map((v) => 255 - v) };
    expect((await inpaint(photo, inverted, { hole: 'black', workingSize: 40, grow: 0, feather: 2, generator: hasty() })).data).toEqual(result.data);
  });
});

describe('holes anywhere and of any form', () => {
  it.each<[string, Rule]>([
    ['at the upper border', rectangle(0, 20, 10, 34)],
    ['at the right border', rectangle(20, 46, 34, SIZE)],
    ['in the upper left corner', disc(0, 0, 12)],
    ['in the lower right corner', disc(SIZE - 1, SIZE - 1, 12)],
    ['in all corners at once', (y, x) => [0, SIZE - 1].some((cy) => [0, SIZE - 1].some((cx) => disc(cy, cx, 8)(y, x)))],
    ['from border to border', rectangle(0, 24, SIZE, 32)],
    ['all along the border', (y, x) => !rectangle(5, 5, SIZE - 5, SIZE - 5)(y, x)],
    ['several', (y, x) => disc(12, 12, 4)(y, x) || disc(30, 40, 6)(y, x) || disc(45, 10, 3)(y, x)],
    ['a ring', (y, x) => disc(28, 28, 12)(y, x) && !disc(28, 28, 8)(y, x)],
    ['one pixel', rectangle(30, 17, 31, 18)],
    ['one pixel in a corner', rectangle(0, 0, 1, 1)],
    ['scattered single pixels', (y, x) => y % 12 === 5 && x % 14 === 9],
    ['scratches a pixel thin', (y, x) => x === 20 || y + x === 60 || Math.abs(y - 2 * x) < 1],
    ['more than half of the picture', (_, x) => x >= 24],
    ['three quarters of the picture, in its middle', rectangle(4, 4, 52, 52)],
  ])('%s', async (_, rule) => {
    await expectClean(rule);
  });

  it('all but a single column, as long as that is not averaged away with its neighbours', async () => {
    const rule: Rule = (_, x) => x > 0;
    const photo = painted(meadow(SIZE, SIZE), rule);
    const result = await inpaint(photo, maskOf(SIZE, SIZE, rule), { workingSize: SIZE, grow: 0, feather: 0 });
    expect(magentaIn(result)).toBeLessThanOrEqual(TRACE);
    await expectFailure(() => inpaint(photo, maskOf(SIZE, SIZE, rule), { workingSize: 40, grow: 0, feather: 0 }), MaskError, 'mask-full');
  });

  it('in a picture much longer than wide', async () => {
    await expectClean(rectangle(4, 60, 12, 72), { width: 140, height: 16 });
  });

  it('holes side by side, in windows of their own, keep out of each other', async () => {
    // Two groups, since they are far apart for so small a working size; their seams lie in the same rows.
    const rule: Rule = (y, x) => disc(20, 14, 5)(y, x) || disc(20, 230, 5)(y, x);
    const photo = painted(meadow(250, 40), rule);
    const result = await inpaint(photo, maskOf(250, 40, rule), { workingSize: 32, grow: 0, feather: 3, generator: hasty() });
    expect(magentaIn(result)).toBeLessThanOrEqual(TRACE);
    expectUntouched(result.data, photo.data, 3, near(250, 40, rule, 3));
  });
});

describe('tiny pictures', () => {
  // The least that can be filled is one pixel from another one: all of these work, but for 1 x 1, which is all hole or none.
  const sizes: [number, number][] = [
    [1, 2],
    [2, 1],
    [1, 9],
    [9, 1],
    [2, 2],
    [3, 5],
    [5, 3],
    [7, 7],
    [1, 40],
    [40, 1],
  ];
  const last =
    (width: number, height: number): Rule =>
    (y, x) =>
      y === height - 1 && x === width - 1;

  it.each(sizes)('%d x %d: a pixel is filled, the others stay', async (width, height) => {
    for (const generator of [undefined, meanColour()]) {
      const tensors = tf.memory().numTensors;
      const photo = painted(meadow(width, height), last(width, height));
      const result = await inpaint(photo, maskOf(width, height, last(width, height)), { grow: 0, feather: 0, generator });
      expect(tf.memory().numTensors).toBe(tensors);
      expect([result.width, result.height]).toEqual([width, height]);
      expectUntouched(result.data, photo.data, 3, near(width, height, last(width, height), 0));
      expect(magentaIn(result)).toBeLessThanOrEqual(TRACE);
    }
  });

  it('1 x 1: with a hole there is nothing to fill it from, without one it comes back', async () => {
    const photo = scene(1, 1);
    await expectFailure(
      () =>
        inpaint(
          photo,
          maskOf(1, 1, () => true),
        ),
      MaskError,
      'mask-full',
    );
    const warnings: string[] = [];
    const result = await inpaint(
      photo,
      maskOf(1, 1, () => false),
      { onWarning: ({ code }) => warnings.push(code) },
    );
    expect(result).toEqual(photo);
    expect(warnings).toEqual(['mask-without-hole']);
  });
});

describe('a larger picture', () => {
  const title = 'fills a hole at four times the working size';
  it.skipIf(HEAVY)(HEAVY ? `${title} (slow on software WebGPU)` : title, async () => {
    const rule = disc(120, 150, 30);
    const photo = painted(meadow(280, 240), rule);
    const result = await inpaint(photo, maskOf(280, 240, rule), { workingSize: 64, grow: 0, feather: 3 });
    expect(magentaIn(result)).toBeLessThanOrEqual(TRACE);
    expectUntouched(result.data, photo.data, 3, near(280, 240, rule, 3));
    expect(changedWhere(result.data, photo.data, photo, rule)).toBe(maskOf(280, 240, rule).data.filter((v) => v > 0).length);
  });
});
