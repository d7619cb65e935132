import { fc, test } from '@fast-check/vitest';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { lacksRestarts } from '../../src/io/containers/jpeg';
import { encodePicture, readMask, readPicture } from '../../src/io/node';
import type { Warning } from '../../src/warning';
import { chunk, contentOf, type Format, fileWith, KINDS, type Kind, SAID, withChunks } from './carrying-files';
import { tiffOf } from './exif-block';
import { expectCode, expectSamePixels, noise, pipeline } from './support';

const FORMATS = Object.keys(KINDS) as Format[];
const WRITTEN = ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const;

/** A file of some format with some of what it can carry. */
const files = fc.constantFrom(...FORMATS).chain((format) => fc.record({ format: fc.constant(format), kinds: fc.subarray(KINDS[format], { minLength: 1 }) }));

/** A word that nothing else holds. */
const wordOf = (kind: Kind) => `word-of-${kind}-7f3a9c`;

const words = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
};

describe('what is in a file comes out, or a warning names it', () => {
  test.prop([files, fc.constantFrom(...WRITTEN)], { numRuns: 1000, seed: 11 })(
    'a thousand files',
    async ({ format, kinds }, target) => {
      const file = await fileWith(format, Object.fromEntries(kinds.map((kind) => [kind, wordOf(kind)])));
      const before = contentOf(file);
      const warnings: Warning[] = [];
      const onWarning = (warning: Warning) => warnings.push(warning);
      const after = contentOf(await encodePicture(await readPicture(file, { onWarning }), { format: target, onWarning }));
      const said = warnings.map(({ message }) => message).join('\n');
      for (const kind of kinds) {
        if (kind === 'gain-map') {
          expect(after.includes('hdrgm:GainMapMax')).toBe(false);
          expect(warnings.some(({ code, message }) => code === 'claims-removed' && SAID[kind].test(message))).toBe(true);
        } else {
          expect(before.includes(wordOf(kind)), `the file holds ${kind}`).toBe(true);
          // A thumbnail shows what was removed: it goes without a word.
          if (kind === 'thumbnail') expect(after.includes(wordOf(kind))).toBe(false);
          else if (!after.includes(wordOf(kind))) expect(said, `${kind} of ${format} is not in the ${target}: that is said`).toMatch(SAID[kind]);
        }
      }
    },
    600_000,
  );
});

