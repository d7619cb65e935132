import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { serve, startChromium } from '../pages/site';

// A page as a user writes it: the worker comes along by itself.
const page = (from: string) => `import { createInpainter } from '${from}';
globalThis.filled = (async () => {
  const [width, height] = [48, 40];
  const photo = new ImageData(width, height);
  const mask = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const inside = Math.abs((i % width) - 24) < 4 && Math.abs(Math.floor(i / width) - 20) < 4;
    photo.data.set(inside ? [255, 0, 0, 255] : [20, 90, 160, 255], 4 * i);
    mask.data.set(inside ? [255, 255, 255, 255] : [0, 0, 0, 255], 4 * i);
  }
  let on;
  const inpainter = createInpainter({ onBackend: ({ backend }) => (on = backend) });
  const { data } = await inpainter.inpaint(photo, mask, { output: 'image-data' });
  return { on, middle: [...data.slice(4 * (20 * width + 24), 4 * (20 * width + 24) + 4)] };
})();
`;
// A worker script of the user's own, with a generator of his own.
const ownWorker = `import '@tensorflow/tfjs-backend-cpu';
import { serveInpainter } from 'cra-inpaint/worker';
import { fromFunction } from 'cra-inpaint/generators';
import { fill } from '@tensorflow/tfjs-core';
serveInpainter({ generators: { black: () => fromFunction((image) => fill(image.shape, -1)) } });`;
const ownPage = page('cra-inpaint/browser')
  .replace("output: 'image-data'", "output: 'image-data', detail: false")
  .replace(
    'createInpainter({',
    "createInpainter({ generator: { name: 'black' }, worker: () => new Worker(new URL('./own-worker.js', import.meta.url), { type: 'module' }),",
  );
const BLUE = [20, 90, 160, 255];
const own = { project: 'fullProject', code: ownPage, expected: { on: 'cpu', middle: [0, 0, 0, 255] } } as const;
// Nothing is installed there but the package: the page needs no TensorFlow.js of its own.
const along = { project: 'bareProject', code: page('cra-inpaint/browser'), expected: { on: 'wasm', middle: BLUE } } as const;
const html = '<!doctype html><link rel="icon" href="data:,"><title>page</title><script type="module" src="./main.js"></script>';

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser?.close());

/** A folder in a project, with a page's files. */
function folderOf(name: string, files: Record<string, string>, project: 'bareProject' | 'fullProject' = 'bareProject'): string {
  const folder = join(inject(project), name);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

/** Opens a page, and waits for what it fills. */
async function filledBy(address: string): Promise<{ on: string; middle: number[] }> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('requestfailed', (request) => errors.push(request.url()));
  try {
    await page.goto(address);
    await page.waitForFunction(() => 'filled' in globalThis, undefined, { timeout: 30_000 }).catch((error) => errors.push(error.message));
    expect(errors).toEqual([]);
    return await page.evaluate(() => (globalThis as unknown as { filled: Promise<{ on: string; middle: number[] }> }).filled);
  } finally {
    await page.close();
  }
}

async function filledFrom(folders: string[]): Promise<{ on: string; middle: number[] }> {
  const { server, address } = await serve({ folders });
  try {
    return await filledBy(`${address}/`);
  } finally {
    server.close();
  }
}

