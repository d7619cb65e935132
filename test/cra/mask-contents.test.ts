import { describe, expect, it } from 'vitest';
import { type Contents, contentsOf, maskContents } from '../../src/cra/mask-contents';
import { readMask } from '../../src/io/node';
import type { Picture } from '../../src/picture';
import { type HoleColour, holeRuns } from '../../src/pixels/seam';
import { pipeline } from '../io/support';
import { pictureOf } from './support';

const W = 20;
const H = 10;
/** A quarter of the picture. */
const part = (_: number, x: number) => x < 5;
const of = (mask: Picture, hole: HoleColour, grown = 0) => maskContents(contentsOf(mask), hole, grown);

describe('what a mask holds that marks nothing', () => {
  it.each<[string, Picture, HoleColour, string]>([
    ['black', pictureOf(W, H, 1, () => 0), 'white', 'all its pixels are black'],
    ['white', pictureOf(W, H, 3, () => 255), 'black', 'all its pixels are white'],
    [
      'labels of 16 bits',
      { ...pictureOf(W, H, 1, () => 0), data: new Uint16Array(W * H).map((_, p) => (p % 7 === 0 ? 3 : 0)) },
      'white',
      'its brightest pixel is 3 of 65535, and hole is what is at least 16384; if its numbers are labels, make what is to go 65535',
    ],
    [
      'dark red',
      pictureOf(W, H, 3, (y, x, c) => (c === 0 && part(y, x) ? 128 : 0)),
      'white',
      'its brightest pixel is 43 of 255, and hole is what is at least 64; if its numbers are labels, make what is to go 255',
    ],
    [
      'light grey on white',
      pictureOf(W, H, 1, (y, x) => (part(y, x) ? 200 : 255)),
      'black',
      'its darkest pixel is 200 of 255, and hole is what is less than 192',
    ],
    [
      'black strokes on nothing',
      pictureOf(W, H, 4, (y, x, c) => (c === 3 && part(y, x) ? 255 : 0)),
      'white',
      "all its pixels are black, only their alpha differs; hole: 'alpha' would mark 75 %, hole: 'opaque' would mark 25 %",
    ],
    [
      'an opaque picture',
      pictureOf(W, H, 4, (y, x, c) => (c === 3 || part(y, x) ? 255 : 0)),
      'alpha',
      "all its pixels are opaque; hole: 'white' would mark 25 %, hole: 'black' would mark 75 %",
    ],
    [
      'nearly opaque',
      pictureOf(W, H, 2, (_y, x, c) => (c === 1 ? 210 + x : 0)),
      'alpha',
      'its most transparent pixel has alpha 210 of 255, and hole is what has less than 192',
    ],
    ['faint', pictureOf(W, H, 2, (_y, x, c) => (c === 1 ? x : 0)), 'opaque', 'its most opaque pixel has alpha 19 of 255, and hole is what has at least 64'],
    ['clear', pictureOf(W, H, 2, () => 0), 'opaque', 'all its pixels are transparent'],
  ])('%s', (_, mask, hole, words) => expect(of(mask, hole)).toBe(words));
});

describe('what a mask holds that marks everything', () => {
  it.each<[string, Picture, HoleColour, string]>([
    [
      'white strokes on white nothing',
      pictureOf(W, H, 4, (y, x, c) => (c < 3 || part(y, x) ? 255 : 0)),
      'white',
      "all its pixels are white, only their alpha differs; hole: 'alpha' would mark 75 %, hole: 'opaque' would mark 25 %",
    ],
    [
      'white on grey',
      pictureOf(W, H, 1, (y, x) => (part(y, x) ? 255 : 100)),
      'white',
      "its darkest pixel is 100 of 255, and hole is what is at least 64; hole: 'black' would mark 75 %",
    ],
    ['labels', pictureOf(W, H, 1, (y, x) => (part(y, x) ? 1 : 0)), 'black', 'its brightest pixel is 1 of 255, and hole is what is less than 192'],
    [
      'a soft layer',
      pictureOf(W, H, 2, (_y, _x, c) => (c === 1 ? 70 : 0)),
      'opaque',
      'its most transparent pixel has alpha 70 of 255, and hole is what has at least 64',
    ],
    ['a clear layer', pictureOf(W, H, 2, () => 0), 'alpha', 'all its pixels are transparent'],
  ])('%s', (_, mask, hole, words) => expect(of(mask, hole, W * H)).toBe(words));

  it('only once it has grown', () => {
    const mask = pictureOf(W, H, 1, (y, x) => (part(y, x) ? 255 : 0));
    expect(of(mask, 'white', W * H)).toBe("it marks 25 % before it grows, a smaller grow would leave more; hole: 'black' would mark 75 %");
    expect(of(mask, 'black', 160)).toBe("hole: 'white' would mark 25 %");
    expect(of({ ...mask, data: mask.data.map((_, p) => (p === 0 ? 255 : 0)) }, 'white', W * H)).toMatch(/^it marks less than 1 % before .*more than 99 %$/);
  });
});

it("a palette's dark red in a file is told by its luminance", async () => {
  const red = pictureOf(W, H, 3, (y, x, c) => (c === 0 && part(y, x) ? 128 : 0));
  const mask = await readMask(await pipeline(red).png({ palette: true, dither: 0 }).toBuffer());
  const brightest = Math.max(...mask.data);
  expect(brightest).toBeGreaterThan(10);
  expect(brightest).toBeLessThan(64);
  expect(of(mask, 'white')).toBe(
    `its brightest pixel is ${brightest} of 255, and hole is what is at least 64; if its numbers are labels, make what is to go 255`,
  );
});

it.each<[string, Picture]>([
  ['colours and alpha', pictureOf(W, H, 4, (y, x, c) => (y * 37 + x * 11 + c * 90) % 256)],
  ['grey', pictureOf(W, H, 1, (y, x) => (y < 7 ? 90 : 80 + x))],
])('a mask that comes in stretches of rows holds the same: %s', (_, mask) => {
  const stretch = (top: number, bottom: number): Picture => {
    const row = mask.width * mask.channels;
    return { ...mask, height: bottom - top, data: mask.data.slice(top * row, bottom * row) };
  };
  const cuts = [0, 1, 6, H];
  let contents: Contents | undefined;
  for (let n = 1; n < cuts.length; n++) contents = contentsOf(stretch(cuts[n - 1], cuts[n]), contents);
  expect(contents).toEqual(contentsOf(mask));
  const runs = cuts.slice(1).flatMap((bottom, n) => holeRuns(stretch(cuts[n], bottom), 'white', cuts[n]));
  expect(runs.length).toBeGreaterThan(0);
  expect(runs).toEqual(holeRuns(mask, 'white'));
});
