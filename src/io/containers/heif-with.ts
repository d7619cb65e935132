import { toClli, toMdcv, toNclx } from '../colour';
import { type Box, boxesOf, contentOf, numbersOf } from './boxes';
import { bytesOf, joined, viewOf } from './bytes';
import type { Cargo } from './header';
import { itemData, itemsOf } from './heif';

const box = (type: string, ...content: Uint8Array[]): Uint8Array => {
  const whole = joined([new Uint8Array(4), bytesOf(type), ...content]);
  viewOf(whole).setUint32(0, whole.length);
  return whole;
};

const number = (value: number, bytes: 2 | 4): Uint8Array => Uint8Array.from({ length: bytes }, (_, i) => value >>> (8 * (bytes - 1 - i)));

/** The properties with some more behind them, which belong to the main picture. */
function withProperties(iprp: Uint8Array, main: number, more: readonly Uint8Array[]): Uint8Array {
  const boxes = boxesOf(iprp);
  const ipco = contentOf(boxes, 'ipco') ?? new Uint8Array();
  const first = boxesOf(ipco).length + 1;
  const ipma = contentOf(boxes, 'ipma') ?? new Uint8Array(8);
  const numbers = numbersOf(ipma);
  const head = numbers.next(4);
  const [idSize, wide] = [head >>> 24 < 1 ? 2 : 4, (head & 1) === 1] as const;
  const rows = Array.from({ length: numbers.next(4) }, () => {
    const id = numbers.next(idSize);
    const count = numbers.next(1);
    const start = numbers.at();
    for (let i = 0; i < count; i++) numbers.next(wide ? 2 : 1);
    const added = id === main ? more.map((_, i) => (wide ? number(first + i, 2) : Uint8Array.of(first + i))) : [];
    return joined([number(id, idSize), Uint8Array.of(count + added.length), ipma.subarray(start, numbers.at()), ...added]);
  });
  return box('iprp', box('ipco', ipco, ...more), box('ipma', ipma.subarray(0, 8), ...rows));
}

/** The properties that say the same as a profile and a description of colour. */
function colourProperties({ icc, colour: { codePoints, masteringDisplay, contentLight } = {} }: Cargo): Uint8Array[] {
  // How the pixels are stored stays what it is where a file says nothing of it: BT.601 in full range.
  const nclx = codePoints && toNclx({ ...codePoints, matrix: 6, fullRange: true });
  return [
    ...(icc ? [box('colr', bytesOf('prof'), icc)] : []),
    ...(nclx ? [box('colr', nclx)] : []),
    ...(masteringDisplay ? [box('mdcv', toMdcv(masteringDisplay))] : []),
    ...(contentLight ? [box('clli', toClli(contentLight))] : []),
  ];
}

/**
 * An AVIF as the encoder wrote it, with an EXIF block byte for byte in the place of the encoder's own version of it, and what is said
 * of its colours, of which the encoder was told nothing. The file is laid out anew: its items follow one another behind the header.
 */
export function heifWith(file: Uint8Array, cargo: Cargo): Uint8Array[] {
  const boxes = boxesOf(file);
  const ftyp = contentOf(boxes, 'ftyp') ?? new Uint8Array();
  const content = contentOf(boxes, 'meta') ?? new Uint8Array(4);
  const meta = boxesOf(content.subarray(4));
  const main = numbersOf(contentOf(meta, 'pitm') ?? new Uint8Array(6), 4).next(2);
  const items = [...itemsOf(contentOf(meta, 'iinf'))];
  const data = items.map(([id, kind]) =>
    kind === 'Exif' && cargo.exif ? joined([new Uint8Array(4), cargo.exif]) : (itemData(file, meta, id) ?? new Uint8Array()),
  );
  const properties = colourProperties(cargo);
  /** The header, for a place where the items begin. */
  const headFor = (start: number): Uint8Array => {
    let at = start;
    const places = items.map(([id], i) => {
      const place = joined([number(id, 2), number(0, 2), number(1, 2), number(at, 4), number(data[i].length, 4)]);
      at += data[i].length;
      return place;
    });
    const iloc = box('iloc', Uint8Array.of(0, 0, 0, 0, 0x44, 0), number(items.length, 2), ...places);
    const rewritten = (of: Box) => {
      if (of.type === 'iloc') return iloc;
      return of.type === 'iprp' && properties.length > 0 ? withProperties(of.content, main, properties) : box(of.type, of.content);
    };
    return joined([box('ftyp', ftyp), box('meta', content.subarray(0, 4), ...meta.map(rewritten)), number(8 + at - start, 4), bytesOf('mdat')]);
  };
  return [headFor(headFor(0).length), ...data];
}
