import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, it, vi } from 'vitest';
import { GeneratorKeeper } from '../../src/browser/generator-keeper';
import { WeightsError } from '../../src/errors';
import type { Generator } from '../../src/generators';
import type { WeightFile } from '../../src/io/weights';
import * as installed from '../../src/io/weights/installed';

const { signal } = new AbortController();
const bytes = readFileSync(new URL('../fixtures/weights/tensors.safetensors', import.meta.url));

afterEach(() => vi.restoreAllMocks());

function keeper(weights?: Blob) {
  const made: (WeightFile | undefined)[] = [];
  const dispose = vi.fn();
  const make = (file?: WeightFile): Generator => {
    made.push(file);
    return { name: `number ${made.length}`, multiple: 1, fill: vi.fn(), dispose };
  };
  return { made, dispose, keeper: new GeneratorKeeper({ name: 'mine', weights }, { mine: make }) };
}

it('makes a generator once for a backend, and anew for another: its tensors stay behind', async () => {
  const { made, dispose, keeper: generators } = keeper();
  const first = await generators.on('webgpu', signal);
  expect(await generators.on('webgpu', signal)).toBe(first);
  expect(dispose).not.toHaveBeenCalled();
  expect((await generators.on('wasm', signal)).name).toBe('number 2');
  expect(dispose).toHaveBeenCalledOnce();
  expect(made).toEqual([undefined, undefined]);
});

it('reads weights once, however often a generator is made', async () => {
  const file = new Blob([bytes]);
  const read = vi.spyOn(file, 'arrayBuffer');
  const { made, keeper: generators } = keeper(file);
  await generators.on('webgpu', signal);
  await generators.on('wasm', signal);
  expect(read).toHaveBeenCalledOnce();
  expect(made[0]!.format).toBe('safetensors');
  expect(made[1]).toBe(made[0]);
});

it('reads again what could not be read', async () => {
  const file = new Blob([bytes]);
  vi.spyOn(file, 'arrayBuffer').mockRejectedValueOnce(new Error('not now'));
  const { keeper: generators } = keeper(file);
  await expect(generators.on('wasm', signal)).rejects.toMatchObject({ constructor: WeightsError, code: 'file-read', cause: { message: 'not now' } });
  expect((await generators.on('wasm', signal)).name).toBe('number 1');
});

it("knows this package's own, and refuses others", async () => {
  expect((await new GeneratorKeeper('exemplar').on('cpu', signal)).name).toBe('exemplar');
  await expect(new GeneratorKeeper({ name: 'nobody' }).on('cpu', signal)).rejects.toMatchObject({ code: 'argument', actual: 'nobody' });
  await expect(new GeneratorKeeper({ name: 'hifill' }).on('cpu', signal)).rejects.toMatchObject({ code: 'weights-missing' });
});

it('finds the weights of a network by its name, and those of a maker of that name are its own affair', async () => {
  await tf.setBackend('cpu');
  const generators = new GeneratorKeeper({ name: 'migan' });
  const generator = await generators.on('cpu', signal);
  expect([generator.name, generator.multiple]).toEqual(['migan', 128]);
  generator.dispose?.();
  const own = vi.fn((file?: WeightFile): Generator => ({ name: `mine ${file}`, multiple: 1, fill: vi.fn() }));
  expect((await new GeneratorKeeper({ name: 'migan' }, { migan: own }).on('cpu', signal)).name).toBe('mine undefined');
});

it('weights that are not here are downloaded only where the page says so', async () => {
  vi.spyOn(installed, 'installedFile').mockResolvedValue(undefined);
  vi.stubEnv('XDG_CACHE_HOME', '/nowhere');
  const fetch = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('no line'));
  await expect(new GeneratorKeeper({ name: 'migan' }).on('cpu', signal)).rejects.toMatchObject({ code: 'weights-missing' });
  expect(fetch).not.toHaveBeenCalled();
  await expect(new GeneratorKeeper({ name: 'migan', download: true }).on('cpu', signal)).rejects.toMatchObject({ code: 'weights-fetch' });
  expect(fetch).toHaveBeenCalled();
  vi.unstubAllEnvs();
});

it('the best is chosen once, and told', async () => {
  const told = vi.fn();
  const best = new GeneratorKeeper('best', {}, told);
  const first = await best.on('cpu', signal);
  const second = await best.on('another', signal);
  expect([first.name, second.name]).toEqual(['migan', 'migan']);
  second.dispose?.();
  expect(told.mock.calls).toEqual([[{ generator: 'migan', reason: expect.stringContaining('migan_pipeline_v2.onnx') }]]);
  vi.spyOn(installed, 'installedFile').mockResolvedValue(undefined);
  vi.stubEnv('XDG_CACHE_HOME', '/nowhere');
  expect((await new GeneratorKeeper('best').on('cpu', signal)).name).toBe('exemplar');
  vi.unstubAllEnvs();
});
