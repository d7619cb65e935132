import { viewOf } from '../containers/bytes';
import { asPngHolds } from './code-points';
import type { Chromaticities, CodePoints, ColourDescription } from './description';
import { areDisplays } from './primaries';

/** gAMA and cHRM count in hundred-thousandths. */
const UNIT = 100000;

const wordsOf = (content: Uint8Array): number[] => Array.from({ length: content.length >> 2 }, (_, i) => viewOf(content).getUint32(4 * i));

function fromWords(...values: number[]): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(4 * values.length);
  values.forEach((value, i) => {
    viewOf(content).setUint32(4 * i, Math.round(value));
  });
  return content;
}

function fromCicp(content: Uint8Array): CodePoints | undefined {
  const [primaries, transfer, matrix, range] = content;
  // Pixels of a PNG are RGB or grey: another matrix than none is nonsense there.
  return content.length === 4 && range <= 1 && matrix === 0 ? { primaries, transfer, matrix, fullRange: range === 1 } : undefined;
}

function fromGama(content: Uint8Array): number | undefined {
  return content.length === 4 && wordsOf(content)[0] > 0 ? wordsOf(content)[0] / UNIT : undefined;
}

function fromChrm(content: Uint8Array): Chromaticities | undefined {
  if (content.length !== 32) return undefined;
  const [wx, wy, rx, ry, gx, gy, bx, by] = wordsOf(content).map((value) => value / UNIT);
  const chromaticities: Chromaticities = { white: [wx, wy], red: [rx, ry], green: [gx, gy], blue: [bx, by] };
  return areDisplays(chromaticities) ? chromaticities : undefined;
}

const fromSrgb = (content: Uint8Array): ColourDescription['intent'] =>
  content.length === 1 && content[0] <= 3 ? (content[0] as ColourDescription['intent']) : undefined;

/** A display whose white is brighter than its black. */
function fromMdcv(content: Uint8Array): Uint8Array | undefined {
  return content.length === 24 && viewOf(content).getUint32(16) > viewOf(content).getUint32(20) ? content.slice() : undefined;
}

const fromClli = (content: Uint8Array): Uint8Array | undefined => (content.length === 8 ? content.slice() : undefined);

/**
 * Colour as a PNG's chunks describe it, cICP, sRGB, gAMA, cHRM, mDCV and cLLI. Those that make no sense are passed over: a gamma of
 * zero, primaries on a line, a wrong size.
 * @param get the content of the first chunk of a type
 * @returns the description; undefined where there is none
 * @see https://www.w3.org/TR/png-3/#11addnlcolinfo
 */
export function fromPngChunks(get: (type: string) => Uint8Array | undefined): ColourDescription | undefined {
  const read = <T>(type: string, parse: (content: Uint8Array) => T | undefined): T | undefined => {
    const content = get(type);
    return content && parse(content);
  };
  const colour: ColourDescription = {
    codePoints: read('cICP', fromCicp),
    gamma: read('gAMA', fromGama),
    chromaticities: read('cHRM', fromChrm),
    intent: read('sRGB', fromSrgb),
    masteringDisplay: read('mDCV', fromMdcv),
    contentLight: read('cLLI', fromClli),
  };
  const said = Object.entries(colour).filter(([, value]) => value !== undefined);
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}

/**
 * The chunks that describe colour in a PNG, which stand before its palette and its pixels. Code points of an AVIF become those that mean
 * the same in a PNG.
 * @returns types and contents, in the order to write them
 */
export function toPngChunks(colour: ColourDescription): [type: string, content: Uint8Array][] {
  const { gamma, chromaticities, intent, masteringDisplay, contentLight } = colour;
  const codePoints = colour.codePoints && asPngHolds(colour.codePoints);
  const chunks: [string, Uint8Array][] = [];
  if (codePoints && Math.max(codePoints.primaries, codePoints.transfer) < 256) {
    chunks.push(['cICP', Uint8Array.of(codePoints.primaries, codePoints.transfer, 0, codePoints.fullRange ? 1 : 0)]);
  }
  if (intent !== undefined) chunks.push(['sRGB', Uint8Array.of(intent)]);
  if (gamma !== undefined) chunks.push(['gAMA', fromWords(gamma * UNIT)]);
  if (chromaticities) {
    const { white, red, green, blue } = chromaticities;
    chunks.push(['cHRM', fromWords(...[white, red, green, blue].flat().map((value) => value * UNIT))]);
  }
  if (masteringDisplay) chunks.push(['mDCV', masteringDisplay]);
  if (contentLight) chunks.push(['cLLI', contentLight]);
  return chunks;
}
