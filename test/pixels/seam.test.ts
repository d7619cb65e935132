import { describe, expect, it } from 'vitest';
import type { Picture } from '../../src/picture';
import type { HoleColour } from '../../src/pixels/seam';
import { HOLE, seamWeights, unknownTest } from '../../src/pixels/seam';
import { copyOf, viewOf } from '../../src/pixels/view';
import { disc, maskOf, pictureOf, type Rule, rectangle, scene } from '../cra/support';
import { seeded } from '../support/values';

const W = 40;
const H = 30;

/** The distance of each pixel to the nearest hole pixel, one by one. */
function distances(width: number, height: number, rule: Rule): number[] {
  const holes: [number, number][] = [];
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (rule(y, x)) holes.push([y, x]);
  return Array.from({ length: width * height }, (_, p) => Math.min(...holes.map(([y, x]) => Math.hypot(y - Math.floor(p / width), x - (p % width)))));
}

const grain = seeded(4, W * H);
const rules: [string, Rule][] = [
  ['a disc', disc(14, 18, 5)],
  ['in a corner', disc(0, 0, 6)],
  ['at the border', rectangle(10, 36, 20, W)],
  ['one pixel', rectangle(29, 39, 30, 40)],
  ['a thin line', (y, x) => x === 7 || y + x === 40],
  ['scattered', (y, x) => grain[y * W + x] > 0.96],
];

