import type { Server } from 'node:http';
import type { Browser, BrowserContextOptions } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDemo, serveDemo, untilFilled } from './demo-site';
import { seriousFindings } from './serious-findings';
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

const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
describe.each<[string, BrowserContextOptions]>([
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['a phone', { ...phone, colorScheme: 'light' }],
  ['a phone, dark', { ...phone, colorScheme: 'dark' }],
])('%s', (_, options) => {
  it('axe finds nothing serious at first, with settings, help, an error, while it runs, and with a result', { timeout: 200_000 }, async () => {
    const { context, page, errors } = await openDemo(browser, site.address, { ...options, reducedMotion: 'reduce' });
    expect(await page.getAttribute('html', 'data-theme')).toBe(options.colorScheme);
    expect(await seriousFindings(page)).toEqual([]);
    await page.click('#avoid');
    expect(await seriousFindings(page)).toEqual([]);
    await page.click('#avoid');
    await page.click('#settings-open');
    await page.selectOption('#method', 'hifill');
    await page.click('summary');
    expect(await seriousFindings(page)).toEqual([]);
    await page.selectOption('#method', 'exemplar');
    await page.click('#settings-close');
    await page.click('#help-open');
    expect(await seriousFindings(page)).toEqual([]);
    await page.click('#help-close');
    await page.click('#clear');
    await page.click('#fill');
    expect(await seriousFindings(page)).toEqual([]);
    await page.click('#undo');
    await page.click('#fill');
    await page.waitForSelector('body[data-mode=running]');
    expect(await seriousFindings(page)).toEqual([]);
    await untilFilled(page);
    await page.click('#compare');
    await page.click('#save-open');
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await context.close();
  });
});

it('nothing reaches beyond a window of 320 by 568: before a photo is open, with one, while it is filled, and with tries to choose from', async () => {
  const [width, height] = [320, 568];
  const context = await browser.newContext({ viewport: { width, height }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const wide = () => page.evaluate(() => document.scrollingElement!.scrollWidth);
  let letSampleCome = () => {};
  const sampleMayCome = new Promise<void>((resolve) => {
    letSampleCome = resolve;
  });
  await page.route(/\.jpg$/, async (route) => {
    await sampleMayCome;
    await route.continue();
  });
  await page.goto(site.address);
  expect([await page.getAttribute('body', 'data-mode'), await wide()]).toEqual(['loading', width]);
  letSampleCome();
  await page.waitForSelector('body.sample[data-mode=paint]');
  expect(await wide()).toBe(width);
  await page.click('#fill');
  await page.waitForSelector('body[data-mode=running]');
  expect(await wide()).toBe(width);
  await untilFilled(page);
  expect(await wide()).toBe(width);
  await page.click('#again');
  await page.waitForSelector('#choices:visible');
  expect(await wide()).toBe(width);
  await context.close();
});

it('the theme is the one chosen last, also on the next visit', async () => {
  const { context, page } = await openDemo(browser, site.address, { colorScheme: 'light' });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.click('#settings-open');
  await page.getByRole('button', { name: 'Dark mode' }).click();
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.reload();
  await page.waitForSelector('body.sample');
  expect(await ground()).toBe(dark);
  await context.close();
});

it('what happens is told to screen readers', async () => {
  const { context, page } = await openDemo(browser, site.address, { reducedMotion: 'reduce' });
  const said = page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const heard: string[] = [];
        const spoken = document.getElementById('spoken')!;
        const passing = document.getElementById('status')!;
        new MutationObserver(() => {
          heard.push(spoken.textContent);
          if (passing.textContent.startsWith('Done')) resolve([...new Set(heard), passing.textContent]);
        }).observe(document.querySelector('main')!, { subtree: true, childList: true, characterData: true });
      }),
  );
  await page.click('#fill');
  expect(await said).toEqual(expect.arrayContaining(['Filling has begun.', 'Filling in', 'Done. Paint over the next thing, or try again.']));
  expect(await page.getAttribute('#status', 'role')).toBe('status');
  expect(await page.getAttribute('#error', 'role')).toBe('alert');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('stage');
  await context.close();
});
