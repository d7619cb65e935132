import { describe, expect, it, vi } from 'vitest';
import { PictureError } from '../../../src/errors';
import { encodePicture, readMask, readPicture } from '../../../src/io/browser';
import { readsNumbers } from '../../../src/io/browser/keeps-numbers';
import { readsExactly } from '../../../src/io/browser/webgl';
import { isDisplayP3 } from '../../../src/io/icc';
import { checkPicture, type Picture } from '../../../src/picture';
import { expectCode, expectSamePixels, largestDifference, noise } from '../../support/pictures';
import { byNode, bySharp } from './in-node';

/** A smooth picture. */
function gradient(width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    const y = (i - x) / width;
    data.set([40 + (x * 150) / width, 60 + (y * 120) / height, 200 - (x * 90) / width], i * 3);
  }
  return { width, height, channels: 3, data };
}

const EXIF = 'II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0';
const exifBlock = (orientation: number) => Uint8Array.from(`Exif\0\0${EXIF}`, (c, i) => (i === 24 ? orientation : c.charCodeAt(0)));

async function expectAsInNode(file: Blob, tolerance = 0): Promise<Picture> {
  const [here, there] = [await readPicture(file), await byNode(file)];
  expect([here.width, here.height, here.channels, here.metadata?.grey]).toEqual([there.width, there.height, there.channels, there.metadata?.grey]);
  expect(largestDifference(here.data, there.data)).toBeLessThanOrEqual(tolerance);
  for (const block of ['icc', 'exif', 'xmp'] as const) expect(here.metadata?.[block]).toEqual(there.metadata?.[block]);
  return here;
}

describe('files are read as in Node', () => {
  it('JPEG, baseline and progressive, RGB and grey', async () => {
    for (const options of [
      { quality: 95, chromaSubsampling: '4:4:4' },
      { progressive: true, chromaSubsampling: '4:4:4' },
    ]) {
      const picture = await expectAsInNode(await bySharp(gradient(67, 45), ['jpeg', options]));
      expect([picture.channels, picture.metadata?.format]).toEqual([3, 'jpeg']);
    }
    expect((await expectAsInNode(await bySharp(noise(33, 20, 1), ['jpeg', { quality: 90 }]))).channels).toBe(1);
    await expectAsInNode(await bySharp(gradient(64, 48), ['jpeg', { quality: 90 }]), 2);
  });

  it('a wide gamut stays in its own numbers, with its profile, and is known as Display P3', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'avif']) {
      const file = await bySharp(
        gradient(40, 30),
        [format, { quality: 98, chromaSubsampling: '4:4:4', lossless: format === 'webp' }],
        ['withIccProfile', 'p3'],
      );
      const picture = await expectAsInNode(file, format === 'avif' ? 1 : 0);
      expect(picture.metadata?.icc?.length).toBeGreaterThan(100);
      expect(isDisplayP3(picture.metadata!.icc!)).toBe(true);
      expect(picture.metadata?.colorSpace).toBe('display-p3');
    }
    expect((await readPicture(await bySharp(gradient(9, 9), ['jpeg'], ['withIccProfile', 'srgb']))).metadata?.colorSpace).toBe('srgb');
  });

  it('whether a browser converts colours is found out: this one does, unless told not to', async () => {
    expect(await readsNumbers('none')).toBe(true);
    expect(await readsNumbers('default')).toBe(false);
  });

  it('whether WebGL gives exact colours is found out: this one does, unless they are premultiplied', async () => {
    expect(await readsExactly()).toBe(true);
    const make = globalThis.createImageBitmap;
    const premultiplying = vi.spyOn(globalThis, 'createImageBitmap').mockImplementation((source: ImageBitmapSource) => make(source));
    expect(await readsExactly()).toBe(false);
    premultiplying.mockRestore();
  });

  it('a WebGL context that is lost on the way does not make a picture black', async () => {
    const picture: Picture = { width: 2, height: 2, channels: 4, data: Uint8Array.from({ length: 16 }, (_, i) => [200, 100, 50, 128][i % 4]) };
    const file = await bySharp(picture, ['webp', { lossless: true, exact: true }]);
    // What is found out once is found out before.
    expectSamePixels((await readPicture(file)).data, picture.data);
    const { readPixels } = WebGL2RenderingContext.prototype;
    let reads = 0;
    const losing = vi.spyOn(WebGL2RenderingContext.prototype, 'readPixels').mockImplementation(function (this: WebGL2RenderingContext, ...wanted: unknown[]) {
      reads++;
      this.getExtension('WEBGL_lose_context')?.loseContext();
      return (readPixels as (...wanted: unknown[]) => void).apply(this, wanted);
    });
    const read = await readPicture(file);
    losing.mockRestore();
    expect(reads).toBe(1);
    expect(largestDifference(read.data, picture.data)).toBeLessThanOrEqual(1);
  });

  it('WebP with alpha: colours of transparent pixels are exact', async () => {
    const picture = noise(61, 47, 4);
    const read = await expectAsInNode(await bySharp(picture, ['webp', { lossless: true, exact: true }]));
    expectSamePixels(read.data, picture.data);
    expect((await expectAsInNode(await bySharp(gradient(30, 20), ['webp', { lossless: true }]))).channels).toBe(3);
    await expectAsInNode(await bySharp(picture, ['webp', { quality: 80, alphaQuality: 100 }]), 8);
  });

  it('AVIF, with and without alpha', async () => {
    const alpha = { ...noise(40, 24, 4), data: new Uint8Array(40 * 24 * 4).map((_, i) => [i % 200, 90, 160, 30 + (i % 220)][i % 4]) };
    expect((await expectAsInNode(await bySharp(alpha, ['avif', { quality: 100, chromaSubsampling: '4:4:4', lossless: true }]), 1)).channels).toBe(4);
    expect((await expectAsInNode(await bySharp(gradient(40, 24), ['avif', { quality: 95, chromaSubsampling: '4:4:4' }]), 1)).channels).toBe(3);
  });

  it('a still GIF', async () => {
    const flat = {
      ...gradient(20, 20),
      data: new Uint8Array(1200).map(
        (_, i) =>
          [
            [200, 30, 40],
            [10, 220, 30],
          ][((i / 3) | 0) % 2][i % 3],
      ),
    };
    await expectAsInNode(await bySharp(flat, ['gif']));
  });

  it('PNG of 8 and 16 bits, with palettes and alpha', async () => {
    for (const channels of [1, 2, 3, 4] as const) {
      await expectAsInNode(await bySharp(noise(31, 20, channels), ['png']));
      for (const bits of [8, 16] as const) {
        const picture = noise(31, 20, channels, bits);
        expectSamePixels((await expectAsInNode(await encodePicture(picture))).data, picture.data);
      }
    }
    await expectAsInNode(await bySharp(noise(31, 20, 4), ['png', { palette: true, progressive: true }]));
  });

  it('CMYK becomes sRGB, without a profile', async () => {
    const file = await bySharp(gradient(48, 48), ['toColourspace', 'cmyk'], ['jpeg', { quality: 98 }], ['withIccProfile', 'cmyk']);
    const read = await readPicture(file);
    expect([read.channels, read.metadata?.icc]).toEqual([3, undefined]);
    expect(largestDifference(read.data, (await byNode(file)).data)).toBeLessThan(35);
  });
});

