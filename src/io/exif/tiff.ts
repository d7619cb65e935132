import { viewOf } from '../containers/bytes';
import { withExifPrefix, withoutExifPrefix } from './block';
import {
  type Directory,
  directoryAt,
  type Field,
  headerOf,
  type Layout,
  type Limits,
  MAKER_NOTE,
  type ReadAt,
  type Reading,
  readBy,
  readNow,
  sizeOf,
} from './directories';
import { readBlock } from './fitted';
import { blockOf, laidOut } from './lay-out';
import { isCarried, isDescriptive, isMovable, isResolution, isStorage, nameOf, ORIENTATION } from './tags';

const MOST_BYTES = 32 * 2 ** 20;
/** Bytes of all directories of a file: two of the longest. */
const MOST_TABLES = 2 ** 21;
/** Up to here values may stay at their offset in a block of its own, which has to be that long. */
const FURTHEST = 65527;
const IPTC = 0x83bb;
const ICC = 0x8773;
const USER_COMMENT = 0x9286;

/** Is told the name of each thing that could not be kept: `'thumbnail'`, `'maker note'`, `'UserComment'`, `'tag 0x9999'`. */
export type OnDropped = (name: string) => void;

function* firstDirectory(wanted: (tag: number) => boolean): Reading<{ layout: Layout; first: Directory; beyond?: boolean } | undefined> {
  const layout = yield* headerOf();
  const limits: Limits = { wanted, bytes: MOST_BYTES, tables: MOST_TABLES, seen: new Set() };
  const first = layout && (yield* directoryAt(layout.first, layout, limits));
  return first && { layout, first, beyond: limits.beyond };
}

/** Tells each name once: a block may have the same tag a thousand times. */
function once(onDropped: OnDropped): OnDropped {
  const told = new Set<string>();
  return (name) => {
    if (!told.has(name)) onDropped(name);
    told.add(name);
  };
}

/** The directory and those below it, of the fields that are to be kept. */
const kept = (directory: Directory, keep: (field: Field) => boolean): Directory => ({
  ...directory,
  fields: directory.fields.filter(keep).map((field) => (field.directory ? { ...field, directory: kept(field.directory, keep) } : field)),
});

/**
 * The EXIF block that a TIFF file's first directory holds: its Exif, GPS and Interoperability directories, and those of its own
 * tags that describe the picture, with orientation and resolution. Laid out as a block of its own, in the file's byte order.
 *
 * A maker's note stays at its offset or goes, unless it is known to count its offsets from its own start.
 *
 * @param read gives bytes of the file at an offset, fewer at its end
 * @param onDropped is told what could not be kept
 * @returns the block, beginning with `Exif\0\0`; undefined where the file holds none or is no TIFF
 */
export async function exifOfTiff(read: ReadAt, onDropped: OnDropped = () => undefined): Promise<Uint8Array | undefined> {
  const found = await readBy(
    firstDirectory((tag) => !isStorage(tag) && !isCarried(tag)),
    read,
  );
  if (!found) return undefined;
  const { layout, first, beyond } = found;
  const drop = once(onDropped);
  if (beyond) drop('the rest of an EXIF that is too large');
  let fixed: Field | undefined;
  const keep = (top: boolean) => (field: Field) => {
    const { tag, type, value, place, directory } = field;
    if (directory) return true;
    const known = !top || isDescriptive(tag) || isResolution(tag) || tag === ORIENTATION;
    let fits = known && type < 16;
    if (tag === MAKER_NOTE && !isMovable(field) && value.length > 4) {
      fits = !layout.big && place >= 8 && place + value.length <= FURTHEST;
      if (fits) fixed = field;
    }
    if (!fits) drop(nameOf(tag));
    return fits;
  };
  const top = {
    ...first,
    fields: first.fields.filter(keep(true)).map((field) => (field.directory ? { ...field, directory: kept(field.directory, keep(false)) } : field)),
  };
  const says = ({ tag, value, directory }: Field) => {
    if (tag === ORIENTATION) return value.length >= 2 && viewOf(value).getUint16(0, layout.little) !== 1;
    return !isResolution(tag) && (directory === undefined || directory.fields.length > 0);
  };
  return top.fields.some(says) ? withExifPrefix(blockOf({ first: top, little: layout.little, fixed })) : undefined;
}

/**
 * The values of tags of a TIFF file's first directory as bytes, whatever their type: 700 is XMP, 33723 IPTC, 34377 Photoshop's
 * resources, 34675 the ICC profile.
 *
 * @param read gives bytes of the file at an offset, fewer at its end
 */
export async function tiffTags(read: ReadAt, tags: readonly number[]): Promise<Map<number, Uint8Array>> {
  const found = await readBy(
    firstDirectory((tag) => tags.includes(tag)),
    read,
  );
  return new Map(found?.first.fields.filter(({ directory }) => !directory).map(({ tag, value }) => [tag, new Uint8Array(value)]));
}

/** Values in the other byte order. */
function exchanged({ tag, type, value }: Field): Uint8Array {
  const text = tag === USER_COMMENT && String.fromCharCode(...value.subarray(0, 7)) === 'UNICODE';
  const width = text ? 2 : type === 5 || type === 10 ? 4 : sizeOf(type);
  if (width < 2) return value;
  const result = new Uint8Array(value);
  for (let at = text ? 8 : 0; at + width <= result.length; at += width) result.subarray(at, at + width).reverse();
  return result;
}

