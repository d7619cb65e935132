import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import stored from '../../golden/train_small.json';
import { measured, smallLosses } from '../../support/small-recipes';
import { expectNoLeak } from '../../support/values';

const golden = stored as Record<string, { losses: Record<string, number>; gradients: Record<string, number[]> }>;

// A chain of eight normalisations by few values makes more of rounding; by stored statistics the same network has none.
const limitOf = (name: string) => (name === 'pix2pix, generator' ? 1e-3 : 1e-4);

// As TensorFlow has them, whose own agree with the published programs' at full size: see test/golden/make_train_small.ts.
describe.each(Object.keys(smallLosses))('small: %s', (name) => {
  const expected = golden[name]!;

  it('has the stored losses and gradients', async () => {
    const { losses, gradients } = await measured(smallLosses[name]!());
    expect(Object.keys(losses)).toEqual(Object.keys(expected.losses));
    for (const [part, value] of Object.entries(expected.losses)) {
      // A distance is the small difference of two means.
      expect(Math.abs(losses[part]! - value), `${part}: ${losses[part]}, expected ${value}`).toBeLessThanOrEqual(1e-4 * Math.max(Math.abs(value), 1e-2));
    }
    expect(Object.keys(gradients)).toEqual(Object.keys(expected.gradients));
    const off: string[] = [];
    for (const [weight, values] of Object.entries(expected.gradients)) {
      const worst = Math.max(...values.map((value, n) => Math.abs(gradients[weight]![n]! - value)));
      // What cancels out, such as a bias before the mean of real less made, is rounding alone.
      if (!(worst <= limitOf(name) * Math.max(values[0]!, 1e-4))) off.push(`${weight}: off by ${worst} of ${values[0]}`);
    }
    expect(off).toEqual([]);
  });
});

describe('small: memory', () => {
  it.skipIf(tf.getBackend() === 'webgpu')('leaves no tensors behind (the drivers of WebGPU here take a minute for all)', async () => {
    for (const make of Object.values(smallLosses)) {
      const loss = make();
      await expectNoLeak(async () => {
        await measured(loss);
      });
      tf.dispose(loss.weights);
    }
  });
});
