import { ShapeError } from '../errors';
import type { Picture } from '../picture';
import type { Run } from '../pixels/runs';

/** A mask of 0 and 255 that is held in runs. Its pixels are made when somebody asks for them. */
export interface RunMask extends Picture {
  readonly channels: 1;
  /** A byte a pixel, made at the first look. */
  readonly data: Uint8Array;
  /** Where it is 255: three numbers for each run, its row, its first column and the one behind its last, by rows and columns; no two touch. */
  readonly runs: Uint32Array;
}

/** Makes a mask of its runs. @throws ShapeError where they don't lie in it, one behind the other */
export function maskOfRuns(width: number, height: number, runs: Uint32Array): RunMask {
  checkRuns(width, height, runs);
  let data: Uint8Array | undefined;
  return {
    width,
    height,
    channels: 1,
    runs,
    get data() {
      data ??= painted(width, height, runs);
      return data;
    },
  };
}

/** Runs as a mask holds them. */
export function flatRuns(runs: readonly Run[]): Uint32Array {
  const flat = new Uint32Array(3 * runs.length);
  for (const [n, { row, start, end }] of runs.entries()) flat.set([row, start, end], 3 * n);
  return flat;
}

/** Whether a mask is held in runs. @throws ShapeError where it says so, and they don't lie in it */
export function isRunMask(mask: unknown): mask is RunMask {
  const { channels, runs, width, height } = (mask ?? {}) as Partial<RunMask>;
  if (channels !== 1 || !(runs instanceof Uint32Array)) return false;
  checkRuns(width as number, height as number, runs);
  return true;
}

function checkRuns(width: number, height: number, runs: Uint32Array): void {
  let [row, free] = [0, 0];
  for (let n = 0; n < runs.length; n += 3) {
    if (runs[n] > row) [row, free] = [runs[n], 0];
    if (runs[n] === row && row < height && runs[n + 1] >= free && runs[n + 1] < runs[n + 2] && runs[n + 2] <= width) free = runs[n + 2] + 1;
    else
      throw new ShapeError('shape', `the ${n / 3 + 1}th run of the mask does not lie in ${width} x ${height} pixels, behind the one before`, { actual: n / 3 });
  }
}

function painted(width: number, height: number, runs: Uint32Array): Uint8Array {
  const data = new Uint8Array(width * height);
  for (let n = 0; n < runs.length; n += 3) data.fill(255, runs[n] * width + runs[n + 1], runs[n] * width + runs[n + 2]);
  return data;
}

/** The runs of a mask that are 255. */
export function whiteRuns({ runs }: RunMask): Run[] {
  const found: Run[] = [];
  for (let n = 0; n < runs.length; n += 3) found.push({ row: runs[n], start: runs[n + 1], end: runs[n + 2] });
  return found;
}

/** The runs of a mask that are 0. */
export function blackRuns({ width, height, runs }: RunMask): Run[] {
  const found: Run[] = [];
  for (let row = 0, n = 0; row < height; row++) {
    let start = 0;
    for (; n < runs.length && runs[n] === row; n += 3) {
      if (runs[n + 1] > start) found.push({ row, start, end: runs[n + 1] });
      start = runs[n + 2];
    }
    if (start < width) found.push({ row, start, end: width });
  }
  return found;
}
