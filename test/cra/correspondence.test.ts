import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { givenCopies } from '../../src/cra/correspondence';
import type { LowResolution } from '../../src/pixels/window';

it('a way into what the picture was padded by leads to the pixel that is mirrored there', async () => {
  const [height, width, multiple] = [5, 6, 16];
  const low: LowResolution = { width, height, hole: new Float32Array(height * width), colours: new Float32Array(height * width * 3) };
  // Every pixel points to one place of the padded picture, which is three mirror images high.
  const [toY, toX] = [13, 9];
  const ways = Int32Array.from({ length: 2 * multiple * multiple }, (_, i) => (i % 2 ? toX - (((i - 1) / 2) % multiple) : toY - Math.floor(i / 2 / multiple)));
  const offsets = tf.tensor3d(ways, [multiple, multiple, 2], 'int32');
  const before = tf.memory().numTensors;
  const field = await givenCopies({ kind: 'nearest-field', offsets }, low);
  expect(tf.memory().numTensors).toBe(before);
  // Rows 5 to 9 show 4 to 0, rows 10 to 14 show 0 to 4 again; columns 6 to 11 show 5 to 0.
  for (let p = 0; p < height * width; p++) {
    expect([Math.floor(p / width) + field.offsets[2 * p], (p % width) + field.offsets[2 * p + 1]]).toEqual([3, 2]);
  }
  offsets.dispose();
});
