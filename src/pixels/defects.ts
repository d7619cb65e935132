import { hasAlpha } from '../picture';
import { joinedRuns, type Piece, piecesOf, type Run, runsOf } from './runs';
import type { Steps } from './steps';
import { luminanceOf, topHat } from './top-hat';
import type { Pixels } from './view';

/** What to look for. */
export interface DefectRunsOptions {
  /** Specks, or scratches. */
  kind: 'dust' | 'scratches';
  /** The widest that a speck or a scratch may be, in pixels. */
  size: number;
  /** The least that it must differ from its surroundings, in 255ths. */
  contrast: number;
}

// It must stand out this many times as far as what is as narrow as it does around it, on average.
const STANDS_OUT = 8;
// Surroundings are cells of so many times the size, and those beside them.
const CELL = 4;
// Its faint rim, which is to go as well, has this share of the least contrast.
const RIM = 0.5;
// Not more than this share of its surroundings may be other narrow things: those are texture.
const CROWD = 0.006;
// It must be lighter, or darker, than what is not narrow within so many sizes around it, by this share of the least contrast, but for this share of that.
const BEYOND = { reach: 3, by: 0.5, but: 0.005 };
// The least that a speck covers, in pixels, and of its box.
const SPECK = { pixels: 3, share: 0.4 };
// A scratch is so many times as long as it may be wide; another piece of it, and how far that may be away, likewise.
const SCRATCH = { length: 10, piece: 1.5, gap: 10 };
// At this share of its places a scratch must be lighter, or darker, than all around it.
const MOSTLY = 0.8;
// How far a scratch may lie beside a straight line, in widths, and as a share of its length.
const STRAIGHT = { widths: 1, length: 0.02 };

/** Runs of what looks like specks or scratches: narrow, lighter or darker than what lies around it, and alone. By rows and columns; none overlap. */
export function* defectRuns(pixels: Pixels, { kind, size, contrast }: DefectRunsOptions): Steps<Run[]> {
  const { width, height } = pixels;
  const nothing = hasAlpha(pixels) ? new Uint8Array(width * height) : undefined;
  const luminance = yield* luminanceOf(pixels, nothing);
  const found: Run[] = [];
  // A square that is wider than what is looked for.
  const side = 2 * Math.ceil(size / 2) + 1;
  for (const dark of [false, true]) {
    const hat = yield* topHat(luminance, width, height, side, dark);
    if (nothing) for (let p = 0; p < hat.length; p++) if (nothing[p]) hat[p] = 0;
    yield;
    const thresholds = thresholdsOf(hat, width, height, CELL * size, contrast);
    yield;
    const faint = runsOf(pixels, (p) => hat[p] > RIM * thresholds.at(p));
    const standsOut = ({ runs }: Piece) =>
      runs.some(({ row, start, end }) => anyFrom(row * width + start, row * width + end, (p) => hat[p] > thresholds.at(p)));
    const pieces: Piece[] = [];
    for (const piece of piecesOf(faint)) if (piece.pixels >= SPECK.pixels && standsOut(piece)) pieces.push(piece);
    const isBeyond = beyondTest({ luminance, hat, width, height, dark }, thresholds, size, contrast);
    const alike = kind === 'dust' ? pieces.filter((piece) => isSpeck(piece, size) && isBeyond(piece, false)) : scratchesOf(pieces, size, isBeyond);
    for (const { runs } of alone(alike, faint, pixels, CELL * size)) for (const run of runs) found.push(run);
    yield;
  }
  return joinedRuns(found);
}

function anyFrom(from: number, to: number, test: (p: number) => boolean): boolean {
  for (let p = from; p < to; p++) if (test(p)) return true;
  return false;
}

/** Sums over cells of a picture, and over each cell and the eight around it. */
class Cells {
  readonly columns: number;
  private readonly sums: Float64Array;
  constructor(
    readonly width: number,
    readonly height: number,
    readonly cell: number,
  ) {
    this.columns = Math.ceil(width / cell);
    this.sums = new Float64Array(this.columns * Math.ceil(height / cell));
  }

