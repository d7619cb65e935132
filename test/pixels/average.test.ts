import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import { averageDown, averageRows } from '../../src/pixels/average';
import type { Box } from '../../src/pixels/box';
import { viewOf } from '../../src/pixels/view';
import { maskOf, painted, pictureOf, type Rule, rectangle, scene } from '../cra/support';
import { expectClose, seeded } from '../support/values';

const W = 37;
const H = 29;
const whole: Box = { top: 0, left: 0, bottom: H, right: W };

/** Area averages of the known pixels, by the overlap of each pixel with each cell, in float64. */
function naive({ width: across, channels, data }: Picture, isUnknown: (pixel: number) => boolean, view: Box, width: number, height: number) {
  const [down, right] = [(view.bottom - view.top) / height, (view.right - view.left) / width];
  const overlap = (i: number, cell: number, side: number) => Math.max(0, Math.min(i + 1, (cell + 1) * side) - Math.max(i, cell * side));
  const means: number[] = [];
  const shares: number[] = [];
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const sums = [0, 0, 0];
      let known = 0;
      for (let y = 0; y < view.bottom - view.top; y++) {
        for (let x = 0; x < view.right - view.left; x++) {
          const area = overlap(y, r, down) * overlap(x, c, right);
          const pixel = (y + view.top) * across + x + view.left;
          if (area === 0 || isUnknown(pixel)) continue;
          known += area;
          for (let k = 0; k < 3; k++) sums[k] += area * data[pixel * channels + (channels < 3 ? 0 : k)];
        }
      }
      shares.push(known / (down * right));
      means.push(...sums.map((s) => (known > 0 ? s / known : Number.NaN)));
    }
  }
  return { means, shares };
}

const grain = seeded(2, W * H);
const cases: [string, Picture, Rule, Box, number, number][] = [
  ['at its own size', scene(W, H), rectangle(5, 5, 12, 20), whole, W, H],
  ['halved', scene(W, H), rectangle(5, 5, 12, 20), { ...whole, bottom: 28, right: 36 }, 18, 14],
  ['by an odd factor', scene(W, H), rectangle(5, 5, 12, 20), whole, 14, 11],
  ['to a single pixel', scene(W, H), rectangle(5, 5, 12, 20), whole, 1, 1],
  ['to one row', scene(W, H), () => false, whole, 9, 1],
  ['a part of it', scene(W, H), rectangle(5, 5, 12, 20), { top: 3, left: 7, bottom: 25, right: 30 }, 10, 9],
  ['with holes all over', scene(W, H), (y, x) => grain[y * W + x] > 0, whole, 8, 7],
  ['grey', scene(W, H, 1), rectangle(5, 5, 12, 20), whole, 14, 11],
  ['16 bits with alpha', scene(W, H, 4, 16), rectangle(5, 5, 12, 20), whole, 14, 11],
  ['all hole', scene(W, H), () => true, whole, 6, 5],
];

/** The weights of a hole that has just these pixels. */
const weightsOf = (rule: Rule) => maskOf(W, H, rule);

describe('averageDown', () => {
  it.each(cases)('averages the known pixels: %s', (_, photo, rule, view, width, height) => {
    const isUnknown = (p: number) => rule(Math.floor(p / W), p % W);
    const { means, shares } = naive(photo, isUnknown, view, width, height);
    const low = averageDown(viewOf(photo, view), viewOf(weightsOf(rule), view), { width, height });
    expect([low.width, low.height]).toEqual([width, height]);
    const scale = photo.data instanceof Uint16Array ? 65535 : 255;
    // A cell with the slightest of hole in it is hole, and what is known there is still its mean.
    expect(Array.from(low.hole)).toEqual(shares.map((share) => (share < 0.999 ? 1 : 0)));
    const sure = shares.map((share) => share > 1e-6);
    expectClose(
      Array.from(low.colours).filter((_v, i) => sure[Math.floor(i / 3)]),
      means.filter((_v, i) => sure[Math.floor(i / 3)]).map((v) => (v / scale) * 2 - 1),
      1e-5,
    );
    for (const [p, share] of shares.entries()) if (share === 0) expect(Array.from(low.colours.subarray(3 * p, 3 * p + 3))).toEqual([0, 0, 0]);
  });

  it('what lies under the hole has no say', () => {
    const rule: Rule = (y, x) => grain[y * W + x] > 0.5;
    const weights = weightsOf(rule);
    const photo = scene(W, H);
    for (const [width, height] of [
      [W, H],
      [13, 10],
      [5, 4],
    ]) {
      expect(averageDown(painted(photo, rule), weights, { width, height })).toEqual(averageDown(photo, weights, { width, height }));
    }
  });

  it('an even picture stays even, to its last row and column', () => {
    for (const [width, height] of [
      [W, H],
      [36, 28],
      [20, 3],
      [7, 29],
      [1, 1],
    ]) {
      const { colours, hole } = averageDown(
        pictureOf(W, H, 3, () => 51),
        weightsOf(() => false),
        { width, height },
      );
      expect(hole.every((h) => h === 0)).toBe(true);
      expectClose(colours, new Array(width * height * 3).fill(51 / 127.5 - 1), 1e-6);
    }
  });

  it('large factors do not lose rows to rounding', () => {
    const photo = pictureOf(3, 1001, 1, (y) => y % 256);
    const rows: number[] = [];
    for (const { row, known } of averageRows(photo, () => false, 1, 7)) {
      rows.push(row);
      expect(known[0]).toBeCloseTo((3 * 1001) / 7, 6);
    }
    expect(rows).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

it.each<[string, { width: number; height: number }]>([
  ['of no rows', { width: 4, height: 0 }],
  ['of no columns', { width: 0, height: 4 }],
  ['of a part of a pixel', { width: 3.5, height: 4 }],
  ['of no number', { width: 4, height: Number.NaN }],
  ['wider than the photo', { width: 10, height: 4 }],
  ['higher than the photo', { width: 4, height: 8 }],
])('refuses a size %s', (_, size) => {
  expect(() =>
    averageDown(
      pictureOf(9, 7, 3, () => 1),
      { width: 9, height: 7, channels: 1, data: new Uint8Array(63) },
      size,
    ),
  ).toThrow(ArgumentError);
});

it('refuses weights of another photo', () => {
  const weights: Picture = { width: 20, height: 20, channels: 1, data: new Uint8Array(400) };
  expect(() =>
    averageDown(
      pictureOf(9, 7, 3, () => 1),
      weights,
      { width: 4, height: 4 },
    ),
  ).toThrow(/^averageDown: weights must be \[7, 9\], got \[20, 20\]/);
});
