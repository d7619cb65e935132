import { randomIntegers } from '../arrays/random';
import { VectorMemory } from '../arrays/vector-memory';
import type { CopyField } from './copy-field';

/** A picture at one size between the low resolution and the full one, where its field of copies is to be aligned. */
export interface FieldLevel {
  height: number;
  width: number;
  /** [height, width, 3], 0 to 255. */
  colours: Uint8Array;
  /**
   * [height, width]: 1 where a pixel is not wholly known, 3 where it is, and must not be copied. refineField() notes 2 where a patch of others
   * is centred.
   */
  marks: Uint8Array;
  /** Where the field is worked on; in memory of its own unless given. */
  room?: FieldRoom;
}

/** Arrays of a field in a memory of compiled loops, where those of its level lie, too. */
export interface FieldRoom extends FieldArrays {
  memory: VectorMemory;
}

/** What refineField() works on, over the field's rectangle. */
interface FieldArrays {
  /** Zeros: offsets down and across. */
  offsets: Int32Array;
  /** Zeros: 1 where the field means something. */
  covered: Uint8Array;
  /** The picture as the field makes it, over the rectangle and MARGIN pixels around it, 3 bytes a pixel. */
  estimate: Uint8Array;
  /** The pixels that are covered, as indices. */
  list: Int32Array;
}

type Rectangle = Pick<CopyField, 'top' | 'left' | 'rows' | 'columns'>;

// What is marked of a level's pixels.
const HOLE = 1;
const CENTRE = 2;
/** What is known, and must not be copied. */
export const KEPT_OUT = 3;

// Half the side of the patches that copies are aligned by.
const MARGIN = 3;
// How far a random try goes, in pixels; rounding at the coarser size puts a copy off by no more.
const REACH = 2;
const TRIES = 3;
// A random try must be this much better, lest neighbours drift apart for nothing and the copy turns to confetti.
const GAIN = 0.9;
const SWEEPS = 2;
// Pixels aligned between two pauses: some milliseconds.
const AT_ONCE = 2048;

/** Where a field lies at another size of its picture. */
function rectangleAt({ height, width }: { height: number; width: number }, coarse: CopyField): Rectangle {
  const down = height / coarse.height;
  const across = width / coarse.width;
  const top = Math.max(0, Math.floor(coarse.top * down));
  const left = Math.max(0, Math.floor(coarse.left * across));
  const rows = Math.min(height, Math.ceil((coarse.top + coarse.rows) * down)) - top;
  const columns = Math.min(width, Math.ceil((coarse.left + coarse.columns) * across)) - left;
  return { top, left, rows, columns };
}

/**
 * A level to be written, with all that refineField() will need where compiled code can read it, if there is such a memory and it has room:
 * then nothing lies anywhere twice. What lay in the memory before is no longer good.
 */
export function emptyLevel(height: number, width: number, coarse: CopyField, memory: VectorMemory | undefined): FieldLevel {
  const pixels = height * width;
  const plain = () => ({ height, width, colours: new Uint8Array(3 * pixels), marks: new Uint8Array(pixels) });
  if (!memory) return plain();
  try {
    memory.clear();
    const { rows, columns } = rectangleAt({ height, width }, coarse);
    const inside = rows * columns;
    const framed = estimateBytes(rows, columns);
    const [coloursAt, marksAt, estimateAt, listAt] = [3 * pixels, pixels, framed, 4 * inside].map((bytes) => memory.room(bytes));
    const [offsetsAt, coveredAt] = [8 * inside, inside].map((bytes) => memory.reserve(bytes));
    const room = {
      memory,
      offsets: memory.integers(offsetsAt, 2 * inside),
      covered: memory.bytes(coveredAt, inside),
      estimate: memory.bytes(estimateAt, framed),
      list: memory.integers(listAt, inside),
    };
    return { height, width, colours: memory.bytes(coloursAt, 3 * pixels), marks: memory.bytes(marksAt, pixels), room };
  } catch {
    return plain();
  }
}

const estimateBytes = (rows: number, columns: number) => 3 * (rows + 2 * MARGIN) * (columns + 2 * MARGIN);

const plainArrays = (rows: number, columns: number): FieldArrays => ({
  offsets: new Int32Array(2 * rows * columns),
  covered: new Uint8Array(rows * columns),
  estimate: new Uint8Array(estimateBytes(rows, columns)),
  list: new Int32Array(rows * columns),
});

