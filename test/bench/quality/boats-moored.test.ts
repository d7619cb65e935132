import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { buildCase, caseSpecs } from '../../../bench/quality/cases';
import { signedDistance } from '../../../bench/quality/geometry';
import { inpaint } from '../../../src/cra/inpaint';
import type { Picture } from '../../../src/picture';

tf.env().set('IS_TEST', true);
await tf.setBackend('wasm');
tf.env().set('IS_TEST', false);

/** Mean squared Laplacian of luma where the rule holds. */
function energy(data: ArrayLike<number>, width: number, height: number, holds: (pixel: number) => boolean): number {
  const luma = (p: number) => 0.299 * data[3 * p] + 0.587 * data[3 * p + 1] + 0.114 * data[3 * p + 2];
  let [sum, count] = [0, 0];
  for (let p = width; p < width * (height - 1); p++) {
    if (p % width === 0 || (p + 1) % width === 0 || !holds(p)) continue;
    sum += (4 * luma(p) - luma(p - 1) - luma(p + 1) - luma(p - width) - luma(p + width)) ** 2;
    count++;
  }
  return sum / count;
}

// The hole over the junk with its rigging: averaged votes end in a grey blob there, of a twentieth of the energy around it.
it('boats-moored is filled with texture, not with a grey blob', { timeout: 60_000 }, async () => {
  const spec = caseSpecs.find(({ name }) => name === 'boats-moored') as (typeof caseSpecs)[number];
  const { input, hole } = await buildCase(spec);
  const { width, height } = input;
  const photo: Picture = { width, height, channels: 3, data: input.data };
  const mask: Picture = { width, height, channels: 1, data: hole.data.map((v) => v * 255) };
  const result = await inpaint(photo, mask);

  const distance = signedDistance(hole);
  const deep = energy(result.data, width, height, (p) => distance[p] < -6);
  const around = energy(photo.data, width, height, (p) => distance[p] > 8 && distance[p] < 60);
  expect(deep / around).toBeGreaterThan(0.4);
  expect(deep / around).toBeLessThan(2);

  // No leftover of the magenta that was painted under the mask.
  let magenta = 0;
  for (let i = 0; i < result.data.length; i += 3) magenta = Math.max(magenta, Math.min(result.data[i], result.data[i + 2]) - result.data[i + 1]);
  let before = 0;
  for (let p = 0; p < width * height; p++) {
    if (!hole.data[p]) before = Math.max(before, Math.min(photo.data[3 * p], photo.data[3 * p + 2]) - photo.data[3 * p + 1]);
  }
  expect(magenta).toBeLessThanOrEqual(before + 10);
});
