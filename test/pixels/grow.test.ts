import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/picture';
import { growthByOutline } from '../../src/pixels/grow';
import { HOLE, holeRuns, seamWeights, seamWeightsOf } from '../../src/pixels/seam';
import { copyOf, type PhotoSource, sourceOf, viewOf } from '../../src/pixels/view';
import { disc, maskOf, painted, pictureOf, type Rule } from '../cra/support';
import { seeded } from '../support/values';

const SIZE = 900;
const RADIUS = 80;
const grain = seeded(5, SIZE * SIZE);

type Kind = [channels: 1 | 2 | 3 | 4, bits: 8 | 16];

/** A textured plain, on which a darker disc may lie whose outline is a pixel and a half wide; alpha is uneven, never 0. */
function photoOf(object?: [number, number], [channels, bits]: Kind = [3, 8]): Picture {
  const value = (y: number, x: number, c: number) => {
    if (channels % 2 === 0 && c === channels - 1) return 255 - ((x + y) % 50);
    const inside = object ? Math.min(Math.max((RADIUS - Math.hypot(y - object[0], x - object[1])) / 1.5 + 0.5, 0), 1) : 0;
    return 140 + 25 * grain[y * SIZE + x] + 10 * Math.sin(x / 9) - 50 * inside;
  };
  return pictureOf(SIZE, SIZE, channels, value, bits);
}

/** The most that any of a mask's runs grows by this photo. */
async function grownBy(photo: Picture | PhotoSource, rule: Rule): Promise<number> {
  const source = 'read' in photo ? photo : sourceOf(photo);
  return Math.max(...(await growthByOutline(source, holeRuns(maskOf(SIZE, SIZE, rule), 'white'))).keys());
}

/** A source that gives copies, as one in a file does, and keeps count. */
function apart(photo: Picture) {
  const boxes: number[] = [];
  const source: PhotoSource = {
    ...sourceOf(photo),
    read: async (box) => {
      boxes.push((box.bottom - box.top) * (box.right - box.left));
      return copyOf(viewOf(photo, box));
    },
  };
  return { source, boxes };
}

const middle: [number, number] = [450, 440];

