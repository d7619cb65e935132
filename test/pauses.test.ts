import { expect, it } from 'vitest';
import { pauseFor } from '../src/abort';
import { AbortError } from '../src/errors';
import { blendCopies } from '../src/generators/exemplar/blend';
import { peelOnion } from '../src/generators/exemplar/onion-peel';
import { buildPyramid } from '../src/generators/exemplar/pyramid';
import type { CopyField } from '../src/pixels/copy-field';
import { refineField } from '../src/pixels/refine-field';
import { disc, scene } from './cra/support';

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

it('the onion peel pauses', () => stoppedAtThird((pause) => peelOnion(level, 7, [0, 0], 1, 0, pause)));

it('blending pauses', () => stoppedAtThird((pause) => blendCopies(colours, level, offsets, new Float32Array(height * width), pause)));

it('aligning pauses, each time it has gone over some rows', async () => {
  const part = { height: 24, width: 30, top: 0, left: 0, rows: 24, columns: 30 };
  const coarse: CopyField = { ...part, offsets: Int32Array.from({ length: 2 * 24 * 30 }, (_, i) => (i % 2) * 10), covered: new Uint8Array(24 * 30).fill(1) };
  let pauses = 0;
  await refineField({ height, width, colours: new Uint8Array(pixels), hole: Uint8Array.from(hole) }, coarse, 5, 0, async () => {
    pauses++;
  });
  expect(pauses).toBeGreaterThanOrEqual(2);
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
