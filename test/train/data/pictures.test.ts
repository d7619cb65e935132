import { mkdirSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InpaintError } from '../../../src/errors';
import type { Picture } from '../../../src/picture';
import { drawCrop } from '../../../src/train/data/crop';
import { type PictureBatch, pairedSource, pictureSource } from '../../../src/train/data/pictures';
import { randomAt } from '../../../src/train/data/random';
import { expectCode, temporaryFolder } from '../../io/support';

/** Red grows to the right, green downwards, blue tells pictures apart: where a crop was taken can be read off it. */
function ramps(width: number, height: number, blue: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set([2 * x, 2 * y, blue], (y * width + x) * 3);
  return { width, height, channels: 3, data };
}

const asFile = ({ data, width, height }: Picture, path: string) => sharp(data, { raw: { width, height, channels: 3 } }).toFile(path);

/** A folder of `count` PNG pictures, 00.png ..., each of one blue. */
async function folderOf(count: number, width = 40, height = 32): Promise<string> {
  const folder = temporaryFolder();
  for (let i = 0; i < count; i++) await asFile(ramps(width, height, i * 5), join(folder, `${String(i).padStart(2, '0')}.png`));
  return folder;
}

async function take<T extends PictureBatch>(batches: AsyncGenerator<T, void, void>, count: number): Promise<T[]> {
  const out: T[] = [];
  for await (const batch of batches) {
    out.push(batch);
    if (out.length === count) break;
  }
  return out;
}

const byte = (value: number) => Math.round((value + 1) * 127.5);
const names = (batches: PictureBatch[]) => batches.flatMap((batch) => batch.names.map((name) => basename(name)));
const options = { size: 16, seed: 3, onSkip: () => expect.fail('nothing is to be skipped') };

afterEach(() => {
  vi.restoreAllMocks();
});

describe('order', () => {
  it('each epoch is a permutation of all pictures, another one each time, by seed', async () => {
    const folder = await folderOf(9);
    const drawn = names(await take(pictureSource(folder, { ...options, batch: 3 }).startAt(0), 9));
    const epochs = [drawn.slice(0, 9), drawn.slice(9, 18), drawn.slice(18)];
    for (const epoch of epochs) expect([...epoch].sort()).toEqual(Array.from({ length: 9 }, (_, i) => `0${i}.png`));
    expect(new Set(epochs.map(String)).size).toBe(3);
    const other = names(await take(pictureSource(folder, { ...options, seed: 4, batch: 9 }).startAt(0), 1));
    expect(other).not.toEqual(epochs[0]);
  });

  it('goes on from any position exactly as if never stopped, whatever was decoded ahead', async () => {
    const folder = await folderOf(7);
    const whole = await take(pictureSource(folder, { ...options, batch: 2, prefetch: 0 }).startAt(0), 12);
    expect(whole.map(({ position }) => position)).toEqual(whole.map((_, i) => 2 * (i + 1)));
    for (const k of [0, 3, 8]) {
      const tail = await take(pictureSource(folder, { ...options, batch: 2, prefetch: 9 }).startAt(k === 0 ? 0 : whole[k - 1].position), 12 - k);
      expect(tail).toEqual(whole.slice(k));
    }
    const bySingles = await take(pictureSource(folder, { ...options, batch: 1 }).startAt(5), 3);
    expect(bySingles[1].values).toEqual(whole[3].values.slice(0, 16 * 16 * 3));
  });

  it('takes files by name, folders in folders, and leaves other files alone', async () => {
    const folder = await folderOf(2);
    mkdirSync(join(folder, 'more'));
    await asFile(ramps(20, 20, 7), join(folder, 'more', 'x.JPG'));
    writeFileSync(join(folder, 'README.md'), 'no picture');
    // What a Mac puts beside each file on other systems' disks.
    writeFileSync(join(folder, '._00.png'), 'no picture');
    expect(names(await take(pictureSource(folder, { ...options, batch: 3 }).startAt(0), 1)).sort()).toEqual(['00.png', '01.png', 'x.JPG']);
    const listed = pictureSource([join(folder, '01.png')], options);
    expect(names(await take(listed.startAt(0), 2))).toEqual(['01.png', '01.png']);
  });
});

