import '@tensorflow/tfjs-backend-cpu';
import { setBackend, zerosLike } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PictureTask } from '../../../demo/src/picture.worker';
import { inpaint } from '../../../src/cra/inpaint';
import { fromFunction } from '../../../src/generators';
import { encodePicture, readPicture } from '../../../src/io/browser';
import type { Picture, PictureFormat } from '../../../src/picture';
import type { OnWarning, Warning } from '../../../src/warning';
import { largestDifference } from '../../support/pictures';
import { rewrittenByNode } from './in-node';
import { avifWith, COLOURS, pngWith, shown } from './squares';

// A photo whose colours are described in one way or another looks the same before and after: what the browser shows of the file that came
// in is held against what it shows of the file that came out. Node writes TIFF too, which Chromium doesn't show: test/io/round-trip.test.ts
// looks at its profile.

const words = (...values: number[]): Uint8Array => Uint8Array.from(values.flatMap((value) => [24, 16, 8, 0].map((shift) => (value >> shift) & 255)));
// The chunks are spelt out, and not made by the code that is to read them.
const cicp = (primaries: number, transfer: number): [string, Uint8Array] => ['cICP', Uint8Array.of(primaries, transfer, 0, 1)];
const GAMMA_1: [string, Uint8Array] = ['gAMA', words(100000)];
const GAMMA_2_2: [string, Uint8Array] = ['gAMA', words(45470)];
const ADOBE: [string, Uint8Array] = ['cHRM', words(31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)];
const SRGB: [string, Uint8Array] = ['sRGB', Uint8Array.of(0)];

/** An AVIF of code points, without a profile. */
const avif = (primaries: number, transfer: number): Promise<Blob> =>
  avifWith((stored) => {
    stored.set([0, primaries, 0, transfer], 4);
    return stored;
  });

const SOURCES: [name: string, source: () => Promise<Blob>][] = [
  ['AVIF of Display P3 by its box, without a profile', () => avif(12, 13)],
  ['AVIF of BT.2020 by its box', () => avif(9, 13)],
  ['PNG of Display P3 by cICP', () => pngWith([cicp(12, 13)], 3)],
  ['PNG of Display P3 by cICP, with all else saying another thing', () => pngWith([cicp(12, 13), SRGB, GAMMA_1, ADOBE], 3)],
  ['PNG of linear light by gAMA', () => pngWith([GAMMA_1], 3)],
  ['PNG of linear light by gAMA, of grey levels', () => pngWith([GAMMA_1], 1)],
  ['PNG of Adobe RGB by gAMA and cHRM', () => pngWith([GAMMA_2_2, ADOBE], 3)],
];

/** Code points that no profile says. */
const HDR: [name: string, source: () => Promise<Blob>][] = [
  ['PNG of PQ by cICP', () => pngWith([cicp(9, 16)], 3)],
  ['PNG of HLG by cICP', () => pngWith([cicp(9, 18)], 3)],
  ['AVIF of PQ by its box', () => avif(9, 16)],
];

// Levels of a screen. The squares are flat, so that what a lossy format makes of edges is not looked at.
const WITHOUT_LOSS = 1;
const WITH_LOSS = 6;
/** PQ is steep: a level of the file is up to three of the screen. */
const PQ_WITH_LOSS = 9;

/** What a screen shows of numbers of linear light is 13 levels apart for the first two of them, which no lossy format keeps apart. */
const DARK = 28;

/** Fills a hole in the last square, with grey. */
async function inpainted(photo: Picture): Promise<Picture> {
  const { width, height } = photo;
  const mask: Picture = { width, height, channels: 1, data: new Uint8Array(width * height) };
  for (let y = 5; y < 11; y++) mask.data.fill(255, y * width + width - 11, y * width + width - 5);
  return inpaint(photo, mask, { detail: false, generator: fromFunction((image) => zerosLike(image)) });
}

interface Written {
  file: Blob;
  warnings: Warning[];
}

/** The file read, filled and written in the browser. */
async function filledHere(source: Blob, format: PictureFormat): Promise<Written> {
  const warnings: Warning[] = [];
  const onWarning: OnWarning = (warning) => warnings.push(warning);
  return { file: await encodePicture(await inpainted(await readPicture(source, { onWarning })), { format, onWarning }), warnings };
}

