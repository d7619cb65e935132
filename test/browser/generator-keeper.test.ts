import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { GeneratorKeeper } from '../../src/browser/generator-keeper';
import { WeightsError } from '../../src/errors';
import type { Generator } from '../../src/generators';
import type { WeightFile } from '../../src/io/weights';

const { signal } = new AbortController();
const bytes = readFileSync(new URL('../fixtures/weights/tensors.safetensors', import.meta.url));

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
