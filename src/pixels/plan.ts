import { checkArgument, checkWhole } from '../check';
import { type Barred, barredWithin, runsBesideSources } from './barred';
import { type Box, boxHeight, boxWidth, contains, isWithin, longSide, overlap, union, widened } from './box';
import { HEAL_MARGIN } from './heal';
import { type Run, runsOfValue } from './runs';
import { HOLE } from './seam';
import { atOnce, type Steps } from './steps';
import { PixelSet, thinRuns } from './thickness';
import { checkBox, checkWeights, layoutOf, type Pixels, viewOf } from './view';
import type { Window } from './window';

/** How {@link planWindows} lays out the work. */
export interface PlanOptions {
  /** Long side of the low-resolution pictures, in pixels, a whole number >= 1. Default 512. */
  workingSize?: number;
  /** Pixels of the seam, which the targets include, a whole number >= 0. Default 0. */
  feather?: number;
  /**
   * Holes, and parts of holes, that are nowhere thicker than this many pixels get windows of their own, to be healed at full size.
   * A whole number from 0 to 64. Default 0: none.
   */
  thin?: number;
  /** A box in which all of the hole lies, as {@link seamWeights} tells it: nothing beyond it is looked at. Default: the whole photo. */
  box?: Box;
}

// The least context around a hole, in pixels.
const LEAST_MARGIN = 64;
// A window holds at least this many known pixels for each hole pixel, or the whole picture.
const LEAST_SURROUNDINGS = 3;
// Where not all that is known may be copied, at least so many pixels that may, or all that there are.
const LEAST_SOURCES = LEAST_MARGIN * LEAST_MARGIN;
// A thin hole has something to copy beside it where that lies no further beyond its rim, in pixels.
const BESIDE = 4;
// Two groups share a window if that makes it at most this much longer.
const SHARED_GROWTH = 1.4;
// Side of the tiles that thin holes are healed in, in pixels.
const TILE = 256;
// Of a thicker hole a tile might see nothing but hole.
const MOST_THIN = 64;

/** Checks what is to be thin. @throws ArgumentError */
export function checkThin(thin: number, op: string): void {
  checkArgument(Number.isInteger(thin) && thin >= 0 && thin <= MOST_THIN, op, 'thin', `a whole number from 0 to ${MOST_THIN}`, thin);
}

/**
 * Groups the holes and gives each group a context window: its box, widened on all sides by the box's mean side and on
 * until there is enough known around the hole. A small hole in a large photo is so worked on at a high resolution.
 *
 * @param weights one channel, of the photo's size, from {@link seamWeights}.
 * @param options working size, seam, and what is thin.
 * @returns the windows, largest hole first, then those of thin holes; none where there is no hole.
 * @throws ArgumentError, ShapeError
 * @example
 * ```ts
 * for (const window of planWindows(weights, { feather: 2 })) console.log(window.target);
 * ```
 */
export function planWindows(weights: Pixels, options: PlanOptions = {}): Window[] {
  return atOnce(planSteps(weights, options));
}

/**
 * {@link planWindows}, step by step: of a mask all over a large photo it takes seconds.
 * @param barred known pixels that must not be copied. A window then grows until it has enough of the others, and thin holes that have none
 * beside them are not healed.
 */
