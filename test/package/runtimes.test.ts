import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

// The packed package with sharp and wasm in Bun and in Deno: the same pixels as in Node. Their binaries are npm packages, one for
// each system, of which nothing but the file is needed: no install script is run.
const RUNTIMES = {
  Bun: {
    package: `@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}@1.4.5`,
    program: 'bin/bun',
    args: [] as string[],
    version: /^1\.4/,
  },
  Deno: {
    package: `@deno/${process.platform}-${process.arch}${process.platform === 'linux' ? '-glibc' : ''}@2.9.6`,
    program: 'deno',
    args: ['run', '--allow-all'],
    version: /^deno 2\.9/,
  },
};

// In the project, whose packages they are to find.
const project = inject('fullProject');
const PROGRAM = `
  import '@tensorflow/tfjs-backend-wasm';
  import { writeFileSync } from 'node:fs';
  import * as tf from '@tensorflow/tfjs-core';
  import { inpaint } from 'cra-inpaint';
  import { readMask, readPicture, writePicture } from 'cra-inpaint/node';
  await tf.setBackend('wasm');
  const out = process.argv[2];
  const photo = await readPicture(${JSON.stringify(resolve('examples/sample/photo.jpg'))});
  const filled = await inpaint(photo, await readMask(${JSON.stringify(resolve('examples/sample/mask.png'))}), { workingSize: 256 });
  await writePicture(filled, out + '.jpg');
  writeFileSync(out + '.raw', filled.data);
  console.log(tf.getBackend(), filled.width, filled.height);`;

let folder: string;
let inNode: { pixels: Buffer; file: Buffer };
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cra-inpaint-runtimes-'));
  writeFileSync(join(project, 'runtimes.mjs'), PROGRAM);
  inNode = fillBy(process.execPath, [], 'node');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fillBy(program: string, args: string[], name: string) {
  const out = join(folder, name);
  const { stdout, stderr } = spawnSync(program, [...args, 'runtimes.mjs', out], { cwd: project, encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'wasm 640 492\n', stderr: '' });
  return { pixels: readFileSync(`${out}.raw`), file: readFileSync(`${out}.jpg`) };
}

describe.each(Object.entries(RUNTIMES))('%s', (name, { package: spec, program, args, version }) => {
  it('fills a photo as Node does, pixel by pixel', { timeout: 600_000 }, ({ skip }) => {
    const install = ['install', '--prefix', folder, '--prefer-offline', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', spec];
    const { status, stderr } = spawnSync('npm', install, { cwd: folder, encoding: 'utf8' });
    skip(status !== 0, `${spec} can't be had from npm: ${stderr.split('\n')[0]}`);
    const path = join(folder, 'node_modules', spec.replace(/@[^@]*$/, ''), program);
    expect(existsSync(path)).toBe(true);
    const said = spawnSync(path, ['--version'], { encoding: 'utf8' });
    skip(said.status !== 0, `${name}'s binary does not run on this machine: ${said.stderr?.split('\n')[0]}`);
    expect(said.stdout).toMatch(version);
    const { pixels, file } = fillBy(path, args, name);
    expect(pixels.length).toBe(640 * 492 * 3);
    expect(pixels.equals(inNode.pixels)).toBe(true);
    expect(file.equals(inNode.file)).toBe(true);
  });
});
