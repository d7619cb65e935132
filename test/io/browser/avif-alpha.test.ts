import { afterEach, expect, it, vi } from 'vitest';
import { readPicture } from '../../../src/io/browser';
import { changesAlpha } from '../../../src/io/browser/avif-alpha';
import { expectSamePixels, largestDifference } from '../../support/pictures';
import { bySharp } from './in-node';

const fixture = async (name: string): Promise<Blob> => (await fetch(new URL(`../../fixtures/avif/${name}.avif`, import.meta.url))).blob();

/** The pixel of the fixtures' picture. */
const pixel = (x: number, y: number): number[] => [15 * x, 30 * y, 160, 1 + 16 * x + y];
const pixels = (width: number, height: number, at: (x: number, y: number) => number[]): Uint8Array =>
  Uint8Array.from(Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))).flat());

/** Makes the browser take 16 for transparent and 235 for opaque, as Debian 12's Chromium 156 does with AVIF. */
function stretchAlpha(): void {
  const make = globalThis.createImageBitmap.bind(globalThis);
  vi.spyOn(globalThis, 'createImageBitmap').mockImplementation((async (source: ImageBitmapSource, ...rest: unknown[]) => {
    const bitmap = await (make as (...all: unknown[]) => Promise<ImageBitmap>)(source, ...rest);
    if (!(source instanceof Blob) || source.type !== 'image/avif') return bitmap;
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const drawn = context.getImageData(0, 0, bitmap.width, bitmap.height);
    for (let i = 3; i < drawn.data.length; i += 4) drawn.data[i] = Math.round(((drawn.data[i] - 16) * 255) / 219);
    return make(drawn, { premultiplyAlpha: 'none' });
  }) as typeof createImageBitmap);
}
afterEach(() => vi.restoreAllMocks());

it('whether this browser changes the alpha of AVIF is found out from one pixel', async () => {
  const half = await bySharp({ width: 1, height: 1, channels: 4, data: Uint8Array.of(255, 255, 255, 100) }, ['avif', { lossless: true }]);
  const context = new OffscreenCanvas(1, 1).getContext('2d')!;
  context.drawImage(await createImageBitmap(half), 0, 0);
  const changed = Math.abs(context.getImageData(0, 0, 1, 1).data[3] - 100) > 1;
  expect(await changesAlpha()).toBe(changed);
  stretchAlpha();
  expect(await changesAlpha()).toBe(true);
});

// What is found out is kept, so the stretching comes first: the rest of this file reads as a browser does that needs the alpha apart.
it('a browser that changes it reads what is stored, from 1 to 255', async () => {
  stretchAlpha();
  const data = pixels(16, 16, (x, y) => [16 * x, 90, 16 * y, Math.max(1, 16 * y + x)]);
  const file = await bySharp({ width: 16, height: 16, channels: 4, data }, ['avif', { lossless: true, chromaSubsampling: '4:4:4' }]);
  const read = await readPicture(file);
  expect([read.width, read.height, read.channels, read.metadata?.format]).toEqual([16, 16, 4, 'avif']);
  expectSamePixels(read.data, data);
});

it('so it does of tiles', async () => {
  stretchAlpha();
  const read = await readPicture(await fixture('tiles'));
  expectSamePixels(
    read.data,
    pixels(128, 64, (x) => [200, 100, 50, x < 64 ? 3 : 250]),
  );
});

it('so it does of ten bits', async () => {
  stretchAlpha();
  expect(largestDifference((await readPicture(await fixture('ten-bit'))).data, pixels(16, 8, pixel))).toBeLessThanOrEqual(2);
});

it('so it does of a picture that is turned and mirrored, though only the colours are said to be', async () => {
  stretchAlpha();
  const read = await readPicture(await fixture('turned'));
  expect([read.width, read.height]).toEqual([8, 16]);
  // A quarter to the left, then left and right change places.
  expect(
    largestDifference(
      read.data,
      pixels(8, 16, (x, y) => pixel(15 - y, 7 - x)),
    ),
  ).toBeLessThanOrEqual(2);
});

it('so it does of colours that are multiplied by alpha', async () => {
  stretchAlpha();
  const { data } = await readPicture(await fixture('premultiplied'));
  const expected = pixels(16, 8, pixel);
  for (let i = 0; i < data.length; i++) {
    // A stored colour is rounded to 1 / alpha of the range.
    const alpha = expected[i | 3];
    expect(Math.abs(data[i] - expected[i])).toBeLessThanOrEqual(i % 4 === 3 ? 0 : Math.ceil(130 / alpha) + 1);
  }
});
