import type { Server } from 'node:http';
import type { Browser, Page } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { areHole, type Demo, download, draw, marksAt, openDemo, photograph, pick, pickPhoto, placeOf, serveDemo, untilFilled } from './demo-site';
import { startChromium } from './site';

// A stranger's way through the page: open a photo, paint, fill, paint on the result, undo, compare, choose, download.
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
    demo = await openDemo(browser, site.address, { reducedMotion: 'reduce' });
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
  it('a photo is painted on, cancelled, filled and downloaded', { timeout: 400_000 }, async () => {
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
    await untilFilled(page, 300_000);
    expect(await page.textContent('#backend-used')).toBe(`In use: ${backend}.`);
    expect(await page.textContent('#status')).toContain('Done');

    expect(await page.evaluate(() => document.activeElement?.id)).toBe('stage');
    const file = await download(page);
    expect(file.name).toBe('plain-filled.png');
    expect(await sharp(file.path).metadata()).toMatchObject({ format: 'png', width: WIDTH, height: HEIGHT });
    const radius = Number.parseInt((await page.textContent('#size-pixels'))!, 10) / 2;
    // The hole grows by 1.2 % of the short side and two pixels at most, the seam is 2 pixels wide, and a pixel's corner is 0.7 from its centre.
    const { inside, insideChanged, outsideChanged } = changes(await pixelsOf(photo), await pixelsOf(file.path), radius, radius + 8 + 2 + 1.5);
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

  it('the result is painted on at once, and undone and done again across strokes and fills', async () => {
    const { page } = demo();
    const first = await pixelsOf((await download(page)).path);
    const place = await placeOf(page, WIDTH, HEIGHT);
    await draw(page, [place(100, 100), place(120, 100)]);
    await page.click('#fill');
    await untilFilled(page);
    const second = await pixelsOf((await download(page)).path);
    expect(changes(first, second, 20, 300)).toMatchObject({ outsideChanged: 0, insideChanged: 0 });
    expect(second.equals(first)).toBe(false);

    const painted = () => areHole(page, [place(110, 100), place(340, 205)]);
    await page.keyboard.press('Control+z');
    expect(await painted()).toEqual([true, false]);
    await page.click('#undo');
    expect(await painted()).toEqual([false, false]);
    expect((await pixelsOf((await download(page)).path)).equals(first)).toBe(true);
    await page.click('#redo');
    expect(await painted()).toEqual([true, false]);
    await page.click('#redo');
    expect(await painted()).toEqual([false, false]);
    expect((await pixelsOf((await download(page)).path)).equals(second)).toBe(true);
  });

  it('shows the original while a button or key is held, and beside the result by a divider', async () => {
    const { page } = demo();
    const place = await placeOf(page, WIDTH, HEIGHT);
    const seen = () => colourAt(page, place(340, 205));
    const filled = await seen();
    const button = (await page.locator('#compare').boundingBox())!;
    await page.mouse.move(button.x + 10, button.y + 10);
    await page.mouse.down();
    const original = await seen();
    expect(original).not.toEqual(filled);
    await page.waitForTimeout(300);
    await page.mouse.up();
    expect(await seen()).toEqual(filled);
    const divider = page.getByRole('slider', { name: 'Before and after' });
    expect(await divider.isHidden()).toBe(true);

    await page.locator('#stage').focus();
    await page.keyboard.down('c');
    expect(await seen()).toEqual(original);
    await page.keyboard.up('c');
    expect(await divider.isVisible()).toBe(true);
    await divider.focus();
    await page.keyboard.press('Home');
    expect([await divider.getAttribute('aria-valuenow'), await seen()]).toEqual(['0', filled]);
    await page.keyboard.press('End');
    expect(await seen()).toEqual(original);
    await page.keyboard.press('ArrowLeft');
    expect(await divider.getAttribute('aria-valuetext')).toBe('98 % before, 2 % after');
    const handle = (await divider.locator('.handle').boundingBox())!;
    const stage = (await page.locator('#stage').boundingBox())!;
    await draw(page, [
      { x: handle.x + handle.width / 2, y: handle.y + handle.height / 2 },
      { x: stage.x + stage.width / 2, y: stage.y + stage.height / 2 },
    ]);
    expect(await divider.getAttribute('aria-valuenow')).toBe('50');
    await page.click('#compare');
    expect(await divider.isHidden()).toBe(true);
  });

  it('another try keeps the earlier ones, of which any can be chosen; a cancelled one changes nothing', async () => {
    const { page } = demo();
    const tries = page.getByRole('radio', { name: /^Try/ });
    const saved = async () => pixelsOf((await download(page)).path);
    const first = await saved();
    expect(await tries.count()).toBe(0);
    await page.click('#again');
    await untilFilled(page);
    const second = await saved();
    expect(second.equals(first)).toBe(false);
    expect(await tries.count()).toBe(2);
    await page.click('#again');
    await page.waitForSelector('body[data-mode=running]');
    await page.keyboard.press('Escape');
    await untilFilled(page);
    expect([await tries.count(), await tries.nth(1).isChecked()]).toEqual([2, true]);
    expect((await saved()).equals(second)).toBe(true);

    await tries.nth(0).check();
    expect((await saved()).equals(first)).toBe(true);
    // What was undone, with nothing painted since, is the same fill: one try more.
    await page.click('#undo');
    expect(await tries.count()).toBe(0);
    await page.click('#fill');
    await untilFilled(page);
    expect([await tries.count(), await tries.nth(2).isChecked()]).toEqual([3, true]);
    await tries.nth(1).check();
    expect((await saved()).equals(second)).toBe(true);
  });

  it('another try copies nothing from what was marked meanwhile, and the marks stay for the next', { timeout: 200_000 }, async () => {
    const { page } = demo();
    const [width, height] = [320, 240];
    await pickPhoto(page, 'red.png', await halfRed(width, height));
    const place = await placeOf(page, width, height);
    const rectangle = (...corners: [number, number][]) =>
      draw(
        page,
        corners.map(([x, y]) => place(x, y)),
      );
    const reds = async () => redIn(await pixelsOf((await download(page)).path), width, { left: 140, top: 90, right: 190, bottom: 140 });
    const marks = async () => (await marksAt(page, [place(165, 115), place(270, 40)])).join('');
    await page.keyboard.press('r');
    await rectangle([130, 80], [200, 150]);
    await page.click('#fill');
    await untilFilled(page);
    expect(await reds()).toBeGreaterThan(0.3);
    await page.keyboard.press('n');
    await rectangle([156, 0], [320, 240]);
    expect(await page.isVisible('#again')).toBe(true);
    await page.click('#again');
    await untilFilled(page);
    expect(await reds()).toBe(0);
    expect([await page.getByRole('radio', { name: /^Try/ }).count(), await page.getAttribute('#avoid', 'aria-pressed')]).toEqual([2, 'false']);
    expect(await marks()).toBe('oo');
    // The last step is the fill: it is undone first, the marks next.
    await page.click('#undo');
    expect(await marks()).toBe('xo');
    await page.click('#undo');
    expect(await marks()).toBe('x.');
  });

  it('where nothing is left to copy from, that is said in words', async () => {
    const { page } = demo();
    await page.keyboard.press('n');
    await page.keyboard.press('i');
    await page.click('#fill');
    await page.waitForSelector('#error:visible');
    expect(await page.textContent('#error')).toContain('Nothing is left to copy from.');
    await page.click('#undo');
    await page.click('#error-close');
  });

  it('asks before what is not downloaded is lost', async () => {
    const { page } = demo();
    const asked: string[] = [];
    page.on('dialog', async (dialog) => {
      asked.push(dialog.type());
      await dialog.dismiss();
    });
    const another = await photograph(200, 100).png().toBuffer();
    const stays = async () => (await page.textContent('#photo-name')) === 'red.png';
    await pick(page, 'open-file', 'another.png', another);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect([asked, await stays()]).toEqual([['confirm'], true]);
    await page.close({ runBeforeUnload: true });
    await expect.poll(() => asked).toEqual(['confirm', 'beforeunload']);
    expect(page.isClosed()).toBe(false);
  });
});

