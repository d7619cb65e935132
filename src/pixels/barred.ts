import { squaredDistances } from '../arrays/distance-transform';
import { type Box, boxHeight, boxWidth, union, widened } from './box';
import { type Run, rowsOf, runsWithin } from './runs';
import { HOLE } from './seam';
import type { Steps } from './steps';
import { copyOf, type Pixels, viewOf } from './view';

/** Pixels that are known and must not be copied, by their rows. */
export type Barred = Map<number, Run[]>;

/** Puts runs of several lists together, each of which is by rows and columns. */
export function barredBy(lists: readonly Run[][]): Barred {
  const runs = lists.length === 1 ? lists[0] : lists.flat().sort((a, b) => a.row - b.row || a.start - b.start);
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined[joined.length - 1];
    if (last?.row === run.row && run.start <= last.end) last.end = Math.max(last.end, run.end);
    else joined.push({ ...run });
  }
  return rowsOf(joined);
}

/** What must not be copied of a box of the photo: its weights, with {@link HOLE} for what is barred, too. */
export function barredWithin(barred: Barred, weights: Pixels, box: Box): Pixels {
  const marks = copyOf(viewOf(weights, box));
  const width = boxWidth(box);
  for (let y = 0; y < boxHeight(box); y++) {
    for (const { start, end } of runsWithin(barred.get(box.top + y), box.left, box.right)) {
      marks.data.fill(HOLE, y * width + Math.max(start - box.left, 0), y * width + Math.min(end - box.left, width));
    }
  }
  return marks;
}

// Side of the tiles that are looked at together, in pixels.
const TILE = 256;

/** Those parts of some runs of hole pixels that have something to copy within `reach` pixels. */
export function* runsBesideSources(runs: Run[], barred: Barred, weights: Pixels, reach: number): Steps<Run[]> {
  const tiles = new Map<number, { box: Box; runs: Run[] }>();
  for (const { row, start, end } of runs) {
    for (let x = start; x < end; ) {
      const next = Math.min(end, (Math.floor(x / TILE) + 1) * TILE);
      const key = Math.floor(row / TILE) * weights.width + Math.floor(x / TILE);
      const box = { top: row, left: x, bottom: row + 1, right: next };
      const tile = tiles.get(key);
      if (tile) tile.box = union(tile.box, box);
      const piece = { row, start: x, end: next };
      if (tile) tile.runs.push(piece);
      else tiles.set(key, { box, runs: [piece] });
      x = next;
    }
  }
  const found: Run[] = [];
  for (const tile of tiles.values()) {
    yield;
    const box = widened(tile.box, reach, weights);
    if (!touches(barred, box)) {
      for (const run of tile.runs) found.push(run);
      continue;
    }
    const free = barredWithin(barred, weights, box).data.map((mark) => (mark === HOLE ? 0 : 1));
    const away = squaredDistances(free, boxHeight(box), boxWidth(box));
    for (const { row, start, end } of tile.runs) {
      const first = (row - box.top) * boxWidth(box) - box.left;
      for (let x = start, begun = -1; x <= end; x++) {
        const isNear = x < end && away[first + x] <= reach * reach;
        if (isNear && begun < 0) begun = x;
        else if (!isNear && begun >= 0) {
          found.push({ row, start: begun, end: x });
          begun = -1;
        }
      }
    }
  }
  return found;
}

function touches(barred: Barred, { top, left, bottom, right }: Box): boolean {
  for (let row = top; row < bottom; row++) if (!runsWithin(barred.get(row), left, right).next().done) return true;
  return false;
}
