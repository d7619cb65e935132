import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import type { Browser, Page } from 'playwright';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { areHole, type Demo, download, draw, openDemo, photograph, pickPhoto, placeOf, serveDemo, untilFilled } from './demo-site';
import { startChromium } from './site';

// What a fill looks like so far is shown while it is under way, and nothing of it stays. So small a photo is shown four times as large, pixel by pixel.
const [WIDTH, HEIGHT] = [160, 120];
/** Too thick to be healed, which has no first look. */
const HOLE = { left: 50, top: 40, right: 110, bottom: 80 };

// A fill that has shown its first look is answered when the test says so: by its answer, or by a failure.
const holdAnswers = `
  globalThis.Worker = class extends Worker {
    set onmessage(listener) {
      super.onmessage = listener && ((event) => {
        const { type, id } = event.data;
        const hear = (data) => listener.call(this, { data });
        if (type === 'preview') globalThis.looked = id;
        if (type !== 'answer' || id !== globalThis.looked) return hear(event.data);
        globalThis.held = {
          answer: () => hear(event.data),
          fail: () => {
            // The worker has filled, and is to be as if it had not.
            this.postMessage({ type: 'abort', id });
            hear({ type: 'error', id, error: { name: 'Error', message: 'it failed' } });
          },
        };
      });
    }
  };
`;
declare global {
  /** Set by the page once a fill's answer is held. */
  var held: { answer(): void; fail(): void } | undefined;
}

let site: { server: Server; address: string };
let browser: Browser;
let demo: Demo;
let place: (x: number, y: number) => { x: number; y: number };
let original: string;
beforeAll(async () => {
  site = await serveDemo();
  browser = await startChromium();
}, 300_000);
beforeEach(async () => {
  demo = await openDemo(browser, site.address, { reducedMotion: 'reduce' });
  const { page } = demo;
  await page.addInitScript({ content: holdAnswers });
  await page.reload();
  await page.waitForSelector('body.sample[data-mode=paint]');
  await pickPhoto(page, 'small.png', await photograph(WIDTH, HEIGHT).png().toBuffer());
  place = await placeOf(page, WIDTH, HEIGHT);
  await page.keyboard.press('r');
  await paint(HOLE);
  original = await seen(page);
}, 60_000);
afterEach(async () => {
  expect(demo.errors).toEqual([]);
  await demo.context.close();
});
afterAll(async () => {
  await browser?.close();
  site?.server.close();
});

const paint = ({ left, top, right, bottom }: typeof HOLE) => draw(demo.page, [place(left, top), place(right, bottom)]);

/** What is shown of the picture, three frames later: with all that was drawn last. */
const shown = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
    return (document.getElementById('picture') as HTMLCanvasElement).toDataURL();
  });

/** The same in few letters, to be compared. */
const seen = async (page: Page): Promise<string> =>
  createHash('sha256')
    .update(await shown(page))
    .digest('hex');

/** Whether the middles of what was painted are shown as hole. */
const isMarked = async () => (await areHole(demo.page, [place(80, 60)]))[0];

/** Begins a fill, and waits until it is done but for its answer. @returns what is shown then */
async function firstLook(): Promise<string> {
  const { page } = demo;
  await page.evaluate(() => {
    globalThis.held = undefined;
  });
  await page.click('#fill');
  await page.waitForFunction(() => globalThis.held !== undefined, undefined, { timeout: 100_000 });
  expect(await page.getAttribute('body', 'data-mode')).toBe('running');
  return seen(page);
}

it('a fill is looked at before it is done; what then stands there is the result, to the pixel', async () => {
  const { page } = demo;
  expect(await isMarked()).toBe(true);
  const look = await firstLook();
  expect(look).not.toBe(original);
  expect(await isMarked()).toBe(false);
  await page.evaluate(() => globalThis.held!.answer());
  await untilFilled(page);
  const result = await seen(page);
  expect(result).not.toBe(look);
  const pixels = await shownPixels(page);
  const { path } = await download(page);
  expect(pixels.equals(await sharp(path).removeAlpha().raw().toBuffer())).toBe(true);
  await page.click('#undo');
  expect(await seen(page)).toBe(original);
  expect(await isMarked()).toBe(true);
});

it.each([
  ['cancelled', (page: Page) => page.click('#cancel'), '#status:has-text("Cancelled")'],
  ['failed', (page: Page) => page.evaluate(() => globalThis.held!.fail()), '#error:not([hidden])'],
])('of a fill that is %s nothing stays, and the next is as if it had not been', async (_, end, outcome) => {
  const { page } = demo;
  const look = await firstLook();
  expect(look).not.toBe(original);
  await end(page);
  await page.waitForSelector(outcome);
  expect(await seen(page)).toBe(original);
  expect(await isMarked()).toBe(true);
  expect(await firstLook()).toBe(look);
});

it('the photo as it was opened, held to compare, shows none of it', async () => {
  const { page } = demo;
  await firstLook();
  await page.evaluate(() => globalThis.held!.answer());
  await untilFilled(page);
  const before = await seen(page);
  await paint({ left: 10, top: 10, right: 50, bottom: 38 });
  const look = await firstLook();
  expect(look).not.toBe(before);
  await page.keyboard.down('c');
  expect(await seen(page)).toBe(original);
  await page.keyboard.up('c');
  // Where that was short, it was a press for the divider, which goes by another.
  if (await page.isVisible('#divider')) await page.keyboard.press('c');
  expect(await seen(page)).toBe(look);
  await page.evaluate(() => globalThis.held!.answer());
  await untilFilled(page);
  await page.click('#undo');
  expect(await seen(page)).toBe(before);
});

/** The photo's pixels as they are shown, from their middles. */
async function shownPixels(page: Page): Promise<Buffer> {
  const stage = (await page.locator('#stage').boundingBox())!;
  const { data, info } = await sharp(Buffer.from((await shown(page)).split(',')[1], 'base64'))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const at = place(x + 0.5, y + 0.5);
      const from = 3 * (Math.floor(at.y - stage.y) * info.width + Math.floor(at.x - stage.x));
      data.copy(pixels, 3 * (y * WIDTH + x), from, from + 3);
    }
  }
  return pixels;
}
