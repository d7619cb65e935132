/**
 * Times a training step of HiFill (three steps of the adversary, one of the generator) on the tensorflow backend beside
 * PyTorch's, in turns:
 *
 *     PYTHON=python3 npx tsx bench/networks/hifill-training.ts [--size 256] [--batch 4] [--rounds 3] [--steps 3]
 *
 * PYTHON names a Python with torch; without one only ours is timed.
 */
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { hifillRecipe } from '../../src/train/recipes/hifill';
import { Trainer } from '../../src/train/trainer';
import { median, numberFrom, startBackend } from './timing';

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: '256' },
    batch: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '3' },
    time: { type: 'boolean', default: false },
  },
});
const [size, batch, steps] = [options.size, options.batch, options.steps].map(Number);

if (options.time) await timeOurs();
else await compare();

/** Times steps in this process and prints the median in seconds. */
async function timeOurs(): Promise<void> {
  await startBackend('tensorflow');
  const trainer = new Trainer(hifillRecipe({ size }), { seed: 1 });
  const [from, to] = [size / 4, size / 2];
  const next = async () => ({
    names: Array(batch).fill('random'),
    batch: {
      image: tf.randomUniform<tf.Rank.R4>([batch, size, size, 3], -1, 1),
      hole: tf.pad(tf.ones<tf.Rank.R4>([batch, to - from, to - from, 1]), [
        [0, 0],
        [from, size - to],
        [from, size - to],
        [0, 0],
      ]),
    },
  });
  await trainer.trainStep(next);
  const times: number[] = [];
  for (let n = 0; n < steps; n++) {
    const start = performance.now();
    await trainer.trainStep(next);
    times.push((performance.now() - start) / 1000);
  }
  console.log(median(times).toFixed(2));
}

async function compare(): Promise<void> {
  const python = process.env.PYTHON;
  const passed = ['--size', options.size, '--batch', options.batch, '--steps', options.steps];
  const script = new URL('./hifill_training_torch.py', import.meta.url).pathname;
  const [ours, theirs]: number[][] = [[], []];
  for (let round = 0; round < Number(options.rounds); round++) {
    ours.push(await numberFrom(process.execPath, [...process.execArgv, process.argv[1], '--time', ...passed]));
    if (python) theirs.push(await numberFrom(python, [script, options.size, options.batch, options.steps]));
  }
  console.log(`ours, tensorflow: ${median(ours)} s a step (${ours.join(', ')})`);
  if (!python) return;
  console.log(`PyTorch: ${median(theirs)} s a step (${theirs.join(', ')})`);
  console.log(`ours / PyTorch: ${median(ours.map((seconds, n) => seconds / theirs[n])).toFixed(2)} (median of the rounds)`);
}