  add(row: number, column: number, value: number): void {
    this.sums[Math.floor(row / this.cell) * this.columns + Math.floor(column / this.cell)] += value;
  }

  /** The mean a pixel around the cell that a pixel lies in. */
  mean(row: number, column: number): number {
    const { cell, columns, width, height } = this;
    const [v, u] = [Math.floor(row / cell), Math.floor(column / cell)];
    const [top, left] = [Math.max(0, v - 1), Math.max(0, u - 1)];
    const [bottom, right] = [Math.min(Math.ceil(height / cell), v + 2), Math.min(columns, u + 2)];
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += this.sums[y * columns + x];
    return sum / ((Math.min(height, bottom * cell) - top * cell) * (Math.min(width, right * cell) - left * cell));
  }
}

/** From which value on a pixel stands out, by its place. */
function thresholdsOf(hat: Uint8Array, width: number, height: number, cell: number, contrast: number) {
  const cells = new Cells(width, height, cell);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x += cell) {
      let sum = 0;
      for (const end = Math.min(width, x + cell); p < y * width + end; p++) sum += hat[p];
      cells.add(y, x, sum);
    }
  }
  const { columns } = cells;
  const known = new Float32Array(columns * Math.ceil(height / cell));
  for (let y = 0, i = 0; y < height; y += cell) for (let x = 0; x < width; x += cell) known[i++] = Math.max(contrast, STANDS_OUT * cells.mean(y, x));
  return { at: (p: number) => known[Math.floor(p / width / cell) * columns + Math.floor((p % width) / cell)] };
}

/** Those of some pieces around which there is hardly anything narrow but more of them. */
function alone(pieces: Piece[], faint: Run[], { width, height }: Pick<Pixels, 'width' | 'height'>, cell: number): Piece[] {
  const cells = new Cells(width, height, cell);
  const count = ({ row, start, end }: Run, sign: number) => {
    for (let x = start; x < end; ) {
      const next = Math.min(end, (Math.floor(x / cell) + 1) * cell);
      cells.add(row, x, sign * (next - x));
      x = next;
    }
  };
  for (const run of faint) count(run, 1);
  for (const { runs } of pieces) for (const run of runs) count(run, -1);
  return pieces.filter(({ runs }) => {
    const { row, start } = runs[runs.length >> 1];
    return cells.mean(row, start) <= CROWD;
  });
}

interface Looked {
  luminance: Uint8Array;
  hat: Uint8Array;
  width: number;
  height: number;
  dark: boolean;
}

/** Tells whether a piece is lighter, or darker, than all that lies around it: a glint is hardly ever lighter than the next. */
function beyondTest({ luminance, hat, width, height, dark }: Looked, thresholds: { at(p: number): number }, size: number, contrast: number) {
  const reach = Math.ceil(BEYOND.reach * size);
  const flip = dark ? 255 : 0;
  const at = (row: number, column: number): boolean => {
    const own = luminance[row * width + column] ^ flip;
    const faint = RIM * thresholds.at(row * width + column);
    const [top, bottom] = [Math.max(0, row - reach), Math.min(height, row + reach + 1)];
    const [left, right] = [Math.max(0, column - reach), Math.min(width, column + reach + 1)];
    let others = 0;
    for (let y = top; y < bottom; y++) {
      for (let p = y * width + left, end = y * width + right; p < end; p++) {
        if (hat[p] <= faint && (luminance[p] ^ flip) > own - BEYOND.by * contrast) others++;
      }
    }
    return others <= BEYOND.but * (bottom - top) * (right - left);
  };
  const test = (p: number) => at(Math.floor(p / width), p % width);
  const peakOf = (from: number, to: number) => {
    let peak = from;
    for (let p = from; p < to; p++) if (hat[p] > hat[peak]) peak = p;
    return peak;
  };
  /** At its peak; of a long one, at most of its places. */
  return ({ runs }: Piece, isLong: boolean): boolean => {
    if (!isLong) {
      let peak = runs[0].row * width + runs[0].start;
      for (const { row, start, end } of runs) {
        const own = peakOf(row * width + start, row * width + end);
        if (hat[own] > hat[peak]) peak = own;
      }
      return test(peak);
    }
    let [asked, beyond] = [0, 0];
    for (let n = 0; n < runs.length; n += Math.ceil(runs.length / 32)) {
      const { row, start, end } = runs[n];
      // A run of a level scratch is long itself.
      const from = row * width + ((start + end) >> 1);
      asked++;
      if (test(peakOf(from, Math.min(row * width + end, from + size)))) beyond++;
    }
    return beyond >= MOSTLY * asked;
  };
}

