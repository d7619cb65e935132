import { describe, expect, it } from 'vitest';
import { encodePicture } from '../../src/io/browser';
import { type ColourDescription, equalProfile, fromNclx, nameOfColour, toNclx, toPngChunks } from '../../src/io/colour';
import { joined } from '../../src/io/containers/bytes';
import { pngChunk } from '../../src/io/containers/png';
import type { Picture } from '../../src/picture';
import { largestDifference } from '../support/pictures';
import { bySharp } from './in-node';

// The browser's own colour management is what all must look the same to, before and after: here it converts to sRGB.

const COLOURS = [
  [255, 255, 255],
  [128, 128, 128],
  [200, 100, 50],
  [120, 140, 110],
  [60, 50, 70],
  [30, 34, 28],
  [10, 10, 10],
  [255, 0, 0],
  [0, 255, 0],
  [20, 30, 220],
];

/** A square of each colour, side by side. */
function squares(channels: 1 | 3): Picture {
  const [width, height] = [16 * COLOURS.length, 16];
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) data.set(COLOURS[((i % width) / 16) | 0].slice(0, channels), i * channels);
  return { width, height, channels, data };
}

const bytesIn = async (file: Blob): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

async function pngWith(chunks: [string, Uint8Array][], channels: 1 | 3): Promise<Blob> {
  const file = await bytesIn(await encodePicture(squares(channels), { format: 'png' }));
  // The signature and the header chunk take 33 bytes; what describes colour follows them.
  return new Blob([joined([file.subarray(0, 33), ...chunks.map(([type, content]) => pngChunk(type, content)), file.subarray(33)])], { type: 'image/png' });
}

const pngWithProfile = (icc: Uint8Array | undefined, channels: 1 | 3): Promise<Blob> =>
  encodePicture({ ...squares(channels), metadata: icc ? { icc } : {} }, { format: 'png' });

const avif = (async () => bytesIn(await bySharp(squares(3), ['avif', { lossless: true, chromaSubsampling: '4:4:4' }])))();

/** The AVIF with another box of code points. */
async function avifWith(change: (stored: Uint8Array) => Uint8Array): Promise<Blob> {
  const file = Uint8Array.from(await avif);
  const at = file.findIndex((_, i) => 'nclx'.split('').every((character, j) => file[i + j] === character.charCodeAt(0)));
  file.set(change(file.slice(at, at + 11)), at);
  return new Blob([file], { type: 'image/avif' });
}

/** The squares' colours as they are shown. */
async function shown(file: Blob): Promise<Uint8ClampedArray> {
  const bitmap = await createImageBitmap(file);
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 8, bitmap.width, 1);
  return data.filter((_, i) => ((i >> 2) & 15) === 8);
}

async function expectSameLook(here: Blob, there: Blob): Promise<void> {
  const [a, b] = [await shown(here), await shown(there)];
  expect(largestDifference(a, b), `${a}\n${b}`).toBeLessThanOrEqual(1);
}

const cicp = (primaries: number, transfer: number): ColourDescription => ({ codePoints: { primaries, transfer, matrix: 0, fullRange: true } });
const ADOBE: ColourDescription['chromaticities'] = { white: [0.3127, 0.329], red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06] };
const SRGB: ColourDescription['chromaticities'] = { white: [0.3127, 0.329], red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] };

const DESCRIPTIONS: ColourDescription[] = [
  ...[1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22].map((primaries) => cicp(primaries, 13)),
  ...[1, 4, 5, 6, 7, 8, 11, 14, 15, 17].map((transfer) => cicp(12, transfer)),
  cicp(10, 17),
  cicp(12, 2),
  cicp(2, 8),
  { ...cicp(2, 2), gamma: 1 },
  { ...cicp(200, 13), gamma: 1 },
  ...[0.45455, 0.432, 0.431, 0.477, 0.4775, 1, 0.5, 1 / 1.8].map((gamma) => ({ gamma })),
  { gamma: 0.45455, chromaticities: SRGB },
  { gamma: 0.4547, chromaticities: ADOBE },
  { gamma: 1, chromaticities: ADOBE },
  { chromaticities: ADOBE },
  { intent: 0, gamma: 1, chromaticities: ADOBE },
  { ...cicp(12, 13), intent: 0, gamma: 1 },
];

describe('a PNG looks the same by its chunks and by the equal profile', () => {
  it.each(DESCRIPTIONS.map((colour) => [`${nameOfColour(colour)}: ${JSON.stringify(colour)}`, colour] as const))('%s', async (_, colour) => {
    for (const channels of [1, 3] as const) {
      const icc = equalProfile(colour, channels === 1);
      expect(icc).not.toBeUndefined();
      await expectSameLook(await pngWith(toPngChunks(colour), channels), await pngWithProfile(icc ?? undefined, channels));
    }
  });

  it('and other than without where that is not sRGB', async () => {
    const plain = await shown(await pngWithProfile(undefined, 3));
    for (const colour of [cicp(12, 13), { gamma: 1 }, { gamma: 0.4547, chromaticities: ADOBE }]) {
      expect(largestDifference(await shown(await pngWith(toPngChunks(colour), 3)), plain)).toBeGreaterThan(10);
    }
  });
});

const BOXES: [primaries: number, transfer: number][] = [
  [1, 13],
  [12, 13],
  [9, 13],
  [11, 13],
  [22, 13],
  [1, 1],
  [9, 1],
  [5, 6],
  [9, 14],
  [9, 15],
  [1, 4],
  [1, 5],
  [1, 7],
  [12, 8],
  [10, 17],
  [2, 2],
  [2, 8],
  [12, 2],
];

describe("an AVIF's box", () => {
  it.each(BOXES)('of code points %i and %i looks the same as the chunks and as the profile that it becomes', async (primaries, transfer) => {
    let colour: ColourDescription = {};
    const file = await avifWith((stored) => {
      stored.set([0, primaries, 0, transfer], 4);
      colour = { codePoints: fromNclx(stored) };
      return stored;
    });
    await expectSameLook(file, await pngWith(toPngChunks(colour), 3));
    await expectSameLook(file, await pngWithProfile(equalProfile(colour, false) ?? undefined, 3));
  });

  it("of a PNG's code points looks the same, unless there is none", async () => {
    for (const [primaries, transfer] of [...BOXES, [9, 16], [9, 18]]) {
      const colour = cicp(primaries, transfer);
      const written = toNclx(colour.codePoints!);
      expect(written === undefined, `${primaries} ${transfer}`).toBe(primaries === 2 || [1, 2, 6, 14, 15].includes(transfer));
      if (!written) continue;
      await expectSameLook(await avifWith((stored) => toNclx(colour.codePoints!, stored) ?? stored), await pngWith(toPngChunks(colour), 3));
    }
  });
});
