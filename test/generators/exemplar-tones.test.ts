import { describe, expect, it } from 'vitest';
import type { Guide } from '../../src/generators/exemplar/find-guides';
import { buildPyramid, type Level } from '../../src/generators/exemplar/pyramid';
import { plainMeans, tonesByLevel, vectorMeans } from '../../src/generators/exemplar/tones';

const [H, W] = [96, 120];
// What a tone counts.
const WEIGHT = 0.5;
const MIDDLE = 59.5;
const still = () => Promise.resolve();
const isHole = (y: number, x: number) => Math.hypot(y - 48, x - 60) < 30;
const marks = (is: (y: number, x: number) => boolean) => Float32Array.from({ length: H * W }, (_, p) => (is(Math.floor(p / W), p % W) ? 1 : 0));
const picture = (colour: (y: number, x: number) => [number, number, number]) =>
  Float32Array.from({ length: H * W * 3 }, (_, i) => colour(Math.floor(i / 3 / W), Math.floor(i / 3) % W)[i % 3]);
const halves = picture((_, x) => (x < MIDDLE ? [-0.8, 0.2, 0] : [0.6, 0.2, -0.4]));

/** Its levels, down to where the hole is so thick. */
function levelsOf(colours: Float32Array, hole: (y: number, x: number) => boolean, thickness = 20, barred = hole): Level[] {
  const unknown = marks(hole);
  const known = colours.map((value, i) => (unknown[Math.floor(i / 3)] ? 0 : value));
  return buildPyramid(
    known,
    unknown,
    H,
    W,
    thickness,
    marks((y, x) => hole(y, x) || barred(y, x)),
  ).levels;
}

/** A line from above to below, as what is needed of a guide. */
const upright = { way: [10, 48, 86].map((y) => [y, MIDDLE]) } as unknown as Guide;

