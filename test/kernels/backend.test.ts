import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
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
