import { bytesOf, charactersAt, joined, viewOf } from './containers/bytes';

// Matrix profiles: a linear map from RGB to XYZ under D50, and one curve for all three channels.

/** Columns of the map of Display P3, adapted to D50, as its profile by Apple and the ICC's registry have them. */
const DISPLAY_P3 = { rXYZ: [0.51512, 0.2412, -0.00105], gXYZ: [0.29198, 0.69225, 0.04189], bXYZ: [0.1571, 0.06657, 0.78407] } as const;
const SRGB = { rXYZ: [0.43607, 0.22249, 0.01392], gXYZ: [0.38515, 0.71687, 0.09708], bXYZ: [0.14307, 0.06061, 0.7141] } as const;
const D50 = [0.9642, 1, 0.8249];

type Primaries = Record<'rXYZ' | 'gXYZ' | 'bXYZ', readonly number[]>;

function tag(type: string, ...numbers: number[]): Uint8Array {
  const content = new Uint8Array(8 + 4 * numbers.length);
  content.set(bytesOf(type));
  numbers.forEach((value, i) => {
    viewOf(content).setInt32(8 + 4 * i, Math.round(value * 65536));
  });
  return content;
}

/** Text as version 4 stores it: one English record in UTF-16. */
function textTag(text: string): Uint8Array {
  const content = new Uint8Array(28 + 2 * text.length + (text.length % 2) * 2);
  content.set(bytesOf('mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS'));
  const view = viewOf(content);
  view.setUint32(20, 2 * text.length);
  view.setUint32(24, 28);
  for (let i = 0; i < text.length; i++) view.setUint16(28 + 2 * i, text.charCodeAt(i));
  return content;
}

/** The curve of sRGB, which Display P3 has too, as a parametric one of type 3. */
function curveTag(): Uint8Array {
  const curve = tag('para', 0, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045);
  viewOf(curve).setUint16(8, 3);
  return curve;
}

function profile(name: string, primaries: Primaries): Uint8Array<ArrayBuffer> {
  const curve = curveTag();
  const tags: [string, Uint8Array][] = [
    ['desc', textTag(name)],
    ['cprt', textTag('No copyright')],
    ['wtpt', tag('XYZ ', ...D50)],
    ['rXYZ', tag('XYZ ', ...primaries.rXYZ)],
    ['gXYZ', tag('XYZ ', ...primaries.gXYZ)],
    ['bXYZ', tag('XYZ ', ...primaries.bXYZ)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ];
  const contents = [...new Set(tags.map(([, content]) => content))];
  const table = new Uint8Array(132 + 12 * tags.length);
  const offsets = new Map<Uint8Array, number>();
  let end = table.length;
  for (const content of contents) {
    offsets.set(content, end);
    end += content.length;
  }
  const view = viewOf(table);
  table.set(bytesOf('mntrRGB XYZ '), 12);
  table.set(bytesOf('acsp'), 36);
  view.setUint32(0, end);
  view.setUint32(8, 0x04000000);
  [2026, 1, 1].forEach((value, i) => {
    view.setUint16(24 + 2 * i, value);
  });
  table.set(tag('', ...D50).subarray(8), 68);
  view.setUint32(128, tags.length);
  tags.forEach(([signature, content], i) => {
    table.set(bytesOf(signature), 132 + 12 * i);
    view.setUint32(136 + 12 * i, offsets.get(content) ?? 0);
    view.setUint32(140 + 12 * i, content.length);
  });
  return joined([table, ...contents]);
}

/** An ICC profile of Display P3, for pictures that come from a canvas in that colour space. */
export const displayP3Profile = (): Uint8Array<ArrayBuffer> => profile('Display P3', DISPLAY_P3);

/** A profile that no picture has: sRGB with red and blue exchanged. It tells whether a decoder converts colours. */
export const exchangedProfile = (): Uint8Array<ArrayBuffer> => profile('exchanged', { rXYZ: SRGB.bXYZ, gXYZ: SRGB.gXYZ, bXYZ: SRGB.rXYZ });

/** Whether a profile is one of grey levels. */
export const isGreyProfile = (icc: Uint8Array): boolean => charactersAt(icc, 16, 4) === 'GRAY';

/** Whether a profile's primaries are those of Display P3. Its curve is taken to be sRGB's, as theirs all are. */
export function isDisplayP3(icc: Uint8Array): boolean {
  if (icc.length < 132) return false;
  const view = viewOf(icc);
  const found = new Map<string, number>();
  for (let i = 0, at = 132; i < Math.min(100, view.getUint32(128)) && at + 12 <= icc.length; i++, at += 12) {
    found.set(charactersAt(icc, at, 4), view.getUint32(at + 4));
  }
  return Object.entries(DISPLAY_P3).every(([signature, column]) => {
    const at = found.get(signature);
    return at !== undefined && at + 20 <= icc.length && column.every((value, i) => Math.abs(view.getInt32(at + 8 + 4 * i) / 65536 - value) < 0.003);
  });
}
