import type { Server } from 'node:http';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { folder } from './build';
import { openPage, type SiteOptions, serve, startChromium } from './site';

/** A page of its own for each test of a file, which fails where something on the page did and nobody caught it. */
export function eachPage(own?: SiteOptions['own']): () => Page {
  let browser: Browser;
  let site: { server: Server; address: string };
  let page: Page;
  let errors: string[];
  beforeAll(async () => {
    site = await serve({ folders: [folder], own });
    browser = await startChromium();
  });
  beforeEach(async () => {
    ({ page, errors } = await openPage(browser, site.address));
  });
  afterEach(async () => {
    await page.close();
    expect(errors).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
  });
  return () => page;
}