describe('colour that is described outside a profile', () => {
  const PNG_OF: Record<string, [string, Buffer][]> = {
    'Display P3 by code points': [['cICP', Buffer.from([12, 13, 0, 1])]],
    'BT.2020 by code points': [['cICP', Buffer.from([9, 14, 0, 1])]],
    linear: [['gAMA', words(100000)]],
    'Adobe RGB': [
      ['gAMA', words(45470)],
      ['cHRM', words(31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)],
    ],
    sRGB: [['sRGB', Buffer.from([1])]],
    'PQ with the light of its display': [
      ['cICP', Buffer.from([9, 16, 0, 1])],
      [
        'mDCV',
        Buffer.concat([Buffer.from([0x8a, 0x48, 0x39, 0x08, 0x21, 0x34, 0x9b, 0xaa, 0x19, 0x96, 0x08, 0xfc, 0x3d, 0x13, 0x40, 0x42]), words(10_000_000, 50)]),
      ],
      ['cLLI', words(10_000_000, 4_000_000)],
    ],
  };

  for (const [name, chunks] of Object.entries(PNG_OF)) {
    for (const target of WRITTEN) {
      it(`${name}, into ${target}`, async () => {
        const warnings: Warning[] = [];
        const onWarning = (warning: Warning) => warnings.push(warning);
        const file = withChunks(await fileWith('png', {}), ...chunks.map(([type, content]) => chunk(type, content)));
        const picture = await readPicture(file, { onWarning });
        const written = await encodePicture(picture, { format: target, onWarning });
        const { icc } = await sharp(written).metadata();
        const codes = warnings.map(({ code }) => code);
        if (target === 'png') {
          for (const [type, content] of chunks) expect(written.includes(chunk(type, content)), type).toBe(true);
          expect([icc, codes]).toEqual([undefined, []]);
        } else if (name.startsWith('PQ')) {
          expect(codes).toEqual(target === 'avif' ? [] : ['colour-dropped', 'metadata-dropped']);
          if (target !== 'avif') expect(warnings.map(({ message }) => message).join()).toMatch(/PQ.*mDCV, cLLI/);
        } else {
          expect(codes).toEqual([]);
          // An AVIF says it by the same numbers, where viewers take them for the same.
          const nclx = written.indexOf('nclx');
          if (nclx >= 0) expect([written.readUInt16BE(nclx + 4), written.readUInt16BE(nclx + 6)]).toEqual(name === 'Display P3 by code points' ? [12, 13] : []);
          else if (name === 'sRGB') expect(icc).toBeUndefined();
          else expect(icc?.length).toBeGreaterThan(300);
        }
        expectSamePixels((await readPicture(await encodePicture(picture, { format: 'png', onWarning }), { onWarning })).data, picture.data);
      });
    }
  }

  it('an AVIF of 16 bits with code points keeps its pixels as its encoder wrote them', async () => {
    const bare = noise(40, 24, 3, 16);
    const colour = { codePoints: { primaries: 9, transfer: 16, matrix: 0, fullRange: true } };
    const [plain, described] = [await encodePicture(bare, { format: 'avif' }), await encodePicture({ ...bare, metadata: { colour } }, { format: 'avif' })];
    expect(described.includes('nclx')).toBe(true);
    const pixels = (of: Buffer) => sharp(of).raw({ depth: 'ushort' }).toBuffer();
    expectSamePixels(await pixels(described), await pixels(plain));
    expect((await readPicture(described)).metadata?.colour?.codePoints).toMatchObject({ primaries: 9, transfer: 16 });
  });

  it('a density of 300 comes out of every format', async () => {
    for (const target of WRITTEN) {
      const written = await encodePicture({ ...noise(20, 10, 3), metadata: { density: 300 } }, { format: target });
      expect((await readPicture(written)).metadata?.density, target).toBeCloseTo(300, 1);
    }
  });
});

