import '@tensorflow/tfjs-backend-wasm';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import type { Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { InpaintOptions } from '../../src/cra/options';
import { AbortError, BackendError, MaskError } from '../../src/errors';
import { fitMask, readMask, readPicture, writePicture } from '../../src/io/node';
import { type InpaintFileOptions, inpaintFile } from '../../src/node';
import type { Picture } from '../../src/picture';
import type { Warning } from '../../src/warning';
import { disc, hasty, maskOf, meanColour, pictureOf, rectangle, scene } from '../cra/support';
import { expectCode, expectSamePixels, pipeline, temporaryFolder } from '../io/support';

tf.env().set('IS_TEST', true);
await tf.setBackend('wasm');
tf.env().set('IS_TEST', false);

const root = temporaryFolder();
const fresh = () => mkdtempSync(join(root, 'case-'));

/** 170 rows: more than a strip of a file. Two holes far apart, and two whose windows look at each other's. */
const [W, H] = [400, 170];
const hole = (y: number, x: number) => rectangle(20, 30, 40, 60)(y, x) || disc(120, 350, 12)(y, x) || rectangle(140, 180, 144, 240)(y, x);
const marks = maskOf(W, H, hole);
const options = { workingSize: 32, grow: 1, feather: 3, seed: 4, detail: true };
const quick = () => ({ ...options, generator: hasty() });

interface Case {
  photo: string;
  mask: string;
  folder: string;
  /** What is in the folder beside photo and mask. */
  others(): string[];
}

/** A folder with a photo and a mask. */
async function caseOf(photo: Sharp | Buffer, mask: Sharp | Buffer = pipeline(marks).png(), name = 'photo'): Promise<Case> {
  const folder = fresh();
  const paths = { photo: join(folder, name), mask: join(folder, 'mask.png') };
  writeFileSync(paths.photo, Buffer.isBuffer(photo) ? photo : await photo.toBuffer());
  writeFileSync(paths.mask, Buffer.isBuffer(mask) ? mask : await mask.toBuffer());
  return { ...paths, folder, others: () => readdirSync(folder).filter((other) => other !== name && other !== 'mask.png') };
}

/** The way by memory. */
async function byMemory(given: Case, output: string, { fitMask: fit, sources, avoid, ...more }: InpaintFileOptions = {}): Promise<Picture> {
  const { pixelLimit, failOn, applyOrientation, format, quality, onWarning, onProgress: _, ...others } = { ...quick(), ...more };
  const photo = await readPicture(given.photo, { failOn, pixelLimit, applyOrientation, onWarning });
  const mask = await readMask(given.mask, { failOn, pixelLimit, applyOrientation, onWarning });
  const where = { sources: sources && (await readMask(sources as string, {})), avoid: avoid && (await readMask(avoid as string, {})) };
  const result = await inpaint(photo, fit ? fitMask(mask, photo.width, photo.height) : mask, { ...others, ...where, onWarning } as InpaintOptions);
  await writePicture(result, output, { format, quality, onWarning });
  return result;
}

/** Does it both ways, and expects the same file to the byte and the same warnings. */
async function expectSame(given: Case, extension: string, more: InpaintFileOptions = {}): Promise<Picture> {
  const told: [Warning[], Warning[]] = [[], []];
  const [expected, output] = [join(fresh(), `expected.${extension}`), join(given.folder, `out.${extension}`)];
  const result = await byMemory(given, expected, { ...more, onWarning: (warning) => told[0].push(warning) });
  const { width, height } = result;
  expect(await inpaintFile(given.photo, given.mask, output, { ...quick(), ...more, onWarning: (warning) => told[1].push(warning) })).toEqual({ width, height });
  expect(readFileSync(output).equals(readFileSync(expected))).toBe(true);
  expect(told[1]).toEqual(told[0]);
  expect(given.others()).toEqual([`out.${extension}`]);
  return result;
}

const kinds: [string, string, () => Sharp][] = [
  [
    'JPEG',
    'jpg',
    () =>
      pipeline(scene(W, H, 3))
        .withMetadata({ density: 200 })
        .jpeg(),
  ],
  [
    'JPEG with a profile and EXIF',
    'jpg',
    () =>
      pipeline(scene(W, H, 3))
        .withIccProfile('p3')
        .withExifMerge({ IFD0: { Artist: 'A' } })
        .jpeg(),
  ],
  ['JPEG of grey', 'jpg', () => pipeline(scene(W, H, 1)).jpeg()],
  [
    'JPEG of CMYK',
    'jpg',
    () =>
      pipeline(scene(W, H, 3))
        .toColourspace('cmyk')
        .jpeg(),
  ],
  ['PNG', 'png', () => pipeline(scene(W, H, 3)).png()],
  ['PNG of 16 bits', 'png', () => pipeline(scene(W, H, 3, 16)).png()],
  ['PNG of grey', 'png', () => pipeline(scene(W, H, 1)).png()],
  ['PNG of 16 bits of grey with alpha', 'png', () => pipeline(scene(W, H, 2, 16)).png()],
  [
    'PNG with alpha',
    'png',
    () =>
      pipeline(scene(W, H, 4))
        .withMetadata()
        .png(),
  ],
  ['PNG with alpha', 'jpg', () => pipeline(scene(W, H, 4)).png()],
  [
    'PNG of 16 bits with alpha',
    'tif',
    () =>
      pipeline(scene(W, H, 4, 16))
        .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
        .png(),
  ],
  ['PNG with a palette', 'png', () => pipeline(scene(W, H, 3)).png({ palette: true })],
  ['GIF', 'png', () => pipeline(scene(W, H, 3)).gif()],
  [
    'TIFF',
    'tif',
    () =>
      pipeline(scene(W, H, 3))
        .withExif({ IFD0: { Artist: 'A' } })
        .tiff({ xres: 12, yres: 12 }),
  ],
  ['TIFF of tiles of 16 bits', 'tif', () => pipeline(scene(W, H, 3, 16)).tiff({ tile: true })],
  ['WebP', 'webp', () => pipeline(scene(W, H, 4)).webp()],
  ['AVIF', 'avif', () => pipeline(scene(W, H, 3)).avif({ effort: 0 })],
  ['JPEG', 'png', () => pipeline(scene(W, H, 3)).jpeg()],
];

describe('a file comes out as by readPicture(), inpaint() and writePicture(), to the byte', () => {
  it.each(kinds)('%s to %s', async (_, extension, of) => {
    const given = await caseOf(of());
    const result = await expectSame(given, extension);
    const before = await readPicture(given.photo, { onWarning: () => undefined });
    expect(result.data.some((value, i) => value !== before.data[i])).toBe(true);
  });

  it('PNG with texts and Photoshop resources of its own kind', async () => {
    const given = await caseOf(pipeline(scene(W, H, 3)).png());
    const picture = await readPicture(given.photo);
    const texts = [
      { keyword: 'Title', text: 'A beach' },
      { keyword: 'Comment', text: 'früh' },
    ];
    await writePicture({ ...picture, metadata: { ...picture.metadata, texts, density: 300 } }, given.photo, { format: 'png' });
    await expectSame(given, 'png');
    expect((await readPicture(join(given.folder, 'out.png'))).metadata?.texts).toEqual(texts);
    const jpeg = await caseOf(readFileSync(given.photo));
    await expectSame(jpeg, 'jpg');
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i', async (orientation) => {
    const photo = orientation < 5 ? scene(W, H, 3) : scene(H, W, 3);
    const result = await expectSame(await caseOf(pipeline(photo).withMetadata({ orientation }).jpeg()), 'jpg');
    expect([result.width, result.height]).toEqual([W, H]);
  });

  it('left as it is stored', async () => {
    const given = await caseOf(
      pipeline(scene(W, H, 3))
        .withMetadata({ orientation: 6 })
        .jpeg(),
    );
    expect((await expectSame(given, 'jpg', { applyOrientation: false })).width).toBe(W);
  });

  it('a JPEG without its end marker', async () => {
    const file = await pipeline(scene(W, H, 3))
      .jpeg()
      .toBuffer();
    await expectSame(await caseOf(file.subarray(0, -2)), 'png');
  });

  it.each<[string, Picture, InpaintFileOptions]>([
    ['of colours and alpha, by alpha', pictureOf(W, H, 4, (y, x, c) => (c === 3 && hole(y, x) ? 0 : 200)), { hole: 'alpha' }],
    ['of colours and alpha, by what is opaque', pictureOf(W, H, 4, (y, x, c) => (c === 3 && !hole(y, x) ? 0 : 255)), { hole: 'opaque' }],
    ['of colours and alpha, by colour', pictureOf(W, H, 4, (y, x) => (hole(y, x) ? 255 : 0)), {}],
    ['of 16 bits, black', { ...marks, data: Uint16Array.from(marks.data, (v) => 65535 - v * 257) }, { hole: 'black' }],
    ['of another size', maskOf(93, 57, (y, x) => hole(y * 3, x * 4)), { fitMask: true }],
    ['larger, with alpha', pictureOf(2 * W, 3 * H, 4, (y, x, c) => (c === 3 && hole(y / 3, x / 2) ? 255 : 0)), { fitMask: true, hole: 'opaque' }],
    ['that marks nothing', maskOf(W, H, () => false), {}],
    ['that marks nothing by its colours', pictureOf(W, H, 4, (y, x, c) => (c === 3 && hole(y, x) ? 255 : 0)), {}],
    ['that marks most', maskOf(W, H, (_, x) => x > 150), {}],
  ])('a mask %s', async (_, mask, more) => {
    await expectSame(await caseOf(pipeline(scene(W, H, 3)).png(), pipeline(mask).png()), 'png', more);
  });

  it('a mask whose numbers are random, in bands of a few rows', async () => {
    const wide = 9000;
    const mask = maskOf(wide, 130, (y, x) => (y * 31 + x * 17) % 301 === 0 && x > 8000);
    await expectSame(await caseOf(pipeline(scene(wide, 130, 1)).png(), pipeline(mask).png()), 'png', { generator: meanColour(), detail: false, grow: 0 });
  });

  it('a patch that is written in several bands', async () => {
    const [wide, high] = [700, 420];
    const mask = maskOf(wide, high, rectangle(30, 40, 390, 660));
    await expectSame(await caseOf(pipeline(scene(wide, high, 3)).png(), pipeline(mask).png()), 'png', { generator: meanColour(), detail: false });
  });

  it('a mask of every other pixel', async () => {
    const mask = maskOf(W, H, (y, x) => (x + y) % 2 === 0 && hole(y, x));
    const way = { generator: meanColour(), detail: false, grow: 0, feather: 0, thin: 0 };
    await expectSame(await caseOf(pipeline(scene(W, H, 3)).png(), pipeline(mask).png()), 'png', way);
  });

  it('options: quality, format, seed, no detail', async () => {
    const given = await caseOf(pipeline(scene(W, H, 3)).png());
    await expectSame(given, 'jpg', { quality: 40, seed: 9, detail: false, grow: 'auto', feather: 'auto' });
    await expectSame(await caseOf(pipeline(scene(W, H, 3)).png()), 'dat', { format: 'tiff' });
  });

  it('masks of what to copy from, and what not', async () => {
    const given = await caseOf(pipeline(scene(W, H)).png());
    const [sources, avoid] = ['sources.png', 'avoid.png'].map((name) => join(root, name));
    await pipeline(maskOf(W, H, (_, x) => x > 60)).toFile(sources);
    await pipeline(pictureOf(W, H, 4, (y, x, c) => (c === 3 && rectangle(90, 200, 130, 330)(y, x) ? 255 : 0))).toFile(avoid);
    const there = await expectSame(given, 'png', { sources, avoid });
    const drawn = { avoid: { shapes: '200,90,130,40' }, sources: maskOf(W, H, (_, x) => x > 60) };
    const output = join(given.folder, 'out.png');
    await inpaintFile(given.photo, given.mask, output, { ...quick(), ...drawn });
    expectSamePixels((await readPicture(output)).data, there.data);
    await inpaintFile(given.photo, given.mask, output, quick());
    expect((await readPicture(output)).data).not.toEqual(there.data);
    // Of another size only if it is asked for.
    await expectCode(inpaintFile(given.photo, given.mask, output, { ...quick(), avoid: given.photo, sources: join(root, 'none.png') }), 'file-read');
    const half = join(root, 'half.png');
    await pipeline(maskOf(W / 2, H / 2, (_, x) => x > 30)).toFile(half);
    await expectCode(inpaintFile(given.photo, given.mask, output, { ...quick(), sources: half }), 'mask-size');
    await inpaintFile(given.photo, given.mask, output, { ...quick(), sources: half, fitMask: true });
    expect(given.others()).toEqual(['out.png']);
  });

  it('bytes, URLs, and a mask in memory', async () => {
    const given = await caseOf(pipeline(scene(W, H, 3)).png());
    const [expected, output] = [join(fresh(), 'a.png'), join(given.folder, 'out.png')];
    await byMemory(given, expected);
    await inpaintFile(pathToFileURL(given.photo), new Uint8Array(readFileSync(given.mask)), pathToFileURL(output), quick());
    expect(readFileSync(output).equals(readFileSync(expected))).toBe(true);
    await inpaintFile(readFileSync(given.photo), await readMask(given.mask), output, quick());
    expect(readFileSync(output).equals(readFileSync(expected))).toBe(true);
  });
});

it('a window that looks at a place where another has been filled sees the photo as it was', async () => {
  const stroke = (y0: number, x0: number) => (y: number, x: number) => x >= x0 && x < x0 + 500 && Math.abs(y - y0 - (x - x0) / 4) < 4;
  const [first, second] = [stroke(30, 40), stroke(112, 440)];
  const strokes = maskOf(1000, 260, (y, x) => first(y, x) || second(y, x));
  const generator = meanColour();
  const given = await caseOf(pipeline(scene(1000, 260, 3)).png(), pipeline(strokes).png());
  await expectSame(given, 'png', { workingSize: 64, feather: 12, grow: 0, generator });
  expect(generator.requests).toHaveLength(4);
});

describe('the output', () => {
  it('may be the photo, or the mask', async () => {
    const given = await caseOf(pipeline(scene(W, H, 3)).png(), undefined, 'photo.png');
    const expected = join(fresh(), 'a.png');
    const copy = await caseOf(readFileSync(given.photo));
    await byMemory(given, expected);
    chmodSync(given.photo, 0o640);
    await inpaintFile(given.photo, given.mask, given.photo, quick());
    expect(readFileSync(given.photo).equals(readFileSync(expected))).toBe(true);
    expect([statSync(given.photo).mode & 0o777, given.others()]).toEqual([0o640, []]);
    await inpaintFile(copy.photo, copy.mask, copy.mask, quick());
    expect(readFileSync(copy.mask).equals(readFileSync(expected))).toBe(true);
  });

  it('is written behind a link', async () => {
    const given = await caseOf(pipeline(scene(W, H, 3)).png());
    const elsewhere = fresh();
    writeFileSync(join(elsewhere, 'real.png'), 'old');
    symlinkSync(join(elsewhere, 'real.png'), join(given.folder, 'link.png'));
    await inpaintFile(given.photo, given.mask, join(given.folder, 'link.png'), quick());
    expect([readdirSync(elsewhere), (await readPicture(join(elsewhere, 'real.png'))).width]).toEqual([['real.png'], W]);
  });

  it('stays as it was, and nothing is left beside it, whatever goes wrong', async () => {
    const given = await caseOf(pipeline(scene(W, H, 3)).png());
    const out = join(given.folder, 'out.png');
    writeFileSync(out, 'what was there before');
    const attempt = async (code: string, more: InpaintFileOptions = {}, output = out, { photo, mask } = given) => {
      const error = await expectCode(inpaintFile(photo, mask, output, { ...quick(), ...more }), code);
      expect([given.others(), readFileSync(out, 'utf8')]).toEqual([['out.png'], 'what was there before']);
      return error;
    };
    const bad = async (photo: Buffer, mask?: Buffer) => caseOf(photo, mask);
    const png = await pipeline(scene(W, H, 3))
      .png()
      .toBuffer();
    await attempt('file-exists', { overwrite: false });
    await attempt('damaged', {}, out, await bad(png.subarray(0, png.length - 2000)));
    await attempt('damaged', {}, out, await bad(png, (await pipeline(marks).png({ compressionLevel: 0 }).toBuffer()).subarray(0, 20000)));
    await attempt('format', {}, out, await bad(Buffer.from('no picture')));
    await attempt('file-read', {}, out, { ...given, photo: join(given.folder, 'nothing.png') });
    await attempt('file-read', {}, out, { ...given, mask: join(given.folder, 'nothing.png') });
    await attempt('pixel-limit', { pixelLimit: 100 });
    expect(
      await attempt(
        'mask-size',
        {},
        out,
        await bad(
          png,
          await pipeline(maskOf(W, H + 1, hole))
            .png()
            .toBuffer(),
        ),
      ),
    ).toBeInstanceOf(MaskError);
    expect((await attempt('mask-full', { grow: W })).message).toMatch(/^inpaintFile: the whole picture is hole.* before it grows/);
    await attempt('argument', { grow: -1 });
    await attempt('argument', { hole: 'alpha' });
    await attempt('argument', { quality: 0 });
    await attempt('argument', { hole: 'red' as 'white' });
    const failing = { ...hasty(), fill: () => Promise.reject(new BackendError('out-of-memory', 'none left')) };
    expect(await attempt('out-of-memory', { generator: failing })).toBeInstanceOf(BackendError);
  });

  it('into a format that can not be written is refused before anything is decoded', async () => {
    const given = await caseOf(Buffer.from('no picture'));
    await expectCode(inpaintFile(given.photo, given.mask, join(given.folder, 'out.gif')), 'format');
    expect((await expectCode(inpaintFile(given.photo, given.mask, join(given.folder, 'out.xyz')), 'format')).message).toContain('.tiff');
    await expectCode(inpaintFile(given.photo, given.mask, join(given.folder, 'nowhere', 'out.png')), 'format');
  });

  it('into a folder that is not there, or not to be written in: file-write', async () => {
    const given = await caseOf(pipeline(scene(W, H, 3)).png());
    await expectCode(inpaintFile(given.photo, given.mask, join(given.folder, 'nowhere', 'out.png'), quick()), 'file-write');
    await expectCode(inpaintFile(given.photo, given.mask, join(given.photo, 'out.png'), quick()), 'file-write');
    await expectCode(inpaintFile(given.photo, given.mask, given.folder, { ...quick(), format: 'png' }), 'file-write');
    expect(given.others()).toEqual([]);
  });

  it.each(['decode', 'plan', 'fill', 'detail', 'composite'])('is not written if aborted after a step of %s', async (at) => {
    const given = await caseOf(pipeline(scene(W, H, 3)).png());
    const controller = new AbortController();
    const error = await expectCode(
      inpaintFile(given.photo, given.mask, join(given.folder, 'out.png'), {
        ...quick(),
        signal: controller.signal,
        onProgress: ({ stage }) => stage === at && controller.abort(),
      }),
      'aborted',
    );
    expect([error.constructor, given.others()]).toEqual([AbortError, []]);
  });

  it('is not written if aborted before', async () => {
    const given = await caseOf(pipeline(scene(W, H, 3)).png());
    await expectCode(inpaintFile(given.photo, given.mask, join(given.folder, 'out.png'), { signal: AbortSignal.abort() }), 'aborted');
    expect(given.others()).toEqual([]);
  });
});

it('its stages come in order, each up to its end', async () => {
  const given = await caseOf(pipeline(scene(W, H, 3)).png());
  const stages: string[] = [];
  const ends = new Map<string, number>();
  await inpaintFile(given.photo, given.mask, join(given.folder, 'out.png'), {
    ...quick(),
    onProgress({ stage, done, total }) {
      if (stages[stages.length - 1] !== stage) stages.push(stage);
      ends.set(stage, done / total);
    },
  });
  expect([stages[0], stages[1], stages[stages.length - 1]]).toEqual(['decode', 'plan', 'encode']);
  expect([...ends.keys()]).toEqual(['decode', 'plan', 'low-resolution', 'fill', 'detail', 'composite', 'encode']);
  expect([...ends.values()].every((end) => end === 1)).toBe(true);
});

it("pixels beyond the seam are the input's, in a PNG of 16 bits with alpha", async () => {
  const photo = scene(W, H, 4, 16);
  const given = await caseOf(pipeline(photo).png());
  const output = join(given.folder, 'out.png');
  await inpaintFile(given.photo, given.mask, output, quick());
  const result = await readPicture(output);
  expect(existsSync(output)).toBe(true);
  const beyond = (i: number) => {
    const p = Math.floor(i / 4);
    const [y, x] = [Math.floor(p / W), p % W];
    for (let v = y - 5; v <= y + 5; v++) for (let u = x - 5; u <= x + 5; u++) if (hole(v, u)) return false;
    return true;
  };
  expectSamePixels(
    result.data.map((value, i) => (beyond(i) ? value : 0)),
    photo.data.map((value, i) => (beyond(i) ? value : 0)),
  );
});

it.each([5, undefined, null, {}, new URL('https://example.org/out.png')])('an output of %s is a typed error, as it is to writePicture()', async (output) => {
  const photo = scene(W, H);
  const given = await caseOf(pipeline(photo).png());
  await expectCode(inpaintFile(given.photo, given.mask, output as unknown as string, quick()), 'argument');
  await expectCode(writePicture(photo, output as unknown as string), 'argument');
});

describe('a mask of shapes', () => {
  const box = maskOf(W, H, rectangle(20, 30, 40, 60));
  it('at an address that is no file: file-read, as a picture there', async () => {
    const given = await caseOf(pipeline(scene(W, H)).png());
    for (const ending of ['svg', 'png']) {
      const mask = new URL(`https://host.invalid/mask.${ending}`);
      const { message } = await expectCode(inpaintFile(given.photo, mask, join(given.folder, 'out.png'), quick()), 'file-read');
      expect(message).toContain(`mask.${ending} can't be read`);
    }
    expect(given.others()).toEqual([]);
  });

  it.each<[string, (folder: string) => Parameters<typeof inpaintFile>[1]]>([
    ['as data', () => ({ shapes: [{ box: [30, 20, 30, 20] }] })],
    [
      'as an SVG, whose size is read',
      (folder) => {
        const path = join(folder, 'shapes.svg');
        writeFileSync(path, `<svg viewBox="0 0 ${W / 10} ${H / 10}"><rect x="3" y="2" width="3" height="2"/></svg>`);
        return pathToFileURL(path);
      },
    ],
  ])('%s fills what its picture would, whatever hole says', async (_, mask) => {
    const given = await caseOf(pipeline(scene(W, H)).png(), pipeline(box).png());
    const [out, expected] = [join(given.folder, 'out.png'), join(given.folder, 'expected.png')];
    await inpaintFile(given.photo, mask(given.folder), out, { ...quick(), hole: 'alpha' });
    await inpaintFile(given.photo, given.mask, expected, quick());
    expectSamePixels((await readPicture(out)).data, (await readPicture(expected)).data);
  });

  it('that is none is refused, and nothing is left behind', async () => {
    const given = await caseOf(pipeline(scene(W, H)).png());
    const error = await expectCode(inpaintFile(given.photo, { shapes: { box: [1, 2, 3, -4] } }, join(given.folder, 'out.png'), quick()), 'mask-shapes');
    expect(error.message).toBe('mask.shapes.box[3] must be a number from 0 to 10000000, got -4');
    expect(given.others()).toEqual([]);
  });
});
