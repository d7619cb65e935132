import { withExifPrefix, withoutExifPrefix } from './block';
import {
  type Directory,
  directoriesOf,
  directoryAt,
  type Field,
  fieldOf,
  headerOf,
  limitsOf,
  MAKER_NOTE,
  numbersOf,
  type Reading,
  readNow,
  SUB_DIRECTORIES,
} from './directories';
import { blockOf } from './lay-out';
import { isMovable, nameOf } from './tags';

const JPEG_OFFSET = 0x0201;
const JPEG_LENGTH = 0x0202;
const STRIP_OFFSET = 0x0111;
const STRIP_LENGTH = 0x0117;

/** A block's directories. */
export interface Block {
  little: boolean;
  first: Directory;
  thumbnail?: Directory;
  /** Whether a second directory is there, be it one that can be written anew or not. */
  hasSecond: boolean;
}

function* blockReading(length: number): Reading<Block | undefined> {
  const header = yield* headerOf();
  if (!header || header.big) return undefined;
  const limits = limitsOf(length);
  const first = yield* directoryAt(header.first, header, limits);
  const second = first?.next ? yield* directoryAt(first.next, header, limits) : undefined;
  if (limits.beyond) return undefined;
  if (second) {
    for (const [offsetTag, lengthTag] of [
      [JPEG_OFFSET, JPEG_LENGTH],
      [STRIP_OFFSET, STRIP_LENGTH],
    ]) {
      const [offset, length] = [fieldOf(second, offsetTag), fieldOf(second, lengthTag)];
      if (!offset || !length || offset.count !== 1 || length.count !== 1) continue;
      const [from, size] = [numbersOf(offset, header.little)[0], numbersOf(length, header.little)[0]];
      const image = yield [from ?? 0, size ?? 0];
      if (image.length > 0 && image.length === size) Object.assign(offset, { type: 4, value: new Uint8Array(4), image });
    }
  }
  const whole = second?.fields.some(({ image }) => image) && !fieldOf(second, SUB_DIRECTORIES);
  return first && { little: header.little, first, thumbnail: whole ? second : undefined, hasSecond: first.next !== 0 };
}

/**
 * The directories of a block without `Exif\0\0`, or undefined where it can't be read. Nor can one be whose fields take much more bytes
 * than it has, since all of them are laid out anew: a small one would become one of hundreds of megabytes.
 */
export const readBlock = (tiff: Uint8Array): Block | undefined => readNow(blockReading(tiff.length), tiff);

/** The directory and those below it without some fields. */
const without = (directory: Directory, gone: ReadonlySet<Field>): Directory => ({
  ...directory,
  fields: directory.fields
    .filter((field) => !gone.has(field))
    .map((field) => (field.directory ? { ...field, directory: without(field.directory, gone) } : field)),
});

const even = (length: number): number => length + (length & 1);

/**
 * Makes a block fit into a number of bytes by leaving out its largest parts: the thumbnail first, then the maker's note, then the
 * largest values. Of the first two what fits in the end is kept after all.
 *
 * The block is laid out anew. A maker's note stays at its offset, since most hold offsets that count from the block's start; where
 * it can't, and is not known to count from its own start, it goes.
 *
 * @param exif the block, with or without `Exif\0\0`; it comes back alike
 * @param most bytes that it may have
 * @returns the block and the names of what was left out, or undefined where it can't be read or can't be made to fit
 */
export function fittedExif(exif: Uint8Array, most: number): { exif: Uint8Array; dropped: string[] } | undefined {
  if (exif.length <= most) return { exif, dropped: [] };
  const tiff = withoutExifPrefix(exif);
  const prefix = exif.subarray(0, exif.length - tiff.length);
  const room = most - prefix.length;
  const block = readBlock(tiff);
  if (!block) return undefined;
  const { little, first, thumbnail, hasSecond } = block;
  const fields = directoriesOf(first).flatMap((directory) => directory.fields);
  const note = fields.find(({ tag }) => tag === MAKER_NOTE);
  // Offsets of pictures in directories of their own lead nowhere once all is laid out anew.
  const gone = new Set(fields.filter(({ tag }) => tag === SUB_DIRECTORIES || tag === JPEG_OFFSET || tag === JPEG_LENGTH));
  const stays = note && (isMovable(note) || note.value.length <= 4 || (note.place >= 8 && note.place + note.value.length <= room));
  if (note && !stays) gone.add(note);
  let small = !thumbnail;
  const lay = (): Uint8Array => {
    const fixed = note && !gone.has(note) && !isMovable(note) && note.value.length > 4 ? note : undefined;
    return blockOf({ first: without(first, gone), next: small ? undefined : thumbnail, little, fixed });
  };
  let result = lay();
  if (result.length > room && !small) {
    small = true;
    result = lay();
  }
  if (result.length > room && note) {
    gone.add(note);
    result = lay();
  }
  let length = result.length;
  const largest = fields.filter((field) => !field.directory && !gone.has(field)).sort((a, b) => b.value.length - a.value.length);
  for (const field of largest) {
    if (length <= room) break;
    gone.add(field);
    length -= 12 + (field.value.length > 4 ? even(field.value.length) : 0);
  }
  if (length > room) return undefined;
  result = lay();
  if (note && stays && gone.delete(note)) {
    const more = lay();
    if (more.length <= room) result = more;
    else gone.add(note);
  }
  if (small && thumbnail) {
    small = false;
    const more = lay();
    if (more.length <= room) result = more;
    else small = true;
  }
  const names = [...gone].filter(({ tag }) => tag !== JPEG_LENGTH).map(({ tag }) => (tag === JPEG_OFFSET ? 'preview' : nameOf(tag)));
  const dropped = [...(hasSecond && small ? ['thumbnail'] : []), ...names];
  return { exif: prefix.length > 0 ? withExifPrefix(result) : result, dropped: [...new Set(dropped)] };
}
