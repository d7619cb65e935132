import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { InpaintError, PictureError } from '../../src/errors';
import { numbersOf } from '../../src/io/containers/boxes';
import { bytesOf, joined } from '../../src/io/containers/bytes';
import type { Cargo } from '../../src/io/containers/header';
import { jpegHeader, jpegWith } from '../../src/io/containers/jpeg';
import { pngChunk } from '../../src/io/containers/png';
import { isPng, readHeader } from '../../src/io/containers/read-header';
import { webpHeader, webpWith } from '../../src/io/containers/webp';
import { exifDensity, exifOrientation, resetOrientation } from '../../src/io/exif';
import { displayP3Profile, isDisplayP3 } from '../../src/io/icc';
import { decodePng } from '../../src/io/png/decode';
import { encodePng } from '../../src/io/png/encode';
import { resetXmpOrientation } from '../../src/io/xmp';
import { expectCode, expectSamePixels, noise, pipeline } from './support';

const picture = noise(44, 31, 3);
const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>';
const carrying = (of = picture) =>
  pipeline(of)
    .withIccProfile('p3')
    .withExif({ IFD0: { Copyright: 'me' } })
    .withXmp(XMP);
const LIMIT = 1e6;

describe('headers say what sharp says', () => {
  const files: [string, () => Promise<Buffer>][] = [
    ['jpeg', () => carrying().jpeg().toBuffer()],
    ['jpeg, progressive', () => carrying().jpeg({ progressive: true }).toBuffer()],
    [
      'jpeg, grey',
      () =>
        pipeline(noise(44, 31, 1))
          .jpeg()
          .toBuffer(),
    ],
    ['webp, lossy', () => carrying().webp().toBuffer()],
    [
      'webp, lossy with alpha',
      () =>
        carrying(noise(44, 31, 4))
          .webp()
          .toBuffer(),
    ],
    ['webp, lossless', () => carrying().webp({ lossless: true }).toBuffer()],
    ['webp, without extensions', () => pipeline(picture).webp().toBuffer()],
    [
      'webp, lossless with alpha, without extensions',
      () =>
        pipeline(noise(44, 31, 4))
          .webp({ lossless: true })
          .toBuffer(),
    ],
    ['avif', () => carrying().avif().toBuffer()],
    [
      'avif with alpha',
      () =>
        carrying(noise(44, 31, 4))
          .avif()
          .toBuffer(),
    ],
    ['png', () => carrying().png().toBuffer()],
    ['gif', () => pipeline(picture).gif().toBuffer()],
    ['tiff', () => pipeline(picture).tiff().toBuffer()],
  ];
  for (const [name, make] of files) {
    it(name, async () => {
      const file = await make();
      const [header, theirs] = [await readHeader(file, LIMIT), await sharp(file).metadata()];
      expect([header.width, header.height, header.format]).toEqual([44, 31, name.split(/[ ,]/)[0]]);
      expect(header.grey).toBe(theirs.channels < 3);
      if (name !== 'tiff') expect(header.alpha).toBe(theirs.hasAlpha);
      if (/gif|tiff/.test(name)) return;
      const { icc, exif, xmp } = header.metadata;
      expect(icc && Buffer.from(icc)).toEqual(theirs.icc);
      expect(xmp && Buffer.from(xmp)).toEqual(theirs.xmp);
      expect(exif && resetOrientation(exif)).toEqual(theirs.exif && resetOrientation(theirs.exif));
      if (/extensions|grey/.test(name)) expect([icc, exif, xmp]).toEqual([undefined, undefined, undefined]);
      else expect([icc, exif, xmp].every(Boolean)).toBe(true);
    });
  }

  it('CMYK is known, and its profile left', async () => {
    const header = await readHeader(await pipeline(picture).toColourspace('cmyk').jpeg().withIccProfile('cmyk').toBuffer(), LIMIT);
    expect([header.cmyk, header.metadata.icc]).toEqual([true, undefined]);
  });

  it('animations: format', async () => {
    const frames = sharp(Buffer.alloc(10 * 20 * 3).fill(9, 300), { raw: { width: 10, height: 20, channels: 3, pageHeight: 10 } });
    await expectCode(readHeader(await frames.clone().gif().toBuffer(), LIMIT), 'format');
    await expectCode(readHeader(await frames.clone().webp().toBuffer(), LIMIT), 'format');
  });

  it('sizes are refused before anything else is done', async () => {
    const claims = await pipeline(picture).jpeg().toBuffer();
    const frame = claims.indexOf(Buffer.from([0xff, 0xc0]));
    claims.writeUInt16BE(60000, frame + 5);
    claims.writeUInt16BE(60000, frame + 7);
    expect((await expectCode(readHeader(claims, LIMIT), 'pixel-limit')).actual).toEqual({ width: 60000, height: 60000 });
  });
});

