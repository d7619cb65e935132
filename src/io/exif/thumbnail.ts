import { viewOf } from '../containers/bytes';
import { withoutExifPrefix } from './block';
import {
  type Directory,
  directoriesOf,
  directoryAt,
  fieldOf,
  headerOf,
  limitsOf,
  MAKER_NOTE,
  numbersOf,
  type Reading,
  readNow,
  SUB_DIRECTORIES,
} from './directories';

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

/** Marks a range of bytes. */
type Mark = (from: number, to: number) => void;

/** Marks the pictures that directories point to. One without a length goes to the end. */
function markImages(directories: readonly Directory[], little: boolean, length: number, mark: Mark): void {
  // Fields of different directories may share their numbers. Those that do so to take more than the whole block hide what they
  // point to: then it may be anywhere.
  let room = length;
  for (const directory of directories) {
    for (const [offsetTag, lengthTag] of IMAGES) {
      const [offsets, lengths] = [fieldOf(directory, offsetTag), fieldOf(directory, lengthTag)];
      if (!offsets) continue;
      room -= offsets.value.length + (lengths?.value.length ?? 0);
      if (room < 0) {
        mark(0, length);
        return;
      }
      const sizes = lengths ? numbersOf(lengths, little) : [];
      const places = numbersOf(offsets, little);
      for (let i = 0; i < places.length; i++) mark(places[i], places[i] + (sizes[i] || length));
    }
  }
}

/**
 * The end of a JPEG that begins at `start`; undefined for what is none. One without an end marker ends with the bytes.
 * @param seen places of segments that led to no scan: none is followed twice, however many beginnings lead to it
 */
function jpegEnd(bytes: Uint8Array, start: number, seen: Uint8Array): number | undefined {
  let at = start + 2;
  let scans = false;
  // Past the segments, whose lengths are known, and through the scans. Random bytes have none.
  while (bytes[at] === 0xff && bytes[at + 1] >= 0xc0 && bytes[at + 1] < 0xff && bytes[at + 1] !== 0xd9) {
    if (!scans && seen[at] === 1) return undefined;
    seen[at] = 1;
    const scan = bytes[at + 1] === 0xda;
    at += 2 + Math.max(2, (bytes[at + 2] << 8) | bytes[at + 3]);
    while (scan && at < bytes.length && (bytes[at] !== 0xff || bytes[at + 1] === 0 || (bytes[at + 1] >= 0xd0 && bytes[at + 1] < 0xd8))) at++;
    scans ||= scan;
  }
  if (!scans) return undefined;
  return bytes[at] === 0xff && bytes[at + 1] === 0xd9 ? at + 2 : bytes.length;
}

/** Marks the JPEGs among the bytes: makers' notes hold some as previews. */
function markJpegs(bytes: Uint8Array, mark: Mark): void {
  const seen = new Uint8Array(bytes.length);
  for (let at = bytes.indexOf(0xff); at >= 0; ) {
    const end = bytes[at + 1] === 0xd8 && bytes[at + 2] === 0xff ? jpegEnd(bytes, at, seen) : undefined;
    if (end !== undefined) mark(at, end);
    at = bytes.indexOf(0xff, end ?? at + 1);
  }
}

interface Found {
  little: boolean;
  first: Directory;
  /** Directories after the first, and those that a field of the first names as further pictures. */
  others: Directory[];
  /** Whether there are more than are read. */
  beyond?: boolean;
}

function* found(length: number): Reading<Found | undefined> {
  const header = yield* headerOf();
  if (!header || header.big) return undefined;
  // Nothing is copied here, so that values may be shared by as many fields as there are.
  const limits = limitsOf(length, { bytes: Number.POSITIVE_INFINITY });
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
  return { little: header.little, first, others, beyond: limits.beyond };
}

/** Takes the entries of tags out of a directory where it stands: those behind them move up. */
function removeEntries(tiff: DataView, { at, end }: Directory, little: boolean, tags: readonly number[]): void {
  const bytes = new Uint8Array(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const count = tiff.getUint16(at, little);
  let entry = at + 2;
  let removed = 0;
  for (let i = 0; i < count && entry + 12 <= end; i++, entry += 12) {
    if (tags.includes(tiff.getUint16(entry, little))) removed++;
    else if (removed > 0) bytes.copyWithin(entry - 12 * removed, entry, entry + 12);
  }
  bytes.copyWithin(entry - 12 * removed, entry, end);
  bytes.fill(0, end - 12 * removed, end);
  tiff.setUint16(at, count - removed, little);
}

/**
 * Overwrites pictures by zeros, but for what is held. Tells whether there was anything to overwrite, and where the last of it begins
 * if it goes to the end.
 */
function overwrite(bytes: Uint8Array, steps: Int32Array, held: readonly Range[]): { shown: boolean; last?: number } {
  let shown = false;
  let last: number | undefined;
  for (let at = 0, depth = 0, next = 0; at < bytes.length; at++) {
    depth += steps[at];
    while (next < held.length && held[next][1] <= at) next++;
    if (depth > 0 && !(next < held.length && held[next][0] <= at)) {
      bytes[at] = 0;
      shown = true;
      last ??= at;
    } else last = undefined;
  }
  return { shown, last };
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
  const block = readNow(found(exif.length - start), exif.subarray(start));
  if (!block) return exif;
  const { little, first, others, beyond } = block;
  const kept = directoriesOf(first);
  const previews = kept.filter(({ fields }) => fields.some(({ tag }) => tag === IMAGES[0][0] || tag === SUB_DIRECTORIES));
  const copy = new Uint8Array(exif);
  const bytes = copy.subarray(start);
  const tables = kept.map(({ at, end }): Range => [at, end]);
  const values = kept.flatMap(({ fields }) => fields.map((field): [number, Range] => [field.tag, [field.place, field.place + field.value.length]]));
  const held = merged([[0, 8], ...tables, ...values.filter(([tag]) => tag !== MAKER_NOTE).map(([, range]) => range)], bytes.length);
  // How many pictures begin at a byte less those that end there: there may be millions, one over another.
  const steps = new Int32Array(bytes.length + 1);
  const mark: Mark = (from, to) => {
    if (from >= bytes.length) return;
    steps[from]++;
    steps[Math.min(to, bytes.length)]--;
  };
  markImages(others, little, bytes.length, mark);
  markJpegs(bytes, mark);
  if (beyond) mark(0, bytes.length);
  const { shown, last } = overwrite(bytes, steps, held);
  if (!shown && first.next === 0 && previews.length === 0) return exif;
  if (first.next !== 0) viewOf(bytes).setUint32(first.end - 4, 0, little);
  for (const directory of previews) removeEntries(viewOf(bytes), directory, little, [...IMAGES[0], SUB_DIRECTORIES]);
  const needed = [...tables, ...values.map(([, range]) => range)].reduce((most, [, to]) => Math.max(most, to), 8);
  return last !== undefined && last >= needed ? copy.slice(0, start + last) : copy;
}