describe('automatic growth by the photo', () => {
  it('is by a pixel where nothing lies beside the hole', async () => {
    expect(await grownBy(photoOf(), disc(...middle, RADIUS))).toBe(1);
  });

  it('is by a pixel around a mask drawn well outside the object', async () => {
    expect(await grownBy(photoOf(middle), disc(...middle, RADIUS + 14))).toBe(1);
  });

  it.each([1, 2, 3, 4, 5])('reaches past the outline of an object that shows by %d pixels', async (by) => {
    const grown = await grownBy(photoOf(middle), disc(...middle, RADIUS - by));
    expect(grown).toBeGreaterThanOrEqual(by + 1);
    expect(grown).toBeLessThanOrEqual(by + 3);
  });

  it('takes no more than its share of thickness, and of the short side', async () => {
    expect(await grownBy(photoOf(middle), disc(...middle, RADIUS - 6))).toBeLessThanOrEqual(7);
    expect(await grownBy(photoOf(middle), disc(...middle, 7))).toBe(1);
  });

  it('covers what shows on one side only, and leaves the other', async () => {
    const photo = photoOf(middle);
    // Drawn 10 pixels outside the object on the left, 4 inside it on the right.
    const mask = maskOf(SIZE, SIZE, (y, x) => disc(...middle, RADIUS - 4)(y, x) || (disc(...middle, RADIUS + 10)(y, x) && x < middle[1] + 0.7 * RADIUS));
    const { weights } = await seamWeightsOf(sourceOf(photo), mask);
    expect(weights.data[middle[0] * SIZE + middle[1] + RADIUS]).toBe(HOLE);
    expect(weights.data[middle[0] * SIZE + middle[1] - RADIUS - 10 - 2]).toBe(0);
  });

  it('is by a pixel amid things that have steps at any distance from the rim', async () => {
    const tones = seeded(7, SIZE);
    for (const cell of [12, 17, 24, 32, 40, 50, 64]) {
      const mosaic = pictureOf(SIZE, SIZE, 1, (y, x) => 128 + 90 * tones[(Math.floor(y / cell) * 31 + Math.floor(x / cell) * 17) % SIZE], 8);
      expect(await grownBy(mosaic, disc(...middle, RADIUS))).toBe(1);
    }
  });

  it('does not look at the hole', async () => {
    for (const by of [0, 3]) {
      const hole = disc(...middle, RADIUS - by);
      expect(await grownBy(painted(photoOf(middle), hole), hole)).toBe(await grownBy(photoOf(middle), hole));
    }
  });

  it("works at the photo's border", async () => {
    const corner: [number, number] = [10, SIZE - 20];
    const grown = await grownBy(photoOf(corner), disc(...corner, RADIUS - 3));
    expect(grown).toBeGreaterThanOrEqual(4);
    expect(grown).toBeLessThanOrEqual(6);
    expect(await grownBy(photoOf(), disc(...corner, RADIUS))).toBe(1);
  });

  it.each<Kind>([
    [1, 8],
    [2, 8],
    [4, 8],
    [1, 16],
    [3, 16],
    [4, 16],
  ])('is the same in %d channels of %d bits, from memory and from a source', async (channels, bits) => {
    const photo = photoOf(middle, [channels, bits]);
    const hole = disc(...middle, RADIUS - 3);
    const grown = await grownBy(photo, hole);
    expect(grown).toBe(await grownBy(photoOf(middle), hole));
    expect(await grownBy(apart(photo).source, hole)).toBe(grown);
  });

  it('is not misled by what is wholly transparent', async () => {
    // Outside the object everything is transparent black: nothing to compare with, so by thickness alone.
    const hole = disc(...middle, RADIUS - 3);
    const photo = painted(photoOf(middle, [4, 8]), (y, x) => !disc(...middle, RADIUS + 1)(y, x), [0, 0, 0], 0);
    const mask = maskOf(SIZE, SIZE, hole);
    const { weights } = await seamWeightsOf(sourceOf(photo), mask);
    expect(Buffer.compare(weights.data as Uint8Array, seamWeights(mask, { grow: 'auto' }).weights.data as Uint8Array)).toBe(0);
  });

  it('reads the surroundings of a hole once, and nothing for what can grow by a pixel only', async () => {
    const { source, boxes } = apart(photoOf(middle));
    await grownBy(source, disc(...middle, RADIUS));
    expect(boxes).toHaveLength(1);
    // A leftover may reach 11 pixels, cells are twice that, and five times 11 pixels is what may be looked at around one.
    expect(boxes[0]).toBeLessThanOrEqual((2 * (RADIUS + 7 * 11 + 5)) ** 2);
    boxes.length = 0;
    await grownBy(source, disc(...middle, 6));
    expect(boxes).toEqual([]);
  });

  it('reads small boxes, and not many, of a hole with large surroundings', async () => {
    // A frame of 60 pixels, around more than is held.
    const [size, from, to, thick] = [2400, 100, 2300, 60];
    const runs = Array.from({ length: to - from }, (_, n) => {
      const row = from + n;
      if (row < from + thick || row >= to - thick) return [{ row, start: from, end: to }];
      return [
        { row, start: from, end: from + thick },
        { row, start: to - thick, end: to },
      ];
    }).flat();
    const { source, boxes } = apart(pictureOf(size, size, 1, (y, x) => 100 + 30 * Math.sin(x / 9) + 20 * Math.cos(y / 7), 8));
    await growthByOutline(source, runs);
    expect(boxes.length).toBeGreaterThan(64);
    // At 64 places, and in cells of 20 pixels, twice in each: one with so much, and one with three times half of it around it.
    expect(boxes.length).toBeLessThanOrEqual(64 + (2 * 8 * (to - from)) / 20);
    expect(Math.max(...boxes)).toBeLessThanOrEqual(96 ** 2);
  });
});