/** Marks where a patch of pixels that may be copied is centred. */
function markCentres({ height, width, marks }: FieldLevel): void {
  // In how many rows, up to the one at hand, a column has had a row of a patch centred on it.
  const above = new Int32Array(width);
  for (let y = 0; y < height; y++) {
    let clear = 0;
    for (let x = 0; x < width; x++) {
      clear = marks[y * width + x] === HOLE || marks[y * width + x] === KEPT_OUT ? 0 : clear + 1;
      if (x < 2 * MARGIN) continue;
      const centre = x - MARGIN;
      above[centre] = clear > 2 * MARGIN ? above[centre] + 1 : 0;
      if (above[centre] > 2 * MARGIN) marks[(y - MARGIN) * width + centre] = CENTRE;
    }
  }
}

/**
 * Brings a field of copies to a finer size and aligns it there: each pixel takes over its neighbours' offsets, or one a
 * pixel or two off, where the patch around it then agrees better with the picture and the copies beside it. So edges
 * that cross the rim, or pass from one copy into the next, meet to the pixel.
 *
 * @param coarse the field at a coarser size of the same picture.
 * @param rim pixels around the hole that the field is to cover as well.
 * @param pause is awaited every few milliseconds.
 */
export async function refineField(
  level: FieldLevel,
  coarse: CopyField,
  rim: number,
  seed: number,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<CopyField> {
  const { height, width, room } = level;
  markCentres(level);
  const rectangle = rectangleAt(level, coarse);
  const { top, left, rows, columns } = rectangle;
  const { offsets, covered, estimate, list } = room ?? plainArrays(rows, columns);
  coverHole(level, rectangle, rim, covered);

  const field = { height, width, top, left, rows, columns, offsets, covered };
  const count = takeOver(level, field, coarse, list);
  layEstimate(level, rectangle, estimate);
  layCopies(level, field, estimate, list, count);
  const work: Aligning = { level, field, estimate, list: list.subarray(0, count), seed };
  const { align, finish } = vectorAligner(work) ?? plainAligner(work);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let n = 0; n < count; n += AT_ONCE) {
      await pause();
      align(n, Math.min(n + AT_ONCE, count), sweep % 2 === 1);
    }
  }
  finish();
  // The next level is laid where this one lies.
  return room ? { ...field, offsets: offsets.slice(), covered: covered.slice() } : field;
}

// Each of these loops is a function of its own: one that waits is compiled again and again, with all that stands in it.

/** Takes a coarser field's offsets over where there is a source; lists these pixels and returns how many they are. The others are covered no longer. */
function takeOver(level: FieldLevel, { top, left, rows, columns, offsets, covered }: CopyField, coarse: CopyField, list: Int32Array): number {
  const { height, width } = level;
  const down = height / coarse.height;
  const across = width / coarse.width;
  const isSource = (y: number, x: number) => isCentre(level, y, x);
  let count = 0;
  for (let r = 0; r < rows; r++) {
    const cy = Math.min(coarse.rows - 1, Math.max(0, Math.floor((top + r + 0.5) / down) - coarse.top));
    for (let c = 0; c < columns; c++) {
      const at = r * columns + c;
      if (!covered[at]) continue;
      const cx = Math.min(coarse.columns - 1, Math.max(0, Math.floor((left + c + 0.5) / across) - coarse.left));
      const from = nearestCovered(coarse, cy, cx);
      if (from < 0) {
        covered[at] = 0;
        continue;
      }
      const y = top + r;
      const x = left + c;
      let sy = Math.min(Math.max(y + Math.round(coarse.offsets[2 * from] * down), MARGIN), height - 1 - MARGIN);
      let sx = Math.min(Math.max(x + Math.round(coarse.offsets[2 * from + 1] * across), MARGIN), width - 1 - MARGIN);
      if (!isCentre(level, sy, sx)) {
        const near = spiral(sy, sx, isSource);
        if (!near) {
          covered[at] = 0;
          continue;
        }
        [sy, sx] = near;
      }
      offsets[2 * at] = sy - y;
      offsets[2 * at + 1] = sx - x;
      list[count++] = at;
    }
  }
  return count;
}

