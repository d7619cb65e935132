import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import { averageDown, averageRows, knownRows, plainRows } from '../../src/pixels/average';
import type { Box } from '../../src/pixels/box';
import { pixelRows, vectorRows } from '../../src/pixels/vector-rows';
import { type Pixels, viewOf } from '../../src/pixels/view';
import { disc, maskOf, painted, pictureOf, type Rule, rectangle, scene } from '../cra/support';
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

describe('rows of cells, compiled', () => {
  /** All rows of cells, as they come: the arrays are used again. */
  function all(
    rows: (...values: [Pixels, Pixels, number, number]) => ReturnType<typeof knownRows>,
    photo: Pixels,
    weights: Pixels,
    width: number,
    height: number,
  ) {
    const cell = (photo.width / width) * (photo.height / height);
    return Array.from(rows(photo, weights, width, height), ({ row, sums, known, bytes }) => {
      const { colours, hole } = bytes(0.999 * cell, photo.data instanceof Uint16Array ? 255 / 65535 : 1);
      return { row, sums: Array.from(sums), known: Array.from(known), colours: Array.from(colours), hole: Array.from(hole) };
    });
  }
  const compiled: typeof knownRows = (...values) => vectorRows(...values)!;

  describe.each([1, 2, 3, 4] as const)('%d channels', (channels) => {
    const [width, height] = [131, 47];
    const clear = seeded(6, width * height);
    const rule: Rule = (y, x) => disc(20, 60, 13)(y, x) || (y > 40 && x < 3);
    it.each([8, 16] as const)('of %d bits are the plain ones, in each size', (bits) => {
      const photo = scene(width, height, channels, bits);
      if (channels % 2 === 0) for (let p = 0; p < clear.length; p++) if (clear[p]! > 0.7) photo.data[p * channels + channels - 1] = 0;
      const weights = maskOf(width, height, rule);
      // An edge that takes part is no hole, up to 254.
      weights.data[5 * width + 9] = 254;
      const part: Box = { top: 1, left: 5, bottom: 46, right: 128 };
      for (const [across, down] of [
        [123, 45],
        [61, 22],
        [62, 15],
        [41, 9],
        [10, 45],
        [7, 1],
        [1, 1],
      ] as const) {
        const view = viewOf(photo, part);
        const own = all(compiled, view, viewOf(weights, part), across, down);
        const exact = all(plainRows, view, viewOf(weights, part), across, down);
        expect(own.map(({ row }) => row)).toEqual(exact.map(({ row }) => row));
        for (const [r, { sums, known, colours, hole }] of own.entries()) {
          expectClose(known, exact[r]!.known, 1e-9);
          expectClose(sums, exact[r]!.sums, bits === 8 ? 1e-7 : 1e-5);
          expect(hole).toEqual(exact[r]!.hole);
          expectClose(colours, exact[r]!.colours, 1);
          expect(colours.filter((value, i) => value !== exact[r]!.colours[i]).length).toBeLessThan(5);
        }
      }
    });
  });

  it('halves are the plain ones to the bit', () => {
    const photo = scene(64, 40);
    const weights = maskOf(64, 40, disc(20, 30, 9));
    for (const by of [1, 2, 4, 8]) expect(all(compiled, photo, weights, 64 / by, 40 / by)).toEqual(all(plainRows, photo, weights, 64 / by, 40 / by));
  });

  it.each([8, 16] as const)('stretches of them are those of the whole to the bit, with no other rows of the photo at hand, of %d bits', (bits) => {
    const [width, height] = [67, 100];
    const photo = scene(width, height, 4, bits);
    for (let p = 3; p < photo.data.length; p += 28) photo.data[p] = 0;
    const weights = maskOf(width, height, disc(50, 30, 21));
    for (const rows of [100, 50, 34, 25, 7, 2, 1]) {
      const size = { width: 33, height: rows };
      for (const by of [compiled, plainRows]) {
        const whole = all(by, photo, weights, size.width, size.height);
        for (const atOnce of [1, 3, 20]) {
          const parts = [];
          for (let from = 0; from < rows; from += atOnce) {
            const to = Math.min(rows, from + atOnce);
            const { top, bottom } = pixelRows(from, to, height / rows, height);
            const stretch = { ...photo, data: photo.data.slice(4 * width * top, 4 * width * bottom), offset: -4 * width * top };
            parts.push(...all((...values) => by(...values, from, to), stretch, weights, size.width, size.height));
          }
          expect(parts).toEqual(whole);
        }
      }
    }
  });

  it('a column of 70,000 pixels of the largest value does not run over', () => {
    const photo: Picture = { width: 1, height: 70_000, channels: 1, data: new Uint16Array(70_000).fill(65535) };
    const [{ sums, known }] = all(compiled, photo, { ...photo, data: new Uint8Array(70_000) }, 1, 1);
    expect(known).toEqual([70_000]);
    expect(sums[0]).toBe(70_000 * 65535);
  });

  it('does without WebAssembly', () => {
    const known = globalThis.WebAssembly;
    const photo = scene(64, 40);
    const weights = maskOf(64, 40, disc(20, 30, 9));
    const before = averageDown(photo, weights, { width: 32, height: 20 });
    try {
      Object.assign(globalThis, { WebAssembly: undefined });
      expect(vectorRows(photo, weights, 8, 5)).toBeUndefined();
      expect(all(knownRows, photo, weights, 8, 5)).toEqual(all(plainRows, photo, weights, 8, 5));
      expect(averageDown(photo, weights, { width: 32, height: 20 })).toEqual(before);
    } finally {
      Object.assign(globalThis, { WebAssembly: known });
    }
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
