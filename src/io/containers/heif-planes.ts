import { type Box, boxesOf, boxWith, contentOf, numbersOf } from './boxes';
import { bytesOf, charactersAt, joined, numberBytes, viewOf } from './bytes';
import { damaged } from './header';
import { idSize, isAlpha, primaryItem } from './heif';

/** The parts of a picture with alpha, each as a file that a decoder reads as an opaque picture. */
export interface Planes {
  /** The colours, as they are stored. */
  colours: Uint8Array<ArrayBuffer>;
  /** The alpha, as grey. */
  alpha: Uint8Array<ArrayBuffer>;
  /** Whether the stored colours are multiplied by alpha. */
  premultiplied: boolean;
}

/** How a decoded item is cut and turned. Some writers say so of the colours alone, though it holds for alpha, too. */
const TURNS = /^(clap|irot|imir)$/;

const headerOf = (file: Uint8Array) => contentOf(boxesOf(file), 'meta');

/** Whose reference this is, and whose items it points at. */
function endsOf(reference: Uint8Array, size: number): { from: number; to: number[] } {
  const numbers = numbersOf(reference);
  const from = numbers.next(size);
  const count = numbers.next(2);
  if (numbers.at() + count * size > reference.length) throw damaged('a reference is cut short');
  return { from, to: Array.from({ length: count }, () => numbers.next(size)) };
}

/** The item that holds the alpha of the main picture, and whether the colours are multiplied by it; undefined where there is none. */
function alphaItem(meta: readonly Box[]): { item: number; premultiplied: boolean } | undefined {
  const main = primaryItem(meta);
  const references = contentOf(meta, 'iref') ?? new Uint8Array(4);
  const size = idSize(references[0] > 0);
  const ends = boxesOf(references.subarray(4)).map(({ type, content }) => ({ type, ...endsOf(content, size) }));
  const item = ends.find(({ type, from, to }) => type === 'auxl' && to.includes(main) && isAlpha(meta, from))?.from;
  if (item === undefined) return undefined;
  return { item, premultiplied: ends.some(({ type, from, to }) => type === 'prem' && from === main && to.includes(item)) };
}

/** `ipma`, the list of the items' properties, with the turns of one item given to another that has none. */
function turnedAlike(ipma: Uint8Array, properties: readonly Box[], from: number, to: number): Uint8Array {
  const numbers = numbersOf(ipma, 4);
  const count = numbers.next(4);
  const ids = idSize(ipma[0] > 0);
  const bits = (ipma[3] & 1) === 1 ? 15 : 7;
  const items: { id: number; indices: number[] }[] = [];
  for (let i = 0; i < count; i++) {
    items.push({ id: numbers.next(ids), indices: Array.from({ length: numbers.next(1) }, () => numbers.next((bits + 1) / 8)) });
  }
  // The highest bit says that a reader must know the property.
  const isTurn = (index: number) => TURNS.test(properties[(index & (2 ** bits - 1)) - 1]?.type ?? '');
  const turnsOf = (wanted: number) => items.flatMap(({ id, indices }) => (id === wanted ? indices.filter(isTurn) : []));
  const untold = turnsOf(to).length === 0 ? items.find(({ id }) => id === to) : undefined;
  if (untold) untold.indices = untold.indices.concat(turnsOf(from));
  return joined([
    ipma.subarray(0, 8),
    ...items.flatMap(({ id, indices }) => [
      numberBytes(id, ids),
      numberBytes(indices.length, 1),
      ...indices.map((index) => numberBytes(index, (bits + 1) / 8)),
    ]),
  ]);
}

/** The content with each of its boxes replaced by what `change` makes of it, or left out. */
const changed = (content: Uint8Array, change: (box: Box) => Uint8Array | undefined): Uint8Array =>
  joined(
    boxesOf(content).flatMap((box) => {
      const now = change(box);
      return now ? [boxWith(box.type, now)] : [];
    }),
  );

/** The file with another header, which goes to its end, lest anything moves that the header points at. */
function withHeader(file: Uint8Array, old: Uint8Array, boxes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = joined([file, boxWith('meta', joined([old.subarray(0, 4), boxes]))]);
  const start = old.byteOffset - file.byteOffset;
  // A size of 0 means that a box goes on to the end of the file, which is no longer there.
  const last = boxesOf(file).at(-1)!.content.byteOffset - file.byteOffset - 8;
  if (viewOf(file).getUint32(last) === 0) whole.set(numberBytes(file.length - last, 4), last);
  whole.set(bytesOf('free'), charactersAt(file, start - 4, 4) === 'meta' ? start - 4 : start - 12);
  return whole;
}

/** Whether an AVIF's or HEIC's colours are stored multiplied by its alpha. */
export function isPremultiplied(file: Uint8Array): boolean {
  const header = headerOf(file);
  return header !== undefined && alphaItem(boxesOf(header.subarray(4)))?.premultiplied === true;
}

/**
 * Takes an AVIF or HEIC with alpha apart into a file that shows its colours, and one that shows its alpha as grey. Nothing is decoded.
 *
 * @returns undefined where there is no alpha
 */
export function heifPlanes(file: Uint8Array): Planes | undefined {
  const header = headerOf(file);
  const meta = header && boxesOf(header.subarray(4));
  const found = meta && alphaItem(meta);
  if (!header || !found) return undefined;
  const main = primaryItem(meta);
  const untied = ({ type, content }: Box): Uint8Array =>
    type === 'iref'
      ? joined([content.subarray(0, 4), changed(content.subarray(4), (box) => (/^(auxl|prem)$/.test(box.type) ? undefined : box.content))])
      : content;
  const shown = (box: Box): Uint8Array => {
    if (box.type === 'pitm') return joined([box.content.subarray(0, 4), numberBytes(found.item, idSize(box.content[0] > 0))]);
    if (box.type !== 'iprp') return untied(box);
    const properties = boxesOf(contentOf(boxesOf(box.content), 'ipco') ?? new Uint8Array());
    return changed(box.content, ({ type, content }) => (type === 'ipma' ? turnedAlike(content, properties, main, found.item) : content));
  };
  return {
    colours: withHeader(file, header, changed(header.subarray(4), untied)),
    alpha: withHeader(file, header, changed(header.subarray(4), shown)),
    premultiplied: found.premultiplied,
  };
}
