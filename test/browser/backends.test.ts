import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type BackendChoice, detectBackend } from '../../src/browser/backends';
import { ArgumentError, BackendError } from '../../src/errors';

// Backends that start, under other names: what matters here is which is asked for, not what it computes.
const order = ['one', 'two', 'three'];
beforeAll(() => {
  for (const name of order) tf.registerBackend(name, tf.findBackendFactory('cpu'));
  tf.registerBackend('broken', () => {
    throw new Error('no such thing here');
  });
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});
const lost = new BackendError('device-lost', 'gone');

describe('detectBackend', () => {
  it('takes the first that starts, and says what the others lack', async () => {
    const found = await detectBackend({ order: ['webgpu', 'absent', 'broken', 'two'] });
    expect(found.name).toBe('two');
    expect(tf.getBackend()).toBe('two');
    expect(found.passedOver).toEqual([
      { backend: 'webgpu', reason: 'this browser has no WebGPU' },
      { backend: 'absent', reason: 'its package is not imported' },
      { backend: 'broken', reason: 'it does not start' },
    ]);
    expect(found.reason).toBe('webgpu: this browser has no WebGPU; absent: its package is not imported; broken: it does not start; two: in use');
  });

  it('fails by a BackendError that says why, where none starts', async () => {
    await expect(detectBackend({ order: ['absent', 'broken'] })).rejects.toMatchObject({
      constructor: BackendError,
      message: 'detectBackend: no backend starts (absent: its package is not imported; broken: it does not start)',
    });
    await expect(detectBackend({ order: [] })).rejects.toBeInstanceOf(ArgumentError);
  });

  it('runs work on the backend, whatever was set meanwhile', async () => {
    const { run } = await detectBackend({ order });
    await tf.setBackend('three');
    expect(await run(async (name) => [name, tf.getBackend()])).toEqual(['one', 'one']);
  });

  it.each([
    ['device-lost', 'its device was lost'],
    ['out-of-memory', 'its memory ran out'],
    ['backend', 'in words'],
  ] as const)('runs work again on the next where one fails by %s, and stays there', async (code, reason) => {
    const changes: BackendChoice[] = [];
    const found = await detectBackend({ order, onChange: (choice) => changes.push(choice) });
    const names: string[] = [];
    const work = async (name: string) => {
      names.push(name);
      if (name === 'one') throw new BackendError(code, 'in words');
      return name;
    };
    expect(await found.run(work)).toBe('two');
    expect(await found.run(work)).toBe('two');
    expect(names).toEqual(['one', 'two', 'two']);
    expect(changes).toEqual([{ backend: 'two', reason: `one: ${reason}; two: in use` }]);
    expect(found.passedOver).toEqual([{ backend: 'one', reason }]);
  });

  it('does not take an error of the work for one of the backend', async () => {
    const { run } = await detectBackend({ order });
    const work = vi.fn().mockRejectedValue(new ArgumentError('argument', 'wrong'));
    await expect(run(work)).rejects.toThrow('wrong');
    expect(work).toHaveBeenCalledOnce();
  });

  it('takes an unknown error for one of the backend until something has come out well on it', async () => {
    const found = await detectBackend({ order });
    const work = vi.fn().mockRejectedValueOnce(new TypeError('no kernel')).mockResolvedValueOnce('done').mockRejectedValueOnce(new TypeError('your own'));
    expect(await found.run(work)).toBe('done');
    expect(found.name).toBe('two');
    await expect(found.run(work)).rejects.toThrow('your own');
    expect(found.name).toBe('two');
  });

  it('moves on once for all that was under way', async () => {
    const onChange = vi.fn();
    const { run } = await detectBackend({ order, onChange });
    const work = async (name: string) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (name === 'one') throw lost;
      return name;
    };
    expect(await Promise.all([run(work), run(work), run(work)])).toEqual(['two', 'two', 'two']);
    expect(onChange).toHaveBeenCalledOnce();
  });

  it('throws what the last one failed by, each time', async () => {
    const found = await detectBackend({ order });
    const work = vi.fn().mockRejectedValue(lost);
    await expect(found.run(work)).rejects.toBe(lost);
    expect(work).toHaveBeenCalledTimes(3);
    await expect(found.run(work)).rejects.toBe(lost);
    expect(work).toHaveBeenCalledTimes(4);
    expect(found.passedOver.map(({ backend }) => backend)).toEqual(['one', 'two']);
  });

  it('keeps saying which starts and which does not, after the last has failed', async () => {
    const found = await detectBackend({ order: ['one', 'broken', 'absent'] });
    await expect(found.run(() => Promise.reject(lost))).rejects.toBe(lost);
    expect(found.name).toBe('one');
    expect(found.passedOver.map(({ backend }) => backend)).toEqual(['broken', 'absent']);
  });
});
