import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './support';

const folder = temporaryFolder();
const [photo, mask, weights] = ['photo.jpg', 'mask.png', 'weights.safetensors'].map((name) => join(folder, name));
const hasLimits = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

/** What comes of it in a process of its own. */
const run = (what: string, source = photo): Promise<{ name?: string; code: string; message?: string }> =>
  new Promise((resolve, reject) => {
    const script = join(import.meta.dirname, 'short-of-memory.ts');
    execFile(process.execPath, ['--import', import.meta.resolve('tsx'), script, what, source, mask], (error, stdout, stderr) => {
      const line = stdout.trim().split('\n').at(-1);
      if (error || !line) reject(new Error(`${error?.message}\n${stderr}`));
      else resolve(JSON.parse(line));
    });
  });

describe.skipIf(!hasLimits)('a process that runs short of memory (no prlimit)', () => {
  beforeAll(async () => {
    await sharp({ create: { width: 8000, height: 6000, channels: 3, background: '#456' } })
      .jpeg()
      .toFile(photo);
    await sharp({ create: { width: 16000, height: 12000, channels: 3, background: '#000' } })
      .toColourspace('b-w')
      .png()
      .toFile(mask);
    writeFileSync(weights, new Uint8Array(150e6));
  });

  // PNG and TIFF are not here: where their own bytes find no room, GLib ends the process.
  it.each([
    ['photo', 'MemoryError', /photo\.jpg can't be decoded: memory ran out/],
    ['mask', 'MemoryError', /mask\.png can't be decoded: memory ran out/],
    ['fitted mask', 'MemoryError', /12000 x 12000 pixels/],
    ['beginning of inpaint', 'MemoryError', /^inpaint: memory ran out/],
    ['middle of inpaint', 'BackendError', /^memory ran out on the cpu backend/],
    ['jpeg', 'MemoryError', /can't be encoded: memory ran out/],
    ['webp', 'MemoryError', /can't be written as webp: memory ran out/],
    ['avif', 'MemoryError', /can't be written as avif: memory ran out/],
    // Where what is left is next to nothing, V8 itself may be the one that finds no room, and end the process: that is chance.
  ])('%s: out-of-memory', { retry: 2 }, async (what, name, message) => {
    expect(await run(what)).toEqual({ name, code: 'out-of-memory', message: expect.stringMatching(message) });
  });

  it('weights: out-of-memory', async () => {
    expect(await run('weights', weights)).toMatchObject({ name: 'MemoryError', code: 'out-of-memory' });
  });
});
