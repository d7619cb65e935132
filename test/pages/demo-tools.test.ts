import type { Server } from 'node:http';
import type { Browser, Page } from 'playwright';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { areHole, type Demo, draw, marksAt, openDemo, photograph, pick, pickPhoto, placeOf, serveDemo, untilFilled } from './demo-site';
import { startChromium } from './site';

// What is painted is read from the canvas, as one sees it.
let site: { server: Server; address: string };
let browser: Browser;
let demo: Demo;
let page: Page;
let place: (x: number, y: number) => { x: number; y: number };

/** What places of the picture are painted as, as a string of x, o and dots. */
const painted = async (...places: [number, number][]) =>
  (
    await marksAt(
      page,
      places.map(([x, y]) => place(x, y)),
    )
  ).join('');

/** Drags through places of the picture. */
const drag = (...places: [number, number][]) =>
  draw(
    page,
    places.map(([x, y]) => place(x, y)),
  );

/** Buttons and tools that a finger would miss. */
const tooSmall = () =>
  page.locator('#dock-paint :is(button, label:has(input)):visible, header button').evaluateAll((all) =>
    all
      .map((each) => ({ id: each.id || each.textContent, box: each.getBoundingClientRect() }))
      .filter(({ box: { width, height } }) => Math.min(width, height) < 44)
      .map(({ id }) => id),
  );

const choose = (tool: string) => page.getByRole('radio', { name: tool }).check();

beforeAll(async () => {
  site = await serveDemo();
  browser = await startChromium();
}, 300_000);
beforeEach(async () => {
  demo = await openDemo(browser, site.address);
  page = demo.page;
  await pickPhoto(page, 'plain.png', await photograph(640, 480).png().toBuffer());
  place = await placeOf(page, 640, 480);
});
afterEach(async () => {
  await demo.context.close();
  expect(demo.errors).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  site?.server.close();
});

