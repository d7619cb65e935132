import type { ColourDescription } from '../../picture';
import { fromClli, fromMdcv, fromNclx } from '../colour';
import { exifDensity } from '../exif';
import { type Box, boxesOf, contentOf, numbersOf } from './boxes';
import { charactersAt, joined, viewOf } from './bytes';
import { checkedSize, damaged, type Header } from './header';

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

/** The bytes of an item, which may lie in several places of the file. */
export function itemData(file: Uint8Array, meta: readonly Box[], wanted: number): Uint8Array | undefined {
  const box = contentOf(meta, 'iloc');
  if (!box) return undefined;
  const numbers = numbersOf(box);
  const version = numbers.next(4) >>> 24;
  const sizes = numbers.next(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version > 0 ? sizes & 15 : 0;
  const count = numbers.next(version < 2 ? 2 : 4);
  for (let i = 0; i < count; i++) {
    const id = numbers.next(version < 2 ? 2 : 4);
    const method = version > 0 ? numbers.next(2) & 15 : 0;
    numbers.next(2);
    const base = numbers.next(baseSize);
    const extents = numbers.next(2);
    // A place without numbers takes no bytes to name: there could be any number of them.
    if (extents > 1 && indexSize + offsetSize + lengthSize === 0) throw damaged('an item lies in more places than are said');
    const parts: Uint8Array[] = [];
    let total = 0;
    const from = method === 1 ? contentOf(meta, 'idat') : file;
    for (let extent = 0; extent < extents; extent++) {
      numbers.next(indexSize);
      const start = base + numbers.next(offsetSize);
      const length = numbers.next(lengthSize);
      total += length;
      if (method === 0 && (start + length > file.length || total > file.length)) throw damaged('the file ends too soon');
      if (id === wanted && from) parts.push(from.subarray(start, start + length));
    }
    if (id === wanted) return joined(parts);
  }
  return undefined;
}

/** The properties of an item, in their order. */
function propertiesOf(meta: readonly Box[], item: number): Box[] {
  const boxes = boxesOf(contentOf(meta, 'iprp') ?? new Uint8Array());
  const properties = boxesOf(contentOf(boxes, 'ipco') ?? new Uint8Array());
  for (const { type, content } of boxes) {
    if (type !== 'ipma') continue;
    const numbers = numbersOf(content);
    const head = numbers.next(4);
    const count = numbers.next(4);
    for (let i = 0; i < count; i++) {
      const id = numbers.next(head >>> 24 < 1 ? 2 : 4);
      const indices = Array.from({ length: numbers.next(1) }, () => ((head & 1) === 1 ? numbers.next(2) & 0x7fff : numbers.next(1) & 0x7f));
      if (id === item) return indices.flatMap((index) => properties[index - 1] ?? []);
    }
  }
  return [];
}

/** How many bytes the number of an item takes. */
export const idSize = (wide: boolean): 2 | 4 => (wide ? 4 : 2);

/** The number of the item that is the picture itself. */
export function primaryItem(meta: readonly Box[]): number {
  const content = contentOf(meta, 'pitm');
  return content ? numbersOf(content, 4).next(idSize(content[0] > 0)) : 0;
}

/** Whether an item holds alpha. */
export const isAlpha = (meta: readonly Box[], item: number): boolean =>
  propertiesOf(meta, item).some(({ type, content }) => type === 'auxC' && charactersAt(content, 4, 64).includes('alpha'));

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
function companionsOf(meta: readonly Box[], items: readonly [number, string][], properties: (item: number) => Box[], main: number): string[] {
  const names = new Set<string>();
  const references = contentOf(meta, 'iref');
  for (const { type, content } of references ? boxesOf(references.subarray(4)) : []) {
    const numbers = numbersOf(content);
    const size = references?.[0] === 0 ? 2 : 4;
    const from = numbers.next(size);
    const to = Array.from({ length: numbers.next(2) }, () => numbers.next(size));
    if (!to.includes(main)) continue;
    if (type === 'thmb') names.add('a thumbnail');
    const kind = contentOf(properties(from), 'auxC');
    const urn = kind ? charactersAt(kind, 4, 80).split('\0')[0] : '';
    if (type === 'auxl' && !urn.includes('alpha'))
      names.add(/depth/i.test(urn) ? 'a depth map' : /gain/i.test(urn) ? 'a gain map' : `an auxiliary picture (${urn})`);
  }
  if (items.some(([, kind]) => kind === 'tmap')) names.add('a gain map');
  return [...names];
}

/** Reads the header of an AVIF or HEIC: size of the main picture, alpha, and what the file carries. */
export function heifHeader(file: Uint8Array): Header {
  const boxes = boxesOf(file);
  const brands = contentOf(boxes, 'ftyp') ?? new Uint8Array();
  const avif = Array.from({ length: Math.min(64, brands.length >> 2) }, (_, i) => charactersAt(brands, 4 * i, 4)).some((brand) => /^avi[fs]$/.test(brand));
  const format = avif ? 'avif' : 'heic';
  const content = contentOf(boxes, 'meta');
  if (!content) throw damaged(`the ${format.toUpperCase()} has no header`);
  const meta = boxesOf(content.subarray(4));
  const main = primaryItem(meta);
  const properties = propertiesOf(meta, main);
  const size = contentOf(properties, 'ispe');
  if (!size || size.length < 12) throw damaged(`the ${format.toUpperCase()} does not say its size`);
  const profile = properties.find((box) => box.type === 'colr' && /^(prof|rICC)$/.test(charactersAt(box.content, 0, 4)));
  const all = boxesOf(contentOf(boxesOf(contentOf(meta, 'iprp') ?? new Uint8Array()), 'ipco') ?? new Uint8Array());
  const items = [...itemsOf(contentOf(meta, 'iinf'))];
  itemData(file, meta, main);
  const dataOf = (kind: RegExp) => {
    const item = items.find(([, type]) => kind.test(type));
    return item && itemData(file, meta, item[0]);
  };
  const exif = exifOf(dataOf(/^Exif$/));
  return {
    format,
    ...checkedSize(viewOf(size).getUint32(4), viewOf(size).getUint32(8)),
    grey: false,
    alpha: all.some((box) => box.type === 'auxC' && charactersAt(box.content, 4, 64).includes('alpha')),
    animated: boxes.some(({ type }) => type === 'moov'),
    metadata: {
      icc: profile?.content.slice(4),
      exif,
      xmp: dataOf(XMP),
      density: exif && exifDensity(exif),
      colour: colourOf(properties, profile !== undefined),
    },
    left: items.flatMap(([, kind]) => (/^(mime|uri )/.test(kind) && !XMP.test(kind) ? [`the item ${kind.slice(4) || kind}`] : [])),
    lost: companionsOf(meta, items, (item) => propertiesOf(meta, item), main),
  };
}
