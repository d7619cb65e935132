import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { fillWindow } from '../../src/cra/fill';
import { inpaint } from '../../src/cra/inpaint';
import type { LowResolution } from '../../src/pixels/window';
import { disc, hasty, maskOf, meanColour, painted, pictureOf } from './support';

/** Mean difference of vertical neighbours, in levels, at pixels this far from a disc's rim. */
function detailAt(data: ArrayLike<number>, size: number, radius: number, [from, to]: [number, number]): number {
  let [sum, count] = [0, 0];
  for (let y = 0; y + 1 < size; y++) {
    for (let x = 0; x < size; x++) {
      const distance = Math.hypot(y - size / 2, x - size / 2) - radius;
      if (distance < from || distance > to) continue;
      sum += Math.abs(data[y * size + x] - data[(y + 1) * size + x]);
      count++;
    }
  }
  return sum / count;
}

describe('the seam', () => {
  it('is written within the picture, however wide it is', async () => {
    const size = 180;
    const photo = pictureOf(size, size, 3, (y, x) => 160 + 20 * Math.sin(x * 0.4) + 15 * Math.cos(y * 0.3));
    const hole = disc(90, 90, 3);
    const result = await inpaint(photo, maskOf(size, size, hole), { workingSize: 32, grow: 0, feather: 80, generator: hasty() });
    for (const value of result.data) if (value < 100 || value > 220) expect.fail(`${value} in a picture of 125 to 195`);
  });

  it.each([64, 20])('is as sharp as the photo where no copy reaches (working size %d)', async (workingSize) => {
    const [size, radius] = [64, 4];
    let state = 1;
    const photo = pictureOf(size, size, 1, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return 60 + (state >>> 24) / 2;
    });
    const hole = disc(size / 2, size / 2, radius);
    const result = await inpaint(painted(photo, hole), maskOf(size, size, hole), { workingSize, grow: 0, feather: 24, generator: meanColour() });
    for (const ring of [
      [5, 9],
      [10, 20],
    ] as [number, number][]) {
      // Where a copy is laid half over the photo, both lose some.
      expect(detailAt(result.data, size, radius, ring) / detailAt(photo.data, size, radius, ring), `${ring}`).toBeGreaterThan(ring[0] < 10 ? 0.6 : 0.9);
    }
  });

  it('without detail is the fill alone, laid over the photo', async () => {
    const [size, radius] = [64, 4];
    const photo = pictureOf(size, size, 1, (y, x) => ((y + x) % 2) * 100 + 50);
    const hole = disc(size / 2, size / 2, radius);
    const result = await inpaint(photo, maskOf(size, size, hole), { workingSize: 32, grow: 0, feather: 6, detail: false, generator: meanColour() });
    expect(detailAt(result.data, size, radius, [0.5, 2])).toBeLessThan(0.4 * detailAt(photo.data, size, radius, [0.5, 2]));
  });
});

it('detail far from anything known is measured against the fill, not against grey', async () => {
  const [width, height] = [24, 8];
  const hole = Float32Array.from({ length: width * height }, (_, p) => (p % width < 4 ? 0 : 1));
  const low: LowResolution = { width, height, hole, colours: new Float32Array(width * height * 3).fill(0.75) };
  const before = tf.memory().numTensors;
  const [{ base, knownBase }] = await fillWindow(low, undefined, { op: 'inpaint', generator: meanColour(), detail: true, seed: 0, onProgress: () => {} });
  expect(tf.memory().numTensors).toBe(before);
  for (const data of [base, knownBase]) for (const value of data) expect(value).toBeCloseTo(0.75, 4);
});
