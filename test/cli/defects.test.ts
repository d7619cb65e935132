import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandOf } from '../../src/cli/arguments';
import { findDefects } from '../../src/cra/find-defects';
import { readMask, readPicture } from '../../src/io/node';
import { inpaintFile } from '../../src/node/inpaint-file';
import { pipeline, temporaryFolder } from '../io/support';
import { command } from './command';

const root = temporaryFolder();
const scan = join(root, 'scan.png');
const [W, H] = [300, 200];
beforeAll(async () => {
  const specks = [40, 90, 150, 260];
  const data = Uint8Array.from({ length: W * H * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % W, Math.floor(i / 3 / W)];
    return specks.some((at) => Math.hypot(x - at, y - at / 2 - 20) < 2.5) ? 250 : 90 + x / 10;
  });
  writeFileSync(scan, await pipeline({ width: W, height: H, channels: 3, data }).png().toBuffer());
});

describe('cra-inpaint defects', () => {
  it('writes the mask that findDefects() gives, and says how much there is: 0', async () => {
    const out = join(root, 'dust.png');
    const { code, stdout, stderr } = await command(['defects', scan, '-o', out]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/scan\.png -> .*dust\.png {2}4 places, 0\.1\d\d % of the photo\n$/);
    const wanted = await findDefects(await readPicture(scan));
    expect(Buffer.from((await readMask(out)).data).equals(Buffer.from(wanted.data))).toBe(true);
  });

  it('goes by its options', async () => {
    const out = join(root, 'none.png');
    for (const more of [
      ['--kind', 'scratches'],
      ['--contrast', '200'],
      ['--size', '3'],
    ]) {
      const { code, stdout } = await command(['defects', scan, '-o', out, ...more]);
      expect([code, stdout]).toEqual([0, expect.stringContaining('0 places, 0.000 %')]);
    }
    expect((await command(['defects', '--help'])).stdout).toMatch(/--kind KIND/);
  });

  it.each([
    [[], /expected one photo, got 0/],
    [['a.png', 'b.png', '-o', 'c.png'], /expected one photo, got 2/],
    [['a.png'], /--output is missing/],
    [['a.png', '-o', 'c.png', '--kind', 'hairs'], /--kind must be one of dust, scratches; got hairs/],
    [['a.png', '-o', 'c.png', '--size', '2'], /--size must be a number from 3 to 64; got 2/],
    [['a.png', '-o', 'c.png', '--sizes', '2'], /there is no option --sizes/],
  ])('%j is wrong usage: 2', async (args, message) => {
    const { code, stderr } = await command(['defects', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('what can not be read is said in a line, and nothing is written: 1', async () => {
    const out = join(root, 'not.png');
    const { code, stderr } = await command(['defects', join(root, 'missing.png'), '-o', out]);
    expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toMatch(/file-read/);
    expect(existsSync(out)).toBe(false);
  });
});

describe('--defects', () => {
  /** A scan with specks, one of 16 bits with alpha, and one without specks; a square on each, which is none, and a mask of it. */
  async function scans(): Promise<{ at: (name: string) => string }> {
    const folder = mkdtempSync(join(root, 'scans-'));
    const at = (name: string) => join(folder, name);
    mkdirSync(at('photos'));
    mkdirSync(at('masks'));
    const isSquare = (p: number) => p % W > 200 && p % W < 215 && p > 150 * W && p < 165 * W;
    const { data: specks } = await readPicture(scan);
    const data = specks.map((value, i) => (isSquare(Math.floor(i / 3)) ? 30 : value));
    const clean = data.map((value, i) => (isSquare(Math.floor(i / 3)) ? value : 90 + (Math.floor(i / 3) % W) / 10));
    const deep = Uint16Array.from({ length: W * H * 4 }, (_, i) => (i % 4 === 3 ? 65535 : data[3 * Math.floor(i / 4) + (i % 4)] * 257));
    const square = Uint8Array.from({ length: W * H }, (_, p) => (isSquare(p) ? 255 : 0));
    writeFileSync(
      at('photos/a.png'),
      await pipeline({ width: W, height: H, channels: 3, data: Uint8Array.from(data) })
        .png()
        .toBuffer(),
    );
    writeFileSync(
      at('photos/b.png'),
      await pipeline({ width: W, height: H, channels: 3, data: Uint8Array.from(clean) })
        .png()
        .toBuffer(),
    );
    writeFileSync(at('deep.png'), await pipeline({ width: W, height: H, channels: 4, data: deep }).toColourspace('rgb16').png().toBuffer());
    writeFileSync(at('masks/b.png'), await pipeline({ width: W, height: H, channels: 1, data: square }).png().toBuffer());
    return { at };
  }
  const pixelsOf = async (path: string) => Buffer.from((await readPicture(path)).data);

  it('fills what findDefects() finds, as by its mask; says how much that is, and where a mask of it is', async () => {
    const { at } = await scans();
    for (const photo of ['photos/a.png', 'deep.png']) {
      const { code, stdout, stderr } = await command([at(photo), '--defects', '--defects-mask', at('dust.png'), '-o', at('out.png')]);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/out\.png {2}300 x 200 {2}[\d.]+ s {2}dust: 4 places, 0\.1\d\d % of the photo, in .*dust\.png\n$/);
      const dust = await findDefects(await readPicture(at(photo)));
      expect(Buffer.from((await readMask(at('dust.png'))).data).equals(Buffer.from(dust.data))).toBe(true);
      await inpaintFile(at(photo), dust, at('wanted.png'));
      expect((await pixelsOf(at('out.png'))).equals(await pixelsOf(at('wanted.png')))).toBe(true);
      expect((await pixelsOf(at('out.png'))).equals(await pixelsOf(at(photo)))).toBe(false);
    }
  });

  it('where nothing is found that is said, and the photo comes back as it was', async () => {
    const { at } = await scans();
    const { code, stdout, stderr } = await command([at('photos/a.png'), '--defects', 'scratches', '-o', at('out.png')]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('scratches: 0 places, 0.000 %')]);
    expect(stderr).toMatch(/: mask-without-hole: found no scratches, the photo comes back unchanged\n$/);
    expect((await pixelsOf(at('out.png'))).equals(await pixelsOf(at('photos/a.png')))).toBe(true);
  });

  it.each<[string, (at: (name: string) => string) => string[]]>([
    ['a mask', (at) => [at('masks/b.png')]],
    ['a mask whose hole is black', (at) => [at('black.png'), '--hole', 'black']],
    ['a box', () => ['--box', '201,150,14,15']],
  ])('goes with %s: both are filled', async (_, given) => {
    const { at } = await scans();
    const square = await readMask(at('masks/b.png'));
    const inverse = Uint8Array.from(square.data, (value) => 255 - value);
    writeFileSync(at('black.png'), await pipeline({ width: W, height: H, channels: 1, data: inverse }).png().toBuffer());
    const { code, stderr } = await command([at('photos/a.png'), ...given(at), '--defects', '--grow', '0', '--feather', '0', '-o', at('out.png')]);
    expect([code, stderr]).toEqual([0, '']);
    const dust = await findDefects(await readPicture(at('photos/a.png')));
    const [before, after] = [await pixelsOf(at('photos/a.png')), await pixelsOf(at('out.png'))];
    const marks = [0, 0];
    for (let p = 0; p < W * H; p++) {
      const changed = [0, 1, 2].some((c) => before[3 * p + c] !== after[3 * p + c]);
      if (changed) expect(dust.data[p] + square.data[p]).toBeGreaterThan(0);
      if (changed && dust.data[p] > 0) marks[0]++;
      if (changed && square.data[p] > 0) marks[1]++;
    }
    expect(Math.min(...marks)).toBeGreaterThan(20);
  });

  it('in a folder each photo has its own defects, and its mask if it has one', async () => {
    const { at } = await scans();
    const args = ['--defects', '--defects-mask', at('dust'), '-o', at('out'), '--json'];
    const { code, stdout } = await command([at('photos'), at('masks'), ...args]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([code, lines.length, readdirSync(at('dust'))]).toEqual([0, 3, ['a.png.png', 'b.png.png']]);
    const dust = await findDefects(await readPicture(at('photos/a.png')));
    const pixels = dust.data.filter((value) => value > 0).length;
    expect(lines[0].defects).toEqual({ kinds: ['dust'], mask: at('dust/a.png.png'), places: 4, pixels, of: W * H });
    expect(lines[1]).toMatchObject({ mask: at('masks/b.png'), defects: { places: 0, pixels: 0 }, warnings: [] });
    expect(lines[0].mask).toBeUndefined();
    expect((await pixelsOf(at('out/b.png'))).equals(await pixelsOf(at('photos/b.png')))).toBe(false);
  });

  it.each<[string[], string[]]>([
    [['--defects'], ['dust']],
    [['--defects', 'scratches'], ['scratches']],
    [
      ['--defects=scratches', '--defects', 'dust', '--defects'],
      ['scratches', 'dust'],
    ],
  ])('%j: %j', (args, kinds) => {
    const read = commandOf([...args, 'photo.png', '-o', 'out.png']);
    expect(read).toMatchObject({ photo: 'photo.png', mask: undefined, defects: { kinds } });
    expect(commandOf(['photo.png', '-o', 'out.png', ...args])).toEqual(read);
  });

  it.each<[string[], RegExp]>([
    [['--defects=hairs'], /--defects must be one of dust, scratches; got hairs/],
    [['--defects-mask', 'dust.png', '--box', '1,1,2,2'], /--defects-mask is for --defects/],
    [['--defects', '--candidates', '3'], /--candidates of what is healed would hardly differ: not with --defects/],
  ])('%j is wrong usage: 2', async (args, message) => {
    const { code, stderr } = await command([scan, '-o', join(root, 'no.png'), ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('a mask of them that would be the result, or replace the photo, is refused before anything is read: 1', async () => {
    const { at } = await scans();
    for (const [mask, message] of [
      [at('out.png'), /out\.png would be written twice/],
      [at('photos/a.png'), /a\.png is an input/],
    ] as const) {
      const { code, stderr } = await command([at('photos/a.png'), '--defects', '--defects-mask', mask, '-o', at('out.png')]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
      expect(existsSync(at('out.png'))).toBe(false);
    }
  });
});
