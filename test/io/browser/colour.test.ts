import { describe, expect, it } from 'vitest';
import { type ColourDescription, equalProfile, fromNclx, nameOfColour, toNclx, toPngChunks } from '../../../src/io/colour';
import { largestDifference } from '../../support/pictures';
import { ADOBE, avifWith, cicp, pngWith, pngWithProfile, shown } from './squares';

// The browser's own colour management is what all must look the same to, before and after: here it converts to sRGB.

async function expectSameLook(here: Blob, there: Blob): Promise<void> {
  const [a, b] = [await shown(here), await shown(there)];
  expect(largestDifference(a, b), `${a}\n${b}`).toBeLessThanOrEqual(1);
}

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
