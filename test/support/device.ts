import * as tf from '@tensorflow/tfjs-core';
import { expect, vi } from 'vitest';
import { BackendError } from '../../src/errors';

/** Whether the backend of these tests has a device. */
export const hasDevice = tf.getBackend() === 'webgpu';

/** What docs/troubleshooting.md says to do when a device was lost. */
export async function registerAnew(): Promise<void> {
  const factory = tf.findBackendFactory('webgpu');
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', factory, 3);
  expect(await tf.setBackend('webgpu')).toBe(true);
}

/** The device in use. */
export const device = () => (tf.backend() as unknown as { device: GPUDevice }).device;

/** What the work rejects with, which must be a BackendError. */
export async function failureOf(work: () => Promise<unknown>): Promise<BackendError> {
  const error = await work().then(
    () => 'nothing was thrown',
    (caught) => caught,
  );
  expect(error).toBeInstanceOf(BackendError);
  return error;
}

/** Expects the work to fail by a device that was destroyed. */
export async function expectLost(work: () => Promise<unknown>): Promise<void> {
  const error = await failureOf(work);
  expect(error.code).toBe('device-lost');
  expect(error.message).toMatch(/register the backend anew.*destroyed/);
}

/** Expects as many tensors as before, once work that nobody waits for any more has come to its end. */
export const expectTensors = (count: number) => vi.waitFor(() => expect(tf.memory().numTensors).toBe(count), { timeout: 30_000, interval: 50 });

/** The device reports an error, as it does for a step that it refuses. */
export function report(kind: 'GPUOutOfMemoryError' | 'GPUValidationError'): void {
  const error = new (class {
    message = 'no room';
  })();
  Object.defineProperty(error, 'constructor', { value: { name: kind } });
  device().dispatchEvent(Object.assign(new Event('uncapturederror'), { error }));
}
