import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/picture';
import { leftoversOf } from '../../src/pixels/leftovers';
import { rowsOf } from '../../src/pixels/runs';
import { HOLE, holeRuns, seamWeightsOf } from '../../src/pixels/seam';
import { copyOf, type PhotoSource, sourceOf, viewOf } from '../../src/pixels/view';
import { disc, maskOf, painted, pictureOf, type Rule } from '../cra/support';
import { seeded } from '../support/values';

const SIZE = 400;
const RADIUS = 60;
const REACH = 12;
const grain = seeded(6, SIZE * SIZE);
const middle: [number, number] = [200, 190];
const hole = disc(...middle, RADIUS);

/** Grainy ground; where `object` lies it is of another colour. */
function photoOf(object: Rule = () => false, [channels, bits]: [1 | 2 | 3 | 4, 8 | 16] = [3, 8]): Picture {
  const value = (y: number, x: number, c: number) => {
    if (channels % 2 === 0 && c === channels - 1) return 255;
    return (object(y, x) ? [40, 60, 150][c] : [150, 140, 110][c]) + 15 * grain[y * SIZE + x];
  };
  return pictureOf(SIZE, SIZE, channels, value, bits);
}

/** A bar that stands out of the hole to the right by so many pixels. */
const bar =
  (by: number): Rule =>
  (y, x) =>
    Math.abs(y - middle[0]) <= 5 && x > middle[1] && x <= middle[1] + RADIUS + by;

async function leftOf(photo: Picture | PhotoSource, reach = REACH, rule = hole): Promise<{ pixels: Set<string>; by: number }> {
  const runs = holeRuns(maskOf(SIZE, SIZE, rule), 'white');
  const left = await leftoversOf('read' in photo ? photo : sourceOf(photo), runs, rowsOf(runs), reach);
  const pixels = new Set<string>();
  for (const { row, start, end } of left.runs) for (let x = start; x < end; x++) pixels.add(`${row},${x}`);
  return { pixels, by: left.by };
}

/** The pixels of a rule outside the hole. */
function outside(rule: Rule, of = hole): Set<string> {
  const pixels = new Set<string>();
  for (let y = 0; y < SIZE; y++) for (let x = 0; x < SIZE; x++) if (rule(y, x) && !of(y, x)) pixels.add(`${y},${x}`);
  return pixels;
}

