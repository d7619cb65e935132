import type { Chromaticities, CodePoints } from './description';

/**
 * A curve from numbers to light, both 0 to 1, as ICC profiles hold it: one number is an exponent g, light = number^g; five are g, a, b, c
 * and d, light = (a number + b)^g from d on, and c number below.
 */
export type Curve = readonly [g: number] | readonly [g: number, a: number, b: number, c: number, d: number];

/** A curve as a function. */
export function lightBy([g, a = 1, b = 0, c = 0, d = 0]: Curve): (number: number) => number {
  return (x) => (x >= d ? (a * x + b) ** g : c * x);
}

/** Numbers that stand for light of these primaries by this curve. */
export interface Colorimetry {
  chromaticities: Chromaticities;
  curve: Curve;
}

const D65: [number, number] = [0.3127, 0.329];
const C: [number, number] = [0.31, 0.316];

const primaries = (white: [number, number], ...[rx, ry, gx, gy, bx, by]: number[]): Chromaticities => ({
  white,
  red: [rx, ry],
  green: [gx, gy],
  blue: [bx, by],
});

export const SRGB_PRIMARIES = primaries(D65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06);
export const DISPLAY_P3_PRIMARIES = primaries(D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06);
const SMPTE_C = primaries(D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07);

/** Primaries by their code point (H.273, table 2). */
const PRIMARIES = new Map<number, [name: string, Chromaticities]>([
  [1, ['BT.709', SRGB_PRIMARIES]],
  [4, ['BT.470 M', primaries(C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08)]],
  [5, ['BT.470 BG', primaries(D65, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06)]],
  [6, ['BT.601', SMPTE_C]],
  [7, ['SMPTE 240M', SMPTE_C]],
  [8, ['generic film', primaries(C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049)]],
  [9, ['BT.2020', primaries(D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046)]],
  [10, ['CIE XYZ', primaries([1 / 3, 1 / 3], 1, 0, 0, 1, 0, 0)]],
  [11, ['DCI-P3', primaries([0.314, 0.351], 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)]],
  [12, ['Display P3', DISPLAY_P3_PRIMARIES]],
  [22, ['EBU 3213', primaries(D65, 0.63, 0.34, 0.295, 0.605, 0.155, 0.077)]],
]);

export const SRGB_CURVE: Curve = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045];
/**
 * BT.709, 601 and 2020 say how a camera makes numbers of light. How a display makes light of them again, on purpose not the inverse, is
 * BT.1886; viewers go by that, with a black of no light.
 */
const BT_1886: Curve = [2.4];

/** The inverse of: number = 4 light below .0228..., and 1.1115... light^0.45 - 0.1115... from there on. */
const SMPTE_240M: Curve = [1 / 0.45, 1 / 1.111572195921731, 0.111572195921731 / 1.111572195921731, 1 / 4, 4 * 0.022821585529445];

/** Curves by their code point (H.273, table 3); those without are no curves that a profile of version 4 could hold. */
const TRANSFERS = new Map<number, [name: string, Curve?]>([
  [1, ['the curve of BT.709', BT_1886]],
  [4, ['gamma 2.2', [2.2]]],
  [5, ['gamma 2.8', [2.8]]],
  [6, ['the curve of BT.601', BT_1886]],
  [7, ['the curve of SMPTE 240M', SMPTE_240M]],
  [8, ['gamma 1 (linear)', [1]]],
  [9, ['a logarithm']],
  [10, ['a logarithm']],
  [11, ['the curve of xvYCC', BT_1886]],
  [12, ['the curve of BT.1361']],
  [13, ['the curve of sRGB', SRGB_CURVE]],
  [14, ['the curve of BT.2020', BT_1886]],
  [15, ['the curve of BT.2020', BT_1886]],
  [16, ['PQ']],
  // White of a cinema is not the largest number, but 48 of 52.37.
  [17, ['the curve of SMPTE 428', [2.6, (52.37 / 48) ** (1 / 2.6), 0, 0, 0]]],
  [18, ['HLG']],
]);

const UNSPECIFIED = 2;

/**
 * What code points mean: numbers by primaries and a curve; `'hdr'` for PQ and HLG, which no such curve says; `'unspecified'` where that
 * is left open; undefined for what is not known, or not used for pictures.
 */
export function meaningOf({ primaries, transfer, matrix, fullRange, source }: CodePoints): Colorimetry | 'hdr' | 'unspecified' | undefined {
  const box = source === 'nclx';
  // Numbers of RGB that use a part of the range only are a PNG's own; in all other cases the decoder widens them.
  if (!box && matrix === 0 && !fullRange) return undefined;
  if (!box && (primaries === UNSPECIFIED || transfer === UNSPECIFIED)) return 'unspecified';
  const chromaticities = box && primaries === UNSPECIFIED ? SRGB_PRIMARIES : PRIMARIES.get(primaries)?.[1];
  const curve = box && transfer === UNSPECIFIED ? SRGB_CURVE : TRANSFERS.get(transfer)?.[1];
  if (chromaticities && (transfer === 16 || transfer === 18)) return 'hdr';
  return chromaticities && curve && { chromaticities, curve: box && curve === BT_1886 ? SRGB_CURVE : curve };
}

/** The code points as a PNG has to hold them for the same meaning; undefined where an AVIF's leave all open. */
export function asPngHolds(codePoints: CodePoints): CodePoints | undefined {
  const { primaries, transfer, fullRange, source } = codePoints;
  if (source !== 'nclx') return { primaries, transfer, matrix: 0, fullRange };
  const meaning = meaningOf(codePoints);
  if (primaries === UNSPECIFIED && transfer === UNSPECIFIED) return undefined;
  const otherCurve = typeof meaning === 'object' && TRANSFERS.get(transfer)?.[1] !== meaning.curve;
  return { primaries: primaries === UNSPECIFIED ? 1 : primaries, transfer: otherCurve ? 13 : transfer, matrix: 0, fullRange: true };
}

/** Names of the code points, for messages. */
export function nameOfCodePoints({ primaries, transfer, fullRange }: CodePoints): string {
  const range = fullRange ? '' : ' in narrow range';
  if (transfer === 13 && primaries === 1) return `sRGB${range}`;
  if (transfer === 13 && primaries === 12) return `Display P3${range}`;
  const name = (table: Map<number, [string, ...unknown[]]>, code: number) =>
    table.get(code)?.[0] ?? (code === UNSPECIFIED ? 'unspecified' : `unknown (${code})`);
  const curve = name(TRANSFERS, transfer);
  return `${name(PRIMARIES, primaries)} primaries with ${TRANSFERS.has(transfer) ? curve : `a curve that is ${curve}`}${range}`;
}

/** The name of primaries that have a code point. */
export function nameOfPrimaries({ white, red, green, blue }: Chromaticities): string | undefined {
  const all = [...white, ...red, ...green, ...blue];
  const same = (other: Chromaticities) => [...other.white, ...other.red, ...other.green, ...other.blue].every((value, i) => Math.abs(value - all[i]) < 0.001);
  return [...PRIMARIES.values()].find(([, other]) => same(other))?.[0];
}