describe('what is put in is found again, by sharp too', () => {
  const cargo: Cargo = { icc: displayP3Profile(), exif: bytesOf('II*\0\x08\0\0\0\0\0\0\0\0\0'), xmp: bytesOf(XMP), density: 240 };

  for (const [format, put, header] of [
    ['jpeg', jpegWith, jpegHeader],
    ['webp', webpWith, webpHeader],
  ] as const) {
    it(`${format}, in the place of what was there, and pixels stay`, async () => {
      for (const file of [
        await carrying()[format]().toBuffer(),
        await pipeline(picture)[format]().toBuffer(),
        await pipeline(noise(9, 8, 1))
          [format]()
          .toBuffer(),
      ]) {
        const filled = joined(put(file, cargo));
        const { icc, exif, xmp } = header(filled).metadata;
        expect([icc, exif?.subarray(-14), xmp]).toEqual([cargo.icc, cargo.exif, cargo.xmp]);
        const theirs = await sharp(filled).metadata();
        expect([theirs.icc, theirs.xmp]).toEqual([Buffer.from(cargo.icc!), Buffer.from(XMP)]);
        if (format === 'jpeg') expect(theirs.density).toBe(240);
        const pixels = (of: Uint8Array) => sharp(of, { ignoreIcc: true }).raw().toBuffer();
        expectSamePixels(await pixels(filled), await pixels(file));
        expect(joined(put(filled, cargo))).toEqual(filled);
        const bare = header(joined(put(filled, { icc: null }))).metadata;
        expect([bare.icc, bare.xmp]).toEqual([undefined, cargo.xmp]);
      }
    });
  }

  it('a profile in several segments; one with a part missing is left out', async () => {
    const icc = noise(300, 500, 1).data as Uint8Array;
    const file = joined(jpegWith(await pipeline(picture).jpeg().toBuffer(), { icc }));
    expectSamePixels(jpegHeader(file).metadata.icc ?? [], icc);
    const second = Buffer.from(file).indexOf(Buffer.from('ICC_PROFILE\0\x02\x03', 'latin1'));
    file[second + 12] = 3;
    expect(jpegHeader(file).metadata.icc).toBeUndefined();
  });

  it('a JPEG with bytes between segments, filled markers, and another picture behind it', async () => {
    const jpeg = await carrying().jpeg().toBuffer();
    const odd = joined([jpeg.subarray(0, 2), Uint8Array.of(1, 2, 3, 0xff, 0xff), jpeg.subarray(3), jpeg.subarray(0, 50)]);
    expect([jpegHeader(odd).width, jpegHeader(odd).metadata.icc]).toEqual([44, jpegHeader(jpeg).metadata.icc]);
    expect([jpegHeader(jpeg).endMissing, jpegHeader(jpeg.subarray(0, -2)).endMissing]).toEqual([false, true]);
  });
});

