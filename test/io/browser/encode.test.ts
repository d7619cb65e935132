import { describe, expect, it } from 'vitest';
import { encodePicture, readPicture, toCanvas, toImageData } from '../../../src/io/browser';
import { displayP3Profile, isDisplayP3 } from '../../../src/io/icc';
import type { Picture } from '../../../src/picture';
import { expectCode, expectSamePixels, largestDifference, noise } from '../../support/pictures';
import { byNode, bySharp } from './in-node';

const smooth: Picture = { width: 64, height: 48, channels: 3, data: Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => 60 + ((i / 3) % 64) + 30 * (i % 3)) };
const EXIF = Uint8Array.from('Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x0e\0\x02\0\0\0\x04mine\0\0\0\0!', (c) => c.charCodeAt(0));
const XMP = new TextEncoder().encode('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');

describe('encodePicture', () => {
  for (const format of ['png', 'jpeg', 'webp'] as const) {
    it(`${format} has its MIME type, and Node reads what the picture carries`, async () => {
      const { icc } = (await readPicture(await bySharp(smooth, ['jpeg'], ['withIccProfile', 'p3']))).metadata!;
      const metadata = { format, icc, exif: EXIF, xmp: XMP, density: 240 };
      const file = await encodePicture({ ...smooth, metadata });
      expect(file.type).toBe(`image/${format}`);
      for (const read of [await readPicture(file), await byNode(file)]) {
        expect([read.width, read.height, read.channels]).toEqual([64, 48, 3]);
        expect(largestDifference(read.data, smooth.data)).toBeLessThanOrEqual(format === 'png' ? 0 : 16);
        expect([read.metadata?.icc, read.metadata?.exif, read.metadata?.xmp]).toEqual([icc, EXIF, XMP]);
        if (format !== 'webp') expect(read.metadata?.density).toBe(240);
      }
    });

    it(`${format} without metadata carries none`, async () => {
      const { metadata } = await byNode(await encodePicture(smooth, { format }));
      expect([metadata?.icc, metadata?.exif, metadata?.xmp]).toEqual([undefined, undefined, undefined]);
    });

    it(`${format} of a Display P3 picture says so by a profile that colour management understands`, async () => {
      const red: Picture = {
        width: 32,
        height: 32,
        channels: 3,
        data: new Uint8Array(32 * 32 * 3).map((_, i) => (i % 3 === 0 ? 255 : 0)),
        metadata: { colorSpace: 'display-p3' },
      };
      const file = await encodePicture(red, { format, quality: 100 });
      const read = await readPicture(file);
      expect(isDisplayP3(read.metadata!.icc!)).toBe(true);
      expect(read.metadata?.colorSpace).toBe('display-p3');
      expect(largestDifference(read.data, red.data)).toBeLessThanOrEqual(2);
      // The browser's own conversion, back to Display P3 and to sRGB, where a green of 100 comes out as less.
      const green: Picture = { ...red, data: red.data.map((_, i) => [100, 150, 100][i % 3]) };
      const bitmap = await createImageBitmap(await encodePicture(green, { format, quality: 100 }));
      const seen = (colorSpace: PredefinedColorSpace) => {
        const context = new OffscreenCanvas(32, 32).getContext('2d', { colorSpace })!;
        context.drawImage(bitmap, 0, 0);
        return [...context.getImageData(16, 16, 1, 1, { colorSpace }).data.subarray(0, 3)];
      };
      expect(largestDifference(seen('display-p3'), [100, 150, 100])).toBeLessThanOrEqual(2);
      expect(seen('srgb')[0]).toBeLessThan(90);
    });
  }

  it('PNG keeps 16 bits, grey and the exact colours of transparent pixels', async () => {
    for (const channels of [1, 2, 3, 4] as const) {
      for (const bits of [8, 16] as const) {
        const picture = noise(23, 17, channels, bits);
        const read = await byNode(await encodePicture(picture));
        expectSamePixels(read.data, picture.data);
        expect(read.channels).toBe(channels);
      }
    }
  });

  it('JPEG shows transparent pixels on white, and writes 16-bit and grey pictures', async () => {
    const half: Picture = { width: 32, height: 32, channels: 4, data: new Uint8Array(4096).map((_, i) => [200, 100, 50, i < 2048 ? 0 : 128][i % 4]) };
    const read = await readPicture(await encodePicture(half, { format: 'jpeg' }));
    expect([read.channels, ...read.data.subarray(0, 3)]).toEqual([3, 255, 255, 255]);
    expect(largestDifference(read.data.slice(-3), [227, 177, 152])).toBeLessThanOrEqual(3);
    const deep: Picture = { ...smooth, data: Uint16Array.from(smooth.data, (value) => value * 257) };
    expectSamePixels(
      (await readPicture(await encodePicture(deep, { format: 'jpeg' }))).data,
      (await readPicture(await encodePicture(smooth, { format: 'jpeg' }))).data,
    );
    const grey = await readPicture(await encodePicture({ width: 32, height: 32, channels: 1, data: new Uint8Array(1024).fill(77) }, { format: 'jpeg' }));
    expect(largestDifference(grey.data, new Uint8Array(grey.data.length).fill(77))).toBeLessThanOrEqual(1);
  });

  it('a profile of grey levels is kept where grey is written: in PNG', async () => {
    const icc = Uint8Array.from(displayP3Profile());
    icc.set([0x47, 0x52, 0x41, 0x59], 16);
    const grey: Picture = { ...noise(16, 16, 1), metadata: { icc, colorSpace: undefined } };
    expect((await readPicture(await encodePicture(grey, { format: 'png' }))).metadata?.icc).toEqual(icc);
    for (const format of ['jpeg', 'webp'] as const) expect((await readPicture(await encodePicture(grey, { format }))).metadata?.icc).toBeUndefined();
  });

  it('WebP keeps alpha exactly, and colours within what premultiplying rounds', async () => {
    const picture = noise(40, 30, 4);
    for (const metadata of [undefined, { exif: EXIF }]) {
      const read = await readPicture(await encodePicture({ ...picture, metadata }, { format: 'webp', quality: 100 }));
      expect(read.channels).toBe(4);
      expectSamePixels(
        read.data.filter((_, i) => i % 4 === 3),
        picture.data.filter((_, i) => i % 4 === 3),
      );
      const off = read.data.map((value, i) => (Math.abs(value - picture.data[i]) * picture.data[i | 3]) / 255);
      expect(Math.max(...off)).toBeLessThanOrEqual(1);
      expect((await byNode(await encodePicture({ ...picture, metadata }, { format: 'webp' }))).channels).toBe(4);
    }
  });

  it('a lower quality makes a smaller file', async () => {
    for (const format of ['jpeg', 'webp'] as const) {
      expect((await encodePicture(noise(64, 64, 3), { format, quality: 30 })).size).toBeLessThan((await encodePicture(noise(64, 64, 3), { format })).size);
    }
  });

  it('a profile of more than a segment, and blocks that are too long for a JPEG', async () => {
    const icc = noise(400, 400, 1).data as Uint8Array;
    const exif = Uint8Array.from([...EXIF.subarray(0, 6), ...noise(70000, 1, 1).data]);
    const read = await readPicture(await encodePicture({ ...smooth, metadata: { icc, exif, xmp: XMP } }, { format: 'jpeg' }));
    expectSamePixels(read.metadata?.icc ?? [], icc);
    expect([read.metadata?.exif, read.metadata?.xmp]).toEqual([undefined, XMP]);
  });

  it('AVIF, TIFF and GIF, sizes beyond the limits: format; PNG has no limit', async () => {
    for (const format of ['avif', 'tiff', 'gif'] as const) {
      expect((await expectCode(encodePicture({ ...smooth, metadata: { format } }), 'format')).message).toContain('choose png');
    }
    const long: Picture = { width: 70000, height: 1, channels: 1, data: new Uint8Array(70000).fill(200) };
    for (const format of ['jpeg', 'webp'] as const) await expectCode(encodePicture(long, { format }), 'format');
    await expectCode(encodePicture({ ...long, width: 20000, data: new Uint8Array(20000) }, { format: 'webp' }), 'format');
    await expectCode((async () => toCanvas(long))(), 'format');
    expectSamePixels((await readPicture(await encodePicture(long))).data, long.data);
    expect((await readPicture(await bySharp({ ...long, width: 60000, data: new Uint8Array(60000).fill(90) }, ['jpeg']))).width).toBe(60000);
  });

  it('a quality out of range: argument; a picture that is none: shape; aborted', async () => {
    for (const quality of [0, 101, Number.NaN]) await expectCode(encodePicture(smooth, { format: 'jpeg', quality }), 'argument');
    await expectCode(encodePicture({ ...smooth, width: 65 }), 'shape');
    const controller = new AbortController();
    const encoding = encodePicture(noise(2000, 1000, 3), { signal: controller.signal });
    controller.abort();
    await expectCode(encoding, 'aborted');
  });
});

