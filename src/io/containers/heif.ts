import type { ColourDescription } from '../../picture';
import { fromClli, fromMdcv, fromNclx } from '../colour';
import { exifDensity } from '../exif';
import { type Box, boxesOf, boxesOfFile, contentOf, numbersOf } from './boxes';
import { charactersAt, joined, numberBytes, viewOf } from './bytes';
import { checkedSize, damaged, type Header } from './header';
import { printable } from './texts';

// Why no library: mp4box, which is made for films, would be 41 kB gzipped of a page's bundle, for the few boxes of a still picture.

const XMP = /^mimeapplication\/rdf\+xml$/;

/** The items' types, and for plain data their media types, by number. */
export function itemsOf(box: Uint8Array | undefined): Map<number, string> {
  const items = new Map<number, string>();
  if (!box || box.length < 6) return items;
  for (const { type, content } of boxesOf(box.subarray(box[0] === 0 ? 6 : 8))) {
    if (type !== 'infe' || content.length < 12 || content[0] < 2) continue;
    const numbers = numbersOf(content, 4);
    const id = numbers.next(content[0] === 2 ? 2 : 4);
    numbers.next(2);
    const kind = charactersAt(content, numbers.at(), 4);
    // After the kind come a name and, for plain data, a media type: text that ends with a zero byte.
    const [, mediaType = ''] = kind === 'mime' ? charactersAt(content, numbers.at() + 4, 200).split('\0') : [];
    items.set(id, kind + mediaType);
  }
  return items;
}

/**
 * Shows each stretch of the file that belongs to an item, in order. They may overlap, but not make more than they are taken from.
 *
 * @returns how many bytes they are; undefined where there is no such item
 */
