import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/picture';
import { alignField } from '../../src/pixels/align-field';
import type { Box } from '../../src/pixels/box';
import { type CopyField, copyField } from '../../src/pixels/copy-field';
import { seamWeights, unknownTest } from '../../src/pixels/seam';
import { sourceOf } from '../../src/pixels/view';
import { openWindow, type Retouch } from '../../src/pixels/window';
import { disc, maskOf, pictureOf, scene } from '../cra/support';
import { seeded } from '../support/values';

const W = 240;
const H = 200;
const view: Box = { top: 10, left: 20, bottom: 170, right: 212 };
const target: Box = { top: 60, left: 80, bottom: 110, right: 140 };
const hole = disc(85, 110, 18);
/** An eighth of the view. */
const low = { width: 24, height: 20 };

async function open(photo: Picture): Promise<Retouch> {
  const { weights } = seamWeights(maskOf(W, H, hole), { feather: 3 });
  return openWindow(sourceOf(photo), weights, { view, target, low, owns: () => true });
}

/** Each low-resolution pixel is a copy of the one that many columns to its right. */
function fieldOf(columns: number): CopyField {
  const offsets = new Int32Array(low.width * low.height * 2);
  for (let p = 0; p < low.width * low.height; p++) offsets.set([0, columns], 2 * p);
  return copyField(offsets, low);
}

describe('alignField', () => {
  it('covers the target at half of full size, and leads to known pixels of the view', async () => {
    const retouch = await open(scene(W, H));
    const field = await alignField(retouch, fieldOf(-8));
    expect([field.height, field.width]).toEqual([80, 96]);
    const isUnknown = unknownTest(retouch.photo, retouch.weights);
    let covered = 0;
    for (let y = retouch.target.top; y < retouch.target.bottom; y++) {
      for (let x = retouch.target.left; x < retouch.target.right; x++) {
        const [r, c] = [(y >> 1) - field.top, (x >> 1) - field.left];
        expect(r >= 0 && c >= 0 && r < field.rows && c < field.columns).toBe(true);
        const at = r * field.columns + c;
        if (!isUnknown(y, x)) continue;
        expect(field.covered[at]).toBe(1);
        covered++;
        expect(isUnknown(y + 2 * field.offsets[2 * at]!, x + 2 * field.offsets[2 * at + 1]!)).toBe(false);
      }
    }
    expect(covered).toBeGreaterThan(1000);
  });

  it('finds the period of a pattern that the low resolution puts off by some pixels', async () => {
    // Repeats every 52 columns, which are six and a half low-resolution pixels: its copies are off by four.
    const grain = seeded(4, H * 52);
    const photo = pictureOf(W, H, 3, (y, x) => 128 + 100 * grain[(y >> 2) * 52 + ((x % 52) >> 2)]!);
    const { covered, offsets } = await alignField(await open(photo), fieldOf(-7));
    const own = Array.from(covered.keys()).filter((at) => covered[at] === 1);
    const right = own.filter((at) => offsets[2 * at] === 0 && offsets[2 * at + 1] === -26);
    // As it was given, the field is right nowhere.
    expect(right.length).toBeGreaterThan(0.7 * own.length);
  });

  it('ends at a coarser size where memory is for no finer one, and at the given one where it is for none', async () => {
    const retouch = await open(scene(W, H));
    const sizes = await Promise.all([undefined, 50_000, 14_000, 1].map(async (memory) => (await alignField(retouch, fieldOf(-8), { memory })).height));
    expect(sizes).toEqual([80, 40, 20, 20]);
    // Each offset tells where it stood.
    const places = copyField(
      Int32Array.from({ length: low.width * low.height * 2 }, (_, i) => i + 1),
      low,
    );
    const { top, left, rows, columns, offsets } = await alignField(retouch, places, { memory: 1 });
    expect([top, left, rows, columns]).toEqual([5, 6, 9, 10]);
    const exact = Array.from({ length: rows * columns * 2 }, (_, i) => 2 * ((5 + Math.floor(i / 20)) * low.width + 6) + (i % 20) + 1);
    expect(Array.from(offsets)).toEqual(exact);
  });

  it('is the same without WebAssembly, size after size', async () => {
    const retouch = await open(scene(W, H));
    const compiled = await alignField(retouch, fieldOf(-8));
    const known = globalThis.WebAssembly;
    try {
      Object.assign(globalThis, { WebAssembly: undefined });
      expect(await alignField(retouch, fieldOf(-8))).toEqual(compiled);
    } finally {
      Object.assign(globalThis, { WebAssembly: known });
    }
  });

  it('is the same for the same seed, and another for another', async () => {
    const retouch = await open(scene(W, H));
    const [one, same, other] = await Promise.all([3, 3, 4].map((seed) => alignField(retouch, fieldOf(-8), { seed })));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('stops where its pause throws', async () => {
    let pauses = 0;
    const pause = async () => {
      if (++pauses === 3) throw new Error('enough');
    };
    await expect(alignField(await open(scene(W, H)), fieldOf(-8), { pause })).rejects.toThrow('enough');
    expect(pauses).toBe(3);
  });
});
