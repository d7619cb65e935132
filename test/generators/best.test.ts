import '@tensorflow/tfjs-backend-cpu';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type BestChoice, bestGenerator } from '../../src/generators';
import { BEST_FIRST } from '../../src/generators/names';
import { catalogueFile } from '../../src/io/weights/catalogue';
import * as installed from '../../src/io/weights/installed';
import { expectCode, temporaryFolder } from '../io/support';
import { MIGAN_PATH } from '../support/weight-server';

const root = temporaryFolder();
const cache = join(root, 'cache');
beforeAll(() => tf.setBackend('cpu'));
afterEach(() => vi.restoreAllMocks());
const notInstalled = () => vi.spyOn(installed, 'installedFile').mockResolvedValue(undefined);

it('looks for networks whose file is known', () => {
  for (const name of BEST_FIRST) expect(catalogueFile(name)).toBeDefined();
});

it('is the network whose weights are here, and says where', async () => {
  const before = tf.memory().numTensors;
  const told: BestChoice[] = [];
  const generator = await bestGenerator({ cache, onChoice: (choice) => told.push(choice) });
  expect([generator.name, generator.multiple]).toEqual(['migan', 128]);
  notInstalled();
  const other = await bestGenerator({ cache, from: dirname(MIGAN_PATH), onChoice: (choice) => told.push(choice) });
  expect(told).toEqual(Array(2).fill({ generator: 'migan', reason: `its weights are here: ${MIGAN_PATH}` }));
  generator.dispose?.();
  other.dispose?.();
  expect(tf.memory().numTensors).toBe(before);
});

it('is exemplar() where no weights are here, and nothing is asked for them', async () => {
  notInstalled();
  const fetch = vi.spyOn(globalThis, 'fetch');
  const told: BestChoice[] = [];
  const generator = await bestGenerator({ cache, from: 'http://127.0.0.1:1', onChoice: (choice) => told.push(choice) });
  expect([generator.name, told]).toEqual(['exemplar', [{ generator: 'exemplar', reason: 'no weights are here of migan' }]]);
  expect(fetch).not.toHaveBeenCalled();
});

it('another file in their place is an error, not a reason to do without', async () => {
  notInstalled();
  const folder = mkdtempSync(join(root, 'folder-'));
  writeFileSync(join(folder, catalogueFile('migan')!.name), 'another');
  await expectCode(bestGenerator({ cache, from: folder }), 'weights-damaged');
});

it('aborted: an AbortError', async () => {
  await expectCode(bestGenerator({ cache, signal: AbortSignal.abort() }), 'aborted');
});
