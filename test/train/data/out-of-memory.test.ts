import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { MemoryError, PictureError } from '../../../src/errors';
import { encodePicture } from '../../../src/io/node';
import type { decoded } from '../../../src/io/read';
import { readTemplates } from '../../../src/train/data/holes/templates';
import { pictureSource } from '../../../src/train/data/pictures';

// Decoding fails as it does for want of memory, or by a damaged file.
let failure = '';
vi.mock('../../../src/io/read', async (original) => {
  const read = await original<typeof import('../../../src/io/read')>();
  const failing: typeof decoded = (name, decoding) => read.decoded(name, failure ? decoding.then(() => Promise.reject(new Error(failure))) : decoding);
  return { ...read, decoded: failing, readMask: async (path: string) => failing(path, read.readMask(path)) };
});

const folder = mkdtempSync(join(tmpdir(), 'short-'));
afterAll(() => rmSync(folder, { recursive: true }));
const picture = { width: 40, height: 40, channels: 3 as const, data: Uint8Array.from({ length: 4800 }, (_, i) => i % 251) };
for (const name of ['a.png', 'b.png']) writeFileSync(join(folder, name), await encodePicture(picture));

async function skipped(): Promise<string[]> {
  const names: string[] = [];
  for await (const _ of pictureSource(folder, { size: 32, batch: 1, seed: 1, onSkip: (name) => names.push(name) })) if (names.length >= 0) break;
  return names;
}

it('a picture that finds no memory is not left out: the training stops', async () => {
  expect(await skipped()).toEqual([]);
  failure = 'vips_image_write_to_memory: out of memory -- size == 192MB';
  await expect(skipped()).rejects.toBeInstanceOf(MemoryError);
  const left: string[] = [];
  await expect(readTemplates(folder, { onSkip: (name) => left.push(name) })).rejects.toMatchObject({ code: 'out-of-memory' });
  expect(left).toEqual([]);
  // A damaged one is, until none is left.
  failure = 'VipsJpeg: premature end of JPEG image';
  await expect(skipped()).rejects.toBeInstanceOf(PictureError);
});