describe('tools', () => {
  it('brush and eraser paint as wide as their size, by slider and by keys', async () => {
    await page.locator('#size').fill('50');
    const narrow = Number.parseInt((await page.textContent('#size-pixels'))!, 10);
    await page.locator('#stage').focus();
    await page.keyboard.press(']');
    const wide = Number.parseInt((await page.textContent('#size-pixels'))!, 10);
    expect(wide).toBeGreaterThan(narrow);
    await page.keyboard.press('[');
    expect(await page.textContent('#size-pixels')).toBe(`${narrow} px`);
    await drag([100, 200], [300, 200]);
    const edge = narrow / 2;
    expect(await painted([100, 200], [200, 200], [300, 200], [200, 200 + edge - 3], [200, 200 + edge + 3], [200, 200 - edge - 3])).toBe('xxxx..');
    await choose('Eraser');
    await drag([200, 150], [200, 250]);
    expect(await painted([200, 200], [150, 200], [250, 200])).toBe('.xx');
  });

  it('lasso and rectangle fill their outline', async () => {
    await choose('Lasso');
    await drag([100, 100], [200, 100], [150, 200]);
    expect(await painted([150, 130], [110, 180], [190, 180], [150, 210])).toBe('x...');
    await page.keyboard.press('r');
    expect(await page.getByRole('radio', { name: 'Rectangle' }).isChecked()).toBe(true);
    await drag([400, 300], [300, 250]);
    expect(await painted([305, 255], [395, 295], [405, 275], [350, 305])).toBe('xx..');
  });

  it('undo and redo go through every step, and clear and invert are steps, too', async () => {
    const undo = page.getByRole('button', { name: 'Undo' });
    const redo = page.getByRole('button', { name: 'Redo' });
    expect(await undo.isDisabled()).toBe(true);
    await drag([100, 200], [120, 200]);
    await drag([300, 200], [320, 200]);
    await page.getByRole('button', { name: 'Invert mask' }).click();
    expect(await painted([110, 200], [310, 200], [500, 400])).toBe('..x');
    await page.getByRole('button', { name: 'Clear mask' }).click();
    expect(await painted([110, 200], [310, 200], [500, 400])).toBe('...');
    await undo.click();
    expect(await painted([110, 200], [310, 200], [500, 400])).toBe('..x');
    await page.keyboard.press('Control+z');
    expect(await painted([110, 200], [310, 200], [500, 400])).toBe('xx.');
    await page.keyboard.press('Control+z');
    expect(await painted([110, 200], [310, 200])).toBe('x.');
    await page.keyboard.press('Control+Shift+z');
    expect(await painted([110, 200], [310, 200])).toBe('xx');
    await undo.click();
    await undo.click();
    expect(await undo.isDisabled()).toBe(true);
    expect(await painted([110, 200], [310, 200])).toBe('..');
    await redo.click();
    await drag([500, 100], [520, 100]);
    expect(await redo.isDisabled()).toBe(true);
    expect(await painted([110, 200], [310, 200], [510, 100])).toBe('x.x');
  });

  it('what is not to be copied is marked by the same tools, beside what is to go, and undone in turn with it', async () => {
    const all = () => painted([100, 100], [200, 100], [300, 100], [110, 300]);
    await drag([80, 100], [320, 100]);
    await page.click('#avoid');
    expect(await page.getAttribute('#avoid', 'aria-pressed')).toBe('true');
    await drag([110, 240], [110, 360]);
    expect(await all()).toBe('xxxo');
    // The eraser takes away of its own mask only.
    await choose('Eraser');
    await drag([200, 100], [110, 300]);
    expect(await all()).toBe('xxx.');
    await page.click('#undo');
    expect(await all()).toBe('xxxo');
    await page.click('#avoid');
    await drag([200, 90], [200, 110]);
    expect(await all()).toBe('x.xo');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    expect(await all()).toBe('xxx.');
    await page.keyboard.press('Control+z');
    expect(await all()).toBe('....');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Control+Shift+z');
    expect(await all()).toBe('x.xo');
    // Clearing is of what is being marked.
    await page.click('#avoid');
    await page.getByRole('button', { name: 'Clear mask' }).click();
    expect(await all()).toBe('x.x.');
    await page.getByRole('button', { name: 'Invert mask' }).click();
    expect(await painted([200, 100], [110, 300], [500, 400], [100, 100])).toBe('ooox');
    // Another photo begins with neither. The page asks, as something would be lost.
    page.once('dialog', (dialog) => dialog.accept());
    await pickPhoto(page, 'next.png', await photograph(640, 480).png().toBuffer());
    expect([await page.getAttribute('#avoid', 'aria-pressed'), await all()]).toEqual(['false', '....']);
  });

  it('a mask file is brought to the photo by its size, white or opaque, and can be undone', async () => {
    const half = { create: { width: 320, height: 240, channels: 3 as const, background: 'black' } };
    const white = await sharp({ create: { width: 80, height: 60, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    await pick(
      page,
      'mask-file',
      'mask.png',
      await sharp(half)
        .composite([{ input: white, left: 40, top: 60 }])
        .png()
        .toBuffer(),
    );
    await page.waitForFunction(() => document.getElementById('status')?.textContent === 'Mask loaded.');
    expect(await painted([85, 125], [235, 235], [75, 125], [245, 235], [85, 245])).toBe('xx...');
    await page.keyboard.press('Control+z');
    expect(await painted([85, 125])).toBe('.');
  });
});

describe('photos', () => {
  it.each(['drop', 'paste'] as const)('come by %s', async (way) => {
    const bytes = [...(await photograph(200, 100).png().toBuffer())];
    await page.evaluate(
      ([type, values]) => {
        const carrier = new DataTransfer();
        carrier.items.add(new File([Uint8Array.from(values)], `by-${type}.png`, { type: 'image/png' }));
        document.body.dispatchEvent(new DragEvent('dragenter', { bubbles: true, dataTransfer: carrier }));
        if (type === 'drop') document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: carrier }));
        else document.body.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, clipboardData: carrier }));
      },
      [way, bytes] as const,
    );
    await page.waitForFunction((name) => document.getElementById('photo-name')?.textContent === name, `by-${way}.png`);
    expect(await page.textContent('#photo-facts')).toBe('200 × 100, PNG');
    expect(await page.isVisible('#drop-area')).toBe(way === 'paste');
  });
});

describe('view', () => {
  it('zooms where the wheel turns, moves with space, and paints where one sees it', async () => {
    const at = place(400, 300);
    await page.mouse.move(at.x, at.y);
    await page.mouse.wheel(0, -900);
    await draw(page, [at, { x: at.x + 2, y: at.y }]);
    await page.keyboard.press('0');
    expect(await painted([400, 300], [430, 300])).toBe('x.');
    await page.mouse.wheel(0, -900);
    await page.locator('#stage').focus();
    await page.keyboard.down('Space');
    await draw(page, [at, { x: at.x - 80, y: at.y }]);
    await page.keyboard.up('Space');
    expect(await areHole(page, [at, { x: at.x - 80, y: at.y }])).toEqual([false, true]);
  });
});

