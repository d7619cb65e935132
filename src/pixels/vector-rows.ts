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
  const { ends, shares } = cellsOf(photo.width, width);
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
  const [values, marks, sums, known, endsAt, sharesAt, oneRow, otherRow, bytesAt] = lengths.map((bytes) => memory.reserve(bytes + BEYOND));
  memory.integers(endsAt, width).set(ends);
  memory.doubles(sharesAt, width).set(shares);
  const { addBytes, addWords, blank, shareOut, toBytes } = memory.functions;
  const copyPixels = rowCopier(photo, memory.bytes(values, AT_ONCE * rowBytes));
  const copyWeights = rowCopier(weights, memory.bytes(marks, AT_ONCE * photo.width));
  const alpha = hasAlpha(photo);

  /** Adds rows of the photo to the sums. */
  const addRows = (from: number, to: number) => {
    for (let y = from; y < to; y += AT_ONCE) {
      const count = Math.min(AT_ONCE, to - y);
      copyPixels(y, count);
      copyWeights(y, count);
      for (let r = 0; r < count; r++) blank(values + r * rowBytes, marks + r * photo.width, photo.width, channels, size, alpha);
      (size === 1 ? addBytes : addWords)(values, rowBytes, count, photo.width * channels, sums);
      addBytes(marks, photo.width, count, photo.width, known);
    }
  };
  const cellRow = (row: number, at: number): CellRow => ({
    row,
    sums: memory.doubles(at, 3 * width),
    known: memory.doubles(at + 24 * width, width),
    bytes(least, scale) {
      toBytes(at, width, least, scale, bytesAt, bytesAt + 3 * width);
      return { colours: memory.bytes(bytesAt, 3 * width), hole: memory.bytes(bytesAt + 3 * width, width) };
    },
  });

  return (function* () {
    const down = photo.height / height;
    let [here, next] = [oneRow, otherRow];
    const share = (upper: number, lower: number) => shareOut(sums, known, channels, endsAt, sharesAt, width, upper, here, lower, next);
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
          addRows(first, whole);
          share(1, 0);
        }
        if (upper < 1) {
          addRows(y, y + 1);
          share(upper, 1 - upper);
        }
        first = y + 1;
      }
      if (!last) continue;
      if (row >= from) yield cellRow(row, here);
      if (++row === to) break;
      [here, next] = [next, here];
      memory.doubles(next, 4 * width).fill(0);
    }
    if (row < to) yield cellRow(row, here);
    memory.close();
  })();
}

/** Copies rows of pixels, as bytes, to where the compiled code sees them. */
function rowCopier(pixels: Pixels, into: Uint8Array): (first: number, count: number) => void {
  const { data, width, channels } = pixels;
  const { start, stride } = layoutOf(pixels);
  const size = data.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const length = width * channels * size;
  return (first, count) => {
    for (let r = 0; r < count; r++) {
      const from = (start + (first + r) * stride) * size;
      into.set(bytes.subarray(from, from + length), r * length);
    }
  };
}
