import { VectorMemory } from '../arrays/vector-memory';
import { hasAlpha } from '../picture';
import { layoutOf, type Pixels } from './view';

/** A row of cells that pixels were averaged into; the arrays are reused for the next but one. */
export interface CellRow {
  row: number;
  /** Red, green and blue of each cell, each pixel's times the area that it has of the cell. */
  sums: Float64Array;
  /** The known area of each cell. */
  known: Float64Array;
  /**
   * The means in bytes, good until the next row: a value times `scale`, rounded. Where less than `least` of a cell's area is known, the
   * colours are 0 and the hole is 1.
   */
  bytes(least: number, scale: number): { colours: Uint8Array; hole: Uint8Array };
}

// Rows of the photo that are copied to the compiled code at once, and added up in 16 bits.
const AT_ONCE = 16;
// Of so many rows the sums of the largest values still fit into 32 bits.
const MOST_WHOLE = 65536;
// Vectors are read and written to their end, beyond that of an array.
const BEYOND = 64;

/** Where the pixels of a line fall: cell by cell one more than the last pixel in it, and the share of that pixel which is the cell's own. */
function cellsOf(length: number, cells: number): { ends: Int32Array; shares: Float64Array } {
  const across = length / cells;
  const ends = new Int32Array(cells);
  const shares = new Float64Array(cells);
  for (let x = 0; x < length; x++) {
    const c = Math.min(Math.floor(x / across + 1e-9), cells - 1);
    ends[c] = x + 1;
    shares[c] = c === cells - 1 ? 1 : Math.min(1, (c + 1) * across - x);
  }
  return { ends, shares };
}

/**
 * The rows of pixels that rows of cells are averaged from, of `rows` in all: with the last one of the cells before them, whose other part is theirs.
 * @param down rows of pixels to a row of cells.
 */
export const pixelRows = (from: number, to: number, down: number, rows: number): { top: number; bottom: number } => ({
  top: Math.max(0, Math.ceil(from * down - 1e-6) - 1),
  bottom: Math.min(rows, Math.ceil(to * down)),
});

/**
 * `averageRows`, compiled: whole rows of pixels are added up as whole numbers, column by column, and the sums shared out among
 * cells. Only rows that two rows of cells share are shared out by themselves. None where WebAssembly is not there, or no memory for it.
 */
export function vectorRows(photo: Pixels, weights: Pixels, width: number, height: number, from = 0, to = height): Generator<CellRow, void> | undefined {
  const { channels } = photo;
  const size = photo.data.BYTES_PER_ELEMENT;
  const rowBytes = photo.width * channels * size;
  const cells = cellsOf(photo.width, width);
  const lengths = [
    AT_ONCE * rowBytes,
    AT_ONCE * photo.width,
    4 * photo.width * channels,
    4 * photo.width,
    4 * width,
    8 * width,
    32 * width,
    32 * width,
    4 * width,
  ];
  const memory = VectorMemory.open(lengths.reduce((sum, bytes) => sum + bytes + 2 * BEYOND, 0));
  if (!memory) return undefined;
  const [values, marks, sums, known, ends, shares, oneRow, otherRow, bytes] = lengths.map((bytes) => memory.reserve(bytes + BEYOND));
  memory.integers(ends, width).set(cells.ends);
  memory.doubles(shares, width).set(cells.shares);
  return rowsOf({ photo, weights, width, height, from, to, memory, values, marks, sums, known, ends, shares, oneRow, otherRow, bytes });
}

/** What rows are averaged from, and where each array lies. */
interface Averaging {
  photo: Pixels;
  weights: Pixels;
  /** Of the rows of cells. */
  width: number;
  height: number;
  from: number;
  to: number;
  memory: VectorMemory;
  /** Rows of the photo, and of what marks its hole. */
  values: number;
  marks: number;
  /** The columns' sums, and how often each was known. */
  sums: number;
  known: number;
  /** Of the cells, as {@link cellsOf} tells them. */
  ends: number;
  shares: number;
  /** Two rows of cells, and one in bytes. */
  oneRow: number;
  otherRow: number;
  bytes: number;
}