/** The fields of a block that a TIFF's directory takes, in its byte order. */
function fieldsFor(little: boolean, exif: Uint8Array, onDropped: OnDropped): Field[] {
  const block = readBlock(withoutExifPrefix(exif));
  const drop = once(onDropped);
  if (!block) {
    if (exif.length > 0) drop(`the EXIF (${exif.length} bytes that can't be read)`);
    return [];
  }
  if (block.hasSecond) drop('thumbnail');
  const take = (top: boolean) => (field: Field) => {
    const { tag, type, value, directory } = field;
    if (directory) return true;
    if (top && (isStorage(tag) || isResolution(tag))) return false;
    const fits = type < 16 && (!top || isDescriptive(tag) || tag === ORIENTATION) && (tag !== MAKER_NOTE || value.length <= 4 || isMovable(field));
    if (!fits) drop(nameOf(tag));
    return fits;
  };
  const turned = (directory: Directory, keep: (field: Field) => boolean): Directory => ({
    ...directory,
    fields: directory.fields.filter(keep).map((field) => ({
      ...field,
      value: block.little === little ? field.value : exchanged(field),
      ...(field.directory ? { directory: turned(field.directory, take(false)) } : {}),
    })),
  });
  return turned(block.first, take(true)).fields;
}

/** A field of plain bytes. IPTC is of LONG by custom, padded to whole ones; the ICC profile of UNDEFINED. */
function fieldOfBytes(tag: number, bytes: Uint8Array): Field {
  if (tag !== IPTC) return { tag, type: tag === ICC ? 7 : 1, count: bytes.length, value: bytes, place: 0 };
  const value = new Uint8Array((bytes.length + 3) & ~3);
  value.set(bytes);
  return { tag, type: 4, count: value.length / 4, value, place: 0 };
}

/** What a TIFF's directories are to be given. */
export interface TiffFields {
  /** An EXIF block. */
  exif?: Uint8Array;
  /** Pairs of tag and bytes: 33723 is IPTC, 34377 Photoshop's resources. */
  tags?: readonly (readonly [number, Uint8Array])[];
}

/** What is put behind a TIFF's end, at an even place, and its header that points there. */
export interface TiffEnd {
  header: Uint8Array;
  start: number;
  content: Uint8Array;
}

/**
 * {@link tiffWith} of a file that need not be in memory: what is to be written into it. Undefined where it is left as it is.
 * @param size the file's bytes in all
 * @param read gives bytes of the file at an offset, fewer at its end
 */
export async function tiffEndWith(size: number, read: ReadAt, of: TiffFields, onDropped: OnDropped = () => undefined): Promise<TiffEnd | undefined> {
  return readBy(endReading(size, of, onDropped), read);
}

function* endReading(size: number, of: TiffFields, onDropped: OnDropped): Reading<TiffEnd | undefined> {
  const layout = yield* headerOf();
  if (!layout || layout.big) return undefined;
  const { little, first } = layout;
  const counted = yield [first, 2];
  const count = counted.length === 2 ? viewOf(counted).getUint16(0, little) : 0;
  const table = new Uint8Array(yield [first + 2, 12 * count + 4]);
  if (count === 0 || table.length < 12 * count + 4) return undefined;
  const view = viewOf(table);
  const added = [...(of.exif ? fieldsFor(little, of.exif, onDropped) : []), ...(of.tags ?? []).map(([tag, bytes]) => fieldOfBytes(tag, bytes))];
  const fields = new Map<number, Field>();
  // Entries that stay are copied as they are: their offsets are still right.
  for (let entry = 0; entry < 12 * count; entry += 12) {
    const [tag, type] = [view.getUint16(entry, little), view.getUint16(entry + 2, little)];
    fields.set(tag, { tag, type, count: view.getUint32(entry + 4, little), value: table.subarray(entry + 8, entry + 12), place: 0 });
  }
  for (const field of added) fields.set(field.tag, field);
  const start = size + (size & 1);
  const content = laidOut({ first: { fields: [...fields.values()], at: 0, end: 0, next: 0 }, next: view.getUint32(12 * count, little), little, start });
  if (added.length === 0 || start + content.length >= 2 ** 32) return undefined;
  const header = new Uint8Array(yield [0, 8]);
  viewOf(header).setUint32(4, start, little);
  return { header, start, content };
}

/**
 * A TIFF file with an EXIF block's directories and descriptive tags in its first directory, and other tags whose values are bytes.
 * A new directory is put at the file's end, and the header points to it: pixels and all else stay where they are.
 *
 * A maker's note goes unless it is known to count its offsets from its own start.
 *
 * @param file the file, as an encoder wrote it; BigTIFF comes back as it is
 * @param onDropped is told what of the block could not be kept
 * @returns the new file in parts
 */
export function tiffWith(file: Uint8Array, of: TiffFields, onDropped: OnDropped = () => undefined): Uint8Array[] {
  const end = readNow(endReading(file.length, of, onDropped), file);
  return end ? [end.header, file.subarray(8), new Uint8Array(end.start - file.length), end.content] : [file];
}

/** {@link tiffWith} of an EXIF block alone. */
export const tiffWithExif = (file: Uint8Array, exif: Uint8Array, onDropped?: OnDropped): Uint8Array[] => tiffWith(file, { exif }, onDropped);
