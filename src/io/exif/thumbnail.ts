import { viewOf } from '../containers/bytes';
import { withoutExifPrefix } from './block';
import { type Directory, directoriesOf, directoryAt, fieldOf, headerOf, MAKER_NOTE, numbersOf, type Reading, readNow, SUB_DIRECTORIES } from './directories';

// Thumbnails and previews show what was removed. A block keeps its length, but for a thumbnail at its end, and all offsets, so that
// makers' notes stay right.

type Range = [from: number, to: number];

const IMAGES = [
  [0x0201, 0x0202],
  [0x0111, 0x0117],
];

/** Ranges in their order, those that touch made one. */
function merged(ranges: readonly Range[], end: number): Range[] {
  const result: Range[] = [];
  for (const [from, to] of ranges.map(([a, b]): Range => [Math.min(a, end), Math.min(b, end)]).sort((a, b) => a[0] - b[0])) {
    const last = result[result.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) result.push([from, to]);
  }
  return result;
}

/** What of the ranges is in none of the others; both in order. */
function outside(ranges: readonly Range[], others: readonly Range[]): Range[] {
  const result: Range[] = [];
  let first = 0;
  for (const [from, to] of ranges) {
    let at = from;
    while (first < others.length && others[first][1] <= from) first++;
    for (let i = first; i < others.length && others[i][0] < to; i++) {
      if (others[i][0] > at) result.push([at, others[i][0]]);
      at = Math.max(at, others[i][1]);
    }
    if (at < to) result.push([at, to]);
  }
  return result;
}

/** Where the pictures are that a directory points to. One without a length goes to the end. */
const imagesOf = (directory: Directory, little: boolean): Range[] =>
  IMAGES.flatMap(([offsetTag, lengthTag]) => {
    const [offsets, lengths] = [fieldOf(directory, offsetTag), fieldOf(directory, lengthTag)];
    const sizes = lengths ? numbersOf(lengths, little) : [];
    return offsets ? numbersOf(offsets, little).map((from, i): Range => [from, from + (sizes[i] || Number.POSITIVE_INFINITY)]) : [];
  });

/** The end of a JPEG that begins at `start`; undefined for what is none. One without an end marker ends with the bytes. */
function jpegEnd(bytes: Uint8Array, start: number): number | undefined {
  let at = start + 2;
  let scans = false;
  // Past the segments, whose lengths are known, and through the scans. A preview has few, and random bytes have none.
  for (let segments = 0; segments < 64 && bytes[at] === 0xff && bytes[at + 1] >= 0xc0 && bytes[at + 1] < 0xff && bytes[at + 1] !== 0xd9; segments++) {
    const scan = bytes[at + 1] === 0xda;
    at += 2 + Math.max(2, (bytes[at + 2] << 8) | bytes[at + 3]);
    while (scan && at < bytes.length && (bytes[at] !== 0xff || bytes[at + 1] === 0 || (bytes[at + 1] >= 0xd0 && bytes[at + 1] < 0xd8))) at++;
    scans ||= scan;
  }
  if (!scans) return undefined;
  return bytes[at] === 0xff && bytes[at + 1] === 0xd9 ? at + 2 : bytes.length;
}

/** The JPEGs among the bytes: makers' notes hold some as previews. */
function jpegsIn(bytes: Uint8Array): Range[] {
  const result: Range[] = [];
  for (let at = bytes.indexOf(0xff); at >= 0; ) {
    const end = bytes[at + 1] === 0xd8 && bytes[at + 2] === 0xff ? jpegEnd(bytes, at) : undefined;
    if (end !== undefined) result.push([at, end]);
    at = bytes.indexOf(0xff, end ?? at + 1);
  }
  return result;
}

interface Found {
  little: boolean;
  first: Directory;
  /** Directories after the first, and those that a field of the first names as further pictures. */
  others: Directory[];
}

function* found(): Reading<Found | undefined> {
  const header = yield* headerOf();
  if (!header || header.big) return undefined;
  const limits = { wanted: () => true, bytes: Number.POSITIVE_INFINITY, seen: new Set<number>() };
  const first = yield* directoryAt(header.first, header, limits);
  if (!first) return undefined;
  const others: Directory[] = [];
  for (let at = first.next; at !== 0; ) {
    const next: Directory | undefined = yield* directoryAt(at, header, limits);
    if (next) others.push(next);
    at = next?.next ?? 0;
  }
  const further = fieldOf(first, SUB_DIRECTORIES);
  for (const at of further ? numbersOf(further, header.little).slice(0, 16) : []) {
    const next = yield* directoryAt(at, header, limits);
    if (next) others.push(next);
  }
  return { little: header.little, first, others };
}

/** Takes the entries of tags out of a directory where it stands: those behind them move up. */
function removeEntries(tiff: DataView, { at, end }: Directory, little: boolean, tags: readonly number[]): void {
  const bytes = new Uint8Array(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  let count = tiff.getUint16(at, little);
  let stop = end;
  for (let entry = at + 2, i = 0; i < count && entry + 12 <= stop; ) {
    if (tags.includes(tiff.getUint16(entry, little))) {
      bytes.copyWithin(entry, entry + 12, stop);
      bytes.fill(0, stop - 12, stop);
      stop -= 12;
      count--;
    } else {
      entry += 12;
      i++;
    }
  }
  tiff.setUint16(at, count, little);
}

/**
 * A copy of an EXIF block without the pictures in it: its thumbnail, which is unlinked and overwritten by zeros, or cut off where it
 * is the end; and previews, also those in makers' notes, which are overwritten. All else stays byte for byte where it is.
 *
 * @param exif the block, with or without `Exif\0\0`; it comes back alike
 * @returns the copy; the block itself where it has no picture or can't be read
 */
export function withoutThumbnail(exif: Uint8Array): Uint8Array {
  const start = exif.length - withoutExifPrefix(exif).length;
  const block = readNow(found(), exif.subarray(start));
  if (!block) return exif;
  const { little, first, others } = block;
  const kept = directoriesOf(first);
  const previews = kept.filter(({ fields }) => fields.some(({ tag }) => tag === IMAGES[0][0] || tag === SUB_DIRECTORIES));
  const copy = new Uint8Array(exif);
  const bytes = copy.subarray(start);
  const tables = kept.map(({ at, end }): Range => [at, end]);
  const values = kept.flatMap(({ fields }) => fields.map((field): [number, Range] => [field.tag, [field.place, field.place + field.value.length]]));
  const held = merged([[0, 8], ...tables, ...values.filter(([tag]) => tag !== MAKER_NOTE).map(([, range]) => range)], bytes.length);
  const shown = outside(merged([...others.flatMap((directory) => imagesOf(directory, little)), ...jpegsIn(bytes)], bytes.length), held);
  if (shown.length === 0 && first.next === 0 && previews.length === 0) return exif;
  for (const [from, to] of shown) bytes.fill(0, from, to);
  if (first.next !== 0) viewOf(bytes).setUint32(first.end - 4, 0, little);
  for (const directory of previews) removeEntries(viewOf(bytes), directory, little, [...IMAGES[0], SUB_DIRECTORIES]);
  const last = shown[shown.length - 1];
  const needed = [...tables, ...values.map(([, range]) => range)].reduce((most, [, to]) => Math.max(most, to), 8);
  return last && last[1] === bytes.length && last[0] >= needed ? copy.slice(0, start + last[0]) : copy;
}
