import { squaredDistances } from '../arrays/distance-transform';
import { type Box, boxHeight, boxWidth } from './box';
import { type Piece, piecesOf, type Run, rowsOf, runsWithin } from './runs';
import type { Steps } from './steps';

// A hole thicker than this in the mean is measured; of others the mean says enough.
const MEASURED = 24;
// A thick hole is measured on a grid of at most this many cells.
const CELLS = 2 ** 16;

/** How thick a hole is, in pixels: the diameter of the largest disc in it, or, for thin ones, its mean width. */
export function thicknessOf({ runs, box, pixels }: Piece): number {
  const mean = pixels / Math.max(boxHeight(box), boxWidth(box));
  if (mean <= MEASURED) return mean;
  // Cells that are hole all over, with a border of others.
  const side = Math.ceil(Math.sqrt((boxHeight(box) * boxWidth(box)) / CELLS));
  const height = Math.ceil(boxHeight(box) / side) + 2;
  const width = Math.ceil(boxWidth(box) / side) + 2;
  const counts = new Uint32Array(height * width);
  for (const run of runs) countCells(run, box, side, width, counts);
  const outside = new Uint8Array(counts.length);
  for (let i = 0; i < counts.length; i++) if (counts[i] < side * side) outside[i] = 1;
  return side * 2 * Math.sqrt(largest(squaredDistances(outside, height, width)));
}

/** Adds a run to the counts of its cells, of which there are `width` in a row. */
function countCells({ row, start, end }: Run, box: Box, side: number, width: number, counts: Uint32Array): void {
  const line = (Math.floor((row - box.top) / side) + 1) * width + 1;
  for (let x = start - box.left; x < end - box.left; ) {
    const cell = Math.floor(x / side);
    const next = Math.min((cell + 1) * side, end - box.left);
    counts[line + cell] += next - x;
    x = next;
  }
}

function largest(values: Float32Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
  return most;
}

/** A set of pixels of a picture, a bit each. */
export class PixelSet {
  private readonly bits: Uint8Array;

  constructor(
    readonly width: number,
    height: number,
  ) {
    this.bits = new Uint8Array(Math.ceil((width * height) / 8));
  }

  has(row: number, column: number): boolean {
    const p = row * this.width + column;
    return ((this.bits[p >>> 3] >>> (p & 7)) & 1) === 1;
  }

  add({ row, start, end }: Run): void {
    for (let p = row * this.width + start; p < row * this.width + end; p++) this.bits[p >>> 3] |= 1 << (p & 7);
  }
}

// Side of the tiles that thickness is told in.
const TILE = 96;

/**
 * The runs of holes that are nowhere thicker than a number of pixels: specks, scratches and wires, and threads that hang on thicker
 * holes from where they have left these behind.
 *
 * A pixel is thick if a disc of that diameter fits into the hole within as far from it: the rounded corners of a thick hole are not
 * thin, a wire that leads away from it is.
 */
export function* thinRuns(runs: Run[], thickness: number): Steps<Run[]> {
  const thin: Run[] = [];
  for (const piece of piecesOf(runs)) {
    if (Math.min(boxHeight(piece.box), boxWidth(piece.box)) > thickness) yield* addThinWithin(piece, thickness, thin);
    else for (const run of piece.runs) thin.push(run);
    yield;
  }
  return thin.sort((a, b) => a.row - b.row || a.start - b.start);
}

/** The thin runs of one piece, tile by tile of its box, added to others. */
function* addThinWithin({ runs, box }: Piece, thickness: number, thin: Run[]): Steps<void> {
  const radius = thickness / 2;
  const margin = Math.ceil(thickness + radius) + 1;
  // What a disc that reaches further than the radius holds.
  const side = 2 * Math.floor(radius / Math.SQRT2) + 1;
  const byRow = rowsOf(runs);
  for (let top = box.top; top < box.bottom; top += TILE) {
    const bottom = Math.min(box.bottom, top + TILE);
    for (let left = box.left; left < box.right; left += TILE) {
      const right = Math.min(box.right, left + TILE);
      yield;
      if (!touches(byRow, { top, left, bottom, right })) continue;
      const [y0, x0] = [top - margin, left - margin];
      const [height, width] = [bottom - y0 + margin, right - x0 + margin];
      if (!holdsSquare(byRow, { top: y0, left: x0, bottom: y0 + height, right: x0 + width }, side)) {
        for (let row = top; row < bottom; row++) {
          for (const { start, end } of runsWithin(byRow.get(row), left, right)) thin.push({ row, start: Math.max(start, left), end: Math.min(end, right) });
        }
        continue;
      }
      const outside = new Uint8Array(height * width).fill(1);
      for (let y = 0; y < height; y++) {
        for (const { start, end } of runsWithin(byRow.get(y0 + y), x0, x0 + width)) {
          outside.fill(0, y * width + Math.max(start - x0, 0), y * width + Math.min(end - x0, width));
        }
      }
      if (!outside.includes(1)) continue;
      const depth = squaredDistances(outside, height, width);
      const core = new Uint8Array(depth.length);
      for (let i = 0; i < depth.length; i++) if (depth[i] > radius * radius) core[i] = 1;
      const away = squaredDistances(core, height, width);
      for (let row = top; row < bottom; row++) {
        for (const { start, end } of runsWithin(byRow.get(row), left, right)) {
          let begun = -1;
          const last = Math.min(end, right);
          for (let x = Math.max(start, left); x <= last; x++) {
            const isThin = x < last && away[(row - y0) * width + x - x0] > thickness * thickness;
            if (isThin && begun < 0) begun = x;
            else if (!isThin && begun >= 0) {
              thin.push({ row, start: begun, end: x });
              begun = -1;
            }
          }
        }
      }
    }
  }
}

/**
 * Whether the runs may hold a square of a side within a box: as many rows, one after another, have a run that long there. Only then is
 * it worth measuring distances, which costs more than all else.
 */
function holdsSquare(rows: Map<number, Run[]>, { top, left, bottom, right }: Box, side: number): boolean {
  for (let row = top, tall = 0; row < bottom; row++) {
    let isLong = false;
    for (const { start, end } of runsWithin(rows.get(row), left, right)) {
      isLong = Math.min(end, right) - Math.max(start, left) >= side;
      if (isLong) break;
    }
    tall = isLong ? tall + 1 : 0;
    if (tall === side) return true;
  }
  return false;
}

function touches(rows: Map<number, Run[]>, { top, left, bottom, right }: Box): boolean {
  for (let row = top; row < bottom; row++) if (!runsWithin(rows.get(row), left, right).next().done) return true;
  return false;
}
