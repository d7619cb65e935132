import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { readMask, readPicture } from '../../src/io/node';
import type { PictureSource, ReadOptions } from '../../src/io/read';
import { storeMask, storePicture } from '../../src/io/store';
import { StoredPicture } from '../../src/io/stored';
import { FilesBeside } from '../../src/io/temporary';
import { turned } from '../../src/io/turn';
import type { Picture } from '../../src/picture';
import { copyOf, viewOf } from '../../src/pixels/view';
import { expectCode, expectSamePixels, noise, pipeline, temporaryFolder } from './support';

const root = temporaryFolder();
const fresh = () => mkdtempSync(join(root, 'case-'));

/** Works with temporary files, of which none is left. */
async function beside<T>(use: (files: FilesBeside) => Promise<T>): Promise<T> {
  const folder = fresh();
  const files = new FilesBeside(join(folder, 'out.png'));
  try {
    return await use(files);
  } finally {
    await files.removeAll();
    expect(readdirSync(folder)).toEqual([]);
  }
}

const all = ({ width, height }: StoredPicture) => ({ top: 0, left: 0, bottom: height, right: width });

/** What is read of a stored picture, as far as it is like one in memory. */
const stored = (source: PictureSource, options: ReadOptions = {}, store = storePicture) =>
  beside(async (files) => {
    const picture = await store(source, files, options);
    return { ...(await picture.read(all(picture))), metadata: picture.metadata };
  });

/** 300 rows: more than a strip of a file. */
const [W, H] = [70, 300];
const colours = noise(W, H, 3);
const kinds: [string, () => Sharp][] = [
  ['JPEG', () => pipeline(colours).jpeg()],
  ['JPEG of grey', () => pipeline(noise(W, H, 1)).jpeg()],
  ['JPEG of CMYK', () => pipeline(colours).toColourspace('cmyk').jpeg()],
  ['PNG', () => pipeline(colours).png()],
  ['PNG with alpha', () => pipeline(noise(W, H, 4)).png()],
  ['PNG of grey', () => pipeline(noise(W, H, 1)).png()],
  ['PNG of 16 bits', () => pipeline(noise(W, H, 3, 16)).png()],
  ['PNG of 16 bits with alpha', () => pipeline(noise(W, H, 4, 16)).png()],
  ['PNG of 16 bits of grey', () => pipeline(noise(W, H, 1, 16)).png()],
  ['PNG of 16 bits of grey with alpha', () => pipeline(noise(W, H, 2, 16)).png()],
  ['PNG with a palette', () => pipeline(colours).png({ palette: true, colours: 16 })],
  ['GIF', () => pipeline(colours).gif()],
  ['WebP', () => pipeline(noise(W, H, 4)).webp()],
  ['AVIF', () => pipeline(colours).avif({ effort: 0 })],
  ['TIFF', () => pipeline(noise(W, H, 3, 16)).tiff({ compression: 'lzw' })],
  ['TIFF of tiles', () => pipeline(colours).tiff({ tile: true, tileWidth: 32, tileHeight: 32 })],
];