/** Copies the rectangle and MARGIN pixels around it. */
function layEstimate({ height, width, colours }: FieldLevel, { top, left, rows, columns }: Rectangle, estimate: Uint8Array): void {
  const stride = (columns + 2 * MARGIN) * 3;
  for (let r = -MARGIN; r < rows + MARGIN; r++) {
    const y = Math.min(Math.max(top + r, 0), height - 1);
    for (let c = -MARGIN; c < columns + MARGIN; c++) {
      const x = Math.min(Math.max(left + c, 0), width - 1);
      const p = 3 * (y * width + x);
      const e = (r + MARGIN) * stride + 3 * (c + MARGIN);
      for (let k = 0; k < 3; k++) estimate[e + k] = colours[p + k];
    }
  }
}

/** Whether a pixel is one that a patch of pixels that may be copied is centred on. */
const isCentre = ({ height, width, marks }: FieldLevel, y: number, x: number): boolean =>
  y >= 0 && x >= 0 && y < height && x < width && marks[y * width + x] === CENTRE;

/** What is aligned: a field over the level, and the picture as it makes it. */
export interface Aligning {
  level: FieldLevel;
  field: CopyField;
  /** The field's rectangle and MARGIN pixels around it, 3 bytes a pixel. */
  estimate: Uint8Array;
  /** The field's pixels, as indices, in the order in which they are gone over. */
  list: Int32Array;
  seed: number;
}

/** Aligns pixels of the list: those from one place up to another, as counted from its end if backwards. */
interface Aligner {
  align(from: number, to: number, backwards: boolean): void;
  /** To be called at the end: brings the offsets back into the field. */
  finish(): void;
}

/** Copies what a list's first pixels have of the hole into the estimate, from where the field says. */
function layCopies(level: FieldLevel, field: CopyField, estimate: Uint8Array, list: Int32Array, count: number): void {
  for (let n = 0; n < count; n++) layCopy(level, field, estimate, list[n]);
}

function layCopy({ width, colours, marks }: FieldLevel, { top, left, columns, offsets }: CopyField, estimate: Uint8Array, at: number): void {
  const r = (at / columns) | 0;
  const c = at - r * columns;
  if (marks[(top + r) * width + left + c] !== HOLE) return;
  const s = 3 * ((top + r + offsets[2 * at]) * width + left + c + offsets[2 * at + 1]);
  const e = (r + MARGIN) * (columns + 2 * MARGIN) * 3 + 3 * (c + MARGIN);
  for (let k = 0; k < 3; k++) estimate[e + k] = colours[s + k];
}

/** In plain JavaScript. */
export function plainAligner({ level, field, estimate, list, seed }: Aligning): Aligner {
  const { width, colours } = level;
  const { top, left, rows, columns, offsets, covered } = field;
  const stride = (columns + 2 * MARGIN) * 3;
  // Sum of squared differences of the estimate's patch at (r, c) and the picture's at (sy, sx), or any value >= limit.
  const distance = (r: number, c: number, sy: number, sx: number, limit: number): number => {
    let sum = 0;
    let a = r * stride + 3 * c;
    let b = 3 * ((sy - MARGIN) * width + sx - MARGIN);
    for (let row = 0; row <= 2 * MARGIN; row++, a += stride, b += 3 * width) {
      for (let i = 0; i < 3 * (2 * MARGIN + 1); i++) {
        const d = estimate[a + i] - colours[b + i];
        sum += d * d;
      }
      if (sum >= limit) return sum;
    }
    return sum;
  };

  const random = randomIntegers(seed);
  const alignPixel = (at: number, step: number) => {
    const r = (at / columns) | 0;
    const c = at - r * columns;
    const y = top + r;
    const x = left + c;
    let bestY = y + offsets[2 * at];
    let bestX = x + offsets[2 * at + 1];
    let best = distance(r, c, bestY, bestX, Number.POSITIVE_INFINITY);
    // Inside a copy everything agrees already.
    if (best === 0) return;
    const attempt = (sy: number, sx: number, limit: number) => {
      if (!isCentre(level, sy, sx) || (sy === bestY && sx === bestX)) return;
      const d = distance(r, c, sy, sx, limit);
      if (d < limit) {
        best = d;
        bestY = sy;
        bestX = sx;
      }
    };
    const beside = at + step;
    if (c + step >= 0 && c + step < columns && covered[beside]) attempt(y + offsets[2 * beside], x + offsets[2 * beside + 1], best);
    const above = at + step * columns;
    if (r + step >= 0 && r + step < rows && covered[above]) attempt(y + offsets[2 * above], x + offsets[2 * above + 1], best);
    for (let t = 0; t < TRIES; t++) attempt(bestY + (random() % (2 * REACH + 1)) - REACH, bestX + (random() % (2 * REACH + 1)) - REACH, best * GAIN);
    if (offsets[2 * at] === bestY - y && offsets[2 * at + 1] === bestX - x) return;
    offsets[2 * at] = bestY - y;
    offsets[2 * at + 1] = bestX - x;
    layCopy(level, field, estimate, at);
  };
  return {
    align(from, to, backwards) {
      for (let n = from; n < to; n++) alignPixel(list[backwards ? list.length - 1 - n : n], backwards ? 1 : -1);
    },
    finish() {},
  };
}