/** Whether a piece is small, and fills its box. */
function isSpeck({ box: { top, left, bottom, right }, pixels }: Piece, size: number): boolean {
  const [height, width] = [bottom - top, right - left];
  return Math.max(height, width) <= size && pixels >= SPECK.share * height * width;
}

/** A piece as a line: its middle, its direction, and how long, wide and straight it is, in pixels. */
interface Stroke {
  piece: Piece;
  row: number;
  column: number;
  down: number;
  across: number;
  length: number;
  width: number;
}

/** By the piece's moments; undefined where it is no narrow, straight stroke. */
function strokeOf(piece: Piece, size: number): Stroke | undefined {
  let [n, sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0, 0];
  for (const { row, start, end } of piece.runs) {
    for (let x = start; x < end; x++) {
      n++;
      sx += x;
      sy += row;
      sxx += x * x;
      sxy += x * row;
      syy += row * row;
    }
  }
  const [column, row] = [sx / n, sy / n];
  const [xx, xy, yy] = [sxx / n - column * column, sxy / n - column * row, syy / n - row * row];
  const apart = Math.sqrt(((xx - yy) / 2) ** 2 + xy * xy);
  // Of a bar, the variances along and across it are a twelfth of the squares of its sides.
  const length = Math.sqrt(12 * Math.max(0, (xx + yy) / 2 + apart) + 1);
  const bend = Math.sqrt(12 * Math.max(0, (xx + yy) / 2 - apart) + 1);
  const width = n / length;
  if (width > size || length < SCRATCH.piece * size || bend > width + STRAIGHT.widths * width + STRAIGHT.length * length) return undefined;
  const lean = Math.sqrt(xy * xy + ((xx + yy) / 2 + apart - xx) ** 2);
  const [across, down] = lean > 0 ? [xy / lean, ((xx + yy) / 2 + apart - xx) / lean] : xx >= yy ? [1, 0] : [0, 1];
  return { piece, row, column, down, across, length, width };
}

/** Long straight strokes, and what else of them lies along their line. */
function scratchesOf(pieces: Piece[], size: number, isBeyond: (piece: Piece, isLong: boolean) => boolean): Piece[] {
  const strokes = pieces.map((piece) => strokeOf(piece, size)).filter((stroke) => stroke !== undefined);
  const found = new Set<Stroke>(strokes.filter(({ piece, length }) => length >= SCRATCH.length * size && isBeyond(piece, true)));
  for (const scratch of found) {
    for (const other of strokes) {
      if (found.has(other)) continue;
      const [dy, dx] = [other.row - scratch.row, other.column - scratch.column];
      const along = Math.abs(dy * scratch.down + dx * scratch.across);
      const beside = Math.abs(dx * scratch.down - dy * scratch.across);
      const parallel = Math.abs(other.down * scratch.down + other.across * scratch.across);
      const isNear = along - (scratch.length + other.length) / 2 <= SCRATCH.gap * size;
      if (isNear && parallel > 0.97 && beside <= scratch.width + STRAIGHT.length * along) found.add(other);
    }
  }
  return [...found].map(({ piece }) => piece);
}
