import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { InpaintError } from '../../src/errors';
import { encodePicture, fitMask, readMask, readPicture, writePicture } from '../../src/io/node';
import { checkPicture } from '../../src/picture';
import { expectCode, noise, pipeline, temporaryFolder } from './support';

const folder = temporaryFolder();
const picture = noise(40, 30, 3);

/** A PNG header that claims a size, with no pixels to speak of. */
async function claiming(width: number, height: number): Promise<Buffer> {
  const png = await pipeline(picture).png().toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  return png;
}

describe('reading', () => {
  it('a path that is not there, a folder, a path under a file: file-read', async () => {
    writeFileSync(join(folder, 'file'), 'x');
    for (const path of [join(folder, 'nothing.png'), folder, join(folder, 'file', 'below.png')]) {
      const error = await expectCode(readPicture(path), 'file-read');
      expect(error.message).toContain(path);
      await expectCode(readMask(path), 'file-read');
    }
  });

  it('text named .png, an empty file, SVG, JSON: format', async () => {
    for (const [name, text] of [
      ['a.png', 'this is text'],
      ['b.jpg', ''],
      ['c.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
      ['d.webp', '{"a": 1}'],
    ]) {
      writeFileSync(join(folder, name), text);
      await expectCode(readPicture(join(folder, name)), 'format');
      // Told by its first bytes, before a decoder sees it.
      expect((await expectCode(readPicture(Buffer.from(text)), 'format')).message).toContain('is no picture');
    }
  });

  it('an animation: format', async () => {
    const frames = await sharp(Buffer.alloc(10 * 20 * 3).fill(9, 300), { raw: { width: 10, height: 20, channels: 3, pageHeight: 10 } })
      .gif()
      .toBuffer();
    expect((await sharp(frames).metadata()).pages).toBe(2);
    expect((await expectCode(readPicture(frames), 'format')).message).toContain('animated');
    await expectCode(readPicture(await sharp(frames, { animated: true }).webp().toBuffer()), 'format');
    expect((await readPicture(await sharp(frames).gif().toBuffer())).metadata?.format).toBe('gif');
  });

  it('float pixels: format', async () => {
    const float = await sharp(new Float32Array(12) as unknown as Buffer, { raw: { width: 2, height: 2, channels: 3 } })
      .toColourspace('scrgb')
      .tiff({ compression: 'none' })
      .toBuffer();
    expect((await sharp(float).metadata()).depth).toBe('float');
    await expectCode(readPicture(float), 'format');
  });

  it('files cut short: damaged', async () => {
    const files = {
      jpeg: await pipeline(picture).jpeg().toBuffer(),
      progressive: await pipeline(picture).jpeg({ progressive: true }).toBuffer(),
      png: await pipeline(picture).png().toBuffer(),
      webp: await pipeline(picture).webp().toBuffer(),
      avif: await pipeline(picture).avif().toBuffer(),
      tiff: await pipeline(picture).tiff({ compression: 'lzw' }).toBuffer(),
    };
    for (const [name, bytes] of Object.entries(files)) {
      for (const part of [0.5, 0.8]) {
        const cut = join(folder, `cut.${name}`);
        writeFileSync(cut, bytes.subarray(0, bytes.length * part));
        const error = await expectCode(readPicture(cut), 'damaged');
        expect(error.message).toContain(cut);
        expect(error.cause).toBeInstanceOf(Error);
      }
    }
  });

  it('a broken check sum: damaged; what decoders only remark on is read', async () => {
    const png = await pipeline(picture).png().toBuffer();
    const broken = Buffer.from(png);
    broken[png.length >> 1] ^= 255;
    await expectCode(readPicture(broken), 'damaged');
    const jpeg = await pipeline(picture).jpeg().toBuffer();
    const tables = jpeg.indexOf(Buffer.from([0xff, 0xc4]));
    const chatty = Buffer.concat([jpeg.subarray(0, tables), Buffer.from([1, 2, 3]), jpeg.subarray(tables)]);
    expect((await readPicture(chatty)).width).toBe(40);
    await expectCode(readPicture(chatty, { failOn: 'warning' }), 'damaged');
  });

  it('a PNG that claims 65535 x 65535: pixel-limit, and nothing is allocated', async () => {
    const before = process.memoryUsage().rss;
    const start = process.cpuUsage();
    const error = await expectCode(readPicture(await claiming(65535, 65535)), 'pixel-limit');
    // What this process computes, however little of the machine it is given.
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(2);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    expect([error.expected, error.actual]).toEqual([16384 * 16384, { width: 65535, height: 65535 }]);
    await expectCode(readMask(await claiming(65535, 65535)), 'pixel-limit');
  });

  it('the limit can be lowered, is inclusive, and raised', async () => {
    const png = await pipeline(picture).png().toBuffer();
    await expectCode(readPicture(png, { pixelLimit: 1199 }), 'pixel-limit');
    expect((await readPicture(png, { pixelLimit: 1200 })).width).toBe(40);
    await expectCode(readPicture(await claiming(20000, 20000), { pixelLimit: 20000 * 20000 }), 'damaged');
  });

  it('options out of range: argument', async () => {
    const png = await pipeline(picture).png().toBuffer();
    await expectCode(readPicture(png, { pixelLimit: 0 }), 'argument');
    await expectCode(readPicture(png, { failOn: 'sometimes' as 'error' }), 'argument');
    await expectCode(readPicture(42 as unknown as string), 'argument');
  });

  const seeds = Promise.all([
    pipeline(picture)
      .jpeg()
      .withIccProfile('p3')
      .withExif({ IFD0: { Copyright: 'me' } })
      .toBuffer(),
    pipeline(picture).jpeg({ progressive: true }).toBuffer(),
    pipeline(picture).png().withMetadata({ orientation: 6 }).toBuffer(),
    pipeline(noise(12, 9, 4, 16))
      .png()
      .toBuffer(),
    pipeline(noise(12, 9, 3))
      .png({ palette: true })
      .toBuffer(),
    pipeline(picture).webp().withMetadata({ orientation: 3 }).toBuffer(),
    pipeline(noise(12, 9, 3))
      .avif()
      .toBuffer(),
    pipeline(noise(12, 9, 3, 16))
      .tiff({ compression: 'lzw' })
      .toBuffer(),
    pipeline(noise(12, 9, 3))
      .gif()
      .toBuffer(),
  ]);
  const edits = fc.array(fc.record({ where: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), value: fc.nat(255), early: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
  });
  test.prop([fc.nat(8), edits, fc.option(fc.double({ min: 0.01, max: 1, noNaN: true }))], { numRuns: 400 })(
    'any bytes give a picture or a typed error, never anything else',
    async (which, changes, keep) => {
      const bytes = Buffer.from((await seeds)[which]);
      for (const { where, value, early } of changes) bytes[Math.floor(where * (early ? Math.min(200, bytes.length) : bytes.length))] = value;
      try {
        const read = await readPicture(keep === null ? bytes : bytes.subarray(0, Math.ceil(bytes.length * keep)), { pixelLimit: 1e6 });
        checkPicture(read, 'picture');
        await encodePicture(read, { format: 'png' });
      } catch (error) {
        expect(error).toBeInstanceOf(InpaintError);
        expect(['format', 'damaged', 'pixel-limit']).toContain((error as InpaintError).code);
      }
    },
  );
  test.prop([fc.uint8Array({ maxLength: 300 })], { numRuns: 200 })('random bytes are no picture', async (bytes) => {
    await expectCode(readPicture(bytes), '(format|damaged)');
  });
});

describe('writing', () => {
  it('a folder that is not there or can not be written to, a path that is a folder or device: file-write, and nothing is left', async () => {
    writeFileSync(join(folder, 'plain'), 'x');
    mkdirSync(join(folder, 'folder.png'), { recursive: true });
    for (const path of [join(folder, 'no', 'such', 'out.png'), join(folder, 'plain', 'out.png'), join(folder, 'folder.png'), '/proc/out.png'])
      await expectCode(writePicture(picture, path), 'file-write');
    await expectCode(writePicture(picture, '/dev/null', { format: 'png' }), 'file-write');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('an extension that is none, GIF, a size the format can not hold: format', async () => {
    await expectCode(writePicture(picture, join(folder, 'out.bmp')), 'format');
    await expectCode(writePicture(picture, join(folder, 'out')), 'format');
    await expectCode(writePicture(picture, join(folder, 'out.gif')), 'format');
    await expectCode(encodePicture(picture, { format: 'bmp' as 'png' }), 'format');
    await expectCode(encodePicture(noise(17000, 1, 1), { format: 'webp' }), 'format');
    await expectCode(encodePicture(noise(1, 65536, 1), { format: 'jpeg' }), 'format');
  });

  it('a quality out of range: argument; a picture that is none: shape', async () => {
    for (const quality of [0, 101, Number.NaN]) await expectCode(encodePicture(picture, { format: 'jpeg', quality }), 'argument');
    await expectCode(encodePicture({ ...picture, width: 41 }), 'shape');
    await expectCode(encodePicture({ ...picture, channels: 5 as 4 }), 'shape');
  });

  it('overwrites by default, and refuses to when told: file-exists', async () => {
    const path = join(folder, 'twice.png');
    await writePicture(noise(5, 5, 3), path, { overwrite: false });
    const before = readFileSync(path);
    await expectCode(writePicture(picture, path, { overwrite: false }), 'file-exists');
    expect(readFileSync(path)).toEqual(before);
    await writePicture(picture, path);
    expect((await readPicture(path)).width).toBe(40);
  });

  it('a symbolic link stays one, and its target is written', async () => {
    const target = join(folder, 'target.png');
    await writePicture(noise(5, 5, 3), target);
    symlinkSync(target, join(folder, 'link.png'));
    await writePicture(picture, join(folder, 'link.png'));
    expect((await readPicture(target)).width).toBe(40);
  });

  it('an aborted write leaves the old file: aborted', async () => {
    const path = join(folder, 'kept.png');
    await writePicture(noise(5, 5, 3), path);
    await expectCode(writePicture(picture, path, { signal: AbortSignal.abort() }), 'aborted');
    expect((await readPicture(path)).width).toBe(5);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('fitMask', () => {
  it('takes the nearest pixel', () => {
    const mask = noise(7, 5, 2);
    const fitted = fitMask(mask, 20, 11);
    expect([fitted.width, fitted.height, fitted.data.length]).toEqual([20, 11, 440]);
    for (let y = 0; y < 11; y++) {
      for (let x = 0; x < 20; x++) {
        const from = (Math.floor(((y + 0.5) * 5) / 11) * 7 + Math.floor(((x + 0.5) * 7) / 20)) * 2;
        expect([fitted.data[(y * 20 + x) * 2], fitted.data[(y * 20 + x) * 2 + 1]]).toEqual([mask.data[from], mask.data[from + 1]]);
      }
    }
  });

  it('gives the same mask back where it fits, keeps 16 bits, and checks its arguments', async () => {
    const mask = noise(7, 5, 1, 16);
    expect(fitMask(mask, 7, 5)).toBe(mask);
    expect(fitMask(mask, 3, 3).data).toBeInstanceOf(Uint16Array);
    await expectCode((async () => fitMask(mask, 0, 5))(), 'argument');
    await expectCode((async () => fitMask({ ...mask, width: 8 }, 3, 3))(), 'shape');
  });
});
