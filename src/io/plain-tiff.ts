import { viewOf } from './containers/bytes';
import { type ReadAt, tiffTags } from './exif';

/** Pixels as they lie in a file: row after row, nothing between them, values of 16 bits in this machine's order. */
export interface PlainLayout {
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
  bits: 8 | 16;
}

// What decoders hold of a file at a time: a strip.
const ROWS_PER_STRIP = 128;
const BIG_TIFF = 43;
const [SHORT, LONG, LONG8] = [3, 4, 16];

/** Whether this machine, and so whatever is in its memory or written by it, has the low byte first. */
const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The beginning of a TIFF of plain pixels, which are to follow it: BigTIFF, so that they may be more than 4 GB.
 *
 * Why no library: sharp writes such files of pictures that it has in memory alone, and no other library is at hand.
 */
export function plainTiffStart({ width, height, channels, bits }: PlainLayout): Uint8Array {
  const row = (width * channels * bits) / 8;
  const strips = Math.ceil(height / ROWS_PER_STRIP);
  const rowsOf = (strip: number) => Math.min(ROWS_PER_STRIP, height - strip * ROWS_PER_STRIP);
  const each = (value: number) => new Array<number>(channels).fill(value);
  const numbers = (of: (strip: number) => number) => Array.from({ length: strips }, (_, strip) => of(strip));
  const tags: [tag: number, type: number, values: number[]][] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, each(bits)],
    [259, SHORT, [1]],
    [262, SHORT, [channels < 3 ? 1 : 2]],
    [273, LONG8, numbers(() => 0)],
    [277, SHORT, [channels]],
    [278, LONG, [ROWS_PER_STRIP]],
    [279, LONG8, numbers((strip) => rowsOf(strip) * row)],
    [284, SHORT, [1]],
    ...(channels % 2 === 0 ? [[338, SHORT, [2]] as [number, number, number[]]] : []),
    [339, SHORT, each(1)],
  ];
  // Two of the lists, of 8 bytes for each strip, stand behind the directory.
  const directory = 16 + 8 + 20 * tags.length + 8;
  const start = Math.ceil((directory + 2 * 8 * strips) / 16) * 16;
  const bytes = new Uint8Array(start);
  const view = viewOf(bytes);
  bytes.fill(isLittle ? 0x49 : 0x4d, 0, 2);
  view.setUint16(2, BIG_TIFF, isLittle);
  view.setUint16(4, 8, isLittle);
  view.setBigUint64(8, 16n, isLittle);
  view.setBigUint64(16, BigInt(tags.length), isLittle);
  let beyond = directory;
  for (const [n, [tag, type, values]] of tags.entries()) {
    const entry = 24 + 20 * n;
    view.setUint16(entry, tag, isLittle);
    view.setUint16(entry + 2, type, isLittle);
    view.setBigUint64(entry + 4, BigInt(values.length), isLittle);
    let at = entry + 12;
    if (type === LONG8 && values.length > 1) {
      view.setBigUint64(at, BigInt(beyond), isLittle);
      at = beyond;
      beyond += 8 * values.length;
    }
    for (const [strip, value] of values.entries()) {
      if (type === SHORT) view.setUint16(at + 2 * strip, value, isLittle);
      else if (type === LONG) view.setUint32(at, value, isLittle);
      else view.setBigUint64(at + 8 * strip, BigInt(tag === 273 ? start + strip * ROWS_PER_STRIP * row : value), isLittle);
    }
  }
  return bytes;
}

/**
 * Where the pixels of a TIFF begin, if they lie in it as plainly as a {@link PlainLayout} says; else undefined.
 *
 * @param read gives bytes of the file at an offset, fewer at its end
 */
export async function plainTiffPixels(read: ReadAt, { width, height, channels, bits }: PlainLayout): Promise<number | undefined> {
  const header = await read(0, 2);
  if (header[0] !== (isLittle ? 0x49 : 0x4d)) return undefined;
  const tags = await tiffTags(read, [256, 257, 258, 259, 273, 277, 278, 284, 339]);
  const numbersOf = (tag: number, count: number): number[] => {
    const value = tags.get(tag);
    if (!value) return [];
    const size = value.length / count;
    const view = viewOf(value);
    const at = (i: number) => {
      if (size === 2) return view.getUint16(2 * i, isLittle);
      if (size === 4) return view.getUint32(4 * i, isLittle);
      return size === 8 ? Number(view.getBigUint64(8 * i, isLittle)) : Number.NaN;
    };
    return Array.from({ length: count }, (_, i) => at(i));
  };
  const is = (tag: number, expected: number, count = 1) => numbersOf(tag, count).every((value) => value === expected);
  const said = [256, 257, 258, 259, 273, 278].every((tag) => tags.has(tag));
  if (!said || !is(256, width) || !is(257, height) || !is(258, bits, channels) || !is(259, 1) || !is(277, channels)) return undefined;
  if (!is(284, 1) || !is(339, 1, channels)) return undefined;
  const [rows] = numbersOf(278, 1);
  const offsets = numbersOf(273, Math.ceil(height / rows));
  const strip = (rows * width * channels * bits) / 8;
  return offsets.every((offset, n) => offset === offsets[0] + n * strip) ? offsets[0] : undefined;
}
