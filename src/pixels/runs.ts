import type { Picture } from '../picture';
import type { Box } from './box';
import { layoutOf, type Pixels } from './view';

/** A stretch of hole pixels in one row: from `start` up to, not including, `end`. */
export interface Run {
  row: number;
  start: number;
  end: number;
}

/** Where pixels pass a test, row by row; their first row counts as `first`. */
export function runsOf({ width, height }: Pick<Picture, 'width' | 'height'>, isHole: (pixel: number) => boolean, first = 0): Run[] {
  const runs: Run[] = [];
  for (let row = 0; row < height; row++) {
    let start = -1;
    for (let x = 0; x <= width; x++) {
      const hole = x < width && isHole(row * width + x);
      if (hole && start < 0) start = x;
      else if (!hole && start >= 0) {
        runs.push({ row: first + row, start, end: x });
        start = -1;
      }
    }
  }
  return runs;
}

/**
 * Where bytes of a map are those that pass a test, row by row: as {@link runsOf}, but quick over stretches of one value, which masks are made of. Four
 * bytes of it are one number.
 */
export function runsOfLevels(
  { width, height, data }: { width: number; height: number; data: Uint8Array },
  isHole: (level: number) => boolean,
  first = 0,
): Run[] {
  const runs: Run[] = [];
  const passes = Array.from({ length: 256 }, (_, level) => isHole(level));
  // Numbers lie at every fourth byte of the memory, wherever the map begins in it.
  const begin = data.byteOffset % 4;
  const numbers = new Int32Array(data.buffer, data.byteOffset - begin, (begin + data.length) >> 2);
  for (let row = 0; row < height; row++) {
    const line = row * width;
    let open: Run | undefined;
    for (let x = 0; x < width; ) {
      const level = data[line + x];
      let end = x + 1;
      while ((begin + line + end) % 4 !== 0 && end < width && data[line + end] === level) end++;
      if ((begin + line + end) % 4 === 0) while (end + 4 <= width && numbers[(begin + line + end) >> 2] === ((level * 0x1010101) | 0)) end += 4;
      while (end < width && data[line + end] === level) end++;
      if (!passes[level]) open = undefined;
      else if (open) open.end = end;
      else {
        open = { row: first + row, start: x, end };
        runs.push(open);
      }
      x = end;
    }
  }
  return runs;
}

/** Where a map of bytes has a value, row by row: as {@link runsOf}, but quick over what has it nowhere. */
export function runsOfValue(pixels: Pixels, value: number, first = 0): Run[] {
  const { width, height, data } = pixels;
  const layout = layoutOf(pixels);
  const runs: Run[] = [];
  for (let row = 0; row < height; row++) {
    const at = layout.start + row * layout.stride;
    const line = data.subarray(at, at + width);
    for (let start = line.indexOf(value); start >= 0; ) {
      let end = start + 1;
      while (end < width && line[end] === value) end++;
      runs.push({ row: first + row, start, end });
      start = line.indexOf(value, end);
    }
  }
  return runs;
}

/** Runs that belong together: pixels that touch, diagonally too. */
export interface Piece {
  /** By rows. */
  runs: Run[];
  box: Box;
  pixels: number;
}

/** Runs of any order, by rows and columns: those that overlap or touch in a row as one. The runs given are sorted where they are. */
export function joinedRuns(runs: Run[]): Run[] {
  const out: Run[] = [];
  for (const run of runs.sort((a, b) => a.row - b.row || a.start - b.start)) {
    const last = out.at(-1);
    if (last && last.row === run.row && run.start <= last.end) last.end = Math.max(last.end, run.end);
    else out.push({ ...run });
  }
  return out;
}

/** Puts runs together that touch, diagonally too. `runs` are by rows, and by columns in each. One piece is made at a time. */
export function* piecesOf(runs: Run[]): Generator<Piece> {
  // A forest of runs, each tree a piece.
  const parent = new Int32Array(runs.length);
  for (let n = 0; n < parent.length; n++) parent[n] = n;
  const rootOf = (n: number) => {
    while (parent[n] !== n) n = parent[n] = parent[parent[n]];
    return n;
  };
  let above = 0;
  for (let n = 0; n < runs.length; n++) {
    const { row, start, end } = runs[n];
    while (runs[above].row < row - 1 || (runs[above].row === row - 1 && runs[above].end < start)) above++;
    for (let m = above; m < n && runs[m].row === row - 1 && runs[m].start <= end; m++) parent[rootOf(n)] = rootOf(m);
  }
  // Each tree's runs in a row of their own, counted first: there may be millions of trees.
  const ends = new Int32Array(parent.length + 1);
  for (let n = 0; n < parent.length; n++) ends[rootOf(n) + 1]++;
  for (let n = 0; n < parent.length; n++) ends[n + 1] += ends[n];
  const order = new Int32Array(parent.length);
  for (let n = 0; n < parent.length; n++) order[ends[rootOf(n)]++] = n;
  // An end is by now where the next one's runs begin.
  for (let root = 0, from = 0; root < parent.length; from = ends[root++]) {
    if (ends[root] === from) continue;
    const own: Run[] = [];
    for (let n = from; n < ends[root]; n++) own.push(runs[order[n]]);
    yield pieceOf(own);
  }
}

function pieceOf(runs: Run[]): Piece {
  const box = { top: runs[0].row, left: runs[0].start, bottom: runs[runs.length - 1].row + 1, right: runs[0].end };
  let pixels = 0;
  for (const { start, end } of runs) {
    pixels += end - start;
    if (start < box.left) box.left = start;
    if (end > box.right) box.right = end;
  }
  return { runs, box, pixels };
}

/** Runs by their rows. */
export function rowsOf(runs: Run[]): Map<number, Run[]> {
  const rows = new Map<number, Run[]>();
  for (const run of runs) {
    const row = rows.get(run.row);
    if (row) row.push(run);
    else rows.set(run.row, [run]);
  }
  return rows;
}

/** Those of a row's runs that lie between two columns, at least in part: found by halving, for a row may have thousands. */
export function* runsWithin(runs: Run[] | undefined, left: number, right: number): Generator<Run> {
  if (!runs) return;
  let n = 0;
  for (let beyond = runs.length; n < beyond; ) {
    const middle = (n + beyond) >> 1;
    if (runs[middle].end > left) beyond = middle;
    else n = middle + 1;
  }
  for (; n < runs.length && runs[n].start < right; n++) yield runs[n];
}

/** Which of width x height samples lie in runs: every step-th pixel down and across from a corner, which may lie outside the picture. */
export function sampledRuns(rows: Map<number, Run[]>, { top, left }: Pick<Box, 'top' | 'left'>, step: number, width: number, height: number): Uint8Array {
  const marked = new Uint8Array(width * height);
  for (let v = 0; v < height; v++) {
    for (const { start, end } of runsWithin(rows.get(top + v * step), left, left + width * step)) {
      const [from, to] = [start, end].map((x) => Math.ceil((x - left) / step));
      marked.fill(1, v * width + Math.max(0, from), v * width + Math.min(width, to));
    }
  }
  return marked;
}
