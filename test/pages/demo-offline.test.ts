import type { Server } from 'node:http';
import type { Browser } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { download, openDemo, serveDemo, untilFilled } from './demo-site';
import { startChromium } from './site';

let site: { server: Server; address: string };
let browser: Browser;
beforeAll(async () => {
  site = await serveDemo();
  browser = await startChromium();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  site?.server.close();
});

const whenKept = () => navigator.serviceWorker.ready.then(({ active }) => active?.state);

it('fills with the network off once it has been loaded, isolated so that threads may be used, and asks nobody else for anything', {
  timeout: 200_000,
}, async () => {
  const { context, page, errors } = await openDemo(browser, site.address);
  const asked: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  await page.evaluate(whenKept);
  await page.click('#fill');
  await untilFilled(page);
  await download(page);

  await context.setOffline(true);
  site.server.closeAllConnections();
  await new Promise((resolve) => site.server.close(resolve));
  await page.reload();
  await page.waitForSelector('body.sample[data-mode=paint]');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await page.click('#fill');
  await untilFilled(page);
  // How many threads there are is the machine's affair: on two cores TensorFlow.js takes one.
  expect(await page.textContent('#backend-reason')).toMatch(/wasm: (\d+ threads|one thread)$/);
  expect(asked.filter((address) => !address.startsWith(site.address) && !/^(blob|data):/.test(address))).toEqual([]);
  expect(asked.length).toBeGreaterThan(5);
  expect(errors).toEqual([]);
  await context.close();
});

it('can be installed: the manifest, its icons and the service worker are what a browser asks for', async () => {
  // The one before has gone with the network.
  site = await serveDemo();
  const { context, page } = await openDemo(browser, site.address);
  await page.evaluate(whenKept);
  const client = await context.newCDPSession(page);
  const { errors, data } = await client.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { icons, display } = JSON.parse(data!);
  expect(display).toBe('standalone');
  const found = await Promise.all(
    icons.map(async ({ src, sizes, purpose }: Record<string, string>) => {
      const { width, height, format } = await sharp(Buffer.from(await (await fetch(new URL(src, site.address))).arrayBuffer())).metadata();
      return [`${width}x${height}` === sizes, format, purpose];
    }),
  );
  expect(found).toEqual([
    [true, 'png', 'any'],
    [true, 'png', 'any'],
    [true, 'png', 'maskable'],
  ]);
  const { installabilityErrors } = await client.send('Page.getInstallabilityErrors');
  // A window without a profile of its own installs nothing.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
  await context.close();
});
