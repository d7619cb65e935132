import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type CandidateOptions, inpaintCandidates } from '../../src/cra/candidates';
import { inpaint } from '../../src/cra/inpaint';
import { AbortError, ArgumentError } from '../../src/errors';
import { exemplar } from '../../src/generators/exemplar';
import type { Picture } from '../../src/picture';
import { disc, expectFailure, expectUntouched, maskOf, meanColour, near, pictureOf, type Rule, rectangle, scene } from './support';

const W = 120;
const H = 90;
/** Grass to the left and sand to the right, which meet behind the hole at a place that nobody knows, with stones. */
const photo = pictureOf(W, H, 3, (y, x, c) => {
  const stone = Math.sin(x * 0.9) * Math.sin(y * 1.1) > 0.55 ? 60 : 0;
  const wave = 18 * Math.sin(x * 0.5 + y * 0.2) + 14 * Math.cos(y * 0.6 - x * 0.15);
  return (x + 0.4 * y < 78 ? [60, 130, 50][c] : [190, 170, 120][c]) + wave - stone;
});
const hole = disc(45, 60, 22);
const mask = maskOf(W, H, hole);
const quick = () => exemplar({ starts: 6, coarseRounds: 2, rounds: 2, lines: false });
const base = { workingSize: 96, grow: 0, feather: 2, seed: 5 };
const candidatesOf = (more: CandidateOptions = {}): Promise<Picture[]> => inpaintCandidates(photo, mask, { ...base, generator: quick(), ...more });

/** The mean difference of two pictures where a rule holds, in levels. */
function difference(a: Picture, b: Picture, rule: Rule): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < a.data.length; i++) {
    const p = Math.floor(i / a.channels);
    if (!rule(Math.floor(p / a.width), p % a.width)) continue;
    sum += Math.abs(a.data[i] - b.data[i]);
    count++;
  }
  return sum / count;
}

describe('several fills to choose from', () => {
  it("begin with inpaint()'s own, and differ to the eye", async () => {
    const found = await candidatesOf({ candidates: 3 });
    expect(found.length).toBe(3);
    expect(found[0].data).toEqual((await inpaint(photo, mask, { ...base, generator: quick() })).data);
    for (const [n, one] of found.entries()) {
      expectUntouched(one.data, photo.data, 3, near(W, H, hole, 2));
      for (const other of found.slice(n + 1)) expect(difference(one, other, hole)).toBeGreaterThan(5);
    }
    // Fewer are the first of more, and the same call gives the same.
    expect((await candidatesOf({ candidates: 2 })).map(({ data }) => data)).toEqual(found.slice(0, 2).map(({ data }) => data));
    expect((await candidatesOf({ candidates: 1 })).map(({ data }) => data)).toEqual([found[0].data]);
    expect((await candidatesOf({ candidates: 2, seed: 6 }))[1].data).not.toEqual(found[1].data);
  });

  it('are looked for elsewhere where first guesses are alike', async () => {
    const found = await inpaintCandidates(scene(W, H), mask, { ...base, generator: quick() });
    // Of the first guesses themselves, one.
    expect(found.length).toBeGreaterThanOrEqual(2);
    for (const [n, one] of found.entries()) for (const other of found.slice(n + 1)) expect(difference(one, other, hole)).toBeGreaterThan(5);
  });

  it('are as many as differ', async () => {
    // Where all is one colour, there is nothing to choose.
    const plain = pictureOf(W, H, 3, () => 120);
    expect((await inpaintCandidates(plain, mask, { ...base, generator: quick() })).length).toBe(1);
    const speck = maskOf(W, H, disc(20, 20, 3));
    const healed = await inpaintCandidates(photo, speck, base);
    expect(healed.map(({ data }) => data)).toEqual([(await inpaint(photo, speck, base)).data]);
    expect(
      (
        await inpaintCandidates(
          photo,
          maskOf(W, H, () => false),
          { onWarning: () => {} },
        )
      ).map(({ data }) => data),
    ).toEqual([photo.data]);
  });

  it('of a generator that knows one way are rebuilt in several, and none is twice there', async () => {
    const found = await inpaintCandidates(photo, mask, { ...base, generator: meanColour(), candidates: 3 });
    expect(found[0].data).toEqual((await inpaint(photo, mask, { ...base, generator: meanColour() })).data);
    for (const [n, one] of found.entries()) for (const other of found.slice(n + 1)) expect(difference(one, other, hole)).toBeGreaterThan(1);
    expect((await inpaintCandidates(photo, mask, { ...base, generator: meanColour(), detail: false })).length).toBe(1);
  });

  it('of several windows are whole photos, with thin holes in all', async () => {
    const wide = scene(420, 120);
    const [one, two, wire] = [disc(60, 50, 16), disc(60, 370, 16), rectangle(60, 150, 62, 270)];
    const holes = maskOf(420, 120, (y, x) => one(y, x) || two(y, x) || wire(y, x));
    const options = { ...base, workingSize: 64, generator: quick() };
    const found = await inpaintCandidates(wide, holes, { ...options, candidates: 3 });
    const own = await inpaint(wide, holes, options);
    expect(found[0].data).toEqual(own.data);
    for (const { data } of found.slice(1)) {
      const picture = { ...wide, data };
      expect(difference(picture, wide, one)).toBeGreaterThan(0);
      expect(difference(picture, wide, two)).toBeGreaterThan(0);
      expect(difference(picture, own, wire)).toBe(0);
    }
  });

  it('are the same for any number of threads', async () => {
    const [one, two] = [await candidatesOf({ candidates: 3, threads: 1 }), await candidatesOf({ candidates: 3, threads: 2 })];
    expect(two.map(({ data }) => data)).toEqual(one.map(({ data }) => data));
  });

  it('come in the kind of the photo, and leave no tensor', async () => {
    const before = tf.memory().numTensors;
    const tensor = tf.tensor3d(Int32Array.from(photo.data), [H, W, 3], 'int32');
    const found = await inpaintCandidates(tensor, mask, { ...base, generator: quick(), candidates: 2 });
    const pictures = await candidatesOf({ candidates: 2 });
    for (const [n, one] of found.entries()) expect(Uint8Array.from(await one.data())).toEqual(pictures[n].data);
    tf.dispose([tensor, ...found]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('may be aborted while any of them is made', async () => {
    for (const stage of ['fill', 'detail'] as const) {
      const controller = new AbortController();
      const onProgress = (progress: { stage: string; done: number }) => {
        if (progress.stage === stage && progress.done > 0) controller.abort();
      };
      await expectFailure(() => candidatesOf({ signal: controller.signal, onProgress }), AbortError, 'aborted');
    }
    await expectFailure(() => candidatesOf({ signal: AbortSignal.abort() }), AbortError, 'aborted');
  });

  it.each([0, 13, 2.5, Number.NaN, '4'])('%s is no number of them', async (candidates) => {
    const { message } = await expectFailure(() => candidatesOf({ candidates: candidates as number }), ArgumentError, 'argument');
    expect(message).toMatch(/candidates must be a whole number from 1 to 12/);
  });
});
