import { type Curve, DISPLAY_P3_PRIMARIES, lightBy, SRGB_CURVE, SRGB_PRIMARIES } from './colour/code-points';
import type { Chromaticities } from './colour/description';
import { columnsOf, D50, type Matrix } from './colour/primaries';
import { bytesOf, charactersAt, joined, viewOf } from './containers/bytes';

// Profiles of version 4 by matrix and curve: a linear map from RGB to XYZ under D50, and one curve for all three channels; or a curve alone,
// of grey levels. Code points (the tag cicp) are left out: some viewers would go by them instead, and read the curves of video otherwise.
//
// Why no library: the package icc reads what profiles say of themselves. Here they are written, and asked what a canvas would make of them.

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

/** A parametric curve: of type 0 where it is an exponent alone, else of type 3. */
function curveTag(curve: Curve): Uint8Array {
  const content = tag('para', 0, ...curve);
  viewOf(content).setUint16(8, curve.length === 1 ? 0 : 3);
  return content;
}

/** A profile of a colour space, `RGB ` or `GRAY`, with these tags beside those that all have. */
function profile(space: string, name: string, adaptation: Matrix, own: [string, Uint8Array][]): Uint8Array<ArrayBuffer> {
  const tags: [string, Uint8Array][] = [
    ['desc', textTag(name)],
    ['cprt', textTag('No copyright')],
    ['wtpt', tag('XYZ ', ...D50)],
    ['chad', tag('sf32', ...adaptation.flat())],
    ...own,
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
  table.set(bytesOf(`mntr${space}XYZ `), 12);
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

function matrixProfile(name: string, [red, green, blue]: Matrix, curve: Curve, adaptation: Matrix): Uint8Array<ArrayBuffer> {
  const shared = curveTag(curve);
  return profile('RGB ', name, adaptation, [
    ['rXYZ', tag('XYZ ', ...red)],
    ['gXYZ', tag('XYZ ', ...green)],
    ['bXYZ', tag('XYZ ', ...blue)],
    ['rTRC', shared],
    ['gTRC', shared],
    ['bTRC', shared],
  ]);
}

/** A profile of RGB by a display's primaries and the curve from its numbers to light. */
export function displayProfile(name: string, chromaticities: Chromaticities, curve: Curve): Uint8Array<ArrayBuffer> {
  const { columns, adaptation } = columnsOf(chromaticities);
  return matrixProfile(name, columns, curve, adaptation);
}

/** A profile of a display's grey levels. */
export const greyProfile = (name: string, chromaticities: Chromaticities, curve: Curve): Uint8Array<ArrayBuffer> =>
  profile('GRAY', name, columnsOf(chromaticities).adaptation, [['kTRC', curveTag(curve)]]);

/** An ICC profile of Display P3, for pictures that come from a canvas in that colour space. */
export const displayP3Profile = (): Uint8Array<ArrayBuffer> => displayProfile('Display P3', DISPLAY_P3_PRIMARIES, SRGB_CURVE);

/** A profile that no picture has: sRGB with red and blue exchanged. It tells whether a decoder converts colours. */
export function exchangedProfile(): Uint8Array<ArrayBuffer> {
  const { columns, adaptation } = columnsOf(SRGB_PRIMARIES);
  return matrixProfile('exchanged', [columns[2], columns[1], columns[0]], SRGB_CURVE, adaptation);
}

/** Whether a profile is one of grey levels. */
export const isGreyProfile = (icc: Uint8Array): boolean => charactersAt(icc, 16, 4) === 'GRAY';

/** How a profile's curve, which stands at a place of it, turns numbers into light; undefined where it is of a kind that sRGB's never is. */
function curveAt(icc: Uint8Array, at: number): ((number: number) => number) | undefined {
  const content = icc.subarray(at);
  const [type, view] = [charactersAt(content, 0, 4), viewOf(content)];
  if (content.length < 12) return undefined;
  if (type === 'para') {
    // Exponent; with a straight part; and with something added to both parts, which is next to nothing where this is sRGB.
    const count = new Map([
      [0, 1],
      [3, 5],
      [4, 7],
    ]).get(view.getUint16(8));
    if (!count || content.length < 12 + 4 * count) return undefined;
    const numbers = Array.from({ length: count }, (_, i) => view.getInt32(12 + 4 * i) / 65536);
    return lightBy(numbers.slice(0, 5) as unknown as Curve);
  }
  const count = view.getUint32(8);
  if (type !== 'curv' || content.length < 12 + 2 * count) return undefined;
  if (count < 2) return lightBy([count === 0 ? 1 : view.getUint16(12) / 256]);
  return (x) => view.getUint16(12 + 2 * Math.round(x * (count - 1))) / 65535;
}

/** Which colour space of canvases a profile describes, by its primaries and its curve; undefined where it is another. */
export function canvasSpaceOf(icc: Uint8Array): 'srgb' | 'display-p3' | undefined {
  if (icc.length < 132) return undefined;
  const view = viewOf(icc);
  const found = new Map<string, number>();
  for (let i = 0, at = 132; i < Math.min(100, view.getUint32(128)) && at + 12 <= icc.length; i++, at += 12) {
    found.set(charactersAt(icc, at, 4), view.getUint32(at + 4));
  }
  const has = (primaries: Chromaticities): boolean =>
    ['rXYZ', 'gXYZ', 'bXYZ'].every((signature, i) => {
      const at = found.get(signature);
      const column = columnsOf(primaries).columns[i];
      return at !== undefined && at + 20 <= icc.length && column.every((value, j) => Math.abs(view.getInt32(at + 8 + 4 * j) / 65536 - value) < 0.003);
    });
  const space = has(DISPLAY_P3_PRIMARIES) ? 'display-p3' : has(SRGB_PRIMARIES) ? 'srgb' : undefined;
  // Both have sRGB's curve.
  const [curve, wanted] = [space && curveAt(icc, found.get('rTRC') ?? icc.length), lightBy(SRGB_CURVE)];
  return curve !== undefined && [0.02, 0.1, 0.25, 0.5, 0.75, 1].every((x) => Math.abs(curve(x) - wanted(x)) < 0.003) ? space : undefined;
}

/** Whether a profile is one of Display P3: by its primaries, and by its curve, which is sRGB's. */
export const isDisplayP3 = (icc: Uint8Array): boolean => canvasSpaceOf(icc) === 'display-p3';