describe('tones', () => {
  it('are of the coarsest level and of all but the finest; of a single one, too', async () => {
    const levels = levelsOf(halves, isHole);
    expect(levels.length).toBe(3);
    expect((await tonesByLevel(levels, [], still)).map((tones) => tones?.length)).toEqual([undefined, 48 * 60 * 3, 24 * 30 * 3]);
    expect((await tonesByLevel([levels[0]], [], still)).map((tones) => tones?.length)).toEqual([H * W * 3]);
  });

  it('beyond the hole are the mean around each pixel, of what may be copied alone', async () => {
    const random = picture((y, x) => [Math.sin(y * 7 + x * 3), Math.cos(x * y), Math.sin(x)]);
    const [level] = levelsOf(random, isHole, 1000);
    const [tones] = await tonesByLevel([level], [], still);
    for (const [y, x] of [
      [0, 0],
      [48, 27],
      [95, 60],
    ]) {
      for (let c = 0; c < 3; c++) {
        const around: number[] = [];
        for (let v = y - 3; v <= y + 3; v++)
          for (let u = x - 3; u <= x + 3; u++) if (v >= 0 && u >= 0 && v < H && u < W && !isHole(v, u)) around.push(random[3 * (v * W + u) + c]);
        expect(tones![3 * (y * W + x) + c]).toBeCloseTo((WEIGHT * around.reduce((a, b) => a + b)) / around.length, 4);
      }
    }
  });

  it('are the same in the compiled loops as in plain JavaScript, to the bit', () => {
    const [level] = levelsOf(
      picture((y, x) => [Math.sin(y * 7 + x * 3), Math.cos(x * y), Math.sin(x)]),
      isHole,
      1000,
      (y, x) => y < 20 && x > 90,
    );
    expect(vectorMeans(level)).toStrictEqual(plainMeans(level));
  });

  it('in the hole are what its surroundings come to: the mean of their neighbours, from one side to the other', async () => {
    const [level] = levelsOf(halves, isHole, 1000);
    const [tones] = await tonesByLevel([level], [], still);
    const at = (y: number, x: number, c: number) => tones![3 * (y * W + x) + c];
    for (let x = 31; x < 89; x++) {
      expect(at(48, x, 0)).toBeGreaterThan(at(48, x - 1, 0));
      expect(at(48, x, 0)).toBeCloseTo((at(47, x, 0) + at(49, x, 0) + at(48, x - 1, 0) + at(48, x + 1, 0)) / 4, 2);
      expect(at(48, x, 1)).toBeCloseTo(WEIGHT * 0.2, 3);
    }
    expect(at(48, 32, 0)).toBeCloseTo(-0.4, 1);
    expect(at(48, 87, 0)).toBeCloseTo(0.3, 1);
  });

  it('do not run across a guide, at any level', async () => {
    const levels = levelsOf(halves, isHole);
    for (const [n, tones] of (await tonesByLevel(levels, [upright], still)).entries()) {
      if (!tones) continue;
      const { height, width, hole } = levels[n];
      // Where the means themselves are of one side.
      const clear = 4;
      const middle = (MIDDLE + 0.5) / 2 ** n - 0.5;
      let seen = 0;
      for (let p = 0; p < height * width; p++) {
        if (!hole[p] || Math.hypot(Math.floor(p / width) - height / 2, (p % width) - width / 2) > 30 / 2 ** n - clear) continue;
        seen++;
        const [red, , blue] = tones.subarray(3 * p, 3 * p + 3);
        if (p % width < middle) expect(Math.max(Math.abs(red + 0.4), Math.abs(blue))).toBeLessThan(0.12);
        else expect(Math.max(Math.abs(red - 0.3), Math.abs(blue + 0.2))).toBeLessThan(0.12);
      }
      expect(seen).toBeGreaterThan(10);
    }
    // Without the guide they do.
    const [open] = await tonesByLevel([levels[0]], [], still);
    expect(Math.abs(open![3 * (48 * W + 58)] - open![3 * (48 * W + 61)])).toBeLessThan(0.05);
  });

  it('run past the ends of a guide', async () => {
    const short = { way: [[40, MIDDLE], [52, MIDDLE]] } as unknown as Guide; // biome-ignore format: from here to there
    const [tones] = await tonesByLevel([levelsOf(halves, isHole)[0]], [short], still);
    const step = (y: number) => tones![3 * (y * W + 60)] - tones![3 * (y * W + 59)];
    for (let y = 42; y < 51; y++) expect(step(y)).toBeGreaterThan(0.1);
    for (const y of [30, 35, 57, 62]) expect(step(y)).toBeLessThan(0.05);
  });

  it('of a finer level are about those that would be found there', async () => {
    const levels = levelsOf(
      picture((y, x) => [Math.sin(y / 30), Math.cos(x / 40), Math.sin((x + y) / 50)]),
      isHole,
    );
    const [, here] = await tonesByLevel(levels, [], still);
    const [alone] = await tonesByLevel([levels[1]], [], still);
    expect(Math.max(...here!.map((tone, i) => Math.abs(tone - alone![i])))).toBeLessThan(0.05);
    // Not in squares, as they come from the coarser one.
    const { width, hole } = levels[1];
    for (let p = 0; p < hole.length; p++) {
      if (!hole[p]) continue;
      const around = [p - 1, p + 1, p - width, p + width].map((q) => here![3 * q]);
      expect(Math.abs(here![3 * p] - around.reduce((a, b) => a + b) / 4)).toBeLessThan(0.002);
    }
  });

  it('take nothing from what must not be copied, nor from the hole', async () => {
    const strip = (_: number, x: number) => x >= 20 && x < 30;
    const painted = (colour: number) => picture((y, x) => (strip(y, x) || isHole(y, x) ? [colour, -colour, 1] : [0.1, 0.1, 0.1]));
    const [one, other] = await Promise.all([0.9, -0.9].map((colour) => tonesByLevel(levelsOf(painted(colour), isHole, 20, strip), [upright], still)));
    expect(one).toEqual(other);
    for (const tones of one) for (const tone of tones ?? []) expect(tone).toBeCloseTo(WEIGHT * 0.1, 4);
  });

  it('are told soon where nearly nothing may be copied, with a pause after each level', async () => {
    const [h, w] = [400, 600];
    const features = new Float32Array(h * w * 5).fill(0.3);
    const barred = Float32Array.from({ length: h * w }, (_, p) => (p % w < 20 && p < 20 * w ? 0 : 1));
    const wide = { height: h, width: w, features, barred } as Level;
    let pauses = 0;
    const [tones] = await tonesByLevel([wide], [], async () => {
      pauses++;
    });
    expect(pauses).toBe(1);
    for (let i = 0; i < tones!.length; i += 997) expect(tones![i]).toBeCloseTo(WEIGHT * 0.3, 4);
  });

  it('are numbers where the hole is all but a corner, and where guides part it into closed parts', async () => {
    const box = { way: [[20, 20], [20, 60], [70, 60], [70, 20], [20, 20]] } as unknown as Guide; // biome-ignore format: a box
    const levels = levelsOf(halves, (y, x) => y < 80 || x < 90, 1000);
    for (const tones of await tonesByLevel(levels, [box, upright], still)) for (const tone of tones ?? []) expect(Math.abs(tone)).toBeLessThanOrEqual(WEIGHT);
  });
});