export function* planSteps(
  weights: Pixels,
  { workingSize = 512, feather = 0, thin = 0, box = wholeOf(weights) }: PlanOptions,
  barred?: Barred,
): Steps<Window[]> {
  checkWeights(weights, weights, 'planWindows', 'weights');
  checkWhole(workingSize, 1, 'planWindows', 'workingSize');
  checkWhole(feather, 0, 'planWindows', 'feather');
  checkThin(thin, 'planWindows');
  checkBox(box, weights, 'planWindows', 'the box');
  const { width, height } = weights;
  // In a photo that is no thicker itself, there may be nothing beside a thin hole.
  const slender = thin > 0 && Math.min(width, height) > thin ? yield* thinRuns(yield* holeRuns(weights, box), thin) : [];
  const runs = barred ? yield* runsBesideSources(slender, barred, weights, Math.ceil(thin / 2) + BESIDE) : slender;
  const isThin = yield* pixelTest(runs, width, height);
  const whole = { top: 0, left: 0, bottom: height, right: width };
  const grid = new HoleGrid(weights);
  yield* grid.count(weights, box, isThin);
  if (barred) yield* grid.countFree(weights, barred);
  const isEnough = (view: Box): boolean => {
    const holes = grid.holesIn(view);
    if (barred) return grid.freeIn(view) >= Math.min(Math.max(LEAST_SURROUNDINGS * holes, LEAST_SOURCES), grid.freeIn(whole));
    return boxWidth(view) * boxHeight(view) - holes >= LEAST_SURROUNDINGS * holes;
  };
  const windowOf = (hole: Box): Box => {
    // A wide seam lies in the window too, and leaves something known beyond it.
    let margin = Math.max(LEAST_MARGIN, 2 * feather, Math.round(Math.sqrt(boxWidth(hole) * boxHeight(hole))));
    for (;;) {
      const view = widened(hole, margin, weights);
      if (isEnough(view) || contains(view, whole)) return view;
      margin = Math.ceil(margin * 1.25);
    }
  };

  const groups: { hole: Box; view: Box; labels: Set<number> }[] = [];
  const size = ({ hole }: { hole: Box }) => boxWidth(hole) * boxHeight(hole);
  for (const { hole, label } of grid.components().sort((a, b) => size(b) - size(a))) {
    const view = windowOf(hole);
    const home = groups.find((group) => {
      if (!contains(group.view, hole) && longSide(union(group.view, view)) > workingSize) return false;
      const shared = windowOf(union(group.hole, hole));
      return longSide(shared) <= Math.max(workingSize, SHARED_GROWTH * Math.max(longSide(group.view), longSide(view)));
    });
    if (home) {
      home.hole = union(home.hole, hole);
      home.view = windowOf(home.hole);
      home.labels.add(label);
    } else groups.push({ hole, view, labels: new Set([label]) });
    yield;
  }
  const windows = groups.map(({ hole, view, labels }) => {
    const scale = Math.min(1, workingSize / longSide(view));
    const side = (full: number) => Math.max(1, Math.round(full * scale));
    const target = widened(hole, feather, weights);
    const lies = groups.length === 1 ? () => true : grid.ownership(labels, target, feather);
    const owns = isThin ? (row: number, column: number) => lies(row, column) && !isThin(row, column) : lies;
    return { view, target, low: { width: side(boxWidth(view)), height: side(boxHeight(view)) }, owns };
  });
  const disjoint = windows.map((window, n) => {
    const later = windows.slice(n + 1).filter(({ target }) => overlap(target, window.target));
    if (later.length === 0) return window;
    // A pixel of two holes' seams is the later one's, so that none is written twice.
    const isTaken = (row: number, column: number) => later.some(({ target, owns }) => isWithin(target, row, column) && owns(row, column));
    return { ...window, owns: (row: number, column: number) => window.owns(row, column) && !isTaken(row, column) };
  });
  return isThin ? [...disjoint, ...(yield* healWindows(runs, isThin, weights))] : disjoint;
}

// Rows, and runs, that are gone over in one step.
const ROWS = 64;
const RUNS = 4096;

const wholeOf = ({ width, height }: Pixels): Box => ({ top: 0, left: 0, bottom: height, right: width });

/** The runs of hole pixels. */
function* holeRuns(weights: Pixels, { top: first, left, bottom, right }: Box): Steps<Run[]> {
  const runs: Run[] = [];
  for (let top = first; top < bottom; top += ROWS) {
    const rows = viewOf(weights, { top, left, bottom: Math.min(bottom, top + ROWS), right });
    for (const { row, start, end } of runsOfValue(rows, HOLE, top)) runs.push({ row, start: left + start, end: left + end });
    yield;
  }
  return runs;
}

