import { type Box, boxesOf, boxesOfFile, boxWith, contentOf } from './boxes';
import { bytesOf, joined, numberBytes, viewOf } from './bytes';
import { associationsOf, idSize, primaryItem, propertiesOf, propertyOf, referencesOf, saysAlpha, withAssociations } from './heif';

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

const headerOf = (file: Uint8Array) => contentOf(boxesOfFile(file), 'meta');

/** The item that holds the alpha of the main picture, and whether the colours are multiplied by it; undefined where there is none. */
function alphaItem(meta: readonly Box[]): { item: number; premultiplied: boolean } | undefined {
  const main = primaryItem(meta);
  const properties = propertiesOf(meta);
  const references = referencesOf(meta);
  const item = references.find(({ type, from, to }) => type === 'auxl' && to.includes(main) && saysAlpha(properties.of(from)))?.from;
  if (item === undefined) return undefined;
  return { item, premultiplied: references.some(({ type, from, to }) => type === 'prem' && from === main && to.includes(item)) };
}

/** `ipma`, the list of the items' properties, with the turns of one item given to another that has none. */
function turnedAlike(ipma: Uint8Array, properties: readonly Box[], from: number, to: number): Uint8Array {
  const { size, items } = associationsOf(ipma);
  const isTurn = (index: number) => TURNS.test(properties[propertyOf(index, size) - 1]?.type ?? '');
  const turnsOf = (wanted: number) => items.flatMap(({ id, indices }) => (id === wanted ? indices.filter(isTurn) : []));
  const untold = turnsOf(to).length === 0 ? items.find(({ id }) => id === to) : undefined;
  if (untold) untold.indices = untold.indices.concat(turnsOf(from));
  return withAssociations(ipma, { size, items });
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
function withHeader(file: Uint8Array, boxes: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = boxesOfFile(file);
  const old = all.find(({ type }) => type === 'meta')!;
  const last = all.at(-1)!;
  // Behind bytes that are no box, nobody would find the header.
  const end = last.content.byteOffset + last.content.length - file.byteOffset;
  const whole = joined([file.subarray(0, end), boxWith('meta', joined([old.content.subarray(0, 4), boxes]))]);
  // A size of 0 means that a box goes on to the end of the file, which is no longer there.
  if (viewOf(file).getUint32(last.start) === 0) whole.set(numberBytes(end - last.start, 4), last.start);
  whole.set(bytesOf('free'), old.start + 4);
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
    const { all } = propertiesOf(meta);
    return changed(box.content, ({ type, content }) => (type === 'ipma' ? turnedAlike(content, all, main, found.item) : content));
  };
  return {
    colours: withHeader(file, changed(header.subarray(4), untied)),
    alpha: withHeader(file, changed(header.subarray(4), shown)),
    premultiplied: found.premultiplied,
  };
}