describe('EXIF and XMP', () => {
  const block = (little: boolean, tag: number, type: number, value: number, more: number[] = []) => {
    const tiff = Buffer.alloc(26 + 4 * more.length);
    tiff.write(little ? 'II' : 'MM', 'latin1');
    const u16 = (v: number, at: number) => (little ? tiff.writeUInt16LE(v, at) : tiff.writeUInt16BE(v, at));
    const u32 = (v: number, at: number) => (little ? tiff.writeUInt32LE(v, at) : tiff.writeUInt32BE(v, at));
    u16(42, 2);
    u32(8, 4);
    u16(1, 8);
    u16(tag, 10);
    u16(type, 12);
    u32(1, 14);
    if (type === 3) u16(value, 18);
    else u32(value, 18);
    for (const [i, number] of more.entries()) u32(number, 26 + 4 * i);
    return tiff;
  };

  it('orientation and density are read in both byte orders, with and without the prefix', () => {
    for (const little of [true, false]) {
      for (let orientation = 1; orientation <= 8; orientation++) {
        for (const type of [3, 4]) {
          const exif = block(little, 0x0112, type, orientation);
          expect(exifOrientation(exif)).toBe(orientation);
          expect(exifOrientation(joined([bytesOf('Exif\0\0'), exif]))).toBe(orientation);
          expect(exifOrientation(resetOrientation(exif))).toBe(1);
        }
      }
      expect(exifOrientation(block(little, 0x0112, 3, 9))).toBe(1);
      expect(exifDensity(block(little, 0x011a, 5, 26, [600, 2]))).toBe(300);
      expect(exifDensity(block(little, 0x011a, 5, 26, [600, 0]))).toBeUndefined();
      expect(exifDensity(block(little, 0x011a, 5, 1e9))).toBeUndefined();
    }
  });

  it('every byte of a packet stays but the orientation, whatever its characters', () => {
    const packet = Uint8Array.from({ length: 256 }, (_, i) => i);
    const text = joined([packet, bytesOf('tiff:Orientation="6" <tiff:Orientation> 8</tiff:Orientation>'), packet]);
    const expected = joined([packet, bytesOf('tiff:Orientation="1" <tiff:Orientation> 1</tiff:Orientation>'), packet]);
    expect(resetXmpOrientation(text)).toEqual(expected);
  });

  it('a profile of Display P3 is known, the one made here and the one of colour management', async () => {
    expect(isDisplayP3(displayP3Profile())).toBe(true);
    const { icc } = await sharp(await pipeline(picture).jpeg().withIccProfile('p3').toBuffer()).metadata();
    expect(isDisplayP3(icc!)).toBe(true);
    expect(isDisplayP3((await sharp(await pipeline(picture).jpeg().withIccProfile('srgb').toBuffer()).metadata()).icc!)).toBe(false);
  });

  it('colour management converts by the profile made here as by its own', async () => {
    const wide = joined(jpegWith(await pipeline(picture).jpeg({ quality: 100 }).toBuffer(), { icc: displayP3Profile() }));
    const { icc } = await sharp(await pipeline(picture).jpeg().withIccProfile('p3').toBuffer()).metadata();
    const theirs = joined(jpegWith(wide, { icc }));
    const converted = async (file: Uint8Array) => await sharp(file).toColourspace('srgb').raw().toBuffer();
    const [a, b] = [await converted(wide), await converted(theirs)];
    let largest = 0;
    for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
    expect(largest).toBeLessThanOrEqual(2);
    const unconverted = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
    expect(a.equals(unconverted)).toBe(false);
  });
});