describe('a page and its worker', () => {
  it.each([
    ['the worker that comes along', along],
    ['a worker of its own', own],
  ])('built by vite, with %s', async (name, { project, code, expected }) => {
    const { build } = await import('vite');
    const root = folderOf(`vite-${name.length}`, { 'main.js': code, 'own-worker.js': ownWorker, 'index.html': html }, project);
    await build({ root, logLevel: 'error', configFile: false, worker: { format: 'es' } });
    expect(await filledFrom([join(root, 'dist')])).toEqual(expected);
  });

  it('built by vite as it stands, with a worker that is no module', async () => {
    const { build } = await import('vite');
    const root = folderOf('vite-classic', { 'main.js': page('cra-inpaint/browser'), 'index.html': html });
    await build({ root, logLevel: 'error', configFile: false });
    expect(await filledFrom([join(root, 'dist')])).toEqual({ on: 'wasm', middle: BLUE });
  });

  it("served by vite's server as it stands, which loses the worker, says what to do", async () => {
    const { createServer } = await import('vite');
    const code = page('cra-inpaint/browser').replace('})();', '})().catch(({ code, message }) => ({ on: code, message }));');
    const root = folderOf('vite-untold', { 'main.js': code, 'index.html': html });
    const server = await createServer({ root, logLevel: 'error', configFile: false, server: { port: 0 } });
    await server.listen();
    try {
      expect(await filledBy(server.resolvedUrls!.local[0]!)).toEqual({
        on: 'backend',
        message: expect.stringContaining("optimizeDeps: { exclude: ['cra-inpaint'] }"),
      });
    } finally {
      await server.close();
    }
  });

  it('built by esbuild, with the folder of the worker beside it', async () => {
    const { build } = await import('esbuild');
    const code = page('cra-inpaint/browser').replace(
      'createInpainter({',
      "createInpainter({ worker: () => new Worker('/standalone/worker.js', { type: 'module' }),",
    );
    const root = folderOf('esbuild', { 'page.js': code, 'index.html': html });
    await build({ entryPoints: [join(root, 'page.js')], outfile: join(root, 'main.js'), bundle: true, format: 'esm', logLevel: 'error' });
    cpSync(join(inject('bareProject'), 'node_modules/cra-inpaint/dist/standalone'), join(root, 'standalone'), { recursive: true });
    expect(await filledFrom([root])).toEqual({ on: 'wasm', middle: BLUE });
  });

  it("served by vite's server, which must leave the package as it is", async () => {
    const { createServer } = await import('vite');
    const root = folderOf('vite-server', { 'main.js': page('cra-inpaint/browser'), 'index.html': html });
    const server = await createServer({ root, logLevel: 'error', configFile: false, server: { port: 0 }, optimizeDeps: { exclude: ['cra-inpaint'] } });
    await server.listen();
    try {
      expect(await filledBy(server.resolvedUrls!.local[0]!)).toEqual({ on: 'wasm', middle: BLUE });
    } finally {
      await server.close();
    }
  });

  it.each([
    ['the worker that comes along', along],
    ['a worker of its own', own],
  ])('built by webpack, with %s', async (name, { project, code, expected }) => {
    const root = folderOf(`webpack-${name.length}`, { 'main.js': code, 'own-worker.js': ownWorker }, project);
    const tools = folderOf('webpack-tools', { 'package.json': '{ "private": true }' });
    execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', 'webpack@5'], { cwd: tools, stdio: 'ignore' });
    const webpack = createRequire(join(tools, 'package.json'))('webpack') as (
      config: object,
      done: (error: unknown, stats: { toJson(): { errors: unknown[] } }) => void,
    ) => void;
    const output = { path: join(root, 'dist'), filename: 'main.js' };
    const stats = await new Promise<{ toJson(): { errors: unknown[] } }>((resolve, reject) =>
      webpack({ mode: 'production', context: root, entry: './main.js', output }, (error, stats) => (error ? reject(error) : resolve(stats))),
    );
    expect(stats.toJson().errors).toEqual([]);
    writeFileSync(join(root, 'dist/index.html'), html.replace('type="module" ', 'defer '));
    expect(await filledFrom([join(root, 'dist')])).toEqual(expected);
  });

  it('without a bundler: the standalone files, in a folder of any name, or on another origin', async () => {
    const standalone = join(inject('bareProject'), 'node_modules/cra-inpaint/dist/standalone');
    expect(readdirSync(standalone)).toContain('NOTICE.txt');
    const here = folderOf('no-bundler', { 'main.js': page('./vendor/cra-inpaint.js'), 'index.html': html });
    cpSync(standalone, join(here, 'vendor'), { recursive: true });
    expect(await filledFrom([here])).toEqual({ on: 'wasm', middle: BLUE });

    const elsewhere = await serve({ folders: [standalone] });
    const there = folderOf('from-elsewhere', { 'main.js': page(`${elsewhere.address}/cra-inpaint.js`), 'index.html': html });
    try {
      expect(await filledFrom([there])).toEqual({ on: 'wasm', middle: BLUE });
    } finally {
      elsewhere.server.close();
    }
  });
});