describe('files that others have written', () => {
  const PIXELS = noise(64, 48, 3);
  const jpeg = () => pipeline(PIXELS).jpeg({ quality: 90 }).toBuffer();
  const told = async (file: Uint8Array) => {
    const warnings: Warning[] = [];
    const picture = await readPicture(file, { onWarning: (warning) => warnings.push(warning) });
    return { picture, codes: warnings.map(({ code }) => code) };
  };

  it('an animated PNG is refused as other animations are', async () => {
    const animated = withChunks(await fileWith('png', {}), chunk('acTL', words(1, 0)));
    expect((await expectCode(readPicture(animated), 'format')).message).toMatch(/animated/);
    await expectCode(readMask(animated), 'format');
  });

  it('an image sequence of AVIF is refused as other animations are', async () => {
    const still = await fileWith('avif', {});
    const moov = Buffer.from([0, 0, 0, 8, 0x6d, 0x6f, 0x6f, 0x76]);
    await expectCode(readPicture(Buffer.concat([still, moov])), 'format');
  });

  it.each([
    ['of 12 bits', 4, 12, /12 bits/],
    ['lossless', 1, 0xc3, /lossless/],
    ['arithmetic', 1, 0xc9, /arithmetic/],
    ['hierarchical', 1, 0xc5, /hierarchical/],
  ])('a JPEG that is %s is of a format that is not read', async (_, at, value, said) => {
    const file = await jpeg();
    file[file.indexOf(Buffer.from([0xff, 0xc0])) + at] = value;
    expect((await expectCode(readPicture(file), 'format')).message).toMatch(said);
    await expectCode(readMask(file), 'format');
  });

  it.each([
    ['CIE Lab', 8],
    ['ITU Lab', 10],
    ['raw pixels', 32803],
  ])('a TIFF of %s is of a format that is not read', async (said, photometric) => {
    const file = await pipeline(PIXELS).tiff({ compression: 'none' }).toBuffer();
    const at = file.readUInt32LE(4);
    for (let entry = at + 2; entry < at + 2 + 12 * file.readUInt16LE(at); entry += 12)
      if (file.readUInt16LE(entry) === 0x106) file.writeUInt16LE(photometric, entry + 8);
    for (const read of [readPicture, readMask]) expect((await expectCode(read(file), 'format')).message).toMatch(said);
  });

  for (const progressive of [false, true]) {
    it(`a ${progressive ? 'progressive' : 'baseline'} JPEG that lacks its end marker alone is read, one that lacks rows is not`, async () => {
      const whole = await pipeline(PIXELS).jpeg({ quality: 90, progressive }).toBuffer();
      const { picture, codes } = await told(whole.subarray(0, -2));
      expectSamePixels(picture.data, (await readPicture(whole)).data);
      expect(codes).toEqual(['end-missing']);
      expect((await readMask(whole.subarray(0, -2), { onWarning: () => undefined })).width).toBe(64);
      for (const share of [0.99, 0.9, 0.6]) await expectCode(readPicture(whole.subarray(0, Math.floor(whole.length * share))), 'damaged');
      await expectCode(readPicture(whole.subarray(0, -2), { failOn: 'warning' }), 'damaged');
    });
  }

  it('what an extension of XMP lacks is said, and no longer referred to', async () => {
    const file = await fileWith('jpeg', { xmp: 'kept', 'extended-xmp': 'lost' });
    const second = file.lastIndexOf('http://ns.adobe.com/xmp/extension/');
    file.write('X', second, 'latin1');
    const { picture, codes } = await told(file);
    const packet = Buffer.from(picture.metadata!.xmp!).toString();
    expect([packet.includes('kept'), packet.includes('HasExtendedXMP')]).toEqual([true, false]);
    expect(codes).toEqual(['metadata-dropped']);
  });

  it('a file of many small chunks, or of one that claims four gigabytes, ends soon', async () => {
    const png = await fileWith('png', {});
    const many = withChunks(png, ...Array.from({ length: 20_000 }, (_, i) => chunk('tEXt', Buffer.from(`k${i}\0v`))));
    expect((await told(many)).picture.metadata?.texts?.length).toBe(20_000);
    const claims = Buffer.from(png);
    claims.writeUInt32BE(0xfffffff0, 33);
    await expectCode(readPicture(claims), 'damaged');
  });
});

