import '@tensorflow/tfjs-backend-wasm';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { build } from 'esbuild';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import { readMask, readPicture } from '../../src/io/node';
import { blocksOf, type DocBlock, pages, promised } from '../support/doc-blocks';
import { BOATS, HOLE, MARK, PHOTO, writeDocFiles } from '../support/doc-files';

const root = new URL('../../', import.meta.url);
const folder = new URL('out/docs-blocks/', root);
const entryPoints: Record<string, string> = {
  'cra-inpaint': 'src/index.ts',
  'cra-inpaint/ops': 'src/ops/index.ts',
  'cra-inpaint/pixels': 'src/pixels/index.ts',
  'cra-inpaint/generators': 'src/generators/index.ts',
  'cra-inpaint/layers': 'src/layers/index.ts',
  'cra-inpaint/node': 'src/node/index.ts',
  'cra-inpaint/browser': 'src/browser/index.ts',
  'cra-inpaint/worker': 'src/browser/worker.ts',
  'cra-inpaint/train': 'src/train/index.ts',
  'cra-inpaint/weights': 'src/io/weights/index.ts',
};

/** The files that the block writes. */
const written = (code: string) => [...code.matchAll(/(?:writePicture|toFile|inpaintFile)\((?:.*, )?'([^']+)'/g)].map((match) => match[1]!);

/** Pictures that are not of photo.jpg's size, and those that are meant to differ from it everywhere. */
const sizes: Record<string, object> = {
  // The photo has no dust.
  'clean.jpg': { width: 1024, height: 788 },
  'dusk.png': { width: 256, height: 256 },
  'dust.png': { channels: 1 },
  'flow.png': { channels: 3 },
  'watermark-mask.png': { width: 1024, height: 819 },
};
const changedEverywhere = ['dusk-at-full-size.jpg', 'attention.jpg'];

/** The pixels of a rectangle of a picture, as bytes. */
const pixelsOf = (path: string, box: typeof HOLE) => sharp(path).extract(box).removeAlpha().toColourspace('srgb').raw().toBuffer();
const meanDifference = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;

/** Expects that a block has written a picture: of the photo's size, changed in the hole, and nowhere far from it. */
async function expectWritten(name: string): Promise<void> {
  expect(await sharp(name).metadata(), name).toMatchObject(sizes[name] ?? { width: 1024, height: 788 });
  if (sizes[name] || changedEverywhere.includes(name)) return;
  const far = { left: 0, top: 0, width: 1024, height: 600 };
  expect(meanDifference(await pixelsOf(name, far), await pixelsOf(PHOTO, far)), `${name}, far from the hole`).toBeLessThan(2);
  expect(meanDifference(await pixelsOf(name, HOLE), await pixelsOf(PHOTO, HOLE)), `${name}, in the hole`).toBeGreaterThan(2);
}

/** A picture's pixels, as bytes, and its size. */
async function readWhole(path: string) {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height };
}

/** What more a block has done, where that can be told. */
const effects: Record<string, () => Promise<void>> = {
  async 'docs/guides/inpaint-again.md ts 1'() {
    const { pixels, ...metadata } = await readWhole('composed-again.png');
    const result = await inpaint(await readPicture('photo.jpg'), await readMask('mask.png'));
    expect(pixels).toEqual(Buffer.from(result.data));
    expect(metadata).toMatchObject({ width: result.width, height: result.height });
  },
  async 'docs/guides/watermark-removal.md ts 1'() {
    const [left, top] = [1024 - MARK.width - 16, 819 - MARK.height - 16];
    const marked = await sharp('watermark-mask.png').toColourspace('b-w').raw().toBuffer();
    expect(marked[(top + 15) * 1024 + left + 45]).toBe(255);
    const edge = Array.from({ length: 819 }, (_, y) => [y, marked.subarray(y * 1024, (y + 1) * 1024).findIndex((v) => v > 0)] as const);
    expect(edge.filter(([y, x]) => (y < top || y >= top + MARK.height) !== x < 0)).toEqual([]);
  },
  async 'docs/guides/watermark-removal.md ts 2'() {
    expect(readdirSync('clean')).toEqual(['boats.jpg']);
    const box = { left: 1024 - MARK.width - 16, top: 819 - MARK.height - 16, width: MARK.width, height: MARK.height };
    const [clean, before, truth] = await Promise.all(['clean/boats.jpg', 'watermarked/boats.jpg', BOATS].map((path) => pixelsOf(path, box)));
    expect(meanDifference(before!, truth!)).toBeGreaterThan(60);
    expect(meanDifference(clean!, truth!)).toBeLessThan(40);
    let ofTheMark = 0;
    for (let i = 0; i < clean!.length; i += 3) if (MARK.colour.every((v, c) => Math.abs(clean![i + c]! - v) < 80)) ofTheMark++;
    expect(ofTheMark).toBe(0);
  },
};