describe('seamWeights', () => {
  describe.each(rules)('%s', (_, rule) => {
    const far = distances(W, H, rule);
    it.each([
      [0, 0],
      [1, 0],
      [0, 3],
      [2, 4],
      [3, 8],
      [7, 1],
    ])('grow %d, feather %d: all of the fill in the grown hole, none beyond the seam, less and less between', (grow, feather) => {
      const { weights: seam, holePixels, box } = seamWeights(maskOf(W, H, rule), { grow, feather });
      const weights = seam.data;
      const wrong: string[] = [];
      const say = (p: number, what: string) => wrong.push(`${Math.floor(p / W)}, ${p % W}, ${far[p]} away: ${weights[p]}, ${what}`);
      for (let p = 0; p < W * H; p++) {
        if (far[p] <= grow) {
          if (weights[p] !== HOLE) say(p, 'but is hole');
        } else if (far[p] > grow + feather) {
          if (weights[p] !== 0) say(p, 'but is beyond the seam');
        } else if (!(weights[p] > 0 && weights[p] < HOLE)) say(p, 'but is seam');
      }
      expect(wrong.slice(0, 8)).toEqual([]);
      expect(holePixels).toBe(far.filter((d) => d <= grow).length);
      const beyond = (p: number) => p % W < box!.left || p % W >= box!.right || Math.floor(p / W) < box!.top || Math.floor(p / W) >= box!.bottom;
      expect(seam.data.some((w, p) => w > 0 && beyond(p))).toBe(false);
      const order = Array.from(far.keys()).sort((a, b) => far[a] - far[b]);
      for (const [i, p] of order.entries()) expect(i === 0 || weights[p] <= weights[order[i - 1]]).toBe(true);
    });
  });

  it('a seam falls smoothly from the hole to the photo', () => {
    const { weights } = seamWeights(
      maskOf(41, 1, (_, x) => x === 0),
      { feather: 9 },
    );
    const line = Array.from(weights.data.subarray(0, 11));
    for (let i = 1; i < line.length; i++) expect(line[i - 1] - line[i]).toBeGreaterThan(0);
    for (let i = 1; i < line.length; i++) expect(line[i - 1] - line[i]).toBeLessThan(255 / 4);
    expect(line[5]).toBeGreaterThan(110);
    expect(line[5]).toBeLessThan(145);
    expect(line[10]).toBe(0);
  });

  const holes = (mask: Picture, colour: HoleColour) => Array.from(seamWeights(mask, { hole: colour }).weights.data, (w) => w === HOLE);
  const marked = (rule: Rule) => Array.from({ length: W * H }, (_, p) => rule(Math.floor(p / W), p % W));
  const rule = disc(14, 18, 5);

  it.each<[HoleColour, 1 | 2 | 3 | 4, 8 | 16]>([
    ['white', 1, 8],
    ['white', 2, 8],
    ['white', 3, 8],
    ['white', 4, 8],
    ['white', 3, 16],
    ['black', 1, 8],
    ['black', 3, 8],
    ['black', 4, 16],
    ['alpha', 2, 8],
    ['alpha', 4, 8],
    ['alpha', 4, 16],
    ['opaque', 2, 8],
    ['opaque', 4, 8],
    ['opaque', 2, 16],
    ['opaque', 4, 16],
  ])('%s is the hole in %d channels of %d bits', (colour, channels, bits) => {
    const mask = pictureOf(
      W,
      H,
      channels,
      (y, x, c) => {
        const alpha = channels % 2 === 0 && c === channels - 1;
        if (colour === 'alpha' || colour === 'opaque') return alpha ? (rule(y, x) === (colour === 'opaque') ? 255 : 0) : 90;
        // Neither does the mask's alpha count here.
        if (alpha) return x % 2 ? 0 : 255;
        return rule(y, x) === (colour === 'white') ? 255 : 0;
      },
      bits,
    );
    expect(holes(mask, colour)).toEqual(marked(rule));
  });

  it.each([
    // What JPEG makes of a hard edge: rims of grey are hole, the faint noise around is not.
    ['white', 255, true],
    ['white', 128, true],
    ['white', 70, true],
    ['white', 30, false],
    ['white', 0, false],
    ['black', 0, true],
    ['black', 128, true],
    ['black', 185, true],
    ['black', 225, false],
    ['black', 255, false],
  ] as const)('%s: grey %d is hole: %s', (colour, level, expected) => {
    for (const channels of [1, 3] as const) {
      expect(
        holes(
          pictureOf(2, 1, channels, () => level),
          colour,
        ),
      ).toEqual([expected, expected]);
    }
  });

  it.each([
    // Levels of 16 bits whose low byte says the opposite of the high one.
    ['alpha', 8, 191, true],
    ['alpha', 8, 192, false],
    ['alpha', 16, 0x00ff, true],
    ['alpha', 16, 0xbfff, true],
    ['alpha', 16, 0xc000, false],
    ['alpha', 16, 0xff00, false],
    ['opaque', 8, 63, false],
    ['opaque', 8, 64, true],
    ['opaque', 8, 255, true],
    ['opaque', 16, 0x00ff, false],
    ['opaque', 16, 0x3fff, false],
    ['opaque', 16, 0x4000, true],
    ['opaque', 16, 0xff00, true],
  ] as const)('%s: soft alpha of %d bits, %d, is hole: %s', (colour, bits, level, expected) => {
    for (const channels of [2, 4] as const) {
      const values = Array.from({ length: 2 * channels }, (_, i) => (i % channels === channels - 1 ? level : 0));
      const data = bits === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
      expect(holes({ width: 2, height: 1, channels, data }, colour)).toEqual([expected, expected]);
    }
  });

  it('a coloured mask counts by its mean', () => {
    expect(
      holes(
        pictureOf(1, 1, 3, (_y, _x, c) => (c === 0 ? 255 : 0)),
        'white',
      ),
    ).toEqual([true]);
    expect(
      holes(
        pictureOf(1, 1, 3, (_y, _x, c) => (c === 0 ? 60 : 0)),
        'white',
      ),
    ).toEqual([false]);
  });

  it('says of a mask without a hole that it has none', () => {
    const { weights, holePixels, box } = seamWeights(
      maskOf(W, H, () => false),
      { grow: 3, feather: 3 },
    );
    expect(holePixels).toBe(0);
    expect(box).toBeUndefined();
    expect(weights.data.every((w) => w === 0)).toBe(true);
  });
});