describe('broken files give a header or a typed error, and end', () => {
  const seeds = async () => [
    await carrying().jpeg().toBuffer(),
    await pipeline(noise(9, 7, 1))
      .jpeg({ progressive: true })
      .toBuffer(),
    await carrying(noise(20, 9, 4))
      .webp()
      .toBuffer(),
    await pipeline(noise(20, 9, 4))
      .webp({ lossless: true })
      .toBuffer(),
    await carrying(noise(20, 9, 4))
      .avif()
      .toBuffer(),
    await pipeline(noise(20, 9, 3))
      .gif()
      .toBuffer(),
    await pipeline(noise(20, 9, 3))
      .tiff()
      .toBuffer(),
    Buffer.from(joined(await encodePng(noise(20, 9, 4), { icc: displayP3Profile(), exif: bytesOf('MM\0*\0\0\0\x08\0\0'), xmp: bytesOf(XMP), density: 72 }))),
    Buffer.from(joined(await encodePng(noise(5, 9, 1, 16), {}))),
  ];

  /** PNG's check sums put right again, so that changes get through to what is behind them. */
  function resummed(file: Buffer): Uint8Array {
    const parts: Uint8Array[] = [file.subarray(0, 8)];
    for (let at = 8; at + 12 <= file.length; ) {
      const end = Math.min(file.length, at + 12 + file.readUInt32BE(at));
      parts.push(pngChunk(file.toString('latin1', at + 4, at + 8), file.subarray(at + 8, Math.max(at + 8, end - 4))));
      at = end;
    }
    return joined(parts);
  }

  it('9000 of them, changed in up to eight bytes or cut short', { timeout: 120_000 }, async () => {
    const files = await seeds();
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const seen = { read: 0, refused: 0 };
    for (let run = 0; run < 9000; run++) {
      const original = files[run % files.length];
      let file = Buffer.from(original);
      for (let i = 0; i <= random(8); i++) file[random(random(2) ? file.length : Math.min(file.length, 400))] = [0, 255, 1, random(256)][random(4)];
      if (random(4) === 0) file = file.subarray(0, random(file.length + 1));
      const bytes = original[0] === 0x89 && random(2) ? resummed(file) : file;
      try {
        const header = await readHeader(bytes, LIMIT);
        expect(header.width * header.height).toBeLessThanOrEqual(LIMIT);
        seen.read++;
        if (isPng(header)) await decodePng(header);
        if (header.format === 'jpeg') jpegHeader(joined(jpegWith(bytes, { icc: displayP3Profile(), density: 72 })));
        if (header.format === 'webp') webpHeader(joined(webpWith(bytes, { icc: displayP3Profile() })));
        if (header.metadata.exif) exifOrientation(resetOrientation(header.metadata.exif));
        if (header.metadata.icc) isDisplayP3(header.metadata.icc);
      } catch (error) {
        seen.refused++;
        if (!(error instanceof InpaintError)) throw error;
        expect(['format', 'damaged', 'pixel-limit']).toContain(error.code);
      }
    }
    expect(seen.read).toBeGreaterThan(1000);
    expect(seen.refused).toBeGreaterThan(1000);
  });

  it('a number beyond the end is damage, never NaN', () => {
    const numbers = numbersOf(Uint8Array.of(1, 2, 3));
    expect(numbers.next(2)).toBe(258);
    expect(() => numbers.next(2)).toThrow(PictureError);
  });

  it('boxes, directories and blocks that claim too much', async () => {
    const avif = await carrying().avif().toBuffer();
    for (const type of ['iloc', 'ipma', 'iinf', 'ispe', 'pitm', 'ipco', 'meta']) {
      const at = avif.indexOf(type);
      for (const value of [0, 1, 9, 0xffffffff]) {
        for (const offset of [-4, 4, 6, 8]) {
          const file = Buffer.from(avif);
          file.writeUInt32BE(value, at + offset);
          await readHeader(file, LIMIT).catch((error) => expect(error).toBeInstanceOf(InpaintError));
        }
      }
    }
  });

  it('places of an AVIF that cost no bytes, or the whole file over and over', async () => {
    const box = (type: string, ...content: Uint8Array[]) => {
      const [body, head] = [joined(content), Buffer.alloc(8)];
      head.writeUInt32BE(8 + body.length);
      head.write(type, 4, 'latin1');
      return joined([head, body]);
    };
    const items = (sizes: number, count: number, item: number[]) =>
      box(
        'iloc',
        Uint8Array.of(0, 0, 0, 0, sizes, 0, count >> 8, count & 255),
        Uint8Array.from({ length: count * item.length }, (_, i) => item[i % item.length]),
      );
    const avif = (iloc: Uint8Array) => {
      const ispe = box('ispe', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 9));
      const ipma = box('ipma', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1));
      const pitm = box('pitm', Uint8Array.of(0, 0, 0, 0, 0, 1));
      const meta = box('meta', new Uint8Array(4), pitm, box('iprp', box('ipco', ispe), ipma), iloc);
      return joined([box('ftyp', bytesOf('avif\0\0\0\0')), meta, new Uint8Array(2 ** 16)]);
    };
    expect(await readHeader(avif(items(0x44, 1, [0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 9])), LIMIT)).toMatchObject({ format: 'avif', width: 9 });
    // Item 2, 65535 times over, each in 65535 places that nothing is said of.
    await expectCode(readHeader(avif(items(0, 65535, [0, 2, 0, 0, 0xff, 0xff])), LIMIT), 'damaged');
    // Item 1 in 1000 places, each of which is 60000 bytes from the beginning.
    const place = [0, 0, 0, 0, 0, 0, 0xea, 0x60];
    await expectCode(readHeader(avif(items(0x44, 1, [0, 1, 0, 0, 0x03, 0xe8, ...Array.from({ length: 1000 }, () => place).flat()])), LIMIT), 'damaged');
  });
});