/** Whether a pixel is in one of the runs; undefined where there are none. */
function* pixelTest(runs: Run[], width: number, height: number): Steps<Window['owns'] | undefined> {
  if (runs.length === 0) return undefined;
  const set = new PixelSet(width, height);
  for (const [n, run] of runs.entries()) {
    set.add(run);
    if (n % RUNS === 0) yield;
  }
  return (row, column) => set.has(row, column);
}

/** A window for what thin holes each tile of the photo has. */
function* healWindows(runs: Run[], owns: Window['owns'], size: { width: number; height: number }): Steps<Window[]> {
  const targets = new Map<number, Box>();
  for (const [n, { row, start, end }] of runs.entries()) {
    if (n % RUNS === 0) yield;
    for (let x = start; x < end; ) {
      const next = Math.min(end, (Math.floor(x / TILE) + 1) * TILE);
      const key = Math.floor(row / TILE) * Math.ceil(size.width / TILE) + Math.floor(x / TILE);
      const piece = { top: row, left: x, bottom: row + 1, right: next };
      const target = targets.get(key);
      targets.set(key, target ? union(target, piece) : piece);
      x = next;
    }
  }
  return [...targets.values()].map((target) => {
    const view = widened(target, HEAL_MARGIN, size);
    return { view, target, thin: true, low: { width: boxWidth(view), height: boxHeight(view) }, owns };
  });
}

/** Hole pixels counted in square cells, so that boxes and areas need not look at each pixel again. */
class HoleGrid {
  private readonly cell: number;
  private readonly rows: number;
  private readonly columns: number;
  private readonly boxes: (Box | undefined)[];
  private readonly labels: Int32Array;
  /** Sums over all cells above and to the left. */
  private readonly sums: Float64Array;
  /** The same of pixels that may be copied, where they were counted. */
  private readonly free: Float64Array;

  constructor({ width, height }: { width: number; height: number }) {
    this.cell = Math.max(4, Math.ceil(Math.max(width, height) / 512));
    this.rows = Math.ceil(height / this.cell);
    this.columns = Math.ceil(width / this.cell);
    this.boxes = new Array(this.rows * this.columns);
    this.labels = new Int32Array(this.rows * this.columns);
    this.sums = new Float64Array((this.rows + 1) * (this.columns + 1));
    this.free = new Float64Array(this.sums.length);
  }

  /** Counts the hole pixels of a box, but for some that are left out. */
  *count(weights: Pixels, { top, left, bottom, right }: Box, isLeftOut: Window['owns'] | undefined): Steps<void> {
    const { data } = weights;
    const { start, stride } = layoutOf(weights);
    const counts = new Float64Array(this.rows * this.columns);
    for (let y = top; y < bottom; y++) {
      if (y % ROWS === 0) yield;
      const at = start + y * stride;
      this.countRow(data.subarray(at, at + right), y, left, counts, isLeftOut);
    }
    this.addUp(counts, this.sums);
  }

  /** A function without pauses: the compiler takes it once for all photos. */
  private countRow(line: Pixels['data'], y: number, left: number, counts: Float64Array, isLeftOut: Window['owns'] | undefined): void {
    const row = Math.floor(y / this.cell) * this.columns;
    for (let x = line.indexOf(HOLE, left); x >= 0; x = line.indexOf(HOLE, x)) {
      // What lies in one cell at a time.
      const cell = Math.floor(x / this.cell);
      const next = Math.min(line.length, (cell + 1) * this.cell);
      let [first, last, count] = [-1, -1, 0];
      for (; x < next && line[x] === HOLE; x++) {
        if (isLeftOut?.(y, x)) continue;
        if (count++ === 0) first = x;
        last = x;
      }
      if (count === 0) continue;
      const at = row + cell;
      counts[at] += count;
      const box = this.boxes[at];
      if (!box) this.boxes[at] = { top: y, left: first, bottom: y + 1, right: last + 1 };
      else {
        box.bottom = y + 1;
        box.left = Math.min(box.left, first);
        box.right = Math.max(box.right, last + 1);
      }
    }
  }

