import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import { InpaintError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import { seeded } from '../support/values';
import { expectUntouched, maskOf, meanColour, near, type Rule, rectangle, scene } from './support';

tf.env().set('IS_TEST', true);
await tf.setBackend('wasm');
tf.env().set('IS_TEST', false);

/** Holes of every sort, from a seed: rectangles anywhere, or pixels at random. */
function holeOf(kind: 'rectangles' | 'pixels', amount: number, seed: number, width: number, height: number): Rule {
  const chance = seeded(seed, Math.max(width * height, 16)).map((v) => (v + 1) / 2);
  if (kind === 'pixels') return (y, x) => chance[y * width + x] < amount * amount;
  const boxes = Array.from({ length: 1 + (seed % 3) }, (_, i) => {
    const [top, left] = [Math.floor(chance[4 * i] * height), Math.floor(chance[4 * i + 1] * width)];
    return rectangle(top, left, top + 1 + Math.floor(chance[4 * i + 2] * amount * height), left + 1 + Math.floor(chance[4 * i + 3] * amount * width));
  });
  return (y, x) => boxes.some((box) => box(y, x));
}

describe('inpaint', () => {
  const seen = { results: 0, errors: new Set<string>() };

  it('either fills the hole and nothing else, or throws an error of ours; nothing leaks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          width: fc.integer({ min: 1, max: 40 }),
          height: fc.integer({ min: 1, max: 40 }),
          channels: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
          bits: fc.constantFrom(8 as const, 16 as const),
          kind: fc.constantFrom('rectangles' as const, 'pixels' as const),
          amount: fc.double({ min: 0, max: 1, noNaN: true }),
          seed: fc.integer({ min: 0, max: 999 }),
          grow: fc.integer({ min: 0, max: 4 }),
          feather: fc.integer({ min: 0, max: 6 }),
          workingSize: fc.integer({ min: 16, max: 48 }),
          memory: fc.constantFrom(1, 4096, 2 ** 29),
          detail: fc.boolean(),
          made: fc.constantFrom('exemplar' as const, 'mean' as const, 'mean, padded' as const),
          clear: fc.boolean(),
        }),
        async ({ width, height, channels, bits, kind, amount, seed, grow, feather, workingSize, memory, detail, made, clear }) => {
          const rule = holeOf(kind, amount, seed, width, height);
          const photo = scene(width, height, channels, bits, seed);
          // Some of it may be transparent.
          if (clear && channels % 2 === 0) for (let p = 0; p < width * height; p += 3) photo.data[p * channels + channels - 1] = 0;
          const before = photo.data.slice();
          const generator = made === 'exemplar' ? undefined : meanColour({ multiple: made === 'mean' ? 1 : 8 });
          const tensors = tf.memory().numTensors;
          let result: Picture | undefined;
          try {
            result = await inpaint(photo, maskOf(width, height, rule), {
              grow,
              feather,
              workingSize,
              memory,
              detail,
              seed,
              generator,
              onWarning: () => undefined,
            });
            seen.results++;
          } catch (error) {
            if (!(error instanceof InpaintError)) throw error;
            seen.errors.add(error.code);
          }
          expect(tf.memory().numTensors).toBe(tensors);
          expect(photo.data).toEqual(before);
          if (!result) return;
          expect([result.width, result.height, result.channels, result.data.constructor]).toEqual([width, height, channels, photo.data.constructor]);
          expectUntouched(result.data, photo.data, channels, near(width, height, rule, grow + feather));
        },
      ),
      { numRuns: 60, seed: 20 },
    );
  });

  it('that test saw both results and refusals', () => {
    expect(seen.results).toBeGreaterThan(20);
    // With options in their ranges, the only thing that can be wrong is a mask that leaves nothing.
    expect([...seen.errors].filter((code) => code !== 'argument')).toEqual(['mask-full']);
  });
});

describe("a Node Buffer's pixels", () => {
  it('are not written to, though a slice of them would be the same memory', async () => {
    const photo: Picture = { ...scene(30, 24), data: Buffer.from(scene(30, 24).data as Uint8Array) };
    const mask = maskOf(30, 24, rectangle(8, 9, 15, 17));
    const result = await inpaint(photo, mask, { grow: 0, feather: 1 });
    expect(Array.from(photo.data)).toEqual(Array.from(scene(30, 24).data));
    expect(result.data).toEqual((await inpaint(scene(30, 24), mask, { grow: 0, feather: 1 })).data);
    const none = await inpaint(
      photo,
      maskOf(30, 24, () => false),
      { onWarning: () => undefined },
    );
    expect(none.data.buffer).not.toBe(photo.data.buffer);
  });
});
