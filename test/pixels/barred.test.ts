import { describe, expect, it } from 'vitest';
import { alignField } from '../../src/pixels/align-field';
import { barredBy, barredWithin, runsBesideSources } from '../../src/pixels/barred';
import type { Box } from '../../src/pixels/box';
import { type CopyField, copyField } from '../../src/pixels/copy-field';
import { planSteps } from '../../src/pixels/plan';
import { type Run, runsOf } from '../../src/pixels/runs';
import { HOLE, seamWeights } from '../../src/pixels/seam';
import { atOnce } from '../../src/pixels/steps';
import { sourceOf } from '../../src/pixels/view';
import { openWindow } from '../../src/pixels/window';
import { disc, maskOf, type Rule, rectangle, scene } from '../cra/support';
import { seeded } from '../support/values';

const W = 560;
const H = 300;
const runsIn = (rule: Rule, width = W, height = H): Run[] => {
  const mask = maskOf(width, height, rule);
  return runsOf(mask, (p) => mask.data[p] === 255);
};
const grain = seeded(4, W * H);
const random =
  (share: number, first = 0): Rule =>
  (y, x) =>
    (grain[(y * W + x + first) % grain.length] + 1) / 2 < share;

describe('barredWithin', () => {
  it('marks the hole and what is barred by any of several lists, and nothing else', () => {
    const [hole, one, other] = [disc(100, 90, 30), random(0.3), random(0.2, 77)];
    const { weights } = seamWeights(maskOf(W, H, hole), { feather: 3 });
    const barred = barredBy([runsIn(one), runsIn(other)]);
    for (const box of [
      { top: 0, left: 0, bottom: H, right: W },
      { top: 70, left: 80, bottom: 140, right: 201 },
    ]) {
      const marks = barredWithin(barred, weights, box);
      for (let y = box.top, p = 0; y < box.bottom; y++)
        for (let x = box.left; x < box.right; x++, p++) {
          const expected = hole(y, x) || one(y, x) || other(y, x);
          if ((marks.data[p] === HOLE) !== expected) expect.fail(`row ${y}, column ${x}`);
        }
    }
    expect(barredBy([runsIn(one), runsIn(one)])).toEqual(barredBy([runsIn(one)]));
  });
});

it('runs that have something to copy within reach are told pixel by pixel', () => {
  const wires: Rule = (y, x) => y % 40 < 3 || Math.abs(x - 2 * y) < 5;
  const kept: Rule = (y, x) => rectangle(30, 100, 290, 400)(y, x) || disc(80, 500, 20)(y, x);
  const { weights } = seamWeights(maskOf(W, H, wires));
  const found = atOnce(runsBesideSources(runsIn(wires), barredBy([runsIn(kept)]), weights, 6));
  const expected = new Set<number>();
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      if (!wires(y, x)) continue;
      search: for (let v = Math.max(0, y - 6); v <= Math.min(H - 1, y + 6); v++)
        for (let u = Math.max(0, x - 6); u <= Math.min(W - 1, x + 6); u++)
          if ((v - y) ** 2 + (u - x) ** 2 <= 36 && !wires(v, u) && !kept(v, u)) {
            expected.add(y * W + x);
            break search;
          }
    }
  }
  const places = found.flatMap(({ row, start, end }) => Array.from({ length: end - start }, (_, i) => row * W + start + i));
  expect(places.length).toBe(expected.size);
  expect(places.every((place) => expected.has(place))).toBe(true);
});

describe('windows where not all may be copied', () => {
  const hole = disc(150, 100, 12);
  const { weights } = seamWeights(maskOf(W, H, hole));
  const windows = (kept: Rule, thin = 0) => atOnce(planSteps(weights, { workingSize: 256, thin }, barredBy([runsIn(kept)])));
  const countIn = ({ top, left, bottom, right }: Box, rule: Rule) => {
    let count = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) if (rule(y, x)) count++;
    return count;
  };
  const [{ view: usual }] = atOnce(planSteps(weights, { workingSize: 256 }));

  it('grow until they have enough that may, or all that there is', () => {
    const far: Rule = (_, x) => x >= 330;
    const [{ view }] = windows((y, x) => !far(y, x));
    expect(countIn(usual, far)).toBe(0);
    expect(countIn(view, far)).toBeGreaterThan(3 * countIn(view, hole));
    // A part of the picture will do.
    expect(view.right).toBeLessThan(W);
    const little = disc(20, 300, 6);
    const [small] = windows((y, x) => !little(y, x));
    expect(countIn(small.view, little)).toBe(countIn({ top: 0, left: 0, bottom: H, right: W }, little));
    expect(small.view.right).toBeLessThan(W);
  });

  it('are as ever where enough may be copied', () => {
    expect(windows((_, x) => x > 500).map(({ view }) => view)).toEqual([usual]);
  });

  it('thin holes amid what must not be copied are not healed', () => {
    const wire = seamWeights(maskOf(W, H, rectangle(150, 20, 153, 540))).weights;
    const planned = atOnce(planSteps(wire, { workingSize: 256, thin: 20 }, barredBy([runsIn((_, x) => x > 200 && x < 420)])));
    const thinAt = (x: number) => planned.filter(({ thin }) => thin).some(({ target, owns }) => x >= target.left && x < target.right && owns(151, x));
    const thickAt = (x: number) => planned.filter(({ thin }) => !thin).some(({ target, owns }) => x >= target.left && x < target.right && owns(151, x));
    for (const [x, isThin] of [
      [30, true],
      [205, true],
      [250, false],
      [380, false],
      [500, true],
    ] as const) {
      expect([thinAt(x), thickAt(x)], `column ${x}`).toEqual([isThin, !isThin]);
    }
  });
});

it('copies are aligned to what may be copied, at every size', async () => {
  const photo = scene(240, 200);
  const hole = disc(100, 120, 30);
  const kept: Rule = (_, x) => x >= 160;
  const { weights } = seamWeights(maskOf(240, 200, hole));
  const view = { top: 0, left: 0, bottom: 200, right: 240 };
  const target = { top: 70, left: 90, bottom: 131, right: 151 };
  const low = { width: 60, height: 50 };
  const retouch = await openWindow(sourceOf(photo), weights, { view, target, low, owns: () => true });
  // All copies lead to the right, half of them into what must not be copied.
  const offsets = new Int32Array(2 * low.width * low.height);
  for (let p = 0; p < low.width * low.height; p++) offsets[2 * p + 1] = 15;
  const leadIn = ({ offsets, covered, left, columns, width }: CopyField) =>
    covered.reduce((sum, covers, at) => sum + (covers && kept(0, ((left + (at % columns) + offsets[2 * at + 1] + 0.5) * 240) / width) ? 1 : 0), 0);
  expect(leadIn(await alignField(retouch, copyField(offsets, low)))).toBeGreaterThan(100);
  const barred = barredWithin(barredBy([runsIn(kept, 240, 200)]), weights, view);
  const field = await alignField({ ...retouch, barred }, copyField(offsets, low));
  expect([leadIn(field), field.width]).toEqual([0, 120]);
  expect(field.covered.includes(1)).toBe(true);
});
