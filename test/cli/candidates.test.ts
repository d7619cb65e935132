import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { commandOf, UsageError } from '../../src/cli/arguments';
import { inpaintCandidates } from '../../src/cra/candidates';
import { readMask, readPicture } from '../../src/io/node';
import { disc, maskOf, scene } from '../cra/support';
import { pipeline, temporaryFolder } from '../io/support';
import { command } from './command';

const folder = mkdtempSync(join(temporaryFolder(), 'case-'));
const at = (name: string) => join(folder, name);
const surroundings = {
  startBackend: async () => {
    await tf.setBackend('wasm');
  },
};

it('several results are numbered, and laid on a sheet', async () => {
  writeFileSync(at('photo.png'), await pipeline(scene(90, 70)).png().toBuffer());
  writeFileSync(
    at('mask.png'),
    await pipeline(maskOf(90, 70, disc(35, 45, 14)))
      .png()
      .toBuffer(),
  );
  const args = [at('photo.png'), at('mask.png'), '-o', at('out.png'), '--candidates', '3', '--working-size', '64', '--seed', '2', '--json'];
  const { code, stdout } = await command([...args, '--sheet', at('sheet.png')], surroundings);
  expect(code).toBe(0);
  const expected = await inpaintCandidates(await readPicture(at('photo.png')), await readMask(at('mask.png')), { candidates: 3, workingSize: 64, seed: 2 });
  const { outputs } = JSON.parse(stdout.split('\n')[0]);
  expect(outputs).toEqual(expected.map((_, n) => at(`out-${n + 1}.png`)));
  for (const [n, { data }] of expected.entries()) expect((await readPicture(outputs[n])).data).toEqual(data);
  expect(existsSync(at('out.png'))).toBe(false);
  const { width, height } = await readPicture(at('sheet.png'));
  expect([width, height]).toEqual(expected.length > 2 ? [188, 148] : [188, 70]);

  // What was there before and is an input of the run is not replaced.
  writeFileSync(at('out-2.png'), readFileSync(at('photo.png')));
  const refused = await command([at('out-2.png'), at('mask.png'), '-o', at('out.png'), '--candidates', '3', '--json'], surroundings);
  expect(JSON.parse(refused.stdout.split('\n')[0]).error.code).toBe('file-exists');
});

it.each([
  ['--candidates', '0'],
  ['--candidates', '13'],
  ['--candidates', 'x'],
  ['--sheet', 's.png'],
  ['--candidates', '2', '--compare', 'c.png'],
])('%s %s makes no sense', (...args) => {
  expect(() => commandOf(['a.jpg', 'b.png', '-o', 'c.jpg', ...args])).toThrow(UsageError);
});