function* rowsOf(averaging: Averaging): Generator<CellRow, void> {
  const { photo, width, height, from, to, memory } = averaging;
  const down = photo.height / height;
  let [here, next] = [averaging.oneRow, averaging.otherRow];
  const { top, bottom } = pixelRows(from, to, down, photo.height);
  let row = Math.max(0, from - 1);
  // The first row that has not been added yet; those from there on lie wholly in this row of cells.
  let first = top;
  for (let y = top; y < bottom; y++) {
    let upper = Math.min(1, (row + 1) * down - y);
    if (upper < 1e-9 && row < height - 1) upper = 0;
    if (row === height - 1) upper = 1;
    const last = y + 1 >= (row + 1) * down - 1e-9 && row < height - 1;
    const whole = upper === 1 ? y + 1 : y;
    if (upper < 1 || last || y + 1 === photo.height || whole - first === MOST_WHOLE) {
      if (whole > first) {
        addRows(averaging, first, whole);
        shareOut(averaging, here, 1, next, 0);
      }
      if (upper < 1) {
        addRows(averaging, y, y + 1);
        shareOut(averaging, here, upper, next, 1 - upper);
      }
      first = y + 1;
    }
    if (!last) continue;
    if (row >= from) yield cellRow(averaging, row, here);
    if (++row === to) break;
    [here, next] = [next, here];
    memory.doubles(next, 4 * width).fill(0);
  }
  if (row < to) yield cellRow(averaging, row, here);
  memory.close();
}

/** Adds rows of the photo to the sums. */
function addRows({ photo, weights, memory, values, marks, sums, known }: Averaging, from: number, to: number): void {
  const { width, channels } = photo;
  const size = photo.data.BYTES_PER_ELEMENT;
  const alpha = hasAlpha(photo);
  const { addBytes, addWords, blank } = memory.functions;
  const rowBytes = width * channels * size;
  for (let y = from; y < to; y += AT_ONCE) {
    const count = Math.min(AT_ONCE, to - y);
    copyRows(photo, y, count, memory.bytes(values, AT_ONCE * rowBytes));
    copyRows(weights, y, count, memory.bytes(marks, AT_ONCE * width));
    for (let r = 0; r < count; r++) blank(values + r * rowBytes, marks + r * width, width, channels, size, alpha);
    (size === 1 ? addBytes : addWords)(values, rowBytes, count, width * channels, sums);
    addBytes(marks, width, count, width, known);
  }
}

/** Shares the sums out between two rows of cells. */
function shareOut({ photo, width, memory, sums, known, ends, shares }: Averaging, upperRow: number, upper: number, lowerRow: number, lower: number): void {
  memory.functions.shareOut(sums, known, photo.channels, ends, shares, width, upper, upperRow, lower, lowerRow);
}

function cellRow({ width, memory, bytes }: Averaging, row: number, at: number): CellRow {
  return {
    row,
    sums: memory.doubles(at, 3 * width),
    known: memory.doubles(at + 24 * width, width),
    bytes(least, scale) {
      memory.functions.toBytes(at, width, least, scale, bytes, bytes + 3 * width);
      return { colours: memory.bytes(bytes, 3 * width), hole: memory.bytes(bytes + 3 * width, width) };
    },
  };
}

/** Copies rows of pixels, as bytes, to where the compiled code sees them. */
function copyRows(pixels: Pixels, first: number, count: number, into: Uint8Array): void {
  const { data, width, channels } = pixels;
  const { start, stride } = layoutOf(pixels);
  const size = data.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const length = width * channels * size;
  for (let r = 0; r < count; r++) {
    const from = (start + (first + r) * stride) * size;
    into.set(bytes.subarray(from, from + length), r * length);
  }
}