it('the density is kept, from JPEG in inches and centimetres, and from PNG', async () => {
  for (const density of [72, 150, 301]) {
    for (const format of ['jpeg', 'png']) {
      const file = await bySharp(gradient(9, 9), [format], ['withMetadata', { density }]);
      expect((await expectAsInNode(file, 2)).metadata?.density).toBe(density);
    }
  }
});

describe('orientation', () => {
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    it(`${format}: all eight are applied and reset`, async () => {
      for (let orientation = 1; orientation <= 8; orientation++) {
        const file = await encodePicture({ ...gradient(48, 32), metadata: { exif: exifBlock(orientation) } }, { format, quality: 100 });
        const read = await expectAsInNode(file, format === 'png' ? 0 : 1);
        expect([read.width, read.height]).toEqual(orientation > 4 ? [32, 48] : [48, 32]);
        expect(read.metadata?.exif).toEqual(exifBlock(1));
      }
    });
  }

  it('of a picture larger than a tile, and with an odd size', async () => {
    const file = await encodePicture({ ...gradient(2500, 2101), metadata: { exif: exifBlock(6) } }, { format: 'jpeg' });
    const read = await readPicture(file);
    const stored = await createImageBitmap(file, { imageOrientation: 'from-image' });
    expect([read.width, read.height]).toEqual([stored.width, stored.height]);
    const context = new OffscreenCanvas(stored.width, stored.height).getContext('2d')!;
    context.drawImage(stored, 0, 0);
    const drawn = context.getImageData(0, 0, stored.width, stored.height).data.filter((_, i) => i % 4 < 3);
    expectSamePixels(read.data, drawn);
  });
});

