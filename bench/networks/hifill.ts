/**
 * Times HiFill at 512 x 512 beside the same layers in TensorFlow for Python, in turns, so that both see the same machine:
 *
 *     PYTHON=python3 npx tsx bench/networks/hifill.ts [--rounds 5] [--runs 8]
 *
 * Each round is a process of each; medians of all rounds are printed. PYTHON names a Python with tensorflow-cpu; without
 * one only ours is timed. Weights are random: time does not depend on them.
 */
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { hifillNetwork } from '../../src/generators/hifill/network';
import { runNetwork } from '../../src/generators/network';
import { initialWeights } from '../../src/layers/initial-weights';
import { weightsOf } from '../../src/layers/layer';
import { median, numberFrom, startBackend } from './timing';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, runs: { type: 'string', default: '8' }, only: { type: 'string' } },
});
// Multiplications and additions of the published network at 512 x 512: 35.9 GMAC.
const PUBLISHED_GFLOP = 71.8;

if (options.only) await timeOurs(options.only);
else await compare();

/** Times one backend in this process and prints the median in milliseconds. */
async function timeOurs(backend: string): Promise<void> {
  await startBackend(backend);
  const network = hifillNetwork();
  const weights = initialWeights(weightsOf(network.layers), 0);
  const image = tf.randomUniform<tf.Rank.R4>([1, 512, 512, 3], -1, 1, 'float32', 1);
  const hole = tf.pad(tf.ones<tf.Rank.R4>([1, 180, 180, 1]), [
    [0, 0],
    [150, 182],
    [180, 152],
    [0, 0],
  ]);
  const times: number[] = [];
  for (let i = -3; i < Number(options.runs); i++) {
    const start = performance.now();
    const state = runNetwork(network, weights, image, hole);
    await state.image.data();
    tf.dispose({ ...state });
    if (i >= 0) times.push(performance.now() - start);
  }
  console.log(median(times).toFixed(1));
}

async function compare(): Promise<void> {
  const python = process.env.PYTHON;
  const script = new URL('./hifill_tensorflow.py', import.meta.url).pathname;
  const ours = (backend: string) => numberFrom(process.execPath, [...process.execArgv, process.argv[1], '--only', backend, '--runs', options.runs]);
  const contestants: Record<string, () => Promise<number>> = {
    'ours, tensorflow': () => ours('tensorflow'),
    ...(python && { 'TensorFlow for Python': () => numberFrom(python, [script, options.runs]) }),
    'ours, wasm': () => ours('wasm'),
  };
  const times = new Map<string, number[]>(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, time] of Object.entries(contestants)) times.get(name)?.push(await time());
  }
  for (const [name, all] of times) {
    console.log(
      `${name}: ${median(all).toFixed(0)} ms (${all.map((ms) => ms.toFixed(0)).join(', ')}), ${(PUBLISHED_GFLOP / (median(all) / 1000)).toFixed(0)} GFLOP/s of the published count`,
    );
  }
  const [first, second] = [times.get('ours, tensorflow'), times.get('TensorFlow for Python')];
  if (first && second) {
    console.log(`ours / TensorFlow for Python: ${median(first.map((ms, i) => ms / second[i])).toFixed(2)} (median of the rounds)`);
  }
}
