import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../src/cli/run';
import { readPicture } from '../../src/io/node';
import { noise, pipeline, temporaryFolder } from '../io/support';

const folder = temporaryFolder();
const repository = join(import.meta.dirname, '../..');
// The command is started from elsewhere, as users do.
const tsx = import.meta.resolve('tsx');
writeFileSync(
  join(folder, 'photo.png'),
  await pipeline(noise(40, 30, 3))
    .png()
    .toBuffer(),
);
writeFileSync(
  join(folder, 'mask.png'),
  await pipeline(noise(40, 30, 1))
    .png()
    .toBuffer(),
);
const args = [join(folder, 'photo.png'), join(folder, 'mask.png'), '-o', join(folder, 'out.png')];

function start(script: string, given: string[]) {
  const child: ChildProcess = spawn(process.execPath, ['--import', tsx, join(repository, script), ...given], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    texts.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    texts.stderr += chunk;
  });
  return { child, texts, ended: once(child, 'close') as Promise<[number | null, string | null]> };
}

const silent = { stdout: { write: () => undefined }, stderr: { write: () => undefined } };

const until = async (holds: () => boolean) => {
  for (let i = 0; !holds(); i++) {
    if (i > 600) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  it(`${signal} in the middle of a fill ends it with ${code}, and nothing is written`, async () => {
    const { child, texts, ended } = start('test/cli/slow.ts', args);
    await until(() => texts.stderr.includes('filling'));
    child.kill(signal);
    expect((await ended)[0]).toBe(code);
    expect(texts.stderr).toContain('interrupted: 0 of 1 done');
    expect(readdirSync(folder).sort()).toEqual(['mask.png', 'photo.png']);
  });
}

it('killed while it writes: the old result is whole, another process at work beside it takes nothing away, and a rerun clears up', async () => {
  const results = join(folder, 'results');
  mkdirSync(results);
  const out = join(results, 'out.png');
  writeFileSync(out, 'what was there before');
  const leftovers = () => readdirSync(results).filter((name) => name.endsWith('.tmp'));
  const again = () => run([args[0], args[1], '-o', out], { ...silent, startBackend: async () => undefined, fill: async () => undefined });
  const { child, texts, ended } = start('test/cli/stuck.ts', [args[0], args[1], '-o', out]);
  await until(() => texts.stderr.includes('renaming'));
  expect(leftovers()).toEqual([expect.stringMatching(/^\.out\.png\.[0-9a-f]{12}\.tmp$/)]);
  expect(readFileSync(out, 'utf8')).toBe('what was there before');
  expect((await readPicture(join(results, leftovers()[0]))).width).toBe(40);
  expect(await again()).toBe(0);
  expect(leftovers()).toHaveLength(1);
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(leftovers()).toHaveLength(1);
  expect(await again()).toBe(0);
  expect(readdirSync(results)).toEqual(['out.png']);
  rmSync(results, { recursive: true });
});

it('the command itself: --version, wrong usage, a missing photo', async () => {
  const results = await Promise.all(
    [['--version'], ['--nonsense'], [join(folder, 'nothing.png'), args[1], '-o', args[3]]].map(async (given) => {
      const { texts, ended } = start('src/cli/index.ts', given);
      return { code: (await ended)[0], ...texts };
    }),
  );
  expect(results.map(({ code }) => code)).toEqual([0, 2, 1]);
  expect(results[2].stderr).toMatch(/nothing\.png: file-read: /);
});

for (const backend of ['wasm', 'cpu', 'tensorflow']) {
  it(`fills a real hole on ${backend}`, async () => {
    const stripes = noise(96, 64, 3);
    for (let i = 0; i < stripes.data.length; i++) stripes.data[i] = 60 + 15 * (Math.floor(i / 3 / 96) % 8) + (stripes.data[i] >> 4);
    const hole = { ...noise(96, 64, 1), data: new Uint8Array(96 * 64).map((_, i) => (Math.hypot((i % 96) - 48, i / 96 - 32) < 9 ? 255 : 0)) };
    const [photo, mask, out] = ['photo', 'mask', 'out'].map((name) => join(folder, `${backend}-${name}.png`));
    const painted = { ...stripes, data: stripes.data.map((value, i) => (hole.data[Math.floor(i / 3)] ? [255, 0, 255][i % 3] : value)) };
    writeFileSync(photo, await pipeline(painted).png().toBuffer());
    writeFileSync(mask, await pipeline(hole).png().toBuffer());
    const { texts, ended } = start('src/cli/index.ts', [photo, mask, '-o', out, '--backend', backend, '--grow', '1', '--feather', '2', '--json']);
    expect([(await ended)[0], JSON.parse(texts.stdout.split('\n')[0]).error]).toEqual([0, undefined]);
    const result = await readPicture(out);
    let magenta = 0;
    let changed = 0;
    for (let i = 0; i < 96 * 64; i++) {
      const [red, green, blue] = result.data.subarray(3 * i);
      if (red > 220 && green < 60 && blue > 220) magenta++;
      const far = Math.hypot((i % 96) - 48, i / 96 - 32) > 16;
      if (far && (red !== painted.data[3 * i] || green !== painted.data[3 * i + 1] || blue !== painted.data[3 * i + 2])) changed++;
    }
    expect({ magenta, changed }).toEqual({ magenta: 0, changed: 0 });
  });
}

it.skipIf(!existsSync('/dev/full'))('a report that finds no room is a failure, though the picture is written (no /dev/full)', async () => {
  const full = openSync('/dev/full', 'w');
  const out = join(folder, 'unreported.png');
  const child = spawn(process.execPath, ['--import', tsx, join(repository, 'src/cli/index.ts'), args[0], args[1], '-o', out, '--json'], {
    cwd: repository,
    stdio: ['ignore', full, 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  closeSync(full);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/the report can't be written/)]);
  expect(existsSync(out)).toBe(true);
  rmSync(out);
});