const WRITERS: [name: string, format: PictureFormat, largest: number, write: (source: Blob, format: PictureFormat) => Promise<Written>][] = [
  ['Node', 'png', WITHOUT_LOSS, rewrittenByNode],
  ['Node', 'avif', WITH_LOSS, rewrittenByNode],
  ['Node', 'jpeg', WITH_LOSS, rewrittenByNode],
  ['Node', 'webp', WITH_LOSS, rewrittenByNode],
  ['the browser', 'png', WITHOUT_LOSS, filledHere],
  ['the browser', 'jpeg', WITH_LOSS, filledHere],
  ['the browser', 'webp', WITH_LOSS, filledHere],
];

/** What is shown of all squares but the one with the hole, for a screen of sRGB and for a wider one. */
async function looks(file: Blob | ImageBitmap, darkest = 0): Promise<number[]> {
  const seen = COLOURS.map((colour, i) => i < COLOURS.length - 1 && Math.min(...colour) >= darkest);
  const all = await Promise.all((['srgb', 'display-p3'] as const).map((space) => shown(file, space)));
  return all.flatMap((colours) => [...colours].filter((_, i) => seen[i >> 2]));
}

const difference = async (before: Blob, after: Blob | ImageBitmap, darkest = 0): Promise<number> =>
  largestDifference(await looks(after, darkest), await looks(before, darkest));

const demo = new Worker(new URL('../../../demo/src/picture.worker.ts', import.meta.url), { type: 'module' });

/** Asks the demo page's worker. */
function byDemo<T>(task: PictureTask): Promise<T> {
  return new Promise((resolve, reject) => {
    demo.onmessage = ({ data }) => ('failure' in data ? reject(new Error(data.failure)) : resolve(data));
    demo.onerror = ({ message }) => reject(new Error(message));
    demo.postMessage(task);
  });
}

beforeAll(async () => {
  await setBackend('cpu');
});
afterAll(() => demo.terminate());

describe.each(SOURCES)('%s', (name, source) => {
  const channels = name.includes('grey') ? 1 : 3;

  it('looks other than its bare numbers', async () => {
    expect(await difference(await pngWith([], channels), await source())).toBeGreaterThan(15);
  });

  it.each(WRITERS)('looks the same as %s writes it to %s', async (_, format, largest, write) => {
    const before = await source();
    const { file, warnings } = await write(before, format);
    expect([file.type, warnings]).toEqual([`image/${format}`, []]);
    const linear = name.includes('linear') && channels === 3;
    expect(await difference(before, file, linear && largest === WITH_LOSS ? DARK : 0)).toBeLessThanOrEqual(largest);
  });

  it('looks the same on the demo page', async () => {
    const before = await source();
    const picture = await inpainted(await readPicture(before));
    const { full } = await byDemo<{ full: ImageBitmap }>({ picture });
    expect(await difference(before, full)).toBeLessThanOrEqual(WITHOUT_LOSS);
    // The last square, where the hole was, is another.
    expect(largestDifference(await shown(full), await shown(before))).toBeGreaterThan(15);
  });
});

describe('an sRGB chunk', () => {
  it.each(WRITERS)('overrules a gamma beside it as %s writes it to %s', async (_, format, largest, write) => {
    const before = await pngWith([SRGB, GAMMA_1], 3);
    expect(await difference(before, await pngWith([GAMMA_1], 3))).toBeGreaterThan(15);
    const { file, warnings } = await write(before, format);
    expect([file.type, warnings]).toEqual([`image/${format}`, []]);
    expect(await difference(before, file)).toBeLessThanOrEqual(largest);
  });
});

describe.each(HDR)('%s', (_, source) => {
  it('looks other than its bare numbers', async () => {
    expect(await difference(await pngWith([], 3), await source())).toBeGreaterThan(15);
  });

  it.each(WRITERS)('looks the same as %s writes it to %s, or it is said that it does not', async (_, format, __, write) => {
    const before = await source();
    const { file, warnings } = await write(before, format);
    expect(file.type).toBe(`image/${format}`);
    if (format === 'png' || format === 'avif') {
      expect(warnings).toEqual([]);
      expect(await difference(before, file)).toBeLessThanOrEqual(format === 'png' ? WITHOUT_LOSS : PQ_WITH_LOSS);
    } else {
      expect(warnings).toEqual([{ code: 'colour-dropped', message: expect.stringContaining(`${format} has no place for BT.2020 primaries with`) }]);
      expect(await difference(before, file)).toBeGreaterThan(15);
    }
  });

  it('looks the same on the demo page', async () => {
    const before = await source();
    const { full } = await byDemo<{ full: ImageBitmap }>({ picture: await readPicture(before) });
    expect(await difference(before, full)).toBeLessThanOrEqual(WITHOUT_LOSS);
  });
});
