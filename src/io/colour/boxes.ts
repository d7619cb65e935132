import { bytesOf, charactersAt, joined, viewOf } from '../containers/bytes';
import { meaningOf } from './code-points';
import type { CodePoints } from './description';

/**
 * Reads the content of an AVIF's or HEIC's `colr` box of the kind `nclx`.
 *
 * Of pictures without a matrix (0) the range is given as full: their decoder has widened the numbers to it, as it does for all others.
 * @returns the code points; undefined where the box is of another kind or too short
 */
export function fromNclx(content: Uint8Array): CodePoints | undefined {
  if (content.length < 11 || charactersAt(content, 0, 4) !== 'nclx') return undefined;
  const view = viewOf(content);
  const matrix = view.getUint16(8);
  return { primaries: view.getUint16(4), transfer: view.getUint16(6), matrix, fullRange: matrix === 0 || (content[10] & 0x80) !== 0, source: 'nclx' };
}

/** Whether a box says to viewers what the code points say where they come from. */
function boxSays(codePoints: CodePoints): boolean {
  if (codePoints.source === 'nclx') return true;
  const here = meaningOf(codePoints);
  if (!here || here === 'unspecified') return false;
  if (here === 'hdr') return true;
  const there = meaningOf({ ...codePoints, source: 'nclx' });
  return typeof there === 'object' && there.curve === here.curve;
}

/**
 * The content of a `colr` box of the kind `nclx`.
 * @param stored the content that the encoder wrote: its matrix and range belong to how it stored the pixels, and stay
 * @returns the content; undefined where viewers would take it for something else than the code points mean where they come from, a PNG:
 *   the equal profile says it then
 */
export function toNclx(codePoints: CodePoints, stored?: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (!boxSays(codePoints)) return undefined;
  const { primaries, transfer, matrix, fullRange } = codePoints;
  const content = bytesOf('nclx\0\0\0\0\0\0\0');
  const view = viewOf(content);
  view.setUint16(8, matrix);
  content[10] = fullRange ? 0x80 : 0;
  if (stored && stored.length >= 11) content.set(stored.subarray(8, 11), 8);
  view.setUint16(4, primaries);
  view.setUint16(6, transfer);
  return content;
}

// The mastering display is stored in the same units in both files, but for the order of its primaries: red, green, blue in a PNG, green,
// blue, red in a box, as in the message of H.265 that it comes from.

/** A PNG's mDCV from the content of an `mdcv` box; undefined where it is too short. */
export function fromMdcv(content: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (content.length < 24) return undefined;
  return joined([content.subarray(8, 12), content.subarray(0, 8), content.subarray(12, 24)]);
}

/** The content of an `mdcv` box from a PNG's mDCV of 24 bytes. */
export const toMdcv = (display: Uint8Array): Uint8Array<ArrayBuffer> => joined([display.subarray(4, 12), display.subarray(0, 4), display.subarray(12, 24)]);

/** A PNG counts light in ten-thousandths of a candela per square metre, a box in whole ones. */
const PER_CANDELA = 10000;

/** A PNG's cLLI from the content of a `clli` box; undefined where it is too short. */
export function fromClli(content: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (content.length < 4) return undefined;
  const light = new Uint8Array(8);
  for (const i of [0, 1]) viewOf(light).setUint32(4 * i, viewOf(content).getUint16(2 * i) * PER_CANDELA);
  return light;
}

/** The content of a `clli` box from a PNG's cLLI of 8 bytes. */
export function toClli(light: Uint8Array): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(4);
  for (const i of [0, 1]) {
    const stored = viewOf(light).getUint32(4 * i);
    // 0 means unknown, so a little light must not become none.
    const candelas = stored === 0 ? 0 : Math.max(1, Math.round(stored / PER_CANDELA));
    viewOf(content).setUint16(2 * i, Math.min(65535, candelas));
  }
  return content;
}
