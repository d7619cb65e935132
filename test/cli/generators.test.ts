import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Surroundings } from '../../src/cli/run';
import { inpaint } from '../../src/cra/inpaint';
import type { InpaintOptions } from '../../src/cra/options';
import { deepfillV2 } from '../../src/generators/deepfill-v2';
import { hifill } from '../../src/generators/hifill';
import { hifillNetwork } from '../../src/generators/hifill/network';
import { lamaNetwork } from '../../src/generators/lama/network';
import type { NetworkGenerator } from '../../src/generators/network';
import { partialUnet } from '../../src/generators/partial-unet';
import { readPicture } from '../../src/io/node';
import { readSafetensors } from '../../src/io/weights/safetensors';
import { sha256Of } from '../../src/io/weights/sha256';
import { writeSafetensors } from '../../src/io/weights/write-safetensors';
import { countParameters, weightsOf } from '../../src/layers/layer';
import type { Picture } from '../../src/picture';
import { expectSamePixels, noise, pipeline, temporaryFolder } from '../io/support';
import { seeded } from '../support/values';
import { command } from './command';
import { type Inpaint, inMemory } from './in-memory';

const root = temporaryFolder();
const fresh = () => mkdtempSync(join(root, 'case-'));

// A photo, its hole, and a network that has learnt nothing.
const [WIDTH, HEIGHT] = [72, 60];
const photo = noise(WIDTH, HEIGHT, 3);
const isHole = (x: number, y: number) => Math.hypot(x - 36, y - 30) < 9;
const mask: Picture = {
  width: WIDTH,
  height: HEIGHT,
  channels: 1,
  data: new Uint8Array(WIDTH * HEIGHT).map((_, i) => (isHole(i % WIDTH, Math.floor(i / WIDTH)) ? 255 : 0)),
};
const photoPng = await pipeline(photo).png().toBuffer();
const maskPng = await pipeline(mask).png().toBuffer();
const arrays = Object.fromEntries(
  Object.entries(weightsOf(hifillNetwork().layers)).map(([name, { shape }], n) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return [name, { shape, data: seeded(n, count).map((v) => (shape.length === 1 ? 0 : v * Math.sqrt(3 / (count / shape.at(-1)!)))) }];
  }),
);
const weights = writeSafetensors(arrays, { dtype: 'float16' });
const { 'refine.rgb.bias': bias, ...others } = arrays;
const wrongWeights = writeSafetensors({ ...others, 'refine.hsv.bias': bias! });
const weightsPath = join(root, 'hifill.safetensors');
const wrongPath = join(root, 'wrong.safetensors');
writeFileSync(weightsPath, weights);
writeFileSync(wrongPath, wrongWeights);

/** Two photos with their masks in one folder, and a folder for the results that is not there yet. */
function folder() {
  const photos = fresh();
  for (const name of ['a', 'b']) {
    writeFileSync(join(photos, `${name}.png`), photoPng);
    writeFileSync(join(photos, `${name}-mask.png`), maskPng);
  }
  return { photos, one: join(photos, 'a.png'), mask: join(photos, 'a-mask.png'), out: join(photos, 'out.png'), results: join(photos, 'results') };
}

/** A library and a backend that are not to be used. */
const idle: Surroundings = { fill: () => Promise.reject(new Error('worked')), startBackend: async () => undefined };

const network = ['--generator', 'hifill', '--working-size', '64', '--grow', '0', '--feather', '0'];

// Downloads are kept in a folder of the test's own.
const cacheHome = process.env.XDG_CACHE_HOME;
beforeEach(() => {
  process.env.XDG_CACHE_HOME = fresh();
});
afterAll(() => {
  if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheHome;
});

/** Serves answers on this machine while `f` runs; returns the requests that came. */
async function serving(answer: RequestListener, f: (address: string) => Promise<void>): Promise<string[]> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await f(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return requests;
}

const serveWeights: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': weights.length });
  response.end(weights);
};

