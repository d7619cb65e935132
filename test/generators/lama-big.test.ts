import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { lama } from '../../src/generators/lama';
import { readGolden } from '../support/golden';
import { statistics } from '../support/gradients';
import { big, checkpoint, lamaBatch } from '../support/lama';
import { expectClose } from '../support/values';

const fast = ['wasm', 'tensorflow'].includes(tf.getBackend());
// After which stages the reference looked: its entrance, three sizes down, blocks 1, 6, 12 and 18, three sizes up.
const MODULES: Record<number, string> = { 0: '1', 1: '2', 2: '3', 3: '4', 4: '5', 9: '10', 15: '16', 21: '22', 23: '26', 24: '29', 25: '32' };

describe('big-lama', () => {
  it.skipIf(!fast)('computes what the reference does, module by module (its full size takes minutes on cpu and on software drivers)', async () => {
    const golden = await readGolden('lama.safetensors');
    const before = tf.memory().numTensors;
    const generator = lama(checkpoint(big));
    expect(generator.parameterCount).toBe(50_975_875);
    const { image, hole } = lamaBatch('lama_big');
    let state: Record<string, tf.Tensor4D> = { image, hole };
    for (const [n, stage] of generator.network.stages.list.entries()) {
      const next = tf.tidy(() => stage(state as never, generator.weights) as typeof state);
      tf.dispose(state);
      state = next;
      for (const [part, features] of Object.entries(n in MODULES ? state : {})) {
        const joined = `big.layer.model.${MODULES[n]}`;
        const key = golden.has(`${joined}.grid`) ? joined : `${joined}.${part[0]}`;
        const [, rows, columns, channels] = features.shape;
        const all = await features.data();
        const [s, t] = [Math.floor(rows / 4), Math.floor(columns / 4)];
        const grid = golden.get(`${key}.grid`)!.values;
        const [mean, deviation, , largest] = statistics(all);
        const [wantedMean, wantedDeviation, , least, most] = golden.get(`${key}.stats`)!.values as Float32Array;
        const limit = 2e-5 * Math.max(-least!, most!);
        for (let i = 0; i < grid.length; i++) {
          const [row, column] = [(s >> 1) + s * Math.floor(i / (4 * channels)), (t >> 1) + t * (Math.floor(i / channels) % 4)];
          expect(Math.abs(all[(row * columns + column) * channels + (i % channels)]! - grid[i]!), key).toBeLessThanOrEqual(limit);
        }
        expect(Math.abs(mean - wantedMean!) / wantedDeviation!, key).toBeLessThan(1e-5);
        expect(Math.abs(deviation / wantedDeviation! - 1), key).toBeLessThan(1e-5);
        expect(Math.abs(largest - Math.max(-least!, most!)), key).toBeLessThanOrEqual(limit);
      }
    }
    const y = Float32Array.from(await state.image!.data(), (v) => (v + 1) / 2);
    tf.dispose(state);
    generator.dispose();
    expect(tf.memory().numTensors).toBe(before);

    const crop = (top: number, left: number, size: number, step = 1) => {
      const list: number[] = [];
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) for (let c = 0; c < 3; c++) list.push(y[((top + step * i) * 256 + left + step * j) * 3 + c]!);
      return list;
    };
    const [row, column] = golden.get('big.hole_crop_yx')!.values as Int32Array;
    expectClose(crop(0, 0, 64, 4), golden.get('big.output_stride4')!.values, 1e-4);
    expectClose(crop(0, 0, 16), golden.get('big.output_top_left')!.values, 1e-4);
    expectClose(crop(240, 240, 16), golden.get('big.output_bottom_right')!.values, 1e-4);
    expectClose(crop(row!, column!, 48), golden.get('big.hole_crop')!.values, 1e-4);
  });
});
