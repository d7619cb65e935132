import { readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, download, draw, openDemo, photograph, pickPhoto, placeOf, serveDemo, untilFilled } from './demo-site';
import { startChromium } from './site';

// The worker's script keeps hold of its GPU device, so that the test can take it away.
const keepDevice = `
  const request = globalThis.GPUAdapter?.prototype.requestDevice;
  if (request) GPUAdapter.prototype.requestDevice = async function (...given) {
    return (globalThis.heldDevice = await request.apply(this, given));
  };
`;

let site: { server: Server; address: string };
let browser: Browser;
let demo: Demo;
beforeAll(async () => {
  const own: Record<string, () => string> = {};
  site = await serveDemo(own);
  const assets = join((site as Awaited<ReturnType<typeof serveDemo>>).folder, 'assets');
  for (const name of readdirSync(assets).filter((each) => each.startsWith('fill.worker')))
    own[`/assets/${name}`] = () => keepDevice + readFileSync(join(assets, name), 'utf8');
  browser = await startChromium({ webgpu: true });
  demo = await openDemo(browser, site.address, { serviceWorkers: 'block' });
}, 300_000);
afterAll(async () => {
  await browser?.close();
  site?.server.close();
});

it('a GPU that is lost in mid-run: the picture is finished on wasm, and the page says so', { timeout: 300_000 }, async () => {
  const { page, errors } = demo;
  await pickPhoto(page, 'small.png', await photograph(320, 240).png().toBuffer());
  const place = await placeOf(page, 320, 240);
  // Thick enough for the generator, which works on the GPU.
  await draw(page, [place(140, 100), place(180, 100), place(180, 112), place(140, 112), place(140, 124), place(180, 124), place(180, 136), place(140, 136)]);
  await page.click('#settings-open');
  await page.selectOption('#backend', 'webgpu');
  await page.click('#settings-close');
  await page.click('#fill');
  await page.waitForFunction(() => Number.parseInt(document.getElementById('progress-percent')!.textContent, 10) > 5, undefined, { timeout: 100_000 });
  expect(await page.textContent('#backend-used')).toBe('In use: WebGPU.');
  const worker = page.workers().find((each) => each.url().includes('fill.worker'))!;
  const lost = await worker.evaluate(() => {
    const { heldDevice } = globalThis as unknown as { heldDevice?: GPUDevice };
    heldDevice?.destroy();
    return heldDevice !== undefined;
  });
  expect(lost).toBe(true);
  await untilFilled(page, 100_000);
  expect(await page.textContent('#status')).toBe('Done. The GPU was lost; finished on WebAssembly. Paint over the next thing, or try again.');
  expect(await page.textContent('#backend-used')).toBe('In use: WebAssembly.');
  const { path } = await download(page);
  expect(await sharp(path).metadata()).toMatchObject({ format: 'png', width: 320, height: 240 });
  expect(errors).toEqual([]);
});
