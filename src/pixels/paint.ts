import type { Run } from './runs';
import type { Steps } from './steps';

// Rows painted, about, from one step to the next.
const ROWS_A_STEP = 4096;

/**
 * Paints runs of pixels, each grown by its own number of pixels, into a map of bytes, and a seam around them: `levels[0]` within that
 * distance, `levels[n]` where it is more than n - 1 and at most n pixels further, the highest where several reach. Levels fall.
 */
export function* paintGrown(map: Uint8Array, width: number, height: number, growth: Map<number, Run[]>, levels: Uint8Array): Steps<void> {
  // No pixel is further from another.
  const furthest = width + height;
  for (const [grow, runs] of growth) {
    const brush = brushOf(Math.min(grow, furthest), levels);
    const radius = Math.min(brush.length - 1, furthest);
    const stroke = (row: number, start: number, end: number, away: number) => {
      const { solid, fall } = brush[away];
      const line = row * width;
      if (solid >= 0) map.fill(levels[0], line + Math.max(0, start - solid), line + Math.min(width, end + solid));
      else for (let p = line + start; p < line + end; p++) if (map[p] < fall[0]) map[p] = fall[0];
      for (let n = 0, p = line + start - solid - 1; n < fall.length && p >= line; n++, p--) if (map[p] < fall[n]) map[p] = fall[n];
      for (let n = 0, p = line + end + solid; n < fall.length && p < line + width; n++, p++) if (map[p] < fall[n]) map[p] = fall[n];
    };
    // In another order more is painted than need be.
    const sorted = [...runs].sort((a, b) => a.row - b.row || a.start - b.start);
    let [painted, above, below] = [0, 0, 0];
    for (const run of sorted) {
      const { row, start, end } = run;
      stroke(row, start, end, 0);
      // Upwards and downwards from where no run lies only: all there is nearer to the pixel above, or below, than to this one.
      above = firstBeside(run, row - 1, sorted, above);
      below = firstBeside(run, row + 1, sorted, below);
      const [up, down] = [bareOf(run, row - 1, sorted, above), bareOf(run, row + 1, sorted, below)];
      for (const [from, to] of up) for (let away = 1; away <= radius && row - away >= 0; away++) stroke(row - away, from, to, away);
      for (const [from, to] of down) for (let away = 1; away <= radius && row + away < height; away++) stroke(row + away, from, to, away);
      painted += 1 + radius * (up.length + down.length);
      if (painted < ROWS_A_STEP) continue;
      painted = 0;
      yield;
    }
  }
}

/** What a pixel paints of a row so many rows away: the highest level up to `solid` pixels beside it, then a fall. None is solid: -1. */
interface Bristle {
  solid: number;
  fall: Uint8Array;
}

/** By rows away. */
function brushOf(grow: number, levels: Uint8Array): Bristle[] {
  const radius = grow + levels.length - 1;
  return Array.from({ length: radius + 1 }, (_, away) => {
    const solid = away <= grow ? Math.floor(Math.sqrt(grow * grow - away * away)) : -1;
    const reach = Math.floor(Math.sqrt(radius * radius - away * away));
    return { solid, fall: Uint8Array.from({ length: reach - solid }, (_, n) => levels[Math.ceil(Math.sqrt((solid + 1 + n) ** 2 + away * away)) - grow]) };
  });
}

/** The first run, from the n-th on, of another row or later that does not end before this one begins. */
function firstBeside({ start }: Run, row: number, runs: Run[], n: number): number {
  while (n < runs.length && (runs[n].row < row || (runs[n].row === row && runs[n].end <= start))) n++;
  return n;
}

const NONE: [number, number][] = [];

/** What of a run has none beside it in another row, whose runs are looked at from the n-th on. */
function bareOf({ start, end }: Run, row: number, runs: Run[], n: number): [number, number][] {
  let found = NONE;
  const add = (from: number, to: number) => {
    if (found === NONE) found = [];
    found.push([from, to]);
  };
  let from = start;
  for (; n < runs.length && runs[n].row === row && runs[n].start < end && from < end; n++) {
    if (runs[n].start > from) add(from, runs[n].start);
    from = Math.max(from, runs[n].end);
  }
  if (from < end) add(from, end);
  return found;
}
