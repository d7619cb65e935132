import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { inpaint } from '../../src/cra/inpaint';
import type { InpaintOptions } from '../../src/cra/options';
import { device, failureOf, hasDevice, registerAnew, report } from '../support/device';
import { disc, fillSmall, maskOf, scene } from './support';

const size = 40;
const photo = scene(size, size);
const mask = maskOf(size, size, disc(20, 20, 5));

describe.skipIf(!hasDevice)('a GPU device (only the webgpu backend has one)', () => {
  it.each<[string, InpaintOptions['onProgress'], InpaintOptions]>([
    ['before the fill', ({ stage }) => stage === 'low-resolution' && device().destroy(), {}],
    ['in the midst of it', ({ stage, done }) => stage === 'fill' && done > 0.3 && device().destroy(), {}],
    ['after it', ({ stage, done }) => stage === 'fill' && done === 1 && device().destroy(), { detail: false }],
  ])('lost %s is a typed error, and a new one works', async (when, onProgress, options) => {
    await registerAnew();
    const work = () => fillSmall(photo, mask, { onProgress, ...options });
    if (when === 'after it') await work().catch(() => undefined);
    else {
      const error = await failureOf(work);
      expect(error.code).toBe('device-lost');
      expect(error.message).toContain('destroyed');
    }
    // The next call does not wait for data that never come.
    const next = await failureOf(() => fillSmall(photo, mask));
    expect(next.code).toBe('device-lost');
    expect(next.message).toContain('register the backend anew');
    await registerAnew();
    expect((await fillSmall(photo, mask)).data).not.toEqual(photo.data);
  });

  it('lost with the photo on it is a typed error', async () => {
    await registerAnew();
    const tensor = tf.relu(tf.tensor3d(Array.from(photo.data), [size, size, 3], 'int32')) as tf.Tensor3D;
    const reading = failureOf(() => inpaint(tensor, mask));
    device().destroy();
    expect((await reading).code).toBe('device-lost');
    await registerAnew();
  });

  it.each([
    ['out of memory', 'GPUOutOfMemoryError', 'out-of-memory'],
    ['that refuses a step', 'GPUValidationError', 'backend'],
  ] as const)('%s is a typed error', async (_, name, code) => {
    await registerAnew();
    const tell = () => report(name);
    expect((await failureOf(() => fillSmall(photo, mask, { onProgress: ({ stage }) => stage === 'low-resolution' && tell() }))).code).toBe(code);
    // It is over with the call that it happened in.
    expect((await fillSmall(photo, mask)).data).not.toEqual(photo.data);
  });
});