/** A picture of noise, green on the left and red on the right. */
function halfRed(width: number, height: number): Promise<Buffer> {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0, state = 1; i < width * height; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const noise = state >>> 27;
    data.set(i % width < width / 2 ? [60 + noise, 120 + noise, 70 + noise] : [200 + noise, 40 + noise, 40 + noise], i * 3);
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Which part of a box is red. */
function redIn(pixels: Buffer, width: number, { left, top, right, bottom }: Record<'left' | 'top' | 'right' | 'bottom', number>): number {
  let count = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) if (pixels[3 * (y * width + x)] > pixels[3 * (y * width + x) + 1] + 40) count++;
  }
  return count / ((right - left) * (bottom - top));
}

/** What is seen of the picture at a place of the page, three frames later: with all that was drawn last. */
const colourAt = (page: Page, { x, y }: { x: number; y: number }): Promise<number[]> =>
  page.evaluate(
    async (at) => {
      for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
      const canvas = document.getElementById('picture') as HTMLCanvasElement;
      const { left, top, width } = canvas.getBoundingClientRect();
      const ratio = canvas.width / width;
      return Array.from(canvas.getContext('2d')!.getImageData(Math.round((at.x - left) * ratio), Math.round((at.y - top) * ratio), 1, 1).data);
    },
    { x, y },
  );
