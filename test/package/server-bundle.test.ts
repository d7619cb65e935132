import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

// A server's bundle of the packed package with the wasm backend, run where nothing else is: bundlers leave the .wasm files behind.
const project = inject('fullProject');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cra-inpaint-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = (before: string) => `
  import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
  import * as tf from '@tensorflow/tfjs-core';
  import { inpaint } from 'cra-inpaint';
  async function main() {
    ${before}
    const photo = { width: 32, height: 32, channels: 3, data: new Uint8Array(32 * 32 * 3).fill(90) };
    const mask = { width: 32, height: 32, channels: 1, data: new Uint8Array(32 * 32) };
    mask.data[500] = 255;
    const { data } = await inpaint(photo, mask);
    console.log(tf.getBackend(), data.every((value) => value === 90));
  }
  main().catch(({ name, code, message }) => console.log(name, code, message));`;

async function bundleAndRun(before: string, options: Parameters<typeof build>[0] = {}): Promise<string> {
  await build({
    stdin: { contents: PROGRAM(before), resolveDir: project, loader: 'js' },
    outfile: join(folder, 'server.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    ...options,
  });
  return spawnSync(process.execPath, ['server.cjs'], { cwd: folder, encoding: 'utf8' }).stdout;
}

const SAID = /^BackendError backend .*\.wasm files are missing.* external .*setWasmPaths\('FOLDER\/'\).*docs\/troubleshooting\.md\n$/;

it('without the .wasm files says so, and what to do', async () => {
  expect(await bundleAndRun('')).toMatch(SAID);
  expect(readdirSync(folder)).toEqual(['server.cjs']);
});

it('says so too where the backend was set, and nobody looked at the answer', async () => {
  expect(await bundleAndRun("await tf.setBackend('wasm');")).toMatch(SAID);
});

it('does what that says: by setWasmPaths, by files beside the bundle, by packages outside of it', async () => {
  const dist = join(project, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  const files = readdirSync(dist).filter((name) => name.endsWith('.wasm'));
  expect(files.length).toBe(3);
  mkdirSync(join(folder, 'wasm'));
  for (const name of files) cpSync(join(dist, name), join(folder, 'wasm', name));
  expect(await bundleAndRun("setWasmPaths(process.cwd() + '/wasm/'); await tf.setBackend('wasm');")).toBe('wasm true\n');

  for (const name of files) cpSync(join(dist, name), join(folder, name));
  expect(await bundleAndRun('')).toBe('wasm true\n');

  for (const name of files) rmSync(join(folder, name));
  cpSync(join(project, 'node_modules/@tensorflow'), join(folder, 'node_modules/@tensorflow'), { recursive: true });
  for (const name of ['seedrandom', 'long', '@types']) cpSync(join(project, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  expect(await bundleAndRun('', { external: ['@tensorflow/*'] })).toBe('wasm true\n');
});

it('the command, whose .wasm files somebody has removed, says so', async () => {
  const spot = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'white' } })
    .png()
    .toBuffer();
  const picture = await sharp({ create: { width: 32, height: 32, channels: 3, background: 'black' } })
    .composite([{ input: spot }])
    .png()
    .toBuffer();
  // The project itself stays as it is for other tests.
  const copy = join(folder, 'project');
  cpSync(project, copy, { recursive: true, verbatimSymlinks: true });
  const dist = join(copy, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  for (const name of readdirSync(dist).filter((file) => file.endsWith('.wasm'))) rmSync(join(dist, name));
  writeFileSync(join(copy, 'photo.png'), picture);
  const { status, stderr } = spawnSync(join(copy, 'node_modules/.bin/cra-inpaint'), ['photo.png', 'photo.png', '-o', 'out.png'], {
    cwd: copy,
    encoding: 'utf8',
  });
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/backend wasm can't be started: most often its \.wasm files are missing.*setWasmPaths/);
});