describe('crops', () => {
  it('are pieces of the picture, mirrored half of the time, from everywhere', async () => {
    const folder = await folderOf(1);
    const batches = await take(pictureSource(folder, { ...options, scale: [2, 2], batch: 25 }).startAt(0), 16);
    let mirrored = 0;
    const [lefts, tops] = [new Set<number>(), new Set<number>()];
    for (const { values } of batches) {
      for (let i = 0; i < 25; i++) {
        const pixel = (x: number, y: number) => Array.from(values.slice(((i * 16 + y) * 16 + x) * 3, ((i * 16 + y) * 16 + x) * 3 + 3), byte);
        const flip = pixel(0, 0)[0] > pixel(15, 0)[0];
        const [left, top] = [pixel(flip ? 15 : 0, 0)[0] / 2, pixel(0, 0)[1] / 2];
        if (flip) mirrored++;
        lefts.add(left);
        tops.add(top);
        for (const [x, y] of [
          [3, 11],
          [15, 15],
        ]) {
          expect(pixel(x, y)).toEqual([2 * (left + (flip ? 15 - x : x)), 2 * (top + y), 0]);
        }
      }
    }
    // 400 throws of a coin: 3 deviations are 30.
    expect(Math.abs(mirrored - 200)).toBeLessThan(30);
    expect([...lefts].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i));
    expect([...tops].sort((a, b) => a - b)).toEqual(Array.from({ length: 17 }, (_, i) => i));
    const unmirrored = await take(pictureSource(folder, { ...options, flip: false, batch: 50 }).startAt(0), 1);
    for (let i = 0; i < 50; i++) expect(unmirrored[0].values[i * 768]).toBeLessThan(unmirrored[0].values[i * 768 + 45]);
  });

  it('scale a picture to the asked range of crops, but enlarge it only to the size of one', () => {
    const short = (width: number, height: number, scale: [number, number], i: number) => {
      const crop = drawCrop(width, height, { size: 100, scale, flip: true }, randomAt(1, 'test', i));
      expect(crop.left).toBeGreaterThanOrEqual(0);
      expect(crop.left + 100).toBeLessThanOrEqual(crop.width);
      expect(crop.top + 100).toBeLessThanOrEqual(crop.height);
      expect(Math.abs(crop.width / crop.height - width / height)).toBeLessThan(0.02 * (width / height));
      return Math.min(crop.width, crop.height);
    };
    const many = (width: number, height: number, scale: [number, number]) => Array.from({ length: 400 }, (_, i) => short(width, height, scale, i));
    const large = many(4000, 3000, [1, 2]);
    expect([Math.min(...large), Math.max(...large)].map((side) => Math.round(side / 5) * 5)).toEqual([100, 200]);
    expect(Math.abs(large.reduce((a, b) => a + b) / 400 - 150)).toBeLessThan(8);
    expect(new Set(many(150, 120, [1.5, 2]))).toEqual(new Set([120]));
    expect(new Set(many(60, 50, [1, 2]))).toEqual(new Set([100]));
    expect(new Set(many(300, 120, [1, 1]))).toEqual(new Set([100]));
  });

  it('of a picture smaller than the crop show all of its short side', async () => {
    const folder = await folderOf(1, 24, 12);
    const [{ values }] = await take(pictureSource(folder, { ...options, size: 48, flip: false }).startAt(0), 1);
    const green = (y: number) => byte(values[y * 48 * 3 + 1]);
    expect(green(0)).toBeLessThanOrEqual(1);
    expect(green(47)).toBeGreaterThanOrEqual(21);
    expect(values.every((value) => value >= -1 && value <= 1)).toBe(true);
  });

  it('have the asked order of channels', async () => {
    const folder = await folderOf(2);
    const [rgb] = await take(pictureSource(folder, { ...options, batch: 2 }).startAt(0), 1);
    const [bgr] = await take(pictureSource(folder, { ...options, batch: 2, order: 'bgr' }).startAt(0), 1);
    for (let i = 0; i < rgb.values.length; i += 3) expect([bgr.values[i + 2], bgr.values[i + 1], bgr.values[i]]).toEqual([...rgb.values.slice(i, i + 3)]);
    expect(rgb.values).not.toEqual(bgr.values);
  });

  it('are of the picture the right way up', async () => {
    const folder = temporaryFolder();
    const { data } = ramps(16, 20, 0);
    await sharp(data, { raw: { width: 16, height: 20, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .png()
      .toFile(join(folder, 'turned.png'));
    // Turned a quarter clockwise: 20 x 16, the first column is at the top, bottom row first.
    const [{ values }] = await take(pictureSource(folder, { ...options, scale: [1, 1], flip: false }).startAt(0), 1);
    const pixel = (x: number, y: number) => Array.from(values.slice((y * 16 + x) * 3, (y * 16 + x) * 3 + 2), byte);
    const left = 19 - pixel(0, 0)[1] / 2;
    expect(left).toBeGreaterThanOrEqual(0);
    expect(pixel(5, 3)).toEqual([6, 2 * (19 - left - 5)]);
    expect(pixel(15, 15)).toEqual([30, 2 * (19 - left - 15)]);
  });

  it('are three channels of grey, white where transparent, 8 bits of 16', async () => {
    const folder = temporaryFolder();
    const raw = (channels: 1 | 4) => ({ raw: { width: 16, height: 16, channels } });
    await sharp(new Uint8Array(256).fill(51), raw(1)).toColourspace('b-w').toFile(join(folder, 'grey.png'));
    await sharp(
      Uint8Array.from({ length: 1024 }, (_, i) => [51, 102, 153, i < 512 ? 0 : 255][i % 4]),
      raw(4),
    ).toFile(join(folder, 'transparent.png'));
    await sharp(new Uint16Array(256 * 3).fill(51 * 257) as unknown as Uint8Array, { raw: { width: 16, height: 16, channels: 3 } })
      .toColourspace('rgb16')
      .toFile(join(folder, 'sixteen.png'));
    const batches = await take(pictureSource(folder, options).startAt(0), 3);
    const bytesOf = (name: string) => Array.from(batches.find((batch) => batch.names[0].endsWith(name))!.values, byte);
    expect(new Set(bytesOf('grey.png'))).toEqual(new Set([51]));
    expect(new Set(bytesOf('sixteen.png'))).toEqual(new Set([51]));
    expect(bytesOf('transparent.png').slice(0, 3)).toEqual([255, 255, 255]);
    expect(bytesOf('transparent.png').slice(-3)).toEqual([51, 102, 153]);
  });
});

describe('damaged files', () => {
  it('are reported once, skipped for good, and change nothing for a run that goes on in the middle', async () => {
    const folder = await folderOf(5);
    truncateSync(join(folder, '02.png'), 60);
    writeFileSync(join(folder, '03.png'), 'no picture at all');
    const skipped: [string, InpaintError][] = [];
    const onSkip = (name: string, reason: InpaintError) => skipped.push([basename(name), reason]);
    const whole = await take(pictureSource(folder, { ...options, batch: 2, onSkip }).startAt(0), 12);
    expect(skipped.map(([name, { code }]) => `${name} ${code}`).sort()).toEqual(['02.png damaged', '03.png format']);
    const drawn = names(whole);
    for (let epoch = 0; epoch < 8; epoch++) expect(drawn.slice(3 * epoch, 3 * epoch + 3).sort()).toEqual(['00.png', '01.png', '04.png']);
    const tail = await take(pictureSource(folder, { ...options, batch: 2, onSkip: () => undefined }).startAt(whole[4].position), 7);
    expect(tail).toEqual(whole.slice(5));
  });

  it('are damaged whichever part of them is looked at', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'cut.jpg');
    const { size } = await asFile(ramps(120, 120, 9), path);
    truncateSync(path, Math.floor(size * 0.9));
    let skips = 0;
    const source = pictureSource([path], { ...options, scale: [6, 6], onSkip: () => skips++ });
    const error = await expectCode(take(source.startAt(0), 1), 'file-read');
    expect(error.message).toContain('none of the pictures');
    expect(skips).toBe(1);
  });

  it('by default are told on stderr', async () => {
    const folder = await folderOf(1);
    writeFileSync(join(folder, 'bad.png'), 'no picture at all');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await take(pictureSource(folder, { size: 8 }).startAt(0), 4);
    expect(warn.mock.calls.map(([line]) => line)).toEqual([expect.stringMatching(/bad\.png is left out: .*no picture/)]);
  });

  it('a folder without pictures, or that is none, is an error', async () => {
    const folder = temporaryFolder();
    expect((await expectCode(take(pictureSource(folder, options).startAt(0), 1), 'file-read')).message).toContain('holds no pictures');
    await expectCode(take(pictureSource(join(folder, 'nowhere'), options).startAt(0), 1), 'file-read');
    await expectCode(take(pictureSource([], options).startAt(0), 1), 'file-read');
  });
});