describe('what a reviewer found lost', () => {
  const told = async (file: Uint8Array) => {
    const messages: string[] = [];
    const picture = await readPicture(file, { onWarning: ({ message }) => messages.push(message) });
    return { metadata: picture.metadata!, said: messages.join('\n') };
  };

  it('colour and texts of a PNG without an end, which the decoder reads if it is told to', async () => {
    const file = withChunks(await fileWith('png', { text: 'kept' }), chunk('gAMA', words(100000)));
    const picture = await readPicture(file.subarray(0, -12), { failOn: 'none', onWarning: () => undefined });
    expect([picture.metadata?.colour, picture.metadata?.texts]).toEqual([{ gamma: 1 }, [{ keyword: 'Title', text: 'kept' }]]);
  });

  it('an animation that begins behind the pixels is none', async () => {
    const png = await fileWith('png', {});
    const late = Buffer.concat([png.subarray(0, -12), chunk('acTL', words(2, 0)), png.subarray(-12)]);
    expect((await told(late)).said).toMatch(/acTL/);
  });

  it('IPTC of a TIFF beside resources of Photoshop without it', async () => {
    const file = await fileWith('tiff', { photoshop: 'resources', iptc: 'caption' });
    // The resources' own IPTC becomes another one.
    const at = file.indexOf(Buffer.from('8BIM\x04\x04', 'latin1'));
    file[at + 5] = 0x08;
    const { metadata } = await told(file);
    expect(Buffer.from(metadata.photoshop!).includes(Buffer.from('8BIM\x04\x04', 'latin1'))).toBe(true);
  });

  it('a comment of more than a segment is said, not cut within a character', async () => {
    const picture = { ...noise(8, 8, 3), metadata: { texts: [{ keyword: 'Comment', text: 'é'.repeat(40_000) }] } };
    const messages: string[] = [];
    const written = await encodePicture(picture, { format: 'jpeg', onWarning: ({ message }) => messages.push(message) });
    expect([messages.join(), (await told(written)).metadata.texts]).toEqual([expect.stringMatching(/"Comment"/), undefined]);
  });

  it('a second EXIF block, a second packet, and what stands behind the picture', async () => {
    const file = await fileWith('jpeg', { exif: 'first', xmp: 'first' });
    const head = file.subarray(2, file.indexOf(Buffer.from([0xff, 0xdb])));
    const twice = Buffer.concat([file.subarray(0, 2), head, file.subarray(2), Buffer.from('MotionPhoto_Data and a video')]);
    const { said } = await told(twice);
    for (const what of [/a second EXIF block/, /a second XMP packet/, /data behind the picture's end/]) expect(said).toMatch(what);
    expect((await told(Buffer.concat([file, Buffer.alloc(500)]))).said).toBe('');
  });

  it('what stands behind the picture is named once, by the claims about it if there are any', async () => {
    const video = Buffer.from('a video');
    const { said } = await told(Buffer.concat([await fileWith('jpeg', { 'gain-map': 'x' }), video]));
    expect(said.split('\n').length).toBe(1);
    expect(said).toMatch(/gain map/);
  });

  it("a file's own density holds where EXIF says another; an exact one where they agree", async () => {
    for (const [own, exif, expected] of [
      [11811, 72, 300],
      [2835, 72, 72],
    ]) {
      const block = tiffOf(false, [[[0x011a, 5, 1, words(exif, 1)]]]);
      const file = withChunks(await fileWith('png', {}), chunk('eXIf', block));
      const place = file.indexOf('pHYs');
      expect(place).toBeGreaterThan(0);
      const density = chunk('pHYs', Buffer.concat([words(own, own), Buffer.from([1])]));
      density.copy(file, place - 4);
      expect((await told(file)).metadata.density).toBe(expected);
    }
  });

  it('pixels that are not square, and names that are no words', async () => {
    const png = await fileWith('png', {});
    chunk('pHYs', Buffer.concat([words(11811, 23622), Buffer.from([1])])).copy(png, png.indexOf('pHYs') - 4);
    expect((await told(png)).said).toMatch(/the shape of the pixels/);
    const webp = await fileWith('webp', { unknown: 'x' });
    webp.write('\x1b[3m', webp.indexOf('PRVT'), 'latin1');
    const { said } = await told(webp);
    expect([said.includes('?[3m'), said.includes('\x1b')]).toEqual([true, false]);
  });

  it('many texts, many broken ones, and many chunks take no time in proportion to their square', async () => {
    const png = await fileWith('png', {});
    const texts = withChunks(png, ...Array.from({ length: 60_000 }, (_, i) => chunk('tEXt', Buffer.from(`key ${i}\0v`))));
    const picture = await readPicture(texts);
    expect(picture.metadata?.texts?.length).toBe(60_000);
    const messages: string[] = [];
    await encodePicture(picture, { format: 'jpeg', onWarning: ({ message }) => messages.push(message) });
    expect(messages.join().length).toBeLessThan(2000);
    const broken = withChunks(png, ...Array.from({ length: 40_000 }, (_, i) => chunk('zTXt', Buffer.from(`key ${i}\0\0rubbish`))));
    expect((await told(broken)).said.length).toBeLessThan(3000);
  });

  it('a JPEG of restart markers that lacks rows', () => {
    const head = [0xff, 0xd8, 0xff, 0xdd, 0, 4, 0, 2, 0xff, 0xc0, 0, 11, 8, 0, 16, 0, 32, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0];
    const scan = (restarts: number) => Array.from({ length: restarts }, (_, i) => [1, 2, 0xff, 0xd0 + (i % 8)]).flat();
    // 4 x 2 blocks, two to an interval: three markers stand between.
    expect(lacksRestarts(Uint8Array.from([...head, ...scan(3), 1, 2]))).toBe(false);
    expect(lacksRestarts(Uint8Array.from([...head, ...scan(2), 1, 2]))).toBe(true);
  });
});