describe('sources', () => {
  const picture = noise(50, 30, 4);
  const opaque: Picture = { ...picture, data: picture.data.map((value, i) => (i % 4 === 3 ? 255 : value)) };
  const imageData = (colorSpace: PredefinedColorSpace = 'srgb') => new ImageData(new Uint8ClampedArray(opaque.data), 50, 30, { colorSpace });
  function canvas(colorSpace: PredefinedColorSpace = 'srgb'): OffscreenCanvas {
    const made = new OffscreenCanvas(50, 30);
    made.getContext('2d', { colorSpace })!.putImageData(imageData(colorSpace), 0, 0);
    return made;
  }

  it('a File, an address, a URL, a data: address', async () => {
    const file = await encodePicture(picture);
    const address = URL.createObjectURL(file);
    const data = await new Promise<string>((resolve) => {
      const reader = Object.assign(new FileReader(), { onload: () => resolve(reader.result as string) });
      reader.readAsDataURL(file);
    });
    for (const source of [new File([file], 'a.png'), address, new URL(address), data]) expectSamePixels((await readPicture(source)).data, picture.data);
    URL.revokeObjectURL(address);
    expect((await expectCode(readPicture(address), 'file-read')).message).toContain('blob:');
    await expectCode(readPicture('/nothing/of/that/name.png'), 'file-read|format');
  });

  it('an image element: its own file, with 16 bits and metadata; an SVG as it is drawn', async () => {
    const deep = noise(20, 10, 3, 16);
    const address = URL.createObjectURL(await encodePicture({ ...deep, metadata: { density: 300 } }));
    const read = await readPicture(Object.assign(new Image(), { src: address }));
    expectSamePixels(read.data, deep.data);
    expect(read.metadata?.density).toBe(300);
    const svg = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="6" height="4"><path fill="#f80" d="M0 0h6v4h-6z"/></svg>')}`;
    const vector = await readPicture(Object.assign(new Image(), { src: svg }));
    expect([vector.width, vector.height, ...vector.data.subarray(0, 4)]).toEqual([6, 4, 255, 136, 0, 255]);
    await expectCode(readPicture(Object.assign(new Image(), { src: 'data:image/png;base64,AAAA' })), 'file-read');
  });

  it('canvases, on the page and off, and bitmaps; they stay open', async () => {
    const element = document.createElement('canvas');
    element.width = 50;
    element.height = 30;
    element.getContext('2d')!.drawImage(canvas(), 0, 0);
    const bitmap = await createImageBitmap(canvas());
    for (const source of [element, canvas(), bitmap]) {
      const read = await readPicture(source);
      expect([read.width, read.height, read.channels]).toEqual([50, 30, 4]);
      expectSamePixels(read.data, opaque.data);
    }
    expect(bitmap.width).toBe(50);
    const without = new OffscreenCanvas(50, 30);
    without.getContext('2d', { alpha: false })!.drawImage(canvas(), 0, 0);
    expect((await readPicture(without)).channels).toBe(3);
  });

  it('a canvas of WebGL', async () => {
    const drawn = new OffscreenCanvas(8, 4);
    const gl = drawn.getContext('webgl2', { preserveDrawingBuffer: true })!;
    gl.clearColor(1, 0.2, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    expect([...(await readPicture(drawn)).data.subarray(0, 4)]).toEqual([255, 51, 0, 255]);
  });

  it('a bitmap that is not premultiplied gives its exact colours', async () => {
    const bitmap = await createImageBitmap(await encodePicture(picture), { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
    expectSamePixels((await readPicture(bitmap)).data, picture.data);
  });

  it('Display P3 canvases and ImageData keep their numbers and say so', async () => {
    for (const source of [canvas('display-p3'), imageData('display-p3')]) {
      const read = await readPicture(source);
      expect(read.metadata?.colorSpace).toBe('display-p3');
      expectSamePixels(read.data, opaque.data);
    }
    expect((await readPicture(imageData())).metadata?.colorSpace).toBeUndefined();
  });

  it("an ImageData's pixels are not copied, a Picture comes back itself if it is one", async () => {
    const data = imageData();
    expect((await readPicture(data)).data).toBe(data.data);
    expect(await readPicture(picture)).toBe(picture);
    await expectCode(readPicture({ ...picture, width: 51 }), 'shape');
    await expectCode(readPicture(42 as unknown as Blob), 'argument');
    await expectCode(readPicture(null as unknown as Blob), 'argument');
    await expectCode(readPicture(document.createElement('p') as unknown as Blob), 'argument');
  });

  it('a video frame: its visible part, with or without alpha; it stays open', async () => {
    const init = { codedWidth: 50, codedHeight: 30, timestamp: 0, visibleRect: { x: 10, y: 4, width: 20, height: 12 } };
    const frame = new VideoFrame(new Uint8Array(opaque.data), { format: 'RGBX', ...init });
    const read = await readPicture(frame);
    expect([read.width, read.height, read.channels]).toEqual([20, 12, 3]);
    const expected = Array.from({ length: 20 * 12 * 3 }, (_, i) => {
      const pixel = (i / 3) | 0;
      return opaque.data[((4 + ((pixel / 20) | 0)) * 50 + 10 + (pixel % 20)) * 4 + (i % 3)];
    });
    expect(largestDifference(read.data, expected)).toBeLessThanOrEqual(1);
    expect(frame.format).toBe('RGBX');
    frame.close();
    await expectCode(readPicture(frame), 'damaged');
    const alpha = new VideoFrame(new Uint8Array(opaque.data), { format: 'RGBA', ...init });
    expect((await readPicture(alpha)).channels).toBe(4);
    alpha.close();
  });
});

describe('what is refused', () => {
  it('text, an empty file, SVG as a file, TIFF in a browser without it: format', async () => {
    for (const text of ['this is text', '', '<svg/>']) await expectCode(readPicture(new Blob([text])), 'format');
    await expectCode(readPicture(await bySharp(gradient(9, 9), ['tiff', { compression: 'lzw' }])), 'format');
  });

  it('files cut short: damaged', async () => {
    for (const step of [['jpeg'], ['jpeg', { progressive: true }], ['png'], ['webp'], ['avif'], ['gif']] as [string, object][]) {
      const file = await bySharp(noise(90, 70, 3), step);
      for (const part of [0.5, 0.8, 0.99]) await expectCode(readPicture(file.slice(0, Math.floor(file.size * part))), 'damaged');
    }
  });

  it('any changed file gives a picture or a typed error, never anything else', { timeout: 120_000 }, async () => {
    const files = await Promise.all(
      ([['jpeg'], ['jpeg', { progressive: true }], ['png'], ['webp'], ['webp', { lossless: true }], ['avif'], ['gif']] as [string, object][]).map(
        async (step, i) => new Uint8Array(await (await bySharp(noise(24, 18, i % 2 ? 3 : 4), step)).arrayBuffer()),
      ),
    );
    let state = 7;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const seen = { read: 0, refused: 0 };
    for (let run = 0; run < 560; run++) {
      const file = files[run % files.length].slice();
      for (let i = 0; i <= random(6); i++) file[random(random(2) ? file.length : 200)] = random(256);
      try {
        checkPicture(await readPicture(new Blob([file]), { pixelLimit: 1e6 }), 'picture');
        seen.read++;
      } catch (error) {
        seen.refused++;
        if (!(error instanceof PictureError)) throw error;
        expect(['format', 'damaged', 'pixel-limit']).toContain(error.code);
      }
    }
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(50);
  });

  it('more pixels than the limit, before anything is decoded: pixel-limit', async () => {
    for (const step of [['jpeg'], ['png'], ['webp'], ['avif'], ['gif']] as [string][]) {
      const file = await bySharp(gradient(50, 40), step);
      const error = await expectCode(readPicture(file, { pixelLimit: 1999 }), 'pixel-limit');
      expect(error.actual).toEqual({ width: 50, height: 40 });
      expect((await readPicture(file, { pixelLimit: 2000 })).width).toBe(50);
    }
    for (const source of [new ImageData(5, 4), new OffscreenCanvas(5, 4)]) await expectCode(readPicture(source, { pixelLimit: 19 }), 'pixel-limit');
    await expectCode(readPicture(new Blob(), { pixelLimit: 0 }), 'argument');
  });

  it('an aborted read: aborted', async () => {
    await expectCode(readPicture(await encodePicture(noise(9, 9, 3)), { signal: AbortSignal.abort() }), 'aborted');
    const controller = new AbortController();
    const reading = readPicture('/src/io/browser.ts', { signal: controller.signal });
    controller.abort();
    await expectCode(reading, 'aborted');
  });
});

describe('readMask', () => {
  it('is the luminance, with alpha where the file has it, as in Node', async () => {
    for (const file of [
      await bySharp(noise(40, 30, 3), ['png']),
      await bySharp(noise(40, 30, 4), ['png']),
      await bySharp(noise(40, 30, 1), ['png']),
      await encodePicture(noise(40, 30, 1, 16)),
    ]) {
      const [here, there] = [await readMask(file), await byNode(file, 'mask')];
      expect([here.width, here.height, here.channels, here.metadata?.grey]).toEqual([there.width, there.height, there.channels, true]);
      expect(largestDifference(here.data, there.data)).toBeLessThanOrEqual(2);
    }
  });

  it('reads black and white exactly, from a canvas too', async () => {
    const canvas = new OffscreenCanvas(20, 10);
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#fff';
    context.fillRect(5, 2, 10, 5);
    const mask = await readMask(canvas);
    expect([mask.channels, mask.data[0], mask.data[1], mask.data[2 * (3 * 20 + 7)], mask.data[2 * (3 * 20 + 7) + 1]]).toEqual([2, 0, 0, 255, 255]);
  });
});