describe('a picture in a file is the one in memory', () => {
  it.each(kinds)('%s', async (_, of) => {
    const file = await of().toBuffer();
    const picture = await readPicture(file, { onWarning: () => undefined });
    const { data, ...others } = await stored(file, { onWarning: () => undefined });
    expect(others).toEqual({ ...picture, data: undefined });
    expect(data.constructor).toBe(picture.data.constructor);
    expectSamePixels(data, picture.data);
  });

  it('PNG of grey with alpha', async () => {
    const grey = noise(W, H, 2);
    const raw = { raw: { width: W, height: H, channels: 1 as const } };
    const [levels, alpha] = [0, 1].map((c) => Buffer.from(grey.data.filter((_, i) => i % 2 === c)));
    const file = await sharp(levels, raw).toColourspace('b-w').joinChannel(alpha, raw).toColourspace('b-w').png().toBuffer();
    const picture = await readPicture(file);
    expect(picture.channels).toBe(2);
    expectSamePixels(picture.data, grey.data);
    const { data, ...others } = await stored(file);
    expect(others).toEqual({ ...picture, data: undefined });
    expectSamePixels(data, grey.data);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turned by orientation %i, or left as it is', async (orientation) => {
    const file = await pipeline(colours).withMetadata({ orientation }).png().toBuffer();
    const picture = await readPicture(file);
    expect([picture.width, picture.height]).toEqual(orientation < 5 ? [W, H] : [H, W]);
    const { data, ...others } = await stored(file);
    expect(others).toEqual({ ...picture, data: undefined });
    expectSamePixels(data, picture.data);
    const untouched = await stored(file, { applyOrientation: false });
    expectSamePixels(untouched.data, colours.data);
    expect(untouched.metadata.exif).toEqual((await readPicture(file, { applyOrientation: false })).metadata?.exif);
  });

  it.each([3, 4, 5, 6, 7, 8])('turned by orientation %i in several bands', (orientation) =>
    beside(async (files) => {
      const made = await StoredPicture.created(files, { width: W, height: H, channels: 3, bits: 8 });
      await made.write(0, 0, colours);
      const upright = await turned(made, orientation, W * 3 * 64);
      const file = await pipeline(colours).withMetadata({ orientation }).png().toBuffer();
      expectSamePixels((await upright.read(all(upright))).data, (await readPicture(file)).data);
    }),
  );

  it('with colours that are multiplied by alpha', async () => {
    const file = Buffer.from(readFileSync('test/fixtures/avif/premultiplied.avif'));
    expectSamePixels((await stored(file)).data, (await readPicture(file)).data);
  });

  it('a mask of grey, of colours, and with alpha in 16 bits', async () => {
    for (const mask of [noise(W, H, 1), noise(W, H, 3), noise(W, H, 4), noise(W, H, 4, 16), noise(W, H, 2, 16)]) {
      const file = await pipeline(mask).withMetadata({ orientation: 6 }).png().toBuffer();
      const expected = await readMask(file);
      const { data, width, height, channels } = await stored(file, {}, storeMask);
      expect([width, height, channels]).toEqual([expected.width, expected.height, expected.channels]);
      expectSamePixels(Uint8Array.from(data), expected.data);
    }
  });

  describe.each([3, 4] as const)('a mask of %d channels', (channels) => {
    /** Noise of greys; the blue of the last pixel may be another. */
    const greys = (last?: number): Picture => {
      const mask = noise(W, H, channels);
      for (let at = 0; at < mask.data.length; at += channels) mask.data.fill(mask.data[at]!, at, at + 3);
      if (last !== undefined) mask.data[channels * (W * H - 1) + 2] = last;
      return mask;
    };

    it.each(['png', 'tiff', 'jpeg'] as const)('that is all grey but for a pixel, or altogether, as %s', async (format) => {
      for (const last of [undefined, 0, 255]) {
        for (const orientation of [1, 2, 6]) {
          const file = await pipeline(greys(last)).withMetadata({ orientation }).toFormat(format).toBuffer();
          const expected = await readMask(file);
          const { data, width, height } = await stored(file, {}, storeMask);
          expect([width, height]).toEqual([expected.width, expected.height]);
          expectSamePixels(Uint8Array.from(data), expected.data);
        }
      }
    });

    it('leaves one file behind, whichever it is', async () => {
      for (const one of [greys(), noise(W, H, channels)]) {
        await beside(async (files) => {
          const { path } = await storeMask(await pipeline(one).png().toBuffer(), files);
          expect(readdirSync(dirname(path))).toHaveLength(1);
        });
      }
    });
  });

  it('a mask of colours that lacks its end marker is told once', async () => {
    const file = await pipeline(noise(W, H, 3))
      .jpeg()
      .toBuffer();
    const codes: string[] = [];
    await stored(file.subarray(0, -2), { onWarning: ({ code }) => codes.push(code) }, storeMask);
    expect(codes).toEqual(['end-missing']);
  });
});

describe('what is no picture, or not a whole one, is refused as in memory', () => {
  const cut = async () =>
    (
      await pipeline(noise(W, H, 3))
        .jpeg()
        .toBuffer()
    ).subarray(0, 9000);
  it('cut short', async () => expectCode(stored(await cut()), 'damaged'));
  it('cut short, if that is to be no fault', async () => {
    const file = await cut();
    expectSamePixels((await stored(file, { failOn: 'none' })).data, (await readPicture(file, { failOn: 'none' })).data);
  });
  it('text', () => expectCode(stored(Buffer.from('not a picture')), 'format'));
  it('too large', async () => expectCode(stored(await pipeline(colours).png().toBuffer(), { pixelLimit: 100 }), 'pixel-limit'));
  it('beside a folder that is not there', async () => {
    const file = await pipeline(colours).png().toBuffer();
    await expectCode(storePicture(file, new FilesBeside(join(root, 'nowhere', 'out.png'))), 'file-write');
  });
});

