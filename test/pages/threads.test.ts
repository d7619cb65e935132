import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { folder } from './build';
import { openPage, serve, startChromium } from './site';

const built = (name: string) => readFileSync(join(folder, 'standalone', name));
const holding = (name: string, script: string) => `navigator.locks.request(${name}, () => new Promise(() => {})); import '/standalone/${script}';`;
// Tells the page of each worker that this one ends.
const telling = `const { terminate } = Worker.prototype;
Worker.prototype.terminate = function () { postMessage('ends one'); terminate.call(this); };
import '/standalone/worker-itself.js';`;

const own = {
  // A thread, and the worker, hold a lock as long as they live, so that the page can count them.
  '/standalone/thread.js': () => holding('crypto.randomUUID()', 'itself.js'),
  '/standalone/itself.js': () => built('thread.js'),
  '/standalone/worker.js': () => holding("'worker'", 'worker-itself.js'),
  '/standalone/worker-itself.js': () => built('worker.js'),
  '/telling/worker.js': () => telling,
  // A worker without the script of its threads beside it.
  '/lonely/worker.js': () => built('worker.js'),
};

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser?.close());

/** Three holes too far apart for one window, and a wire; and how many threads live. */
const prepare = (page: Page) =>
  page.evaluate(() => {
    const [width, height] = [420, 300];
    const data = new Uint8ClampedArray(width * height);
    const holes = [
      { row: 60, column: 70, radius: 18 },
      { row: 230, column: 330, radius: 20 },
      { row: 70, column: 350, radius: 14 },
    ];
    for (let p = 0; p < data.length; p++) {
      const [y, x] = [Math.floor(p / width), p % width];
      const isHole = holes.some(({ row, column, radius }) => Math.hypot(y - row, x - column) < radius);
      if (isHole || (y === 150 && x > 40 && x < 380)) data[p] = 255;
    }
    const holders = async () => (await navigator.locks.query()).held!.map(({ name }) => name!);
    const living = async () => (await holders()).filter((name) => name !== 'worker').length;
    const options = { seed: 3, workingSize: 128 };
    Object.assign(globalThis, { given: { photo: kit.scene(width, height), mask: { width, height, channels: 1, data }, options, holders, living } });
  });
declare global {
  var given: {
    photo: import('../../src').Picture;
    mask: import('../../src').Picture;
    options: object;
    holders(): Promise<string[]>;
    living(): Promise<number>;
  };
}

describe.each([false, true])('an inpainter with workers on a page that is isolated: %s', (isolated) => {
  let site: { server: Server; address: string };
  let page: Page;
  beforeAll(async () => {
    site = await serve({ folders: [folder], isolated, own });
  });
  beforeEach(async () => {
    await page?.close();
    ({ page } = await openPage(browser, site.address));
    await prepare(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
  });
  afterAll(async () => {
    await page?.close();
    site?.server.close();
  });

  it('fills as one without, bit for bit; its workers live as long as it does', { timeout: 300_000 }, async () => {
    const found = await page.evaluate(async () => {
      const { photo, mask, options, living } = given;
      const warnings: string[] = [];
      const onWarning = ({ code }: { code: string }) => warnings.push(code);
      const alone = kit.createInpainter({ backend: 'wasm' });
      const expected = await alone.inpaint(photo, mask, options);
      const lived = [await living()];
      await alone.dispose();
      const several = kit.createInpainter({ backend: 'wasm', workers: 3 });
      lived.push(await living());
      const same: boolean[] = [];
      for (let n = 0; n < 2; n++) {
        same.push(kit.same(await several.inpaint(photo, mask, { ...options, onWarning }), expected));
        lived.push(await living());
      }
      await several.dispose();
      return { same, changed: !kit.same(expected, photo), lived, warnings };
    });
    expect(found).toEqual({ same: [true, true], changed: true, lived: [0, 0, 3, 3], warnings: [] });
    await expect.poll(() => page.evaluate(() => given.living()), { timeout: 60_000 }).toBe(0);
  });

  it('that is aborted ends what its workers do, and fills the next picture as ever', { timeout: 300_000 }, async () => {
    const found = await page.evaluate(async () => {
      const { photo, mask, options, living } = given;
      const inpainter = kit.createInpainter({ backend: 'wasm', workers: 3 });
      const controller = new AbortController();
      const onProgress = ({ stage }: { stage: string }) => stage === 'fill' && controller.abort();
      const aborted = await kit.failureOf(inpainter.inpaint(photo, mask, { ...options, signal: controller.signal, onProgress }));
      const next = await inpainter.inpaint(photo, mask, options);
      const lived = await living();
      await inpainter.dispose();
      const alone = kit.createInpainter({ backend: 'wasm' });
      const expected = await alone.inpaint(photo, mask, options);
      await alone.dispose();
      return { code: aborted.code, same: kit.same(next, expected), lived };
    });
    expect(found).toEqual({ code: 'aborted', same: true, lived: 3 });
  });

  it('that is disposed of in mid-run leaves no worker', { timeout: 300_000 }, async () => {
    const before = await page.evaluate(async () => {
      const { photo, mask, options } = given;
      const inpainter = kit.createInpainter({ backend: 'wasm', workers: 3 });
      const ended = kit.failureOf(inpainter.inpaint(photo, mask, options));
      // By now they are at it.
      while ((await given.living()) < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      const holders = await given.holders();
      await inpainter.dispose();
      await ended;
      return holders;
    });
    expect(before).toContain('worker');
    // Not by the browser's list of workers: Chromium goes on with the bare thread of one whose wasm had threads, once in a while.
    await expect.poll(() => page.evaluate(() => given.holders()), { timeout: 60_000 }).toEqual([]);
  });

  it("that is disposed of ends the threads of its worker's wasm before the worker", { timeout: 300_000 }, async () => {
    const told = await page.evaluate(async () => {
      const worker = new Worker('/telling/worker.js', { type: 'module' });
      const inpainter = kit.createInpainter({ backend: 'wasm', worker });
      await inpainter.ready();
      const told: string[] = [];
      worker.addEventListener('message', ({ data }) => told.push(data));
      await new Promise<void>((resolve) => {
        const terminate = worker.terminate.bind(worker);
        worker.terminate = () => {
          terminate();
          told.push('is ended');
          resolve();
        };
        void inpainter.dispose();
      });
      return told;
    });
    // As many as TensorFlow.js starts in advance.
    expect(told).toEqual([...Array(isolated ? 8 : 0).fill('ends one'), 'is ended']);
  });

  it("without its threads' script does all itself, and says so once", { timeout: 300_000 }, async () => {
    const found = await page.evaluate(async () => {
      const { scene, disc, same, createInpainter } = kit;
      const [photo, mask] = [scene(96, 80), disc(96, 80, 9)];
      const worker = () => new Worker('/lonely/worker.js', { type: 'module' });
      const warnings: { code: string; message: string }[] = [];
      const filled: (typeof photo)[] = [];
      for (const workers of [1, 3]) {
        const inpainter = createInpainter({ backend: 'cpu', worker, workers });
        for (let n = 0; n < workers; n++) filled.push(await inpainter.inpaint(photo, mask, { thin: 0, onWarning: (warning) => warnings.push(warning) }));
        await inpainter.dispose();
      }
      return { same: filled.map((picture) => same(picture, filled[0])), warnings };
    });
    expect(found.same).toEqual([true, true, true, true]);
    expect(found.warnings).toEqual([{ code: 'no-threads', message: expect.stringContaining('its script may be missing') }]);
  });
});
