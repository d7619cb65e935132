import { viewOf } from '../containers/bytes';

// A TIFF file, which an EXIF block is too: byte order, 42, offset of the first directory. A directory is a count, entries of 12 bytes
// (tag, type, number of values, and the values or where they are) and the offset of the next. BigTIFF has 43 and wider numbers.

export const EXIF_DIRECTORY = 0x8769;
export const GPS_DIRECTORY = 0x8825;
export const INTEROPERABILITY_DIRECTORY = 0xa005;
export const SUB_DIRECTORIES = 0x014a;
export const MAKER_NOTE = 0x927c;

const POINTERS = new Set([EXIF_DIRECTORY, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY]);
/** Bytes of a value, by type: 3 is SHORT, 4 LONG, 5 RATIONAL, 13 and 18 offsets of directories, 16 to 18 BigTIFF's. */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const MOST_DIRECTORIES = 32;

/** Bytes of a value of this type; 0 for an unknown one. */
export const sizeOf = (type: number): number => SIZES[type] ?? 0;

/** An entry of a directory with its values. */
export interface Field {
  tag: number;
  type: number;
  count: number;
  value: Uint8Array;
  /** Where the values stood in the file. */
  place: number;
  /** What a pointer points to. */
  directory?: Directory;
  /** The picture that an offset points to. */
  image?: Uint8Array;
}

/** A directory, its fields in the order of the file. */
export interface Directory {
  fields: Field[];
  /** Offset of the count. */
  at: number;
  /** Offset behind the offset of the next directory. */
  end: number;
  /** Offset of the next; 0 where there is none. */
  next: number;
}

/** A TIFF's byte order and kind. */
export interface Layout {
  little: boolean;
  big: boolean;
}

/** A reading that asks for bytes at an offset, and gets fewer where the file ends: so files are read as memory is. */
export type Reading<T> = Generator<[offset: number, length: number], T, Uint8Array>;

/** Bytes of a file at an offset; fewer where the file ends. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

/** Reads from memory. */
export function readNow<T>(reading: Reading<T>, bytes: Uint8Array): T {
  for (let step = reading.next(); ; ) {
    if (step.done) return step.value;
    const [offset, length] = step.value;
    step = reading.next(bytes.subarray(offset, offset + length));
  }
}

/** Reads from a file that need not be in memory. */
export async function readBy<T>(reading: Reading<T>, read: ReadAt): Promise<T> {
  for (let step = reading.next(); ; ) {
    if (step.done) return step.value;
    step = reading.next(await read(...step.value));
  }
}

/** The byte order, and where the first directory is; undefined for what is no TIFF. */
export function* headerOf(): Reading<(Layout & { first: number }) | undefined> {
  const bytes = yield [0, 16];
  if (bytes.length < 8 || bytes[0] !== bytes[1] || (bytes[0] !== 0x49 && bytes[0] !== 0x4d)) return undefined;
  const view = viewOf(bytes);
  const little = bytes[0] === 0x49;
  const version = view.getUint16(2, little);
  if (version === 42) return { little, big: false, first: view.getUint32(4, little) };
  return version === 43 && bytes.length === 16 ? { little, big: true, first: Number(view.getBigUint64(8, little)) } : undefined;
}

/** What a reading of directories keeps to: the values that are wanted, how many bytes it may take, and where it has been. */
export interface Limits {
  wanted: (tag: number) => boolean;
  /** Bytes of all values. Fields may share a value's bytes, which are then taken once for each. */
  bytes: number;
  /** Bytes of all directories, which may overlap. */
  tables: number;
  seen: Set<number>;
  /** Is set where something was passed over because it went beyond these. */
  beyond?: boolean;
}

/** Limits of a block in memory. No block of a camera takes any byte of its own more than twice: what does is made to fill the memory. */
export const limitsOf = (block: number, { bytes = 2 * block } = {}): Limits => ({ wanted: () => true, bytes, tables: 2 * block, seen: new Set() });

/**
 * Reads a directory with those that its fields point to. Fields of unknown types, and values that lie beyond the end of the file or
 * above the limit, are passed over; so is a directory that was read before.
 */
export function* directoryAt(at: number, layout: Layout, limits: Limits): Reading<Directory | undefined> {
  const { little, big } = layout;
  const [head, width, word] = big ? [8, 20, 8] : [2, 12, 4];
  if (at < 8 || limits.seen.has(at) || limits.seen.size >= MOST_DIRECTORIES) return undefined;
  limits.seen.add(at);
  const counted = yield [at, head];
  if (counted.length < head) return undefined;
  const count = Math.min(65535, big ? Number(viewOf(counted).getBigUint64(0, little)) : viewOf(counted).getUint16(0, little));
  const table = yield [at + head, count * width + word];
  limits.tables -= table.length;
  if (limits.tables < 0) {
    limits.beyond = true;
    return undefined;
  }
  const view = viewOf(table);
  const numberAt = (offset: number) => (big ? Number(view.getBigUint64(offset, little)) : view.getUint32(offset, little));
  const fields: Field[] = [];
  for (let i = 0, entry = 0; i < count && entry + width <= table.length; i++, entry += width) {
    const [tag, type, number] = [view.getUint16(entry, little), view.getUint16(entry + 2, little), numberAt(entry + 4)];
    const length = sizeOf(type) * number;
    const inside = entry + width - word;
    if (sizeOf(type) === 0 || !limits.wanted(tag)) continue;
    const place = length <= word ? at + head + inside : numberAt(inside);
    if (POINTERS.has(tag)) {
      const directory = yield* directoryAt(numberAt(inside), layout, limits);
      if (directory) fields.push({ tag, type: 4, count: 1, value: new Uint8Array(4), place, directory });
      continue;
    }
    if (length > limits.bytes) {
      limits.beyond = true;
      continue;
    }
    const value = length <= word ? table.subarray(inside, inside + length) : yield [place, length];
    if (value.length < length) continue;
    limits.bytes -= length > word ? length : 0;
    fields.push({ tag, type, count: number, value, place });
  }
  const end = Math.min(count * width + word, table.length);
  const next = end === count * width + word ? numberAt(count * width) : 0;
  return { fields, at, end: at + head + end, next };
}

/** The numbers of a field of offsets, lengths or the like; in as many bytes as they take in the file, or twice that. */
export function numbersOf({ type, count, value }: Field, little: boolean): Uint32Array {
  if (type !== 3 && type !== 4 && type !== 13) return new Uint32Array();
  const view = viewOf(value);
  const numbers = new Uint32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = type === 3 ? view.getUint16(2 * i, little) : view.getUint32(4 * i, little);
  return numbers;
}

/** The field of a tag. */
export const fieldOf = (directory: Directory | undefined, tag: number): Field | undefined => directory?.fields.find((field) => field.tag === tag);

/** All directories of a field's tree, from the top. */
export const directoriesOf = (top: Directory): Directory[] => [top, ...top.fields.flatMap(({ directory }) => (directory ? directoriesOf(directory) : []))];
