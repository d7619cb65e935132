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

/** Where a map of bytes has a value, row by row: as {@link runsOf}, but quick over what has it nowhere. */
export function runsOfValue(pixels: Pixels, value: number): Run[] {
  const { width, height, data } = pixels;
  const layout = layoutOf(pixels);
  const runs: Run[] = [];
  for (let row = 0; row < height; row++) {
    const at = layout.start + row * layout.stride;
    const line = data.subarray(at, at + width);
    for (let start = line.indexOf(value); start >= 0; ) {
      let end = start + 1;
      while (end < width && line[end] === value) end++;
      runs.push({ row, start, end });
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

/** Puts runs together that touch, diagonally too. `runs` are by rows, and by columns in each. */
export function piecesOf(runs: Run[]): Piece[] {
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
  const pieces = new Map<number, Piece>();
  for (const [n, run] of runs.entries()) {
    const root = rootOf(n);
    let piece = pieces.get(root);
    if (!piece) {
      piece = { runs: [], box: { top: run.row, left: run.start, bottom: run.row + 1, right: run.end }, pixels: 0 };
      pieces.set(root, piece);
    }
    piece.runs.push(run);
    piece.pixels += run.end - run.start;
    piece.box.left = Math.min(piece.box.left, run.start);
    piece.box.right = Math.max(piece.box.right, run.end);
    piece.box.bottom = run.row + 1;
  }
  return [...pieces.values()];
}
