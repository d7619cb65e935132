import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { numberBytes } from '../../../src/io/containers/bytes';
import { heifPlanes, isPremultiplied } from '../../../src/io/containers/heif-planes';
import { readPicture } from '../../../src/io/node';
import { expectCode, expectSamePixels, noise, pipeline } from '../support';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../../fixtures/avif/${name}.avif`, import.meta.url));
const shown = (file: Uint8Array) => sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });

/** Each third number: grey that was decoded as colour. */
const greyOf = (data: Buffer): Uint8Array => data.filter((_, i) => i % 3 === 0);
const alphaOf = (x: number, y: number): number => 1 + 16 * x + y;

describe('an AVIF is taken apart into colours and alpha', () => {
  const picture = noise(40, 24, 4);
  const written = () => pipeline(picture).avif({ lossless: true, chromaSubsampling: '4:4:4' }).toBuffer();

  async function expectParts(file: Uint8Array): Promise<void> {
    const planes = heifPlanes(file)!;
    expectSamePixels(
      (await shown(planes.colours)).data,
      picture.data.filter((_, i) => i % 4 < 3),
    );
    expectSamePixels(
      greyOf((await shown(planes.alpha)).data),
      picture.data.filter((_, i) => i % 4 === 3),
    );
    for (const part of [planes.colours, planes.alpha]) expect((await sharp(part).metadata()).hasAlpha).toBe(false);
    expect(planes.premultiplied).toBe(false);
  }

  it('bit by bit', async () => expectParts(await written()));

  it('where the last box goes on to the end of the file', async () => {
    const file = await written();
    const start = file.indexOf('mdat') - 4;
    expect(file.readUInt32BE(start)).toBe(file.length - start);
    file.set(numberBytes(0, 4), start);
    await expectParts(file);
  });

  /** The file with a head of 16 bytes on its pixels, which then lie 8 bytes further on. */
  function withLongHead(file: Buffer): Buffer {
    const [start, iloc] = [file.indexOf('mdat') - 4, file.indexOf('iloc') + 4];
    const moved = Buffer.from(file);
    expect(file.readUInt32BE(iloc) + file.readUInt16BE(iloc + 4)).toBe(0x4440);
    for (let item = 0; item < file.readUInt16BE(iloc + 6); item++) {
      const at = iloc + 8 + 18 * item;
      expect(file.readUInt16BE(at + 8)).toBe(1);
      moved.writeUInt32BE(file.readUInt32BE(at + 10) + 8, at + 10);
    }
    const head = Buffer.concat([numberBytes(1, 4), Buffer.from('mdat'), numberBytes(file.length - start + 8, 8)]);
    return Buffer.concat([moved.subarray(0, start), head, moved.subarray(start + 8)]);
  }

  it('where the size of the last box takes 64 bits', async () => expectParts(withLongHead(await written())));

  it('whatever stands behind the last box', async () => {
    const file = await written();
    for (const behind of [Buffer.alloc(16, 255), Buffer.from('words, not a box'), Buffer.alloc(16), Buffer.alloc(5)]) {
      await expectParts(Buffer.concat([file, behind]));
    }
  });

  it('and the file that came in stays as it was', async () => {
    const file = await written();
    const before = Buffer.from(file);
    heifPlanes(file);
    expect(file.equals(before)).toBe(true);
  });

  it('of tiles', async () => {
    const planes = heifPlanes(fixture('tiles'))!;
    const [colours, alpha] = [await shown(planes.colours), await shown(planes.alpha)];
    expect([...colours.data.subarray(0, 3), colours.info.width, colours.info.height]).toEqual([200, 100, 50, 128, 64]);
    const rows = greyOf(alpha.data);
    expect([rows.length, rows[0], rows[63], rows[64], rows[127]]).toEqual([128 * 64, 3, 3, 250, 250]);
  });

  it('alpha is turned as the colours are', async () => {
    const { data, info } = await shown(heifPlanes(fixture('turned'))!.alpha);
    expect([info.width, info.height]).toEqual([8, 16]);
    expectSamePixels(
      greyOf(data),
      Array.from({ length: 128 }, (_, i) => alphaOf(15 - Math.floor(i / 8), 7 - (i % 8))),
    );
  });

  it('not where there is no alpha', async () => {
    expect(
      heifPlanes(
        await pipeline(noise(9, 9, 3))
          .avif()
          .toBuffer(),
      ),
    ).toBeUndefined();
  });
});

describe('colours that are stored multiplied by alpha', () => {
  it('are known', async () => {
    expect(isPremultiplied(fixture('premultiplied'))).toBe(true);
    for (const name of ['turned', 'tiles', 'ten-bit']) expect(isPremultiplied(fixture(name))).toBe(false);
  });

  it('are read as they were before', async () => {
    const { data, channels } = await readPicture(fixture('premultiplied'));
    expect(channels).toBe(4);
    for (let i = 0; i < data.length; i += 4) {
      const [x, y] = [(i / 4) % 16, Math.floor(i / 64)];
      expect(data[i + 3]).toBe(alphaOf(x, y));
      // A stored colour is rounded to 1 / alpha of the range.
      const rounding = Math.ceil(130 / data[i + 3]) + 1;
      for (const [c, value] of [15 * x, 30 * y, 160].entries()) expect(Math.abs(data[i + c] - value)).toBeLessThanOrEqual(rounding);
    }
  });

  it('a file cut short in its header is damaged', async () => {
    const file = Buffer.from(fixture('premultiplied'));
    file.set(numberBytes(65535, 2), file.indexOf('auxl') + 6);
    await expectCode(readPicture(file), 'damaged');
  });
});
