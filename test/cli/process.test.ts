import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { noise, pipeline, temporaryFolder } from '../io/support';

const folder = temporaryFolder();
const repository = join(import.meta.dirname, '../..');
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
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', join(repository, script), ...given], {
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