describe('without a mouse', () => {
  it('a rectangle is drawn by arrow keys and Enter, from the tab order alone', async () => {
    await page.keyboard.press('Escape');
    await page.locator('.skip').focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('stage');
    await page.keyboard.press('r');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    expect(await page.textContent('#spoken')).toBe('368, 289');
    await page.keyboard.press('Enter');
    // From the middle 16 pixels to the left, then four and three steps of 16, and one pixel.
    expect(await painted([308, 244], [364, 285], [300, 244], [372, 285], [364, 293])).toBe('xx...');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Escape');
    expect(await page.textContent('#spoken')).toBe('Dropped.');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('body[data-mode=running]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('body[data-mode=paint]');
  });

  it('what is not to be copied is marked by keys, and a fill of that alone says what is missing', async () => {
    const avoid = page.getByRole('button', { name: "Don't copy" });
    await page.locator('#tool-brush').focus();
    await page.keyboard.press('Tab');
    expect(await avoid.evaluate((each) => each === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    expect(await avoid.getAttribute('aria-pressed')).toBe('true');
    expect(await page.textContent('#status')).toContain('not to be copied');
    await page.keyboard.press('n');
    expect(await avoid.getAttribute('aria-pressed')).toBe('false');
    await page.keyboard.press('n');
    await page.locator('#stage').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect(await painted([328, 240], [450, 240])).toBe('o.');
    await page.keyboard.press('Control+Enter');
    expect(await page.textContent('#error')).toContain('Only what is not to be copied is marked.');
  });

  it('single keys can be switched off', async () => {
    await page.keyboard.press('?');
    await page.getByRole('checkbox', { name: 'Shortcuts of a single key' }).uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('e');
    expect(await page.getByRole('radio', { name: 'Brush' }).isChecked()).toBe(true);
  });
});

describe('fingers', () => {
  it('one finger paints, two zoom and undo what the first began', async () => {
    await demo.context.close();
    demo = await openDemo(browser, site.address, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    page = demo.page;
    await pickPhoto(page, 'plain.png', await photograph(640, 480).png().toBuffer());
    place = await placeOf(page, 640, 480);
    const client = await demo.context.newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: [number, number][]) =>
      client.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ ...place(x, y), id })) });
    await touch('touchStart', [100, 200]);
    await touch('touchMove', [200, 200]);
    await touch('touchMove', [300, 200]);
    await touch('touchEnd');
    expect(await painted([100, 200], [250, 200], [250, 300])).toBe('xx.');
    await touch('touchStart', [300, 350]);
    await touch('touchMove', [320, 350]);
    await touch('touchStart', [320, 350], [340, 350]);
    await touch('touchMove', [240, 350], [420, 350]);
    await touch('touchEnd');
    // Nine times as large now: what was painted is out of sight, and the first finger's stroke is gone.
    expect(await painted([300, 350], [320, 350], [250, 200])).toBe('...');
    await page.click('#zoom-fit');
    expect(await painted([100, 200], [250, 200], [310, 350])).toBe('xx.');
    expect(await tooSmall()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.tap('#avoid');
    await touch('touchStart', [100, 100]);
    await touch('touchMove', [200, 100]);
    await touch('touchEnd');
    expect(await painted([150, 100], [150, 200])).toBe('ox');

    // Beside one finger on the handle of the divider, another zooms as elsewhere.
    await page.click('#fill');
    await untilFilled(page);
    await page.tap('#compare');
    const [x, y] = [320, 240];
    await touch('touchStart', [x, y]);
    await touch('touchStart', [x, y], [x + 40, y]);
    await touch('touchMove', [x - 80, y], [x + 120, y]);
    await touch('touchEnd');
    const wide = (await page.locator('#divider').boundingBox())!;
    expect(wide.height).toBeGreaterThan(400);
    await page.click('#zoom-fit');

    // Lying, all stays within reach beside the photo.
    await page.setViewportSize({ width: 844, height: 390 });
    expect(await tooSmall()).toEqual([]);
    const stage = (await page.locator('#stage').boundingBox())!;
    expect([stage.width > 500, stage.height > 280]).toEqual([true, true]);
    for (const id of ['again', 'undo', 'avoid', 'size', 'save-open', 'open']) {
      const { x: left, y: top, width, height } = (await page.locator(`#${id}`).boundingBox())!;
      expect([id, left >= 0, top >= 0, left + width <= 844, top + height <= 390]).toEqual([id, true, true, true, true]);
    }
  });
});