function eachPart(file: Uint8Array, meta: readonly Box[], wanted: number, use: (part: Uint8Array) => void): number | undefined {
  const box = contentOf(meta, 'iloc');
  if (!box) return undefined;
  const numbers = numbersOf(box);
  const version = numbers.next(4) >>> 24;
  const sizes = numbers.next(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version > 0 ? sizes & 15 : 0;
  const count = numbers.next(version < 2 ? 2 : 4);
  const inside = contentOf(meta, 'idat') ?? new Uint8Array();
  for (let i = 0; i < count; i++) {
    const id = numbers.next(version < 2 ? 2 : 4);
    const method = version > 0 ? numbers.next(2) & 15 : 0;
    numbers.next(2);
    const base = numbers.next(baseSize);
    const extents = numbers.next(2);
    // A place without numbers takes no bytes to name: there could be any number of them.
    if (extents > 1 && indexSize + offsetSize + lengthSize === 0) throw damaged('an item lies in more places than are said');
    // An item that is made of other items, which nobody writes for what is read here.
    if (id === wanted && method > 1) throw damaged('an item does not lie in the file itself');
    const from = method === 1 ? inside : file;
    let total = 0;
    for (let extent = 0; extent < extents; extent++) {
      numbers.next(indexSize);
      const start = base + numbers.next(offsetSize);
      const length = numbers.next(lengthSize);
      total += length;
      if (method < 2 && (start + length > from.length || total > from.length)) throw damaged('the file ends too soon');
      if (id === wanted) use(from.subarray(start, start + length));
    }
    if (id === wanted) return total;
  }
  return undefined;
}

/** The bytes of an item, which may lie in several places of the file. */
export function itemData(file: Uint8Array, meta: readonly Box[], wanted: number): Uint8Array | undefined {
  const length = eachPart(file, meta, wanted, () => {});
  if (length === undefined) return undefined;
  const data = new Uint8Array(length);
  let at = 0;
  eachPart(file, meta, wanted, (part) => {
    data.set(part, at);
    at += part.length;
  });
  return data;
}

/** How many bytes the number of an item takes. */
export const idSize = (wide: boolean): 2 | 4 => (wide ? 4 : 2);

/** `ipma`: which properties belong to which items. */
export interface Associations {
  /** How many bytes each number of a property takes. */
  size: 1 | 2;
  /** The properties' numbers, counted from 1. The highest bit says that a reader must know the property. */
  items: { id: number; indices: number[] }[];
}

/** Reads `ipma`. */
export function associationsOf(ipma: Uint8Array): Associations {
  const numbers = numbersOf(ipma);
  const head = numbers.next(4);
  const count = numbers.next(4);
  const size = (head & 1) === 1 ? 2 : 1;
  const items: Associations['items'] = [];
  for (let i = 0; i < count; i++) {
    const id = numbers.next(idSize(head >>> 24 > 0));
    items.push({ id, indices: Array.from({ length: numbers.next(1) }, () => numbers.next(size)) });
  }
  return { size, items };
}

/** `ipma` as it was, but for which properties belong to which items. */
export const withAssociations = (ipma: Uint8Array, { size, items }: Associations): Uint8Array =>
  joined([
    ipma.subarray(0, 8),
    ...items.flatMap(({ id, indices }) => [
      numberBytes(id, idSize(ipma[0] > 0)),
      numberBytes(indices.length, 1),
      ...indices.map((index) => numberBytes(index, size)),
    ]),
  ]);

/** The number of a property without the bit that says whether a reader must know it. */
export const propertyOf = (index: number, size: 1 | 2): number => index & (size === 2 ? 0x7fff : 0x7f);

/** All properties of a file, and those of each item, in their order. */
export interface Properties {
  all: Box[];
  of(item: number): Box[];
}

/** The items' properties. They are read once: a file may ask for them as often as it has references. */
export function propertiesOf(meta: readonly Box[]): Properties {
  const boxes = boxesOf(contentOf(meta, 'iprp') ?? new Uint8Array());
  const all = boxesOf(contentOf(boxes, 'ipco') ?? new Uint8Array());
  const byItem = new Map<number, number[]>();
  for (const { type, content } of boxes) {
    if (type !== 'ipma') continue;
    const { size, items } = associationsOf(content);
    for (const { id, indices } of items) {
      if (!byItem.has(id))
        byItem.set(
          id,
          indices.map((index) => propertyOf(index, size) - 1),
        );
    }
  }
  return { all, of: (item) => (byItem.get(item) ?? []).flatMap((place) => all[place] ?? []) };
}

/** The number of the item that is the picture itself. */
export function primaryItem(meta: readonly Box[]): number {
  const content = contentOf(meta, 'pitm');
  return content ? numbersOf(content, 4).next(idSize(content[0] > 0)) : 0;
}

/** That an item refers to others, and as what. */
export interface Reference {
  type: string;
  from: number;
  to: number[];
}

/** `iref`: which items refer to which. */
export function referencesOf(meta: readonly Box[]): Reference[] {
  const references = contentOf(meta, 'iref') ?? new Uint8Array(4);
  const size = idSize(references[0] > 0);
  return boxesOf(references.subarray(4)).map(({ type, content }) => {
    const numbers = numbersOf(content);
    const from = numbers.next(size);
    const count = numbers.next(2);
    if (numbers.at() + count * size > content.length) throw damaged('a reference is cut short');
    return { type, from, to: Array.from({ length: count }, () => numbers.next(size)) };
  });
}

/** Whether one of an item's properties says that it holds alpha. */
export const saysAlpha = (properties: readonly Box[]): boolean =>
  properties.some(({ type, content }) => type === 'auxC' && charactersAt(content, 4, 64).includes('alpha'));

/** EXIF begins with the number of bytes before its TIFF header. */
function exifOf(data: Uint8Array | undefined): Uint8Array | undefined {
  if (!data || data.length < 4) return undefined;
  const start = 4 + viewOf(data).getUint32(0);
  return start < data.length ? data.slice(start) : undefined;
}

/** Colour as the properties of the main picture describe it. */
function colourOf(properties: readonly Box[], hasProfile: boolean): ColourDescription | undefined {
  const content = (type: string) => contentOf(properties, type);
  const nclx = properties.find((box) => box.type === 'colr' && charactersAt(box.content, 0, 4) === 'nclx')?.content;
  const [mdcv, clli] = [content('mdcv'), content('clli')];
  const colour: ColourDescription = {
    // Beside a profile they only say how the pixels are stored.
    codePoints: nclx && !hasProfile ? fromNclx(nclx) : undefined,
    masteringDisplay: mdcv && fromMdcv(mdcv),
    contentLight: clli && fromClli(clli),
  };
  const said = Object.entries(colour).filter(([, value]) => value !== undefined);
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}

/** Pictures that refer to the main one: what they are to it, in words. */
function companionsOf(meta: readonly Box[], items: readonly [number, string][], properties: Properties, main: number): string[] {
  const names = new Set<string>();
  for (const { type, from, to } of referencesOf(meta)) {
    if (!to.includes(main)) continue;
    if (type === 'thmb') names.add('a thumbnail');
    if (type !== 'auxl') continue;
    const kind = contentOf(properties.of(from), 'auxC');
    const urn = kind ? charactersAt(kind, 4, 80).split('\0')[0] : '';
    if (urn.includes('alpha')) continue;
    names.add(/depth/i.test(urn) ? 'a depth map' : /gain/i.test(urn) ? 'a gain map' : `an auxiliary picture (${printable(urn)})`);
  }
  if (items.some(([, kind]) => kind === 'tmap')) names.add('a gain map');
  return [...names];
}

/** Reads the header of an AVIF or HEIC: size of the main picture, alpha, and what the file carries. */
export function heifHeader(file: Uint8Array): Header {
  const boxes = boxesOfFile(file);
  const brands = contentOf(boxes, 'ftyp') ?? new Uint8Array();
  const avif = Array.from({ length: Math.min(64, brands.length >> 2) }, (_, i) => charactersAt(brands, 4 * i, 4)).some((brand) => /^avi[fs]$/.test(brand));
  const format = avif ? 'avif' : 'heic';
  const content = contentOf(boxes, 'meta');
  if (!content) throw damaged(`the ${format.toUpperCase()} has no header`);
  const meta = boxesOf(content.subarray(4));
  const main = primaryItem(meta);
  const all = propertiesOf(meta);
  const properties = all.of(main);
  const size = contentOf(properties, 'ispe');
  if (!size || size.length < 12) throw damaged(`the ${format.toUpperCase()} does not say its size`);
  const profile = properties.find((box) => box.type === 'colr' && /^(prof|rICC)$/.test(charactersAt(box.content, 0, 4)));
  const items = [...itemsOf(contentOf(meta, 'iinf'))];
  // The pixels are all there, or this throws.
  eachPart(file, meta, main, () => {});
  const dataOf = (kind: RegExp) => {
    const item = items.find(([, type]) => kind.test(type));
    return item && itemData(file, meta, item[0]);
  };
  const exif = exifOf(dataOf(/^Exif$/));
  return {
    format,
    ...checkedSize(viewOf(size).getUint32(4), viewOf(size).getUint32(8)),
    grey: false,
    alpha: saysAlpha(all.all),
    animated: boxes.some(({ type }) => type === 'moov'),
    metadata: {
      icc: profile?.content.slice(4),
      exif,
      xmp: dataOf(XMP),
      density: exif && exifDensity(exif),
      colour: colourOf(properties, profile !== undefined),
    },
    left: items.flatMap(([, kind]) => (/^(mime|uri )/.test(kind) && !XMP.test(kind) ? [`the item ${printable(kind.slice(4) || kind)}`] : [])),
    lost: companionsOf(meta, items, all, main),
  };
}