describe('unknownTest', () => {
  const { weights } = seamWeights(maskOf(W, H, disc(14, 18, 5)), { grow: 1, feather: 4 });

  it.each([1, 3] as const)('is the grown hole in %d channels, not its seam', (channels) => {
    const isUnknown = unknownTest(
      pictureOf(W, H, channels, () => 0),
      weights,
    );
    for (let p = 0; p < W * H; p++) expect(isUnknown(Math.floor(p / W), p % W)).toBe(weights.data[p] === HOLE);
  });

  it.each([2, 4] as const)('also where the photo, of %d channels, is wholly transparent', (channels) => {
    const photo = pictureOf(W, H, channels, (_, x, c) => (c === channels - 1 ? (x < 5 ? 0 : x) : 0));
    const isUnknown = unknownTest(photo, weights);
    for (let p = 0; p < W * H; p++) expect(isUnknown(Math.floor(p / W), p % W)).toBe(weights.data[p] === HOLE || p % W < 5);
  });

  it("of a part is the whole's, moved", () => {
    const photo = pictureOf(W, H, 2, (_, x, c) => (c === 1 ? (x < 15 ? 0 : x) : 0));
    const box = { top: 9, left: 13, bottom: 21, right: 30 };
    const whole = unknownTest(photo, weights);
    const part = unknownTest(viewOf(photo, box), viewOf(weights, box));
    for (let y = 0; y < 12; y++) for (let x = 0; x < 17; x++) expect(part(y, x)).toBe(whole(y + 9, x + 13));
  });
});

describe('errors', () => {
  const mask = maskOf(9, 7, disc(3, 4, 2));
  it.each<[string, unknown, object, RegExp]>([
    ['a colour that is none', mask, { hole: 'White' }, /^seamWeights: hole must be 'white', 'black', 'alpha' or 'opaque', got White/],
    ['alpha that is not there', scene(9, 7), { hole: 'alpha' }, /^seamWeights: mask must be of 2 or 4 channels, one of them alpha, for hole: 'alpha', got 3/],
    ['what is not opaque, without alpha', mask, { hole: 'opaque' }, /for hole: 'opaque', got 1/],
    ['half a pixel', mask, { grow: 0.5 }, /^seamWeights: grow must be a whole number >= 0, got 0.5/],
    ['a negative seam', mask, { feather: -1 }, /^seamWeights: feather must be/],
    ['too few values', { ...mask, data: new Uint8Array(5) }, {}, /^seamWeights: mask: 9 x 7 x 1 channels take 63 values, got 5/],
    ['a part of a mask', viewOf(mask, { top: 1, left: 1, bottom: 4, right: 4 }), {}, /^seamWeights: mask: 3 x 3 x 1 channels take 9 values, got 63/],
    ['floats', { ...mask, data: new Float32Array(63) }, {}, /^seamWeights: mask: data must be/],
  ])('%s', (_, wrong, options, message) => {
    expect(() => seamWeights(wrong as Picture, options)).toThrow(message);
  });

  it('weights that are not of the photo', () => {
    const photo = scene(9, 7);
    expect(() =>
      unknownTest(
        photo,
        maskOf(7, 9, () => false),
      ),
    ).toThrow(/^unknownTest: weights must be \[7, 9\], got \[9, 7\]/);
    expect(() => unknownTest(photo, photo)).toThrow(/^unknownTest: weights must be of 1 channel of 8 bits, got 3 of 8/);
  });
});

describe('widths beyond the picture', () => {
  const mask = maskOf(40, 30, disc(3, 4, 2));
  it('a rim covers all of it', () => {
    for (const grow of [70, 1e12]) expect(seamWeights(mask, { grow }).holePixels).toBe(1200);
  });

  it('a seam falls as it would in a larger picture', () => {
    const large = seamWeights(maskOf(400, 300, disc(3, 4, 2)), { feather: 300 });
    const part = copyOf(viewOf(large.weights, { top: 0, left: 0, bottom: 30, right: 40 }));
    expect(seamWeights(mask, { feather: 300 }).weights.data).toEqual(part.data);
    // Hardly falling at all: 254 everywhere but in the hole. Painted ring by ring, this would take hours.
    const { weights, holePixels } = seamWeights(mask, { feather: 1e9 });
    expect(weights.data.filter((w) => w === 254).length).toBe(1200 - holePixels);
  });
});