describe('toImageData and toCanvas', () => {
  it('grey becomes RGB, 16 bits are rounded to 8', () => {
    const grey: Picture = { width: 2, height: 1, channels: 2, data: Uint16Array.of(0x8000, 65535, 257 * 7 + 128, 257 * 9) };
    expect([...toImageData(grey).data]).toEqual([128, 128, 128, 255, 7, 7, 7, 9]);
    expect([...toImageData({ width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) }).data]).toEqual([1, 2, 3, 255]);
  });

  it('come back as they went in, Display P3 too', async () => {
    const picture = noise(30, 20, 4);
    const opaque = { ...picture, data: picture.data.map((value, i) => (i % 4 === 3 ? 255 : value)) };
    for (const colorSpace of ['srgb', 'display-p3'] as const) {
      const wide = { ...picture, metadata: { colorSpace } };
      expect(toImageData(wide).colorSpace).toBe(colorSpace);
      expectSamePixels((await readPicture(toImageData(wide))).data, picture.data);
      const canvas = toCanvas({ ...opaque, metadata: { colorSpace } });
      const read = await readPicture(canvas);
      expect(read.metadata?.colorSpace ?? 'srgb').toBe(colorSpace);
      expectSamePixels(read.data, opaque.data);
    }
  });

  it('a canvas of the caller takes on the size, in bands; one with another context is refused', async () => {
    const element = document.createElement('canvas');
    const tall: Picture = { width: 1500, height: 4000, channels: 1, data: Uint8Array.from({ length: 6e6 }, (_, i) => (i * 7 + (i >> 11)) & 255) };
    expect(toCanvas(tall, element)).toBe(element);
    expect([element.width, element.height]).toEqual([1500, 4000]);
    const red = (await readPicture(element)).data.filter((_, i) => i % 4 === 0);
    expectSamePixels(red, tall.data);
    const other = new OffscreenCanvas(2, 2);
    other.getContext('webgl2');
    await expectCode((async () => toCanvas(smooth, other))(), 'argument');
    const placeholder = document.createElement('canvas');
    placeholder.transferControlToOffscreen();
    await expectCode((async () => toCanvas(smooth, placeholder))(), 'argument');
  });

  it('wholly transparent pictures are drawn', async () => {
    expect((await readPicture(toCanvas({ width: 3, height: 3, channels: 4, data: new Uint8Array(36) }))).data.every((value) => value === 0)).toBe(true);
    expect((await encodePicture({ width: 3, height: 3, channels: 4, data: new Uint8Array(36) }, { format: 'jpeg' })).size).toBeGreaterThan(0);
  });
});
