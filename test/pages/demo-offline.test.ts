import type { Server } from 'node:http';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDemo, serveDemo, untilResult } from './demo-site';
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
  await untilResult(page);
  await page.click('#download');

  await context.setOffline(true);
  site.server.closeAllConnections();
  await new Promise((resolve) => site.server.close(resolve));
  await page.reload();
  await page.waitForSelector('body.sample[data-mode=paint]');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await page.click('#fill');
  await untilResult(page);
  // How many threads there are is the machine's affair: on two cores TensorFlow.js takes one.
  expect(await page.textContent('#backend-reason')).toMatch(/wasm: (\d+ threads|one thread)$/);
  expect(asked.filter((address) => !address.startsWith(site.address) && !/^(blob|data):/.test(address))).toEqual([]);
  expect(asked.length).toBeGreaterThan(5);
  expect(errors).toEqual([]);
  await context.close();
});