describe('parts of a stored picture', () => {
  const layouts = [noise(41, 333, 3), noise(41, 333, 4, 16), noise(41, 333, 1)];

  it.each(layouts)('$channels channels: are written and read, and sharp reads the whole', (picture: Picture) =>
    beside(async (files) => {
      const { width, height, channels, data } = picture;
      const made = await StoredPicture.created(files, { width, height, channels, bits: data instanceof Uint16Array ? 16 : 8 });
      await made.write(0, 0, picture);
      const cut = await made.read({ top: 7, left: 5, bottom: 300, right: 33 });
      for (const [y, x] of [
        [0, 0],
        [292, 27],
        [100, 3],
      ]) {
        for (let c = 0; c < channels; c++) expect(cut.data[(y * 28 + x) * channels + c]).toBe(data[((y + 7) * width + x + 5) * channels + c]);
      }
      const black = { ...cut, data: cut.data.slice().fill(0) };
      await made.write(7, 5, black);
      const after = await readPicture(made.path);
      expect([after.width, after.height, after.channels]).toEqual([width, height, channels]);
      expectSamePixels(
        after.data,
        data.map((v, i) => {
          const p = Math.floor(i / channels);
          const [y, x] = [Math.floor(p / width), p % width];
          return y >= 7 && y < 300 && x >= 5 && x < 33 ? 0 : v;
        }),
      );
    }),
  );

  it.each(layouts)('$channels channels: stretches are written, and nothing beside them', (picture: Picture) =>
    beside(async (files) => {
      const { width, height, channels, data } = picture;
      const made = await StoredPicture.created(files, { width, height, channels, bits: data instanceof Uint16Array ? 16 : 8 });
      await made.write(0, 0, picture);
      const other = { width: 30, height: 320, channels, data: data.slice(0, 30 * 320 * channels).map((v) => v ^ 1) };
      const runs = Array.from({ length: 320 }, (_, row) => [
        { row, start: 0, end: 1 + (row % 3) },
        { row, start: 20, end: 20 + (row % 11) },
      ]).flat();
      await made.writeStretches(9, 11, other, runs);
      const wanted = data.slice();
      for (const { row, start, end } of runs) {
        const from = row * 30 * channels;
        wanted.set(other.data.subarray(from + start * channels, from + end * channels), ((row + 9) * width + 11 + start) * channels);
      }
      expectSamePixels((await made.read({ top: 0, left: 0, bottom: height, right: width })).data, wanted);
    }),
  );

  it('gives way to others, though of each patch only a stretch is written', () =>
    beside(async (files) => {
      const made = await StoredPicture.created(files, { width: 50, height: 10, channels: 3, bits: 8 });
      await made.write(0, 0, noise(50, 10, 3));
      let [turns, over] = [0, false];
      const turn = () => {
        turns++;
        if (!over) setImmediate(turn);
      };
      turn();
      for (let n = 0; n < 2000; n++) await made.writeStretches(2, 3, noise(8, 1, 3), [{ row: 0, start: 2, end: 5 }]);
      over = true;
      expect(turns).toBeGreaterThan(5);
    }));

  it.each([
    ['in several spans', 6000, [1500, 4100]],
    ['row by row, where much lies between them', 30_000, [29_000, 29_017]],
    ['whole rows', 6000, [0, 6000]],
  ])('are read %s', (_, width, [left, right]) =>
    beside(async (files) => {
      const height = 150;
      const made = await StoredPicture.created(files, { width, height, channels: 3, bits: 8 });
      const picture = noise(width, height, 3);
      await made.write(0, 0, picture);
      const box = { top: 3, left, bottom: 149, right };
      expectSamePixels((await made.read(box)).data, copyOf(viewOf(picture, box)).data);
    }),
  );

  it('a TIFF that is not plain is refused', () =>
    beside(async (files) => {
      const made = await files.create();
      const layout = { width: W, height: H, channels: 3, bits: 8 } as const;
      const plain = pipeline(colours).tiff({ compression: 'none' });
      writeFileSync(made.path, await plain.clone().toBuffer());
      expectSamePixels((await (await StoredPicture.opened(files, made, layout)).read({ top: 0, left: 0, bottom: H, right: W })).data, colours.data);
      await expectCode(StoredPicture.opened(files, made, { ...layout, bits: 16 }), 'format');
      await expectCode(StoredPicture.opened(files, made, { ...layout, height: H - 1 }), 'format');
      writeFileSync(made.path, await plain.clone().tiff({ compression: 'lzw' }).toBuffer());
      await expectCode(StoredPicture.opened(files, made, layout), 'format');
      writeFileSync(made.path, await plain.clone().tiff({ compression: 'none', tile: true }).toBuffer());
      await expectCode(StoredPicture.opened(files, made, layout), 'format');
    }));
});
