import { toClli, toMdcv, toNclx } from '../colour';
import { type Box, boxesOf, boxesOfFile, boxWith, contentOf } from './boxes';
import { bytesOf, joined, numberBytes } from './bytes';
import type { Cargo } from './header';
import { associationsOf, itemData, itemsOf, primaryItem, withAssociations } from './heif';

/** The properties with some more behind them, which belong to the main picture. */
function withProperties(iprp: Uint8Array, main: number, more: readonly Uint8Array[]): Uint8Array {
  const boxes = boxesOf(iprp);
  const ipco = contentOf(boxes, 'ipco') ?? new Uint8Array();
  const first = boxesOf(ipco).length + 1;
  const ipma = contentOf(boxes, 'ipma') ?? new Uint8Array(8);
  const { size, items } = associationsOf(ipma);
  const added = more.map((_, i) => first + i);
  const associations = withAssociations(ipma, {
    size,
    items: items.map(({ id, indices }) => ({ id, indices: id === main ? indices.concat(added) : indices })),
  });
  return joined([boxWith('ipco', joined([ipco, ...more])), boxWith('ipma', associations)]);
}

/** The properties that say the same as a profile and a description of colour. */
function colourProperties({ icc, colour: { codePoints, masteringDisplay, contentLight } = {} }: Cargo): Uint8Array[] {
  // How the pixels are stored stays what it is where a file says nothing of it: BT.601 in full range.
  const nclx = codePoints && toNclx({ ...codePoints, matrix: 6, fullRange: true });
  return [
    ...(icc ? [boxWith('colr', joined([bytesOf('prof'), icc]))] : []),
    ...(nclx ? [boxWith('colr', nclx)] : []),
    ...(masteringDisplay ? [boxWith('mdcv', toMdcv(masteringDisplay))] : []),
    ...(contentLight ? [boxWith('clli', toClli(contentLight))] : []),
  ];
}

/**
 * An AVIF as the encoder wrote it, with an EXIF block byte for byte in the place of the encoder's own version of it, and what is said
 * of its colours, of which the encoder was told nothing. The file is laid out anew: its items follow one another behind the header.
 */
export function heifWith(file: Uint8Array, cargo: Cargo): Uint8Array[] {
  const boxes = boxesOfFile(file);
  const ftyp = contentOf(boxes, 'ftyp') ?? new Uint8Array();
  const content = contentOf(boxes, 'meta') ?? new Uint8Array(4);
  const meta = boxesOf(content.subarray(4));
  const main = primaryItem(meta);
  const items = [...itemsOf(contentOf(meta, 'iinf'))];
  const data = items.map(([id, kind]) =>
    kind === 'Exif' && cargo.exif ? joined([new Uint8Array(4), cargo.exif]) : (itemData(file, meta, id) ?? new Uint8Array()),
  );
  const properties = colourProperties(cargo);
  /** The header, for a place where the items begin. */
  const headFor = (start: number): Uint8Array => {
    let at = start;
    const places = items.map(([id], i) => {
      const place = joined([numberBytes(id, 2), numberBytes(0, 2), numberBytes(1, 2), numberBytes(at, 4), numberBytes(data[i].length, 4)]);
      at += data[i].length;
      return place;
    });
    const iloc = boxWith('iloc', joined([Uint8Array.of(0, 0, 0, 0, 0x44, 0), numberBytes(items.length, 2), ...places]));
    const rewritten = ({ type, content }: Box) => {
      if (type === 'iloc') return iloc;
      return boxWith(type, type === 'iprp' && properties.length > 0 ? withProperties(content, main, properties) : content);
    };
    return joined([
      boxWith('ftyp', ftyp),
      boxWith('meta', joined([content.subarray(0, 4), ...meta.map(rewritten)])),
      numberBytes(8 + at - start, 4),
      bytesOf('mdat'),
    ]);
  };
  return [headFor(headFor(0).length), ...data];
}