describe('what is left of an object beside a mask', () => {
  it.each([3, 8, REACH - 1])('is found to the pixel where it stands out by %d pixels', async (by) => {
    const { pixels } = await leftOf(photoOf(bar(by)));
    expect(pixels).toEqual(outside(bar(by)));
  });

  it('is nothing where the ground is all there is', async () => {
    expect((await leftOf(photoOf())).pixels.size).toBe(0);
  });

  it('is nothing that goes on further out', async () => {
    expect((await leftOf(photoOf(bar(100)))).pixels.size).toBe(0);
  });

  it('is nothing whose colour lies about further out, and no further away than is looked', async () => {
    const ring: Rule = (y, x) => disc(...middle, RADIUS + 22)(y, x) && !disc(...middle, RADIUS + 16)(y, x);
    const both: Rule = (y, x) => bar(8)(y, x) || ring(y, x);
    expect((await leftOf(photoOf(both))).pixels.size).toBe(0);
    const away: Rule = (y, x) => bar(8)(y, x) || disc(30, 30, 20)(y, x);
    expect((await leftOf(photoOf(away))).pixels).toEqual(outside(bar(8)));
  });

  // A hole that lies in one cell, something larger around it, so wide that in the narrow views nothing else lies further out, and a bar of ground between them.
  const small: [number, number] = [204, 204];
  const speck = disc(...small, 10);
  const tip: Rule = (y, x) => Math.abs(y - small[0]) <= 5 && x > small[1] && x <= small[1] + 18;
  const wall =
    (reach: number): Rule =>
    (y, x) =>
      Math.max(Math.abs(y - small[0]), Math.abs(x - small[1])) <= reach && !tip(y, x);
  const tipLeft = (photo: Picture) => leftOf(photo, REACH, speck);

  it('is nothing whose colour is common in a wider view, though something larger hides it in a narrow one', async () => {
    expect((await tipLeft(photoOf(wall(50)))).pixels.size).toBe(0);
    expect((await tipLeft(painted(photoOf(wall(50)), tip, [1, 1, 1]))).pixels).toEqual(outside(tip, speck));
  });

  it('may be of a colour that little has in a wider view', async () => {
    const elsewhere = disc(small[0], small[1] + 60, 3);
    expect((await tipLeft(photoOf((y, x) => wall(SIZE)(y, x) && !elsewhere(y, x)))).pixels).toEqual(outside(tip, speck));
  });

  it('is whole where some of its colours are common in a wider view, and nothing where nearly all are', async () => {
    const upper: Rule = (y, x) => tip(y, x) && y < small[0];
    expect((await tipLeft(painted(photoOf(wall(50)), upper, [1, 1, 1]))).pixels).toEqual(outside(tip, speck));
    const row: Rule = (y, x) => tip(y, x) && y === small[0];
    expect(outside(row, speck).size).toBeGreaterThan(6);
    expect((await tipLeft(painted(photoOf(wall(50)), row, [1, 1, 1]))).pixels.size).toBe(0);
  });

  it('does not explain itself, seen from across a gap of the hole', async () => {
    for (let gap = 20; gap <= 76; gap += 8) {
      const legs: Rule = (y, x) =>
        y >= 100 && y < 300 && ((x >= 100 && x < 130) || (x >= 130 + gap && x < 160 + gap) || (y >= 270 && x >= 100 && x < 160 + gap));
      const tip: Rule = (y, x) => y >= 180 && y < 200 && x >= 120 && x < 141;
      expect((await leftOf(photoOf(tip), REACH, legs)).pixels, `${gap} pixels`).toEqual(outside(tip, legs));
    }
  });

  it('is nothing that lies along the hole', async () => {
    const along =
      (length: number): Rule =>
      (y, x) =>
        2 * Math.abs(y - middle[0]) <= length && x > middle[1] && disc(...middle, RADIUS + 4)(y, x);
    expect((await leftOf(photoOf(along(40)))).pixels.size).toBe(0);
    expect((await leftOf(photoOf(along(12)))).pixels).toEqual(outside(along(12)));
  });

  it('is nothing that does not hang on the hole', async () => {
    expect((await leftOf(photoOf(disc(middle[0], middle[1] + RADIUS + 6, 3)))).pixels.size).toBe(0);
  });

  it('is no grain', async () => {
    const speck: Rule = (y, x) => y === middle[0] && (x === middle[1] + RADIUS + 1 || x === middle[1] + RADIUS + 2);
    expect((await leftOf(photoOf(speck))).pixels.size).toBe(0);
  });

  it('is found between samples too where it may reach far', async () => {
    const photo = photoOf(bar(20));
    const { pixels, by } = await leftOf(photo, 32);
    expect(by).toBe(2);
    expect(pixels.size).toBeLessThan(outside(bar(20)).size / 3);
    // Each pixel lies no further than the growth from one that was found.
    for (const pixel of outside(bar(20))) {
      const [y, x] = pixel.split(',').map(Number);
      expect([...pixels].some((other) => Math.hypot(y - Number(other.split(',')[0]), x - Number(other.split(',')[1])) <= by)).toBe(true);
    }
  });

  it.each<[1 | 2 | 3 | 4, 8 | 16]>([
    [1, 8],
    [2, 16],
    [4, 8],
    [3, 16],
  ])('is the same in %d channels of %d bits, from memory and from a source', async (...kind) => {
    const photo = photoOf(bar(8), kind);
    const { pixels } = await leftOf(photo);
    expect(pixels).toEqual(outside(bar(8)));
    const source: PhotoSource = { ...sourceOf(photo), read: async (box) => copyOf(viewOf(photo, box)) };
    expect((await leftOf(source)).pixels).toEqual(pixels);
  });

  it('is nothing that is wholly transparent', async () => {
    const photo = painted(
      photoOf(() => false, [4, 8]),
      (y, x) => bar(8)(y, x),
      [0, 0, 0],
      0,
    );
    expect((await leftOf(photo)).pixels.size).toBe(0);
  });

  it("is found at the photo's border and in its corner", async () => {
    const corner = disc(20, SIZE - 12, RADIUS);
    const tip: Rule = (y, x) => y > 20 && y <= 20 + RADIUS + 6 && x >= SIZE - 14;
    expect((await leftOf(photoOf(tip), REACH, corner)).pixels).toEqual(outside(tip, corner));
  });

  it('does not look at the hole', async () => {
    const photo = photoOf(bar(8));
    expect((await leftOf(painted(photo, hole))).pixels).toEqual((await leftOf(photo)).pixels);
  });

  it('ends where its caller aborts, and passes on what a source throws', async () => {
    const runs = holeRuns(maskOf(SIZE, SIZE, hole), 'white');
    const photo = sourceOf(photoOf());
    await expect(leftoversOf(photo, runs, rowsOf(runs), REACH, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    const broken = { ...photo, read: () => Promise.reject(new Error('no disk')) };
    await expect(leftoversOf(broken, runs, rowsOf(runs), REACH)).rejects.toThrow('no disk');
  });

  it('is hole for automatic growth, while the rest of the rim grows by a pixel', async () => {
    // .012 of the short side is what it may reach here, 5; the bar stands out by 4.
    const mask = maskOf(SIZE, SIZE, hole);
    const { weights } = await seamWeightsOf(sourceOf(photoOf(bar(4))), mask);
    const isHole = (y: number, x: number) => weights.data[y * SIZE + x] === HOLE;
    for (let x = middle[1] + RADIUS + 1; x <= middle[1] + RADIUS + 6; x++) expect(isHole(middle[0], x)).toBe(true);
    expect(isHole(middle[0], middle[1] - RADIUS - 1)).toBe(true);
    expect(isHole(middle[0], middle[1] - RADIUS - 2)).toBe(false);
  });
});