  /** Counts the pixels that may be copied: those that are neither hole nor barred. */
  *countFree(weights: Pixels, barred: Barred): Steps<void> {
    const { width, height } = weights;
    const counts = new Float64Array(this.rows * this.columns);
    for (let y = 0; y < height; y++) {
      if (y % ROWS === 0) yield;
      const row = Math.floor(y / this.cell) * this.columns;
      const marks = barredWithin(barred, weights, { top: y, left: 0, bottom: y + 1, right: width }).data;
      for (let x = 0; x < width; x++) if (marks[x] !== HOLE) counts[row + Math.floor(x / this.cell)]++;
    }
    this.addUp(counts, this.free);
  }

  private addUp(counts: Float64Array, sums: Float64Array): void {
    const across = this.columns + 1;
    for (let r = 0; r < this.rows; r++) {
      for (let c = 0; c < this.columns; c++) {
        sums[(r + 1) * across + c + 1] = counts[r * this.columns + c] + sums[r * across + c + 1] + sums[(r + 1) * across + c] - sums[r * across + c];
      }
    }
  }

  /** How many hole pixels a box has, counted by whole cells. */
  holesIn(box: Box): number {
    return this.sumIn(box, this.sums);
  }

  /** How many pixels of a box may be copied, likewise. */
  freeIn(box: Box): number {
    return this.sumIn(box, this.free);
  }

  private sumIn(box: Box, sums: Float64Array): number {
    const stride = this.columns + 1;
    const top = Math.floor(box.top / this.cell);
    const left = Math.floor(box.left / this.cell);
    const bottom = Math.ceil(box.bottom / this.cell);
    const right = Math.ceil(box.right / this.cell);
    return sums[bottom * stride + right] - sums[top * stride + right] - sums[bottom * stride + left] + sums[top * stride + left];
  }

  /**
   * Tells for the pixels of a box, in which the holes of these labels lie, whether they belong to one of them, or to no hole
   * and lie within `reach` pixels of one, by whole cells.
   */
  ownership(labels: Set<number>, box: Box, reach: number): (row: number, column: number) => boolean {
    const top = Math.floor(box.top / this.cell);
    const left = Math.floor(box.left / this.cell);
    const rows = Math.ceil(box.bottom / this.cell) - top;
    const columns = Math.ceil(box.right / this.cell) - left;
    const by = Math.ceil(reach / this.cell);
    const near = new Uint8Array(rows * columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        if (!labels.has(this.labels[(top + r) * this.columns + left + c])) continue;
        for (let y = Math.max(0, r - by); y <= Math.min(rows - 1, r + by); y++) {
          near.fill(1, y * columns + Math.max(0, c - by), y * columns + Math.min(columns, c + by + 1));
        }
      }
    }
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const label = this.labels[(top + r) * this.columns + left + c];
        if (label > 0) near[r * columns + c] = labels.has(label) ? 1 : 0;
      }
    }
    return (row, column) => near[(Math.floor(row / this.cell) - top) * columns + Math.floor(column / this.cell) - left] === 1;
  }

  /** The holes and their boxes; cells that touch, diagonally too, belong together. */
  components(): { hole: Box; label: number }[] {
    const found: { hole: Box; label: number }[] = [];
    const seen = this.labels;
    for (let first = 0; first < this.boxes.length; first++) {
      if (seen[first] || !this.boxes[first]) continue;
      let whole = this.boxes[first] as Box;
      const label = found.length + 1;
      const stack = [first];
      seen[first] = label;
      while (stack.length > 0) {
        const at = stack.pop() as number;
        whole = union(whole, this.boxes[at] as Box);
        const row = Math.floor(at / this.columns);
        const column = at - row * this.columns;
        for (let r = Math.max(0, row - 1); r <= Math.min(this.rows - 1, row + 1); r++) {
          for (let c = Math.max(0, column - 1); c <= Math.min(this.columns - 1, column + 1); c++) {
            const next = r * this.columns + c;
            if (seen[next] || !this.boxes[next]) continue;
            seen[next] = label;
            stack.push(next);
          }
        }
      }
      found.push({ hole: whole, label });
    }
    return found;
  }
}
