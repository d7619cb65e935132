import { Worker } from 'node:worker_threads';
import { afterEach, expect, it, vi } from 'vitest';
import { canShare, shared } from '../../src/threads/shared';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('keeps values and kind, whatever part of a buffer they are, and copies nothing twice', () => {
  expect(canShare()).toBe(true);
  const whole = new Float32Array([0.5, -1, Number.NaN, 3]);
  for (const values of [whole, whole.subarray(1, 3), new Uint8Array([1, 255]), new Uint8ClampedArray(3), new Uint16Array([65535]), new Int32Array(0)]) {
    const copy = shared(values);
    expect(copy).toEqual(values);
    expect(copy.constructor).toBe(values.constructor);
    expect(copy.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(copy.buffer.byteLength).toBe(values.byteLength);
    expect(shared(copy)).toBe(copy);
  }
});

it('another thread sees the same memory', async () => {
  const values = shared(new Uint8Array([1, 2, 3]));
  const worker = new Worker(
    "const { parentPort } = require('node:worker_threads'); parentPort.once('message', (values) => { values[1] = 77; parentPort.postMessage(0); })",
    { eval: true },
  );
  const answer = new Promise((resolve) => worker.once('message', resolve));
  worker.postMessage(values);
  await answer;
  await worker.terminate();
  expect([...values]).toEqual([1, 77, 3]);
});

it('where memory cannot be shared values stay where they are', () => {
  const values = new Uint8Array([1, 2]);
  vi.stubGlobal('crossOriginIsolated', false);
  expect([canShare(), shared(values)]).toEqual([false, values]);
  expect(shared(values)).toBe(values);
  vi.unstubAllGlobals();
  vi.stubGlobal('SharedArrayBuffer', undefined);
  expect(canShare()).toBe(false);
  expect(shared(values)).toBe(values);
});