/** The block with our own packages by their sources. */
const withSources = ({ code }: DocBlock) =>
  code.replace(/from '(cra-inpaint[^']*)'/g, (whole, name: string) => (entryPoints[name] ? `from '${new URL(entryPoints[name], root).pathname}'` : whole));

const home = process.cwd();
const files = fileURLToPath(new URL('files/', folder));
beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(files, { recursive: true });
  await writeDocFiles(files);
  process.chdir(files);
  await tf.setBackend('wasm');
});
afterAll(() => process.chdir(home));

for (const page of pages.filter((name) => blocksOf(name, 'ts').length > 0)) {
  describe(page, () => {
    it.each(blocksOf(page, 'ts'))('block $n runs, and does what it says', async (block) => {
      const { n, code } = block;
      const file = new URL(`${page.replaceAll('/', '-')}-${n}.ts`, folder);
      writeFileSync(file, withSources(block));
      const effect = effects[`${page} ts ${n}`];
      const print = vi.spyOn(console, 'log').mockImplementation(() => {});
      try {
        await import(/* @vite-ignore */ file.pathname);
        expect(print.mock.calls.map((values) => values.join(' '))).toEqual(promised(code));
        for (const name of written(code)) await expectWritten(name);
        await effect?.();
        expect(promised(code).length + written(code).length).toBeGreaterThan(0);
      } finally {
        print.mockRestore();
      }
    });
  });
}

const binding = new URL('node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node', root);
const preload = fileURLToPath(new URL('test/support/software-vulkan.mjs', root));
const ownProcess = pages.flatMap((page) => blocksOf(page, 'js'));
const needsLibrary = ({ code }: DocBlock) => code.includes('tfjs-node-gpu') && !existsSync(binding);

/** Runs a block in a Node process of its own; what it prints. */
async function printed(block: DocBlock): Promise<string[]> {
  const entry = new URL(`${block.page.replaceAll('/', '-')}-${block.n}.js`, folder);
  const outfile = new URL(`${block.page.replaceAll('/', '-')}-${block.n}.mjs`, folder);
  writeFileSync(entry, withSources(block));
  await build({ entryPoints: [entry.pathname], outfile: outfile.pathname, bundle: true, packages: 'external', platform: 'node', format: 'esm' });
  const gpu = block.code.includes("from 'webgpu'") ? ['--import', pathToFileURL(preload).href] : [];
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
  const { stdout } = await promisify(execFile)(process.execPath, [...gpu, outfile.pathname], { cwd: files, env, timeout: 110_000 });
  return stdout.trim().split('\n');
}

describe('blocks that run in a process of their own', () => {
  it.each(ownProcess.filter((block) => !needsLibrary(block)))('$page, js block $n', async (block) => {
    expect(promised(block.code).length).toBeGreaterThan(0);
    expect(await printed(block)).toEqual(promised(block.code));
    for (const name of block.code.match(/\w+\.png(?=')/g) ?? []) if (name !== 'mask.png') await expectWritten(name);
  });
  it.skip.each(ownProcess.filter(needsLibrary))(
    '$page, js block $n (the native library of tfjs-node-gpu is not there: scripts/provision-node-gpu.sh)',
    () => {},
  );
});
