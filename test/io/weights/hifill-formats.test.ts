import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hifill } from '../../../src/generators/hifill';
import { hifillNetwork } from '../../../src/generators/hifill/network';
import { mindsporeOrigin, tensorflowOrigin } from '../../../src/generators/hifill/origins';
import { readWeights } from '../../../src/io/weights';
import { weightsOf } from '../../../src/layers/layer';

const python = process.env.PYTHON ?? 'python3';
const hasTools = spawnSync(python, ['-c', 'import tensorflow, onnx, safetensors'], { timeout: 120_000 }).status === 0;

describe.skipIf(!hasTools)('one set of weights, written by the tools of each format (PYTHON names a Python with tensorflow, onnx and safetensors)', () => {
  let folder: string;
  beforeAll(async () => {
    await tf.setBackend('wasm');
    folder = await mkdtemp(join(tmpdir(), 'hifill-'));
    const names = Object.entries(weightsOf(hifillNetwork().layers)).map(([name, { shape }]) => [
      tensorflowOrigin.nameOf(name),
      [shape, mindsporeOrigin.nameOf(name)],
    ]);
    await writeFile(join(folder, 'names.json'), JSON.stringify(Object.fromEntries(names)));
    const script = fileURLToPath(new URL('../../fixtures/hifill/make.py', import.meta.url));
    const made = spawnSync(python, [script, join(folder, 'names.json'), folder], { encoding: 'utf8' });
    expect(made.status, made.stderr).toBe(0);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('gives the same fill to the last bit', async () => {
    const image = tf.randomUniform<tf.Rank.R3>([64, 96, 3], -1, 1, 'float32', 4);
    const hole = tf.cast(tf.greater(tf.randomUniform<tf.Rank.R3>([64, 96, 1], 0, 1, 'float32', 5), 0.7), 'float32') as tf.Tensor3D;
    const fills: Record<string, Float32Array> = {};
    for (const name of ['hifill.safetensors', 'hifill.pb', 'hifill.index', 'hifill.onnx', 'hifill.ckpt']) {
      const weights = await readWeights(join(folder, name));
      const generator = hifill(weights);
      expect(generator.colourOrder).toBe('bgr');
      const fill = await generator.fill({ image, hole, seed: 0 });
      fills[`${weights.format} ${name}`] = (await fill.image.data()) as Float32Array;
      generator.dispose();
    }
    const [first, ...others] = Object.entries(fills);
    const values = Array.from(first[1]);
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.5);
    for (const [name, other] of others) expect(Buffer.from(other.buffer).equals(Buffer.from(first[1].buffer)), `${name} against ${first[0]}`).toBe(true);
    expect(Object.keys(fills).map((name) => name.split(' ')[0])).toEqual(['safetensors', 'tensorflow-graph', 'tensorflow-checkpoint', 'onnx', 'mindspore']);
  });
});