/** Compiled, to the same bit; none where WebAssembly is not there, or no memory for it. */
export function vectorAligner({ level, field, estimate, list, seed }: Aligning): Aligner | undefined {
  const { height, width, colours, marks, room } = level;
  const { top, left, rows, columns, offsets, covered } = field;
  const arrays = [colours, marks, offsets, covered, estimate, list];
  // With what each begins after the one before it, and ends in: two vectors at the most.
  const bytes = arrays.reduce((sum, { byteLength }) => sum + byteLength + 32, 0);
  const memory = room?.memory ?? VectorMemory.open(bytes);
  if (!memory) return undefined;
  const [coloursAt, marksAt, offsetsAt, coveredAt, estimateAt, listAt] = arrays.map((values) => (room ? values.byteOffset : memory.place(values)));
  const { align, alignField, alignIn } = memory.functions;
  alignIn(coloursAt, marksAt, height, width);
  alignField(top, left, rows, columns, offsetsAt, coveredAt, estimateAt, seed);
  return {
    align: (from, to, backwards) => align(listAt + 4 * (backwards ? list.length - to : from), to - from, backwards),
    finish() {
      if (!room) offsets.set(memory.integers(offsetsAt, offsets.length));
    },
  };
}

/** Writes 1 in the hole and within `rim` pixels of it (a square's reach), over a rectangle of the level. */
function coverHole({ height, width, marks }: FieldLevel, { top, left, rows, columns }: Rectangle, rim: number, out: Uint8Array): void {
  const isHole = (at: number) => marks[at] === HOLE;
  for (let y = Math.max(0, top - rim); y < Math.min(height, top + rows + rim); y++) {
    for (let x = Math.max(0, left - rim); x < Math.min(width, left + columns + rim); x++) {
      const at = y * width + x;
      if (!isHole(at)) continue;
      // Only a rim pixel of the hole reaches beyond it.
      const isInside = x > 0 && x + 1 < width && y > 0 && y + 1 < height;
      const inner = isInside && isHole(at - 1) && isHole(at + 1) && isHole(at - width) && isHole(at + width);
      const by = inner ? 0 : rim;
      const from = Math.max(0, x - by - left);
      const to = Math.min(columns, x + by + 1 - left);
      if (from >= to) continue;
      for (let r = Math.max(0, y - by - top); r < Math.min(rows, y + by + 1 - top); r++) out.fill(1, r * columns + from, r * columns + to);
    }
  }
}

/** The index of the field's nearest meaningful entry within twelve pixels, by a square's reach, or -1. */
export function nearestCovered({ rows, columns, covered }: CopyField, row: number, column: number): number {
  if (covered[row * columns + column]) return row * columns + column;
  const near = spiral(row, column, (r, c) => r >= 0 && c >= 0 && r < rows && c < columns && covered[r * columns + c] === 1);
  return near ? near[0] * columns + near[1] : -1;
}

/** The nearest place that passes the test, looked for in growing squares; undefined where there is none within reach. */
function spiral(y: number, x: number, test: (y: number, x: number) => boolean): [number, number] | undefined {
  for (let reach = 1; reach <= 12; reach++) {
    for (let dy = -reach; dy <= reach; dy++) {
      const step = Math.abs(dy) === reach ? 1 : 2 * reach;
      for (let dx = -reach; dx <= reach; dx += step) if (test(y + dy, x + dx)) return [y + dy, x + dx];
    }
  }
  return undefined;
}
