import type { Server } from 'node:http';
import type { Browser } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, download, draw, openDemo, photograph, pickPhoto, placeOf, serveDemo, untilResult } from './demo-site';
import { startChromium } from './site';

// A stranger's way through the page: open a photo, paint, fill, cancel, fill again, compare, download.
const [WIDTH, HEIGHT] = [640, 480];
const FROM = { x: 300, y: 200 };
const TO = { x: 380, y: 210 };

/** Distance of a pixel's centre from the stroke. */
function distance(x: number, y: number): number {
  const [dx, dy] = [TO.x - FROM.x, TO.y - FROM.y];
  const along = Math.min(Math.max(((x + 0.5 - FROM.x) * dx + (y + 0.5 - FROM.y) * dy) / (dx * dx + dy * dy), 0), 1);
  return Math.hypot(x + 0.5 - FROM.x - along * dx, y + 0.5 - FROM.y - along * dy);
}

const pixelsOf = (file: Buffer | string) => sharp(file).removeAlpha().raw().toBuffer();

/** How many pixels within and beyond a distance of the stroke differ. */
function changes(before: Buffer, after: Buffer, radius: number, beyond: number) {
  const count = { inside: 0, insideChanged: 0, outsideChanged: 0 };
  for (let y = 0, i = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, i += 3) {
      const same = before[i] === after[i] && before[i + 1] === after[i + 1] && before[i + 2] === after[i + 2];
      const away = distance(x, y);
      if (away < radius - 1) {
        count.inside++;
        if (!same) count.insideChanged++;
      } else if (away > beyond && !same) count.outsideChanged++;
    }
  }
  return count;
}

let site: { server: Server; address: string };
beforeAll(async () => {
  site = await serveDemo();
}, 300_000);
afterAll(() => site?.server.close());

/** The page on a backend, for the tests of a group. */
function demoOn(backend: 'wasm' | 'webgpu'): () => Demo {
  let browser: Browser;
  let demo: Demo;
  beforeAll(async () => {
    browser = await startChromium({ webgpu: backend === 'webgpu' });
    demo = await openDemo(browser, site.address);
    await demo.page.click('#settings-open');
    await demo.page.selectOption('#backend', backend);
    await demo.page.click('#settings-close');
  });
  afterAll(async () => {
    await browser?.close();
  });
  return () => demo;
}

function theWholeWay(demo: () => Demo, backend: string) {
  it('a photo is painted on, filled, cancelled, filled again, compared and downloaded', { timeout: 400_000 }, async () => {
    const { page, errors } = demo();
    const photo = await photograph(WIDTH, HEIGHT).png().toBuffer();
    await pickPhoto(page, 'plain.png', photo);
    expect(await page.textContent('#photo-facts')).toBe('640 × 480, PNG');
    const place = await placeOf(page, WIDTH, HEIGHT);
    await draw(page, [place(FROM.x, FROM.y), place(TO.x, TO.y)]);

    await page.click('#fill');
    await page.waitForSelector('body[data-mode=running]');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('cancel');
    await page.click('#cancel');
    await page.waitForSelector('body[data-mode=paint]');
    expect(await page.textContent('#status')).toContain('Cancelled');

    await page.click('#fill');
    await untilResult(page, 300_000);
    expect(await page.textContent('#backend-used')).toBe(`In use: ${backend}.`);
    expect(await page.textContent('#status')).toContain('Done');

    const divider = page.getByRole('slider', { name: 'Before and after' });
    await divider.focus();
    await page.keyboard.press('Home');
    expect(await divider.getAttribute('aria-valuenow')).toBe('0');
    await page.keyboard.press('ArrowRight');
    expect(await divider.getAttribute('aria-valuetext')).toBe('2 % before, 98 % after');
    const handle = (await divider.boundingBox())!;
    const stage = (await page.locator('#stage').boundingBox())!;
    await draw(page, [
      { x: handle.x + handle.width / 2, y: handle.y + handle.height / 2 },
      { x: stage.x + stage.width / 2, y: stage.y + stage.height / 2 },
    ]);
    expect(await divider.getAttribute('aria-valuenow')).toBe('50');

    const file = await download(page);
    expect(file.name).toBe('plain-filled.png');
    expect(await sharp(file.path).metadata()).toMatchObject({ format: 'png', width: WIDTH, height: HEIGHT });
    const radius = Number.parseInt((await page.textContent('#size-pixels'))!, 10) / 2;
    // The hole grows by 0.4 % of the long side, the seam is 2 pixels wide, and a pixel's corner is 0.7 from its centre.
    const { inside, insideChanged, outsideChanged } = changes(await pixelsOf(photo), await pixelsOf(file.path), radius, radius + 3 + 2 + 1.5);
    expect(inside).toBeGreaterThan(2000);
    expect(insideChanged).toBeGreaterThan(0.8 * inside);
    expect(outsideChanged).toBe(0);
    expect(errors).toEqual([]);
  });
}

describe('on software WebGPU', () => theWholeWay(demoOn('webgpu'), 'WebGPU'));

describe('on wasm', () => {
  const demo = demoOn('wasm');
  theWholeWay(demo, 'WebAssembly');

  it('another fill has another seed, and a cancelled one leaves the result', async () => {
    const { page } = demo();
    const first = await pixelsOf((await download(page)).path);
    const seed = Number(await page.inputValue('#seed'));
    await page.click('#again');
    await untilResult(page);
    expect(await page.inputValue('#seed')).toBe(String(seed + 1));
    const second = await pixelsOf((await download(page)).path);
    expect(second.equals(first)).toBe(false);
    await page.click('#again');
    await page.waitForSelector('body[data-mode=running]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('body[data-mode=result]');
    expect((await pixelsOf((await download(page)).path)).equals(second)).toBe(true);
  });

  it('the result is gone on from, without being encoded in between', async () => {
    const { page } = demo();
    const result = await pixelsOf((await download(page)).path);
    await page.click('#continue');
    await page.waitForSelector('body[data-mode=paint]');
    expect(await page.getAttribute('body', 'class')).not.toContain('ready');
    const place = await placeOf(page, WIDTH, HEIGHT);
    await draw(page, [place(100, 100), place(120, 100)]);
    await page.click('#fill');
    await untilResult(page);
    const { outsideChanged, insideChanged } = changes(result, await pixelsOf((await download(page)).path), 20, 300);
    expect(outsideChanged).toBe(0);
    expect(insideChanged).toBe(0);
  });
});