describe('a network with its weights', () => {
  it('fills the hole as the library does', { timeout: 60_000 }, async () => {
    const { one, mask: maskPath, out } = folder();
    const { code, stdout, stderr } = await command([one, maskPath, '-o', out, ...network, '--weights', weightsPath, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const [line, { summary }] = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect([line.error, summary.generator]).toEqual([undefined, 'hifill']);
    const generator = hifill(readSafetensors(weights));
    const expected = await inpaint(photo, mask, { generator, workingSize: 64, grow: 0, feather: 0 });
    generator.dispose();
    const result = await readPicture(out);
    expectSamePixels(result.data, expected.data);
    const changed = Array.from(photo.data, (v, i) => (v === result.data[i] ? 0 : 1));
    const inHole = (i: number) => mask.data[Math.floor(i / 3)] === 255;
    expect(changed.some((v, i) => v === 1 && !inHole(i))).toBe(false);
    expect(changed.filter((v, i) => v === 1 && inHole(i)).length).toBeGreaterThan(500);
  });

  it('is asked for by its address once for a folder, with progress, and not again: it is kept', { timeout: 60_000 }, async () => {
    const generators = new Set<unknown>();
    const keeping: Inpaint = async (picture, _, options) => {
      generators.add(options.generator);
      return picture;
    };
    const { photos, results } = folder();
    let bar = '';
    const stderr = { isTTY: true, write: (text: string) => (bar += text), on() {}, removeListener() {}, columns: 200 };
    const requests = await serving(serveWeights, async (address) => {
      const args = [photos, '-o', results, ...network, '--weights', `${address}/hifill.safetensors`, '--sha256', (await sha256Of(weights)).toUpperCase()];
      expect((await command(args, { fill: inMemory(keeping), stderr })).code).toBe(0);
      expect([readdirSync(results).sort(), generators.size]).toEqual([['a.png', 'b.png'], 1]);
      expect((await command(args, { fill: inMemory(keeping) })).code).toBe(0);
    });
    expect(requests).toEqual(['/hifill.safetensors']);
    expect(bar).toContain('hifill.safetensors');
    expect(bar).toMatch(/ of 5\.\d MB/);
    expect(bar).toContain('0/2');
    expect([...generators]).toEqual([expect.objectContaining({ name: 'hifill' }), expect.objectContaining({ name: 'hifill' })]);
  });

  it('partial-unet takes weights of 8 levels and of 7', async () => {
    const { one, mask: maskPath, out } = folder();
    const given: (number | undefined)[] = [];
    const keeping: Inpaint = async (picture, _, { generator }) => {
      given.push(generator?.multiple);
      return picture;
    };
    const path = join(fresh(), 'unet.safetensors');
    const write = (levels: number, without = '') => {
      const layers = weightsOf(partialUnet(undefined, { levels }).network.layers);
      const zeros = Object.entries(layers).map(([name, { shape }]) => [name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }] as const);
      writeFileSync(path, writeSafetensors(new Map(zeros.filter(([name]) => name !== without))));
    };
    for (const levels of [8, 7]) {
      write(levels);
      const result = await command([one, maskPath, '-o', out, '--generator', 'partial-unet', '--weights', path], { fill: inMemory(keeping) });
      expect([result.code, result.stderr]).toEqual([0, '']);
    }
    expect(given).toEqual([256, 128]);
    const wrong = await command([one, maskPath, '-o', out, '--generator', 'partial-unet', '--weights', weightsPath], idle);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('weights-mismatch: partial-unet: ')]);
    // Of seven levels, and not of eight with more missing.
    write(7, 'decode1.bias');
    const incomplete = await command([one, maskPath, '-o', out, '--generator', 'partial-unet', '--weights', path], idle);
    expect(incomplete.stderr).toMatch(/; 1 missing: decode1\.bias\n$/);
  });

  it('lama takes weights of as many blocks as they have, in half precision', async () => {
    const { one, mask: maskPath, out } = folder();
    const given: (number | undefined)[] = [];
    const keeping: Inpaint = async (picture, _, { generator }) => {
      given.push((generator as NetworkGenerator).parameterCount);
      return picture;
    };
    const path = join(fresh(), 'lama.safetensors');
    const { layers } = lamaNetwork({ blocks: 1 });
    const zeros = Object.entries(weightsOf(layers)).map(
      ([name, { shape }]) => [name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }] as const,
    );
    writeFileSync(path, writeSafetensors(new Map(zeros), { dtype: 'float16' }));
    const result = await command([one, maskPath, '-o', out, '--generator', 'lama', '--weights', path], { fill: inMemory(keeping) });
    expect([result.code, result.stderr]).toEqual([0, '']);
    expect(given).toEqual([countParameters(weightsOf(layers))]);
    const wrong = await command([one, maskPath, '-o', out, '--generator', 'lama', '--weights', weightsPath], idle);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('weights-mismatch: lama: ')]);
  });

  it('deepfill-v2 takes weights of either network, and a sketch with the user-guided one', async () => {
    const { photos, one, mask: maskPath, out } = folder();
    const given: [boolean | undefined, unknown][] = [];
    const keeping: Inpaint = async (picture, _, { generator, sketch }) => {
      given.push([generator?.takesSketch, sketch && 'data' in sketch && sketch.data]);
      return picture;
    };
    const path = (sketch: boolean) => {
      const file = join(root, `deepfill-${sketch}.safetensors`);
      const layers = weightsOf(deepfillV2(undefined, { sketch }).network.layers);
      const zeros = Object.entries(layers).map(([name, { shape }]) => [name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }] as const);
      writeFileSync(file, writeSafetensors(new Map(zeros)));
      return file;
    };
    const [plain, guided] = [path(false), path(true)];
    const sketchPath = join(photos, 'lines.png');
    const lines = noise(WIDTH, HEIGHT, 1);
    writeFileSync(sketchPath, await pipeline(lines).png().toBuffer());
    const fillWith = (weightsFile: string, ...more: string[]) =>
      command([one, maskPath, '-o', out, '--generator', 'deepfill-v2', '--weights', weightsFile, ...more], { fill: inMemory(keeping) });
    expect((await fillWith(plain)).code).toBe(0);
    expect((await fillWith(guided)).code).toBe(0);
    expect((await fillWith(guided, '--sketch', sketchPath)).stderr).toBe('');
    expect(given.map(([takes, sketch]) => [takes, sketch && Array.from(sketch as Uint8Array)])).toEqual([
      [false, undefined],
      [true, undefined],
      [true, Array.from(lines.data)],
    ]);
    expect((await fillWith(plain, '--sketch', sketchPath)).stderr).toContain('weights-mismatch');
    const replacing = await fillWith(guided, '--sketch', sketchPath, '-o', sketchPath);
    expect([replacing.code, replacing.stderr]).toEqual([1, expect.stringContaining('file-exists')]);
  });

  it('--detail reaches the library, and without a network it makes its own choice', async () => {
    const { one, mask: maskPath, out } = folder();
    const given: InpaintOptions[] = [];
    const keeping: Inpaint = async (picture, _, options) => {
      given.push(options);
      return picture;
    };
    const surroundings: Surroundings = { startBackend: async () => undefined, fill: inMemory(keeping) };
    await command([one, maskPath, '-o', out], surroundings);
    await command([one, maskPath, '-o', out, '--detail', 'off', '--generator', 'exemplar'], surroundings);
    await command([one, maskPath, '-o', out, '--detail', 'residual'], surroundings);
    expect(given.map(({ detail, generator }) => [detail, generator])).toEqual([
      [true, undefined],
      [false, undefined],
      ['residual', undefined],
    ]);
  });
});