describe('an iterable of pictures', () => {
  const pictures = {
    async *[Symbol.asyncIterator]() {
      for (let i = 0; i < 3; i++) yield ramps(20, 18, i);
    },
  };

  it('is taken in its order, again and again, from any position', async () => {
    const whole = await take(pictureSource(pictures, { ...options, batch: 2 }).startAt(0), 5);
    expect(whole.flatMap(({ values }) => [byte(values[2]), byte(values[770])])).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
    expect(names(whole).slice(0, 4)).toEqual(['picture 0', 'picture 1', 'picture 2', 'picture 3']);
    expect(await take(pictureSource(pictures, { ...options, batch: 2 }).startAt(4), 3)).toEqual(whole.slice(2));
  });

  it('that can be gone through once ends the source', async () => {
    const once = pictures[Symbol.asyncIterator]();
    const drawn: PictureBatch[] = [];
    for await (const batch of pictureSource(once, options)) drawn.push(batch);
    expect(drawn).toHaveLength(3);
  });

  it('of nothing is an error', async () => {
    const none = { async *[Symbol.asyncIterator]() {} };
    await expectCode(take(pictureSource(none as AsyncIterable<Picture>, options).startAt(0), 1), 'file-read');
  });
});

describe('an end', () => {
  it('by a signal stops what waits, before and between batches', async () => {
    const folder = await folderOf(3);
    await expectCode(take(pictureSource(folder, { ...options, signal: AbortSignal.abort() }).startAt(0), 1), 'aborted');
    const controller = new AbortController();
    const batches = pictureSource(folder, { ...options, signal: controller.signal }).startAt(0);
    await batches.next();
    const next = batches.next();
    controller.abort(new Error('enough'));
    expect((await expectCode(next, 'aborted')).cause).toEqual(new Error('enough'));
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });

  it('leaves no work behind: sharp is idle, and an iterable is closed', async () => {
    const folder = await folderOf(4, 400, 300);
    const batches = pictureSource(folder, { ...options, size: 128, prefetch: 12 }).startAt(0);
    await batches.next();
    await batches.return();
    expect(sharp.counters()).toEqual({ queue: 0, process: 0 });
    let closed = 0;
    const endless = {
      async *[Symbol.asyncIterator]() {
        try {
          for (;;) yield ramps(20, 18, 1);
        } finally {
          closed++;
        }
      },
    };
    await take(pictureSource(endless, options).startAt(0), 2);
    expect(closed).toBe(1);
  });

  it('memory stays flat', async () => {
    const folder = await folderOf(6, 200, 150);
    const batches = pictureSource(folder, { ...options, size: 64, batch: 4 }).startAt(0);
    // Garbage that waits to be collected says nothing of what is kept.
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const kept = async (count: number) => {
      for (let i = 0; i < count; i++) await batches.next();
      // A buffer is given back some turns after the collection that found it.
      for (let i = 0; i < 3; i++) {
        collectGarbage();
        await new Promise((done) => setImmediate(done));
      }
      return process.memoryUsage().arrayBuffers;
    };
    const before = await kept(50);
    const after = await kept(300);
    await batches.return();
    // 300 batches hold 59 MB: had they been kept, it would be seen.
    expect(after - before).toBeLessThan(10e6);
  });
});

