import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { pauseFor } from '../src/abort';
import { planPatches } from '../src/cra/fill-patches';
import { marksOf } from '../src/cra/hole-weights';
import { AbortError } from '../src/errors';
import { blendCopies } from '../src/generators/exemplar/blend';
import { peelOnion } from '../src/generators/exemplar/onion-peel';
import { buildPyramid } from '../src/generators/exemplar/pyramid';
import { reusePrices } from '../src/generators/exemplar/reuse';
import type { CopyField } from '../src/pixels/copy-field';
import { planSteps } from '../src/pixels/plan';
import { refineField } from '../src/pixels/refine-field';
import { holeRuns, seamWeights, weightsOfGrowth } from '../src/pixels/seam';
import { withPauses } from '../src/pixels/steps';
import { sourceOf } from '../src/pixels/view';
import { disc, maskOf, scene } from './cra/support';

await tf.setBackend('cpu');

const [height, width] = [48, 60];
const hole = Float32Array.from({ length: height * width }, (_, p) => (disc(24, 30, 9)(Math.floor(p / width), p % width) ? 1 : 0));
const pixels = scene(width, height).data;
const colours = Float32Array.from(pixels, (v) => v / 127.5 - 1);
const [level] = buildPyramid(colours, hole, height, width, 100).levels;
const offsets = Int32Array.from({ length: 2 * height * width }, (_, i) => (i % 2) * 20);

/** Runs a step whose third pause stops it. */
async function stoppedAtThird(step: (pause: () => Promise<void>) => Promise<unknown>): Promise<void> {
  let pauses = 0;
  const stop = new AbortError('aborted', 'stop');
  await expect(
    step(async () => {
      if (++pauses === 3) throw stop;
    }),
  ).rejects.toBe(stop);
}

it('the onion peel pauses', () =>
  stoppedAtThird((pause) => peelOnion(level, { patchSize: 7, offsetPenalty: [0, 0], prices: reusePrices(level, 7), seed: 0 }, 1, pause)));

it('blending pauses', () => stoppedAtThird((pause) => blendCopies(colours, level, offsets, new Float32Array(height * width), pause)));

it('aligning pauses, each time it has gone over some rows', async () => {
  const part = { height: 24, width: 30, top: 0, left: 0, rows: 24, columns: 30 };
  const coarse: CopyField = { ...part, offsets: Int32Array.from({ length: 2 * 24 * 30 }, (_, i) => (i % 2) * 10), covered: new Uint8Array(24 * 30).fill(1) };
  let pauses = 0;
  await refineField({ height, width, colours: new Uint8Array(pixels), marks: Uint8Array.from(hole) }, coarse, 5, 0, async () => {
    pauses++;
  });
  expect(pauses).toBeGreaterThanOrEqual(2);
});

const grid = maskOf(600, 400, (y, x) => y % 40 === 0 || x % 40 === 0);

it('painting hole and seam pauses', () => stoppedAtThird((pause) => withPauses(weightsOfGrowth(grid, new Map([[1, holeRuns(grid, 'white')]]), 6), pause)));

it('a plan pauses at each of its parts: thin holes or not', async () => {
  const { weights } = seamWeights(grid, { grow: 2, feather: 6 });
  for (const thin of [0, 20]) {
    await stoppedAtThird((pause) => withPauses(planSteps(weights, { feather: 6, thin }), pause));
    let pauses = 0;
    await withPauses(planSteps(weights, { feather: 6, thin }), async () => {
      pauses++;
    });
    // Each 64 rows counted; of thin holes, found and counted, and each tile of 96 pixels measured.
    expect(pauses).toBeGreaterThanOrEqual(thin > 0 ? 2 * 7 + 5 * 7 : 7);
  }
});

it.each(['runs', 'contents'] as const)('an abort that fires while hole and windows are laid out is answered there: after the %s are read', async (read) => {
  // Most of it is hole, so that its contents are looked at between painting and planning.
  const mask = maskOf(60, 40, (y) => y > 10);
  const marks = marksOf(mask);
  const controller = new AbortController();
  const abortLater = <T>(found: T) => {
    setTimeout(() => controller.abort('enough'), 0);
    return found;
  };
  const seen: string[] = [];
  const plan = planPatches(
    'inpaint',
    sourceOf(scene(60, 40)),
    { ...marks, [read]: (hole: 'white') => abortLater(read === 'runs' ? marks.runs(hole) : marks.contents()) },
    { grow: 1, signal: controller.signal, onProgress: ({ stage }) => seen.push(stage), onWarning: ({ code }) => seen.push(code) },
  );
  await expect(plan).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
  expect(seen).toEqual(read === 'runs' ? [] : ['mask-mostly-hole']);
});

it('a pause gives way to the event loop where that has waited, and only there', async () => {
  const pause = pauseFor(undefined);
  await pause();
  let turned = false;
  setTimeout(() => {
    turned = true;
  }, 0);
  for (let i = 0; i < 10; i++) await pause();
  expect(turned).toBe(false);
  for (const start = performance.now(); performance.now() - start < 60; );
  await pause();
  expect(turned).toBe(true);
});

it('a pause stops where the caller has aborted, waited or not', async () => {
  const controller = new AbortController();
  const pause = pauseFor(controller.signal);
  await pause();
  controller.abort('enough');
  await expect(pause()).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
});