describe('weights that are of no use end the run before the first photo, with one line and 1', () => {
  const failing = async (code: string, ...given: string[]) => {
    const { photos, results } = folder();
    const args = [photos, '-o', results, ...network, ...given];
    const result = await command(args, idle);
    expect(result.stderr).toMatch(new RegExp(`^cra-inpaint: ${code}: [^\n]+\n$`));
    expect([result.code, result.stdout, existsSync(results)]).toEqual([1, '', false]);
    const json = await command([...args, '--json'], idle);
    const { error } = JSON.parse(json.stdout);
    expect([json.code, json.stderr, error.code, result.stderr]).toEqual([1, '', code, `cra-inpaint: ${code}: ${error.message}\n`]);
    return result.stderr;
  };

  it("another network's: what is missing and what is unknown is listed", async () => {
    const { startBackend, ...real } = idle;
    const { photos, results } = folder();
    const { code, stderr } = await command([photos, '-o', results, ...network, '--weights', wrongPath], real);
    expect(stderr).toMatch(/^cra-inpaint: weights-mismatch: hifill: [^\n]*1 missing: refine\.rgb\.bias; 1 unknown: refine\.hsv\.bias\n$/);
    expect([code, existsSync(results)]).toEqual([1, false]);
  });
  it('an address that is none', () => failing('argument', '--weights', 'http://'));
  it('none there', () => failing('file-read', '--weights', join(root, 'nothing.safetensors')));
  it('cut short', async () => {
    const path = join(fresh(), 'short.safetensors');
    writeFileSync(path, weights.subarray(0, -1));
    await failing('weights-damaged', '--weights', path);
  });
  it('no weights at all', async () => {
    const path = join(fresh(), 'weights.safetensors');
    writeFileSync(path, 'These are no weights, but a text that is longer than any header.');
    await failing('weights-format', '--weights', path);
  });
  it('of another SHA-256', async () => {
    const stderr = await failing('weights-damaged', '--weights', weightsPath, '--sha256', '0'.repeat(64));
    expect(stderr).toContain(await sha256Of(weights));
  });
  it('not to be had: another status, a web page, a cut connection; nothing is kept', async () => {
    const answers: Record<string, RequestListener> = {
      '/missing': (_, response) => response.writeHead(404).end('no'),
      '/page': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>Log in'),
      '/short': (_, response) => {
        response.writeHead(200, { 'content-length': weights.length });
        response.write(weights.subarray(0, 1000), () => response.destroy());
      },
    };
    const requests = await serving(
      (request, response) => answers[request.url!]!(request, response),
      async (address) => {
        for (const path of Object.keys(answers)) await failing('weights-fetch', '--weights', address + path);
      },
    );
    expect(requests).toHaveLength(6);
  });
});