describe('pairs', () => {
  it('are of the same name and get the same crop; what has no partner or another size is reported', async () => {
    const [inputs, targets] = [temporaryFolder(), temporaryFolder()];
    for (let i = 0; i < 3; i++) {
      await asFile(ramps(40, 32, i), join(inputs, `${i}.png`));
      await sharp(ramps(40, 32, 100 + i).data, { raw: { width: 40, height: 32, channels: 3 } })
        .webp({ lossless: true })
        .toFile(join(targets, `${i}.webp`));
    }
    await asFile(ramps(40, 32, 50), join(inputs, 'alone.png'));
    // The same name in Unicode's two forms.
    await asFile(ramps(40, 32, 3), join(inputs, 'caf\u00e9.png'));
    await asFile(ramps(40, 32, 103), join(targets, 'cafe\u0301.png'));
    await asFile(ramps(40, 32, 51), join(targets, 'also-alone.png'));
    await asFile(ramps(40, 32, 60), join(inputs, 'sizes.png'));
    await asFile(ramps(41, 32, 61), join(targets, 'sizes.png'));
    await asFile(ramps(40, 32, 70), join(inputs, 'broken.png'));
    writeFileSync(join(targets, 'broken.png'), 'no picture');
    const skipped: string[] = [];
    const onSkip = (name: string, { message }: InpaintError) => skipped.push(`${basename(name)}: ${message.replace(/(\/[\w-]+)+\//g, '')}`);
    const source = pairedSource(inputs, targets, { ...options, scale: [2, 2], batch: 2, onSkip });
    const batches = await take(source.startAt(0), 6);
    expect(skipped.sort()).toEqual([
      expect.stringContaining('alone.png: alone.png has no partner'),
      expect.stringContaining('also-alone.png: also-alone.png has no partner'),
      expect.stringContaining('broken.png: broken.png is no picture'),
      'sizes.png: sizes.png is 40 x 32, sizes.png 41 x 32',
    ]);
    for (const { values, targets: wanted } of batches) {
      for (let i = 0; i < values.length; i += 3) {
        expect([wanted[i], wanted[i + 1]]).toEqual([values[i], values[i + 1]]);
        expect(byte(wanted[i + 2])).toBe(byte(values[i + 2]) + 100);
      }
    }
    expect(await take(source.startAt(batches[2].position), 3)).toEqual(batches.slice(3));
  });
});

it('checks its options', () => {
  const wrong = (more: object) => () => pictureSource('x', { size: 8, ...more });
  for (const more of [{ size: 0 }, { batch: 1.5 }, { seed: -1 }, { prefetch: -1 }, { scale: [0.5, 1] }, { scale: [2, 1] }, { order: 'grb' }]) {
    expect(wrong(more)).toThrow(/^pictureSource: \w+ must be/);
  }
  expect(() => pictureSource(7 as unknown as string, { size: 8 })).toThrow(/pictureSource: pictures must be/);
});

it('ends where all pictures have gone in the middle of a run, and does not look for them for ever', async () => {
  const path = join(temporaryFolder(), 'only.png');
  await sharp({ create: { width: 40, height: 40, channels: 3, background: '#456' } })
    .png()
    .toFile(path);
  const batches = pictureSource([path], { size: 16, batch: 1, prefetch: 0, onSkip: () => undefined }).startAt(0);
  expect((await batches.next()).value?.names).toEqual([path]);
  unlinkSync(path);
  await expect(
    (async () => {
      for (let n = 0; n < 5; n++) await batches.next();
    })(),
  ).rejects.toMatchObject({ code: 'file-read', message: 'none of the pictures can be used' });
});
