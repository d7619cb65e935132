import { fc, test } from '@fast-check/vitest';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodePicture, readMask, readPicture } from '../../src/io/node';
import type { Warning } from '../../src/warning';
import { chunk, contentOf, type Format, fileWith, KINDS, type Kind, SAID, withChunks } from './carrying-files';
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
