import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

const project = inject('fullProject');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cra-inpaint-threads-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Fills three holes with one thread and with two, counts the threads that start meanwhile, and ends by itself. */
const PROGRAM = `
  async function main(tf, wasm, { inpaint }) {
    const threads = process.getBuiltinModule('node:worker_threads');
    let started = 0;
    threads.Worker = class extends threads.Worker {
      constructor(...args) {
        super(...args);
        this.on('message', ({ type }) => type === 'ready' && started++);
      }
    };
    wasm.setWasmPaths(${JSON.stringify(`${join(project, 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`)});
    await tf.setBackend('wasm');
    const [width, height] = [420, 300];
    const photo = { width, height, channels: 3, data: new Uint8Array(width * height * 3).map((_, i) => 60 + i / 3 / width / 3 + ((i * 7919) % 61)) };
    const mask = { width, height, channels: 1, data: new Uint8Array(width * height) };
    const holes = [[70, 60], [330, 230], [350, 70]];
    for (let p = 0; p < mask.data.length; p++)
      if (holes.some(([x, y]) => Math.hypot((p % width) - x, Math.floor(p / width) - y) < 20)) mask.data[p] = 255;
    const said = [];
    const fill = async (threads) => {
      started = 0;
      const { data } = await inpaint(photo, mask, { threads, workingSize: 48, thin: 0, onWarning: ({ code }) => said.push(code) });
      return { data, started };
    };
    const [one, two] = [await fill(1), await fill(2)];
    const changed = one.data.some((value, i) => value !== photo.data[i]);
    const equal = two.data.every((value, i) => value === one.data[i]);
    console.log(JSON.stringify({ changed, equal, started: [one.started, two.started], said }));
  }`;
const PACKAGES = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm', 'cra-inpaint'];
const IMPORTING = `${PACKAGES.map((name, n) => `import * as package${n} from '${name}';`).join('\n')}\n${PROGRAM}\nmain(package0, package1, package2);`;
const REQUIRING = `${PROGRAM}\nmain(${PACKAGES.map((name) => `require('${name}')`).join(', ')});`;

function run(args: string[], cwd: string): unknown {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: 120_000 });
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

it.each([
  ['module', IMPORTING],
  ['commonjs', REQUIRING],
])('two threads start, and give what one gives: %s', { timeout: 180_000 }, (kind, program) => {
  expect(run([`--input-type=${kind}`, '-e', program], project)).toEqual({ changed: true, equal: true, started: [0, 2], said: [] });
});

describe('a bundle without the script of a thread does it all on one, and says so', () => {
  it.each(['cjs', 'esm'] as const)('%s', { timeout: 180_000 }, async (format) => {
    const name = { cjs: 'server.cjs', esm: 'server.mjs' }[format];
    // Packages that are no ES modules ask for what these lack.
    const lacking = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url), __dirname = import.meta.dirname;";
    const banner = { js: format === 'esm' ? lacking : '' };
    const stdin = { contents: IMPORTING, resolveDir: project };
    await build({ stdin, outfile: join(folder, name), bundle: true, platform: 'node', format, banner, logLevel: 'error' });
    writeFileSync(join(folder, 'package.json'), '{}');
    expect(run([name], folder)).toEqual({ changed: true, equal: true, started: [0, 0], said: ['no-threads'] });
  });
});
