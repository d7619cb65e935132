/**
 * Times big-lama with seeded weights beside onnxruntime on the same weights, in turns, so that all see the same machine:
 *
 *     PYTHON=python3 npx tsx bench/networks/lama.ts [--size 512] [--rounds 3] [--runs 3] [--only tensorflow,node]
 *
 * PYTHON names a Python with onnx and numpy, which writes the weights and the graph (lama_onnx.py). Each round is a process of each;
 * medians of all rounds and peaks of memory are printed, and how far the pictures differ. Beside the time that passed stands that
 * of the processor, of all threads together, which on a busy machine is the steadier one. onnxruntime-web, which computes in WebAssembly
 * as the wasm backend does, takes part where NODE_PATH leads to one.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { lama } from '../../src/generators/lama';
import { readSafetensors } from '../../src/io/weights/safetensors';
import { median, startBackend } from './timing';

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '3' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    time: { type: 'string' },
    folder: { type: 'string' },
  },
});
const size = Number(options.size);
const inBox = (p: number) => [Math.floor(p / size), p % size].every((at) => at >= 0.3 * size && at < 0.65 * size);
const pixels = Uint8Array.from({ length: 3 * size * size }, (_, i) => (i * 7) % 251);
const load = createRequire(import.meta.url);

/** By what is timed, how to start it: each returns a function that fills once, in [0, 1], its channels one after the other for each pixel. */
const contestants: Record<string, (folder: string) => Promise<() => Promise<Float32Array>>> = {
  'ours, tensorflow': (folder) => ours(folder, 'tensorflow'),
  'onnxruntime-node, 2 threads': (folder) => theirs(folder, 2),
  'ours, wasm': (folder) => ours(folder, 'wasm'),
  'onnxruntime-node, 1 thread': (folder) => theirs(folder, 1),
  'onnxruntime-web, 1 thread': (folder) => theirs(folder, 1, 'onnxruntime-web'),
};

if (options.time) await time(options.time, options.folder as string);
else await compare();

async function ours(folder: string, backend: string): Promise<() => Promise<Float32Array>> {
  await startBackend(backend);
  const generator = lama(readSafetensors(new Uint8Array(readFileSync(join(folder, 'big-lama.safetensors')))));
  return async () => {
    const hole = tf.tensor3d(
      Float32Array.from({ length: size * size }, (_, p) => Number(inBox(p))),
      [size, size, 1],
    );
    const image = tf.tensor3d(
      Float32Array.from(pixels, (value, i) => (inBox(Math.floor(i / 3)) ? 0 : value / 127.5 - 1)),
      [size, size, 3],
    );
    const fill = await generator.fill({ image, hole, seed: 0 });
    const values = (await fill.image.data()) as Float32Array;
    tf.dispose([image, hole, fill.image]);
    return values.map((v) => (v + 1) / 2);
  };
}

async function theirs(folder: string, threads: number, runtime = 'onnxruntime-node'): Promise<() => Promise<Float32Array>> {
  const { env, InferenceSession, Tensor } = load(runtime);
  env.wasm.numThreads = threads;
  const session = await InferenceSession.create(new Uint8Array(readFileSync(join(folder, 'big-lama.onnx'))), { intraOpNumThreads: threads });
  const area = size * size;
  const image = Float32Array.from({ length: 3 * area }, (_, i) => pixels[3 * (i % area) + Math.floor(i / area)] / 255);
  const mask = Float32Array.from({ length: area }, (_, p) => Number(inBox(p)));
  const feeds = { image: new Tensor('float32', image, [1, 3, size, size]), mask: new Tensor('float32', mask, [1, 1, size, size]) };
  return async () => {
    const { output } = await session.run(feeds);
    const values = output.data as Float32Array;
    return Float32Array.from({ length: 3 * area }, (_, i) => values[(i % 3) * area + Math.floor(i / 3)]);
  };
}

/** Times one contestant in this process; prints medians of milliseconds, passed and computed, and the peak of memory in MiB, and leaves the picture in the folder. */
async function time(name: string, folder: string): Promise<void> {
  const fill = await contestants[name](folder);
  const times: number[] = [];
  const computed: number[] = [];
  for (let i = -1; i < Number(options.runs); i++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    const picture = await fill();
    const { user, system } = process.cpuUsage(used);
    if (i >= 0) {
      times.push(performance.now() - start);
      computed.push((user + system) / 1000);
    } else writeFileSync(join(folder, `${name}.f32`), new Uint8Array(picture.buffer));
  }
  console.log(`${median(times).toFixed(0)} ${median(computed).toFixed(0)} ${(process.resourceUsage().maxRSS / 1024).toFixed(0)}`);
  process.exit(0);
}

function isInstalled(name: string): boolean {
  try {
    return Boolean(load.resolve(name));
  } catch {
    return false;
  }
}

async function compare(): Promise<void> {
  const run = promisify(execFile);
  const folder = mkdtempSync(join(tmpdir(), 'lama-'));
  try {
    execFileSync(process.env.PYTHON ?? 'python3', [new URL('./lama_onnx.py', import.meta.url).pathname, folder, options.size]);
    const wanted = options.only.split(',');
    const names = Object.keys(contestants).filter(
      (name) => wanted.some((part) => name.includes(part)) && (!name.includes('web') || isInstalled('onnxruntime-web')),
    );
    const times = new Map<string, number[]>(names.map((name) => [name, []]));
    const computed = new Map<string, number[]>(names.map((name) => [name, []]));
    const peaks = new Map<string, number>();
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const [name, all] of times) {
        const passed = ['--time', name, '--folder', folder, '--size', options.size, '--runs', options.runs];
        const { stdout } = await run(process.execPath, [...process.execArgv, process.argv[1], ...passed]);
        const [ms, cpu, peak] = (stdout.trim().split('\n').at(-1) as string).split(' ').map(Number);
        all.push(ms);
        computed.get(name)?.push(cpu);
        peaks.set(name, Math.max(peak, peaks.get(name) ?? 0));
      }
    }
    for (const [name, all] of times) {
      const cpu = computed.get(name) as number[];
      console.log(`${name}: ${median(all)} ms (${all.join(', ')}), of the processor ${median(cpu)} ms (${cpu.join(', ')}), at most ${peaks.get(name)} MiB`);
    }
    for (const [a, b] of [
      ['ours, tensorflow', 'onnxruntime-node, 2 threads'],
      ['ours, wasm', 'onnxruntime-node, 1 thread'],
      ['ours, wasm', 'onnxruntime-web, 1 thread'],
    ]) {
      if (!times.has(a) || !times.has(b)) continue;
      const ratio = (of: Map<string, number[]>) => median((of.get(a) as number[]).map((ms, i) => ms / (of.get(b) as number[])[i])).toFixed(2);
      const [x, y] = [a, b].map((name) => new Float32Array(new Uint8Array(readFileSync(join(folder, `${name}.f32`))).buffer));
      const worst = x.reduce((most, v, i) => Math.max(most, Math.abs(v - y[i])), 0);
      console.log(`${a} / ${b}: ${ratio(times)}, of the processor ${ratio(computed)} (medians of the rounds); they differ by ${worst.toExponential(1)}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
