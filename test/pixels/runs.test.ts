import { describe, expect, it } from 'vitest';
import { piecesOf, rowsOf, runsOf, runsOfLevels, runsOfValue, sampledRuns } from '../../src/pixels/runs';
import { viewOf } from '../../src/pixels/view';
import { disc, maskOf, type Rule, rectangle } from '../cra/support';
import { seeded } from '../support/values';

const W = 53;
const H = 31;
const grain = seeded(6, W * H);
const rules: [string, Rule][] = [
  ['nothing', () => false],
  ['everything', () => true],
  ['pixels all over', (y, x) => grain[y * W + x]! > 0.5],
  ['few pixels', (y, x) => grain[y * W + x]! > 0.95],
  ['a ring and what is in it', (y, x) => (disc(15, 20, 12)(y, x) && !disc(15, 20, 10)(y, x)) || disc(15, 20, 3)(y, x)],
  ['a spiral of arms that meet late', (y, x) => x % 4 === 0 || (y === H - 1 && x < 30)],
  ['pixels that touch by corners', (y, x) => (y + x) % 2 === 0 && rectangle(5, 5, 12, 20)(y, x)],
  ['the last column and the first of the next row', (y, x) => (y === 3 && x === W - 1) || (y === 4 && x === 0)],
];

/** Pieces by flooding, pixel by pixel: each as a sorted list of places. */
function flooded(rule: Rule): number[][] {
  const seen = new Set<number>();
  const pieces: number[][] = [];
  for (let first = 0; first < W * H; first++) {
    if (seen.has(first) || !rule(Math.floor(first / W), first % W)) continue;
    const piece = [first];
    seen.add(first);
    for (let n = 0; n < piece.length; n++) {
      const [y, x] = [Math.floor(piece[n]! / W), piece[n]! % W];
      for (let v = y - 1; v <= y + 1; v++) {
        for (let u = x - 1; u <= x + 1; u++) {
          if (v < 0 || u < 0 || v >= H || u >= W || seen.has(v * W + u) || !rule(v, u)) continue;
          seen.add(v * W + u);
          piece.push(v * W + u);
        }
      }
    }
    pieces.push(piece.sort((a, b) => a - b));
  }
  return pieces;
}

describe.each(rules)('%s', (_, rule) => {
  const mask = maskOf(W, H, rule);
  const runs = runsOf(mask, (p) => mask.data[p] === 255);

  it('the runs are its pixels, by rows and columns, each as long as can be', () => {
    const places = runs.flatMap(({ row, start, end }) => Array.from({ length: end - start }, (_, i) => row * W + start + i));
    expect(places).toEqual(Array.from(mask.data.keys()).filter((p) => mask.data[p] === 255));
    for (const { row, start, end } of runs) expect([start === 0 || !rule(row, start - 1), end === W || !rule(row, end)]).toEqual([true, true]);
    expect(runsOfValue(mask, 255)).toEqual(runs);
    const box = { top: 3, left: 5, bottom: 20, right: 40 };
    expect(runsOfValue(viewOf(mask, box), 255)).toEqual(runsOf({ width: 35, height: 17 }, (p) => rule(3 + Math.floor(p / 35), 5 + (p % 35))));
  });

  it('are the same by levels of a mask, wherever it lies in memory', () => {
    for (const offset of [0, 1, 2, 3]) {
      const data = new Uint8Array(offset + W * H).subarray(offset);
      // Two levels of hole and two of none, in stretches.
      for (let p = 0; p < data.length; p++) data[p] = (mask.data[p] ? 200 : 20) + (p % 17 < 9 ? 1 : 0);
      expect(runsOfLevels({ width: W, height: H, data }, (level) => level >= 200, 7)).toEqual(runs.map((run) => ({ ...run, row: run.row + 7 })));
    }
  });

  it.each([
    [1, 0, 0],
    [2, 3, 5],
    [3, -7, -4],
    [4, H - 9, W - 10],
  ])('are sampled at every %d pixels from row %d and column %d on', (step, top, left) => {
    const [width, height] = [11, 9];
    const sampled = Array.from({ length: width * height }, (_, i) => {
      const [y, x] = [top + Math.floor(i / width) * step, left + (i % width) * step];
      return Number(y >= 0 && x >= 0 && y < H && x < W && rule(y, x));
    });
    expect([...sampledRuns(rowsOf(runs), { top, left }, step, width, height)]).toEqual(sampled);
  });

  it('the pieces are those of flooding, with their boxes and sizes', () => {
    const pieces = [...piecesOf(runs)];
    const places = pieces.map((piece) => piece.runs.flatMap(({ row, start, end }) => Array.from({ length: end - start }, (_, i) => row * W + start + i)));
    const order = (all: number[][]) => all.sort((a, b) => a[0]! - b[0]!);
    expect(order(places)).toEqual(order(flooded(rule)));
    for (const { runs: own, box, pixels } of pieces) {
      expect(pixels).toBe(own.reduce((sum, { start, end }) => sum + end - start, 0));
      const ends = { top: Math.min(...own.map(({ row }) => row)), left: Math.min(...own.map(({ start }) => start)) };
      expect(box).toEqual({ ...ends, bottom: Math.max(...own.map(({ row }) => row + 1)), right: Math.max(...own.map(({ end }) => end)) });
    }
  });
});
