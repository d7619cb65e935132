import { describe, expect, it } from 'vitest';
import { piecesOf, runsOf } from '../../src/pixels/runs';
import { atOnce } from '../../src/pixels/steps';
import { PixelSet, thicknessOf, thinRuns } from '../../src/pixels/thickness';
import { disc, maskOf, type Rule, rectangle } from '../cra/support';

const W = 260;
const H = 190;
const line =
  (y0: number, x0: number, slope: number, width: number): Rule =>
  (y, x) =>
    x >= x0 && Math.abs(y - y0 - slope * (x - x0)) * Math.cos(Math.atan(slope)) <= width / 2;
const runsIn = (rule: Rule) => {
  const mask = maskOf(W, H, rule);
  return runsOf(mask, (p) => mask.data[p] === 255);
};
const THIN = 12;

/** What thin means, pixel by pixel: no disc of that diameter fits into the hole within that distance. */
function naive(rule: Rule): Set<number> {
  const places: number[] = [];
  for (let p = 0; p < W * H; p++) if (rule(Math.floor(p / W), p % W)) places.push(p);
  const isHole = (y: number, x: number) => y >= 0 && x >= 0 && y < H && x < W && rule(y, x);
  const core = places.filter((p) => {
    const [y, x] = [Math.floor(p / W), p % W];
    for (let v = -THIN / 2; v <= THIN / 2; v++)
      for (let u = -THIN / 2; u <= THIN / 2; u++) if (v * v + u * u <= THIN ** 2 / 4 && !isHole(y + v, x + u)) return false;
    return true;
  });
  return new Set(places.filter((p) => !core.some((q) => (Math.floor(p / W) - Math.floor(q / W)) ** 2 + ((p % W) - (q % W)) ** 2 <= THIN ** 2)));
}

const rules: [string, Rule][] = [
  ['specks', (y, x) => disc(20, 30, 3)(y, x) || disc(99, 100, 6)(y, x) || disc(0, 200, 5)(y, x)],
  ['a thick disc', disc(90, 130, 40)],
  ['a wire from border to border', line(20, 0, 0.5, 5)],
  ['a disc on a wire', (y, x) => line(20, 0, 0.5, 5)(y, x) || disc(84, 128, 25)(y, x)],
  ['two discs that a thread joins', (y, x) => disc(60, 40, 20)(y, x) || disc(120, 210, 24)(y, x) || line(60, 40, 60 / 170, 3)(y, x)],
  ['a square, whose corners no disc reaches', rectangle(50, 60, 130, 140)],
  ['a strip as wide as is thin, and one a little wider', (y, x) => rectangle(10, 20, 10 + THIN, 240)(y, x) || rectangle(80, 20, 80 + THIN + 3, 240)(y, x)],
  ['a thick hole at the border', rectangle(150, 0, H, 90)],
];

describe.each(rules)('%s', (_, rule) => {
  it('is thin where no disc fits in nearby', () => {
    const found = new Set<number>();
    for (const { row, start, end } of atOnce(thinRuns(runsIn(rule), THIN))) for (let x = start; x < end; x++) found.add(row * W + x);
    const exact = naive(rule);
    // A piece that is small altogether is thin at once; what fits in by a hair may go either way.
    const differ = [...exact].filter((p) => !found.has(p)).length + [...found].filter((p) => !exact.has(p)).length;
    expect(differ).toBeLessThanOrEqual(0.02 * Math.max(exact.size, 100));
  });
});

describe('thicknessOf', () => {
  const thickness = (rule: Rule) => [...piecesOf(runsIn(rule))].map(thicknessOf);
  it.each<[string, Rule, number, number]>([
    ['a disc of 80', disc(90, 130, 40), 78, 83],
    ['a rectangle of 60 x 200', rectangle(40, 20, 100, 220), 58, 62],
    ['a wire of 5', line(20, 0, 0.5, 5), 4, 7],
    ['a disc of 60 on a wire', (y, x) => line(20, 0, 0.5, 5)(y, x) || disc(84, 128, 30)(y, x), 5, 62],
    ['all of the picture', () => true, 0.95 * H, H + 4],
  ])('%s', (_, rule, from, to) => {
    const [only] = thickness(rule);
    expect(only).toBeGreaterThanOrEqual(from);
    expect(only).toBeLessThanOrEqual(to);
  });

  it('of a very large hole is told on a grid', () => {
    const [width, height] = [3000, 2000];
    const runs = Array.from({ length: height - 200 }, (_, i) => ({ row: 100 + i, start: 500, end: 2500 }));
    expect(thicknessOf([...piecesOf(runs)][0]!)).toBeGreaterThan(1780);
    expect(thicknessOf([...piecesOf(runs)][0]!)).toBeLessThan(1830);
    expect(width).toBeGreaterThan(2500);
  });
});

it('a set of pixels holds what was added, and no neighbour', () => {
  const set = new PixelSet(13, 5);
  set.add({ row: 2, start: 3, end: 11 });
  set.add({ row: 4, start: 12, end: 13 });
  for (let y = 0; y < 5; y++) for (let x = 0; x < 13; x++) expect(set.has(y, x)).toBe((y === 2 && x >= 3 && x < 11) || (y === 4 && x === 12));
});
