import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sparticuz from '@sparticuz/chromium';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

// What only a browser can show: weights by relative URLs, kept in the Cache API, from a bundle without Node's modules.
const fixtures = new URL('../fixtures/weights/', import.meta.url);
let requests: string[] = [];
let bundle = '';
const server = createServer((request, response) => {
  const name = request.url!.slice(1);
  requests.push(name);
  if (name === '') response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><link rel="icon" href="data:,"><title>weights</title>');
  else if (name === 'bundle.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(bundle);
  else if (existsSync(new URL(name, fixtures)))
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(readFileSync(new URL(name, fixtures)));
  else response.writeHead(404).end();
});
let browser: Browser;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: "export * from 'cra-inpaint/weights'", resolveDir: inject('fullProject') },
    absWorkingDir: inject('fullProject'),
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    globalName: 'weights',
    platform: 'browser',
    external: ['@tensorflow/*'],
  });
  bundle = outputFiles[0]!.text;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const installed = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
  browser = await chromium.launch({ executablePath: installed ?? (await sparticuz.executablePath()), args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  server.close();
});

it('cra-inpaint/weights in a browser: every format by its URL, the second time from the Cache API', async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.addScriptTag({ url: '/bundle.js' });
  const names = ['tensors.safetensors', 'graph.pb', 'sharded.index', 'mindspore.ckpt', 'raw.onnx'];
  const read = () =>
    page.evaluate(async (urls) => {
      const { readWeights, toFloat32 } = (globalThis as unknown as { weights: typeof import('../../src/io/weights') }).weights;
      const found = [];
      for (const url of urls) {
        const { format, tensors } = await readWeights(url);
        found.push([format, ...toFloat32(tensors.get('int16')!)]);
      }
      return found;
    }, names);
  const expected = ['safetensors', 'tensorflow-graph', 'tensorflow-checkpoint', 'mindspore', 'onnx'].map((format) => [format, -1, 32767, -32768]);
  expect(await read()).toEqual(expected);
  expect(requests.filter((name) => !['', 'bundle.js'].includes(name))).toEqual([
    'tensors.safetensors',
    'graph.pb',
    'sharded.index',
    'sharded.data-00000-of-00002',
    'sharded.data-00001-of-00002',
    'mindspore.ckpt',
    'raw.onnx',
  ]);
  requests = [];
  expect(await read()).toEqual(expected);
  expect(requests).toEqual([]);
});
