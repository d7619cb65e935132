import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import { exemplar } from '../../src/generators/exemplar';
import type { Picture } from '../../src/picture';
// @ts-expect-error: a plain script without types.
import { proceduralImage } from '../golden/procedural.js';
import { disc, maskOf, painted, pictureOf, type Rule } from './support';

const SIZE = 96;
const CENTRE = 47.5;
const hole = disc(CENTRE, CENTRE, 12);

// Fewer first guesses where each takes a second.
const generator = tf.getBackend() === 'webgpu' ? exemplar({ starts: 3, coarseRounds: 3 }) : exemplar();
const fill = (truth: Picture, rule: Rule, workingSize: number) =>
  inpaint(painted(truth, rule), maskOf(truth.width, truth.height, rule), { workingSize, grow: 1, feather: 2, generator });

const luma = ({ data }: Picture, p: number) => 0.299 * data[3 * p] + 0.587 * data[3 * p + 1] + 0.114 * data[3 * p + 2];

/** Sum of the squared Laplacian of luma where the rule holds: how much fine detail there is. */
function laplacianEnergy(picture: Picture, rule: Rule): number {
  const { width, height } = picture;
  let sum = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      if (!rule(y, x)) continue;
      const p = y * width + x;
      sum += (4 * luma(picture, p) - luma(picture, p - 1) - luma(picture, p + 1) - luma(picture, p - width) - luma(picture, p + width)) ** 2;
    }
  }
  return sum;
}

/** Mean absolute error, in levels, where the rule holds. */
function meanError(result: Picture, truth: Picture, rule: Rule): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < truth.data.length; i++) {
    const p = Math.floor(i / truth.channels);
    if (!rule(Math.floor(p / truth.width), p % truth.width)) continue;
    sum += Math.abs(result.data[i] - truth.data[i]);
    count++;
  }
  return sum / count;
}

/** The largest difference of two neighbours in rows or columns. */
function largestStep({ width, height, channels, data }: Picture): number {
  let worst = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const at = (y * width + x) * channels + c;
        if (x > 0) worst = Math.max(worst, Math.abs(data[at] - data[at - channels]));
        if (y > 0) worst = Math.max(worst, Math.abs(data[at] - data[at - width * channels]));
      }
    }
  }
  return worst;
}

it('the measure tells a texture from a blur of it', () => {
  const sharp: Picture = { width: SIZE, height: SIZE, channels: 3, data: proceduralImage(5, SIZE, SIZE) };
  const at = (y: number, x: number) => (Math.min(Math.max(y, 0), SIZE - 1) * SIZE + Math.min(Math.max(x, 0), SIZE - 1)) * 3;
  const smooth = pictureOf(
    SIZE,
    SIZE,
    3,
    (y, x, c) => [-1, 0, 1].reduce((s, v) => s + [-1, 0, 1].reduce((t, u) => t + sharp.data[at(y + v, x + u) + c], 0), 0) / 9,
  );
  expect(laplacianEnergy(smooth, hole) / laplacianEnergy(sharp, hole)).toBeLessThan(0.1);
});

describe.each([
  { name: 'at the working size', workingSize: SIZE, limit: 4 },
  // Stripes of ten and two thirds pixels there: copies are off by parts of one, and their colours are blended.
  { name: 'at half as much again', workingSize: 64, limit: 14 },
])('$name', ({ workingSize, limit }) => {
  it('the fill is as finely textured as the truth', async () => {
    let [filled, real] = [0, 0];
    for (const seed of [5, 6, 9]) {
      const truth: Picture = { width: SIZE, height: SIZE, channels: 3, data: proceduralImage(seed, SIZE, SIZE) };
      filled += laplacianEnergy(await fill(truth, hole, workingSize), hole);
      real += laplacianEnergy(truth, hole);
    }
    expect(filled / real).toBeGreaterThan(0.5);
    expect(filled / real).toBeLessThan(1.6);
  });

  it('stripes go on through the hole', async () => {
    const truth = pictureOf(SIZE, SIZE, 3, (_, x) => (x % 16 < 8 ? 60 : 190));
    // Wrong stripes would be off by 65.
    expect(meanError(await fill(truth, hole, workingSize), truth, hole)).toBeLessThan(limit);
  });

  it('an edge goes on through the hole', async () => {
    const truth = pictureOf(SIZE, SIZE, 3, (y, x, c) => (y < SIZE / 2 ? 60 : 190) + 6 * Math.sin(x * 1.3 + y * 0.9 + c));
    // Half of it wrong would be 65.
    expect(meanError(await fill(truth, hole, workingSize), truth, hole)).toBeLessThan(8);
  });

  it.each([
    ['a level one', () => 120],
    ['one from left to right', (_y: number, x: number) => 40 + (170 * x) / SIZE],
    ['one across both', (y: number, x: number) => 40 + (170 * (x + y)) / 2 / SIZE],
  ])('a gradient has no step at the rim or within: %s', async (_, value) => {
    const truth = pictureOf(SIZE, SIZE, 3, value);
    const result = await fill(truth, hole, workingSize);
    expect(largestStep(result)).toBeLessThanOrEqual(largestStep(truth) + 6);
    expect(meanError(result, truth, hole)).toBeLessThan(6);
  });
});
