import { describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import type { Box } from '../../src/pixels/box';
import { planWindows } from '../../src/pixels/plan';
import { HOLE, seamWeights } from '../../src/pixels/seam';
import { copyOf, viewOf } from '../../src/pixels/view';
import type { Window } from '../../src/pixels/window';
import { disc, maskOf, type Rule, rectangle, scene } from '../cra/support';
import { seeded } from '../support/values';

interface Case {
  width: number;
  height: number;
  rule: Rule;
  workingSize?: number;
  grow?: number;
  feather?: number;
}

function plan({ width, height, rule, workingSize = 256, grow = 0, feather = 4 }: Case) {
  const { weights } = seamWeights(maskOf(width, height, rule), { grow, feather });
  return { weights: weights.data, windows: planWindows(weights, { workingSize, feather }) };
}

const inside = ({ top, left, bottom, right }: Box, y: number, x: number) => y >= top && x >= left && y < bottom && x < right;
const size = ({ view }: Window) => [view.right - view.left, view.bottom - view.top];

const grain = seeded(9, 700 * 500);
const cases: [string, Case][] = [
  ['a small hole in a large picture', { width: 900, height: 700, rule: disc(300, 400, 12) }],
  ['a large hole', { width: 300, height: 200, rule: rectangle(30, 30, 170, 250) }],
  ['a corner', { width: 500, height: 400, rule: disc(399, 499, 30) }],
  ['two far apart', { width: 900, height: 300, rule: (y, x) => disc(100, 80, 10)(y, x) || disc(200, 820, 14)(y, x) }],
  ['two side by side', { width: 900, height: 300, rule: (y, x) => disc(100, 80, 10)(y, x) || disc(100, 110, 10)(y, x) }],
  [
    'one inside the box of another',
    { width: 600, height: 600, rule: (y, x) => (disc(300, 300, 200)(y, x) && !disc(300, 300, 180)(y, x)) || disc(300, 300, 8)(y, x) },
  ],
  [
    'two strokes whose seams meet',
    {
      width: 1000,
      height: 260,
      rule: (y, x) => [30, 112].some((y0, i) => x >= 40 + 400 * i && x < 540 + 400 * i && Math.abs(y - y0 - (x - 40 - 400 * i) / 4) < 4),
      workingSize: 64,
      feather: 6,
    },
  ],
  ['many scattered pixels', { width: 700, height: 500, rule: (y, x) => grain[y * 700 + x] > 0.999 }],
  ['a scratch from corner to corner', { width: 700, height: 500, rule: (y, x) => Math.abs(y * 7 - x * 5) < 5, workingSize: 128 }],
  ['one pixel', { width: 64, height: 48, rule: rectangle(20, 20, 21, 21), workingSize: 32 }],
  ['a single row', { width: 400, height: 1, rule: (_, x) => x > 390, workingSize: 64 }],
  ['all but a pixel', { width: 50, height: 40, rule: (y, x) => y + x > 0 }],
  ['a seam wider than the hole', { width: 500, height: 500, rule: disc(250, 250, 3), feather: 40 }],
  ['a seam wider than any margin', { width: 700, height: 600, rule: disc(300, 350, 3), feather: 150 }],
  ['grown', { width: 500, height: 500, rule: disc(250, 250, 9), grow: 12, feather: 3 }],
];

describe.each(cases)('%s', (_, which) => {
  const { width, height, workingSize = 256 } = which;
  const { weights, windows } = plan(which);

  it('every pixel that has a weight is written by one window', () => {
    const wrong: string[] = [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const weight = weights[y * width + x];
        const writers = windows.filter(({ target, owns }) => inside(target, y, x) && owns(y, x));
        if (weight > 0 && writers.length !== 1) wrong.push(`${writers.length} windows write ${y}, ${x}`);
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  it('targets lie in their views, and views in the picture', () => {
    for (const { view, target } of windows) {
      expect(view.top >= 0 && view.left >= 0 && view.bottom <= height && view.right <= width).toBe(true);
      expect(inside(view, target.top, target.left) && inside(view, target.bottom - 1, target.right - 1)).toBe(true);
      expect(target.bottom > target.top && target.right > target.left).toBe(true);
    }
  });

  it('the low resolution has the aspect of the view and fits the working size', () => {
    for (const window of windows) {
      const [across, down] = size(window);
      const { low } = window;
      expect(Math.max(low.width, low.height)).toBe(Math.min(workingSize, Math.max(across, down)));
      const scale = low.width >= low.height ? low.width / across : low.height / down;
      expect(Math.abs(low.width - across * scale) <= 0.5 + 1e-9 || low.width === 1).toBe(true);
      expect(Math.abs(low.height - down * scale) <= 0.5 + 1e-9 || low.height === 1).toBe(true);
    }
  });

  it('each view holds enough that is known, or all there is', () => {
    for (const window of windows) {
      const [across, down] = size(window);
      if (across === width && down === height) continue;
      let holes = 0;
      for (let y = window.view.top; y < window.view.bottom; y++) {
        for (let x = window.view.left; x < window.view.right; x++) if (weights[y * width + x] === HOLE) holes++;
      }
      expect(across * down - holes).toBeGreaterThanOrEqual(2 * holes);
    }
  });
});

describe('planWindows', () => {
  const count = (which: Case) => plan(which).windows.length;

  it('two far holes are two windows, each looked at closely', () => {
    const { windows } = plan({ width: 2000, height: 600, rule: (y, x) => disc(300, 100, 10)(y, x) || disc(300, 1900, 10)(y, x) });
    expect(windows.length).toBe(2);
    for (const window of windows) expect(Math.max(...size(window))).toBeLessThan(600);
  });

  it('two near ones share a window', () => {
    expect(count({ width: 2000, height: 600, rule: (y, x) => disc(300, 900, 10)(y, x) || disc(300, 960, 10)(y, x) })).toBe(1);
  });

  it('a picture that fits the working size is one window', () => {
    expect(count({ width: 200, height: 150, rule: (y, x) => disc(10, 10, 5)(y, x) || disc(140, 190, 5)(y, x) })).toBe(1);
  });

  it('no hole, no window', () => {
    expect(count({ width: 200, height: 150, rule: () => false })).toBe(0);
  });

  it('a window keeps out of the holes of the others', () => {
    const rule: Rule = (y, x) => disc(300, 100, 10)(y, x) || disc(300, 1900, 10)(y, x);
    const { windows } = plan({ width: 2000, height: 600, rule });
    expect(windows.map(({ target, owns }) => [100, 1900].map((x) => inside(target, 300, x) && owns(300, x))).sort()).toEqual([
      [false, true],
      [true, false],
    ]);
  });

  it('a window keeps out of the seams of the others, also where its box covers them', () => {
    // Two slanting strokes, whose boxes overlap.
    const stroke =
      (y0: number, x0: number): Rule =>
      (y, x) =>
        x >= x0 && x < x0 + 500 && Math.abs(y - y0 - (x - x0) / 4) < 4;
    const strokes = [stroke(30, 40), stroke(90, 440)];
    const [width, height, feather] = [1000, 260, 6];
    const { windows, weights } = plan({ width, height, feather, workingSize: 128, rule: (y, x) => strokes.some((rule) => rule(y, x)) });
    expect(windows.length).toBe(2);
    const own = windows.map(({ owns }) => strokes.find((rule) => [30, 90].some((y0, i) => owns(y0, [40, 440][i]) && rule(y0, [40, 440][i]))) as Rule);
    let shared = 0;
    const strangers: string[] = [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (weights[y * width + x] === 0) continue;
        const writers = windows.flatMap(({ target, owns }, i) => (inside(target, y, x) && owns(y, x) ? [i] : []));
        expect(writers.length).toBe(1);
        if (windows.every(({ target }) => inside(target, y, x))) shared++;
        // By whole cells of 4 pixels: a seam ends at most that much further off.
        const reach = feather + 4;
        for (const i of writers) {
          let near = false;
          for (let v = y - reach; v <= y + reach; v++) for (let u = x - reach; u <= x + reach; u++) near ||= own[i](v, u);
          if (!near) strangers.push(`${y}, ${x}`);
        }
      }
    }
    expect(shared).toBeGreaterThan(100);
    expect(strangers.slice(0, 5)).toEqual([]);
  });

  it('says the same of the same picture', () => {
    const [a, b] = [plan(cases[6][1]), plan(cases[6][1])];
    expect(JSON.stringify(a.windows)).toBe(JSON.stringify(b.windows));
  });
});

it('of a photo that is itself as narrow as thin, no hole is: there may be nothing beside it', () => {
  for (const [width, height, expected] of [
    [700, 20, undefined],
    [1, 700, undefined],
    [700, 21, true],
  ] as const) {
    const weights = maskOf(width, height, (y, x) => x < 10 && y < 600);
    expect(planWindows(weights, { thin: 20 }).map(({ thin }) => thin)).toEqual([expected]);
  }
});

it('weights that are a part of some others give what their copy gives', () => {
  const { weights } = seamWeights(maskOf(300, 200, (y, x) => disc(90, 70, 8)(y, x) || disc(150, 260, 5)(y, x)));
  const part = viewOf(weights, { top: 20, left: 30, bottom: 190, right: 290 });
  const plain = (windows: Window[]) => windows.map(({ view, target, low }) => ({ view, target, low }));
  const windows = plain(planWindows(part, { workingSize: 64 }));
  expect(windows.length).toBe(2);
  expect(windows).toEqual(plain(planWindows(copyOf(part), { workingSize: 64 })));
});

it.each(cases)(
  '%s: told where the hole lies, it plans the same, and looks at nothing else',
  (_, { width, height, rule, workingSize = 256, grow = 0, feather = 4 }) => {
    const { weights, box } = seamWeights(maskOf(width, height, rule), { grow, feather });
    const plain = (windows: Window[]) => windows.map(({ owns, ...window }) => ({ ...window, owned: owns(window.target.top, window.target.left) }));
    for (const thin of [0, 20]) {
      const expected = plain(planWindows(weights, { workingSize, feather, thin }));
      expect(plain(planWindows(weights, { workingSize, feather, thin, box }))).toEqual(expected);
      const { top, left, bottom, right } = box!;
      const beyond = { ...weights, data: weights.data.map((w, p) => (inside({ top, left, bottom, right }, Math.floor(p / width), p % width) ? w : HOLE)) };
      expect(planWindows(beyond, { workingSize, feather, thin, box }).map(({ view }) => view)).toEqual(expected.map(({ view }) => view));
    }
  },
);

it.each<[string, Picture, object, typeof ArgumentError | typeof ShapeError]>([
  ['a working size of 0', maskOf(9, 9, disc(4, 4, 2)), { workingSize: 0 }, ArgumentError],
  ['a negative working size', maskOf(9, 9, disc(4, 4, 2)), { workingSize: -4 }, ArgumentError],
  ['a working size that is no number', maskOf(9, 9, disc(4, 4, 2)), { workingSize: Number.NaN }, ArgumentError],
  ['a negative seam', maskOf(9, 9, disc(4, 4, 2)), { feather: -1 }, ArgumentError],
  ['a seam that is no number', maskOf(9, 9, () => false), { feather: Number.NaN }, ArgumentError],
  ['what is thin by half a pixel', maskOf(9, 9, disc(4, 4, 2)), { thin: 2.5 }, ArgumentError],
  ['what is thin and as thick as a photo', maskOf(9, 9, disc(4, 4, 2)), { thin: 65 }, ArgumentError],
  ['weights in colour', scene(9, 9), {}, ArgumentError],
  ['weights of 16 bits', { ...maskOf(9, 9, disc(4, 4, 2)), data: new Uint16Array(81) }, {}, ArgumentError],
  ['a box beyond the photo', maskOf(9, 9, disc(4, 4, 2)), { box: { top: 0, left: 0, bottom: 10, right: 9 } }, ShapeError],
  ['too few weights', { ...maskOf(9, 9, disc(4, 4, 2)), data: new Uint8Array(80) }, {}, ShapeError],
])('refuses %s', (_, weights, options, type) => {
  expect(() => planWindows(weights, options)).toThrow(type);
});
