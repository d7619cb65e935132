import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { onBackend } from '../../src/backend';
import { readGolden } from '../support/golden';
import { values } from '../support/values';

// What the other tests rest on.

it('multiplies', async () => {
  expect(await values(tf.matMul(tf.tensor2d([1, 2], [1, 2]), tf.tensor2d([3, 4], [2, 1])))).toEqual([11]);
});

it('reads golden values', async () => {
  const golden = await readGolden('cra_units.safetensors');
  expect(golden.size).toBeGreaterThan(10);
  for (const { shape, values } of golden.values()) expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
});

it('learns of a shader that does not compile', async ({ skip }) => {
  skip(tf.getBackend() !== 'webgpu', 'only WebGPU has shaders');
  const backend = tf.backend() as WebGPUBackend;
  const program: WebGPUProgram = {
    outputShape: [8],
    variableNames: ['A'],
    dispatchLayout: { x: [0] },
    dispatch: [1, 1, 1],
    workgroupSize: [64, 1, 1],
    shaderKey: 'broken',
    size: true,
    getUserCode: () => 'this is not WGSL',
  };
  // The scopes round each test (test/setup/webgpu-checks.ts) would fail it: this one, inside them, catches the error first.
  backend.device.pushErrorScope('validation');
  const x = tf.ones([8]);
  const out = tf.engine().makeTensorFromTensorInfo(backend.runWebGPUProgram(program, [x], 'float32'));
  await out.data(); // throws nothing
  const error = await backend.device.popErrorScope();
  expect(error?.message).toContain('WGSL');
});

it('leaves no timer behind when work fails on a device that answers', async () => {
  // A device of our own in the place of the backend's: what fails without a word makes it be asked, by a timer at the most.
  const running = tf.engine().registry[tf.getBackend()] as unknown as { device?: unknown };
  const before = Object.getOwnPropertyDescriptor(running, 'device');
  const device = Object.assign(new EventTarget(), { lost: new Promise(() => undefined), queue: { onSubmittedWorkDone: async () => undefined } });
  Object.defineProperty(running, 'device', { value: device, configurable: true, writable: true });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const error = new DOMException('', 'AbortError');
    await expect(onBackend(() => Promise.reject(error))).rejects.toBe(error);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
    if (before) Object.defineProperty(running, 'device', before);
    else delete running.device;
  }
});