it('interrupted while weights are downloaded: 130, nothing written', async () => {
  const { photos, results } = folder();
  const controller = new AbortController();
  const endless: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-length': weights.length });
    response.write(weights.subarray(0, 1000));
    setTimeout(() => controller.abort(), 50);
  };
  await serving(endless, async (address) => {
    const result = await command([photos, '-o', results, ...network, '--weights', `${address}/w`], { ...idle, signal: controller.signal });
    expect(result).toEqual({ code: 130, stdout: '', stderr: 'interrupted: 0 of 2 done\n' });
  });
  expect(existsSync(results)).toBe(false);
});

describe('usage: 2', () => {
  const { one, mask: maskPath, out } = folder();
  mkdirSync(join(root, 'empty'));
  const cases: [string, string[], string][] = [
    [
      'an unknown generator',
      ['--generator', 'zits'],
      '--generator must be one of exemplar, hifill, deepfill-v2, lama, migan, partial-unet, pix2pix, best; got zits',
    ],
    ['a network without weights', ['--generator', 'hifill'], '--generator hifill needs its weights: --weights FILE'],
    ['weights for the best', ['--generator', 'best', '--weights', weightsPath], '--weights is for a network: --generator says which'],
    ['weights without a network', ['--weights', weightsPath], '--weights is for a network: --generator says which'],
    ['a sketch for a network that takes none', [...network, '--weights', weightsPath, '--sketch', maskPath], '--sketch is for --generator deepfill-v2'],
    ['an unknown kind of detail', ['--detail', 'none'], '--detail must be one of on, residual, off; got none'],
    ['a SHA-256 without weights', ['--sha256', '0'.repeat(64)], '--sha256 is for --weights'],
    ['no SHA-256', [...network, '--weights', weightsPath, '--sha256', '0'.repeat(63)], `--sha256 must be 64 hexadecimal digits; got ${'0'.repeat(63)}`],
  ];
  it.each(cases)('%s', async (_, args, message) => {
    expect(await command([one, maskPath, '-o', out, ...args], idle)).toEqual({
      code: 2,
      stdout: '',
      stderr: `cra-inpaint: ${message}\nTry cra-inpaint --help.\n`,
    });
  });
});

it('without a network, neither networks nor readers of weights are loaded', async () => {
  const { metafile } = await build({
    entryPoints: ['src/cli/index.ts'],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: 'unused',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const { outputs } = metafile;
  /** The source files that come with a chunk. */
  const sourcesOf = (chunk: string, seen = new Set<string>()): string[] => {
    if (seen.has(chunk) || !outputs[chunk]) return [];
    seen.add(chunk);
    const behind = outputs[chunk].imports.filter(({ kind }) => kind === 'import-statement').flatMap(({ path }) => sourcesOf(path, seen));
    return [...Object.keys(outputs[chunk].inputs), ...behind];
  };
  const of = (entry: string) => sourcesOf(Object.keys(outputs).find((chunk) => outputs[chunk]!.entryPoint === entry)!);
  const isForNetworks = (file: string) =>
    /^src\/(io\/weights\/(?!catalogue\.ts|shown-url\.ts)|layers|generators\/(?!exemplar|generator\.ts|by-name\.ts|names\.ts))/.test(file);
  expect(of('src/generators/hifill/index.ts').filter(isForNetworks).length).toBeGreaterThan(5);
  const usual = ['src/cli/index.ts', 'src/node/fill-stored.ts'].flatMap(of);
  expect(usual).toContain('src/generators/exemplar/index.ts');
  expect(usual.filter(isForNetworks)).toEqual([]);
});
