import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readWeights } from '../../../src/io/weights';
import { browserCache } from '../../../src/io/weights/cache';
import { expectCode, temporaryFolder } from '../support';
import { described, expected, fixture } from './support';

const home = temporaryFolder();
const bytes = fixture('tensors.safetensors');
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const binary = { 'content-type': 'application/octet-stream' };

// Every path is answered by a function of its own.
let requests: string[] = [];
const answers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
const server = createServer((request, response) => {
  requests.push(request.url!);
  const answer = answers.get(request.url!.split('?')[0]);
  if (answer) answer(request, response);
  else response.writeHead(404, { 'content-type': 'text/html' }).end('<html>not here</html>');
});
let base = '';
const listen = (port = 0) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
const close = () =>
  new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  });
beforeAll(async () => {
  await listen();
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(close);

let cache = '';
beforeEach(() => {
  requests = [];
  answers.clear();
  cache = mkdtempSync(join(home, 'cache-'));
});
const serve = (path: string, content: Uint8Array | string, headers: Record<string, string> = binary) =>
  answers.set(path, (_, response) => response.writeHead(200, { 'content-length': String(content.length), ...headers }).end(content));
const kept = () => readdirSync(cache);

describe('downloading', () => {
  it('the file is what the server has, by text and by URL', async () => {
    serve('/w.safetensors', bytes);
    for (const source of [`${base}/w.safetensors`, new URL(`${base}/w.safetensors`), `${base.replace('http', 'HTTP')}/w.safetensors`]) {
      expect(described(await readWeights(source, { cache: false }))).toEqual(described(await readWeights(bytes)));
    }
    expect(requests.length).toBe(3);
  });

  it('progress: from nothing to all, never backwards', async () => {
    const large = fixture('tensors.safetensors');
    answers.set('/slow', (_, response) => {
      response.writeHead(200, { ...binary, 'content-length': String(large.length) });
      response.write(large.subarray(0, 700));
      setTimeout(() => response.end(large.subarray(700)), 50);
    });
    const seen: { loaded: number; total: number | undefined }[] = [];
    await readWeights(`${base}/slow`, { cache, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ loaded: 0, total: large.length });
    expect(seen.map(({ loaded }) => loaded)).toContain(700);
    expect(seen.at(-1)).toEqual({ loaded: large.length, total: large.length });
    expect(seen.every(({ loaded }, i) => i === 0 || loaded >= seen[i - 1].loaded)).toBe(true);
  });

  it('without a length, and compressed: total unknown', async () => {
    answers.set('/chunked', (_, response) => response.writeHead(200, binary).end(bytes));
    const packed = gzipSync(bytes);
    serve('/gzip', packed, { ...binary, 'content-encoding': 'gzip' });
    for (const path of ['/chunked', '/gzip']) {
      const totals = new Set<unknown>();
      const file = await readWeights(base + path, { cache: false, onProgress: ({ total }) => totals.add(total) });
      expect(file.tensors.size).toBe(expected.size);
      expect([...totals]).toEqual([undefined]);
    }
  });

  it('a checkpoint: its values from beside its index, the query kept', async () => {
    for (const name of ['sharded.index', 'sharded.data-00000-of-00002', 'sharded.data-00001-of-00002']) serve(`/m/${name}`, fixture(name));
    const seen: number[] = [];
    const file = await readWeights(`${base}/m/sharded.index?token=1`, { cache, onProgress: ({ loaded }) => seen.push(loaded) });
    expect(described(file).get('conv/kernel')).toEqual(expected.get('conv/kernel'));
    expect(requests).toEqual(['index', 'data-00000-of-00002', 'data-00001-of-00002'].map((end) => `/m/sharded.${end}?token=1`));
    expect(seen.at(-1)).toBe(['index', 'data-00000-of-00002', 'data-00001-of-00002'].reduce((sum, end) => sum + fixture(`sharded.${end}`).length, 0));
    // All three are kept.
    await close();
    try {
      expect((await readWeights(`${base}/m/sharded.index?token=1`, { cache })).tensors.size).toBe(file.tensors.size);
    } finally {
      await listen(Number(new URL(base).port));
    }
  });

  it('a checkpoint whose shard is missing there: weights-fetch, and nothing kept', async () => {
    for (const name of ['sharded.index', 'sharded.data-00000-of-00002']) serve(`/m/${name}`, fixture(name));
    const error = await expectCode(readWeights(`${base}/m/sharded.index`, { cache }), 'weights-fetch');
    expect(error.message).toContain('/m/sharded.data-00001-of-00002: the server answers 404');
    expect(kept()).toEqual([]);
  });

  it("the caller's own fetch; data: and blob: URLs", async () => {
    const fetch = vi.fn(async () => new Response(bytes as Uint8Array<ArrayBuffer>));
    expect((await readWeights('https://example.invalid/w', { cache: false, fetch })).tensors.size).toBe(expected.size);
    expect(fetch).toHaveBeenCalledOnce();
    expect((await readWeights(`data:application/octet-stream;base64,${Buffer.from(bytes).toString('base64')}`, { cache })).tensors.size).toBe(expected.size);
    const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
    expect((await readWeights(url, { cache })).tensors.size).toBe(expected.size);
    expect(kept()).toEqual([]);
  });
});

describe('what is refused, and never kept', () => {
  const refused = async (path: string, message: RegExp, options = {}) => {
    const error = await expectCode(readWeights(base + path, { cache, ...options }), 'weights-fetch');
    expect(error.name).toBe('WeightsError');
    expect(error.message).toMatch(message);
    expect(kept()).toEqual([]);
    return error;
  };

  it('an HTTP error', async () => {
    expect(await refused('/missing?token=secret', /\/missing: the server answers 404 Not Found$/)).toMatchObject({ actual: 404 });
    answers.set('/broken', (_, response) => response.writeHead(500).end());
    await refused('/broken', /500/);
  });

  it('a web page: by its type, by its first sign', async () => {
    serve('/page', '<html>please sign in</html>', { 'content-type': 'text/html; charset=utf-8' });
    await refused('/page', /a web page/);
    serve('/typed', bytes, { 'content-type': 'Text/HTML' });
    await refused('/typed', /a web page/);
    serve('/untyped', '\ufeff\n  <!doctype html>', binary);
    await refused('/untyped', /a web page/);
  });

  it('half a file: where the connection breaks off', async () => {
    answers.set('/half', (_, response) => {
      response.writeHead(200, { ...binary, 'content-length': String(bytes.length) });
      response.write(bytes.subarray(0, 600), () => setTimeout(() => response.destroy(), 20));
    });
    const error = await refused('/half', /broke off after 600 bytes/);
    expect(error).toMatchObject({ expected: bytes.length, actual: 600 });
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('more than the limit: as announced, and as it comes without end', async () => {
    serve('/large', bytes, binary);
    expect(await refused('/large', /bytes or more, of at most 1000/, { sizeLimit: 1000 })).toMatchObject({ expected: 1000, actual: bytes.length });
    let sent = 0;
    answers.set('/endless', (_, response) => {
      response.writeHead(200, binary);
      const timer = setInterval(() => {
        sent += 600;
        response.write(new Uint8Array(600).fill(8));
      }, 1);
      response.on('close', () => clearInterval(timer));
    });
    await refused('/endless', /of at most 5000/, { sizeLimit: 5000 });
    const before = sent;
    await new Promise((resolve) => setTimeout(resolve, 50));
    // The connection is closed, not left to run on.
    expect(sent).toBeLessThan(before + 20_000);
  });

  it('half a file: where it ends as if all were well', async () => {
    const fetch = async () => new Response(bytes.slice(0, 600) as Uint8Array<ArrayBuffer>, { headers: { 'content-length': String(bytes.length) } });
    await refused('/short', new RegExp(`600 of ${bytes.length} bytes came`), { fetch });
    // Without a length the format tells.
    answers.set('/chunked', (_, response) => response.writeHead(200, binary).end(bytes.subarray(0, 600)));
    await expectCode(readWeights(`${base}/chunked`, { cache }), 'weights-damaged');
    expect(kept()).toEqual([]);
  });

  it('another SHA-256', async () => {
    serve('/w', bytes);
    const wrong = '0'.repeat(64);
    expect(await refused('/w', /SHA-256 is/, { sha256: wrong })).toMatchObject({ expected: wrong, actual: sha256(bytes) });
  });

  it('a pointer of Git LFS, an empty file: weights-format', async () => {
    serve('/lfs', 'version https://git-lfs.github.com/spec/v1\n', { 'content-type': 'text/plain' });
    const error = await expectCode(readWeights(`${base}/lfs`, { cache }), 'weights-format');
    expect(error.message).toMatch(/\/lfs: this is a Git LFS pointer/);
    serve('/empty', '');
    await expectCode(readWeights(`${base}/empty`, { cache }), 'weights-format');
    expect(kept()).toEqual([]);
  });

  it('nobody there', async () => {
    const error = await expectCode(readWeights('http://127.0.0.1:1/w?token=secret', { cache }), 'weights-fetch');
    expect(error.message).toMatch(/^http:\/\/127\.0\.0\.1:1\/w: can't be fetched: /);
    expect(error.message).not.toContain('secret');
    expect(error.cause).toBeInstanceOf(Error);
  });
});

describe('aborting', () => {
  const stalled = () => {
    const gone = new Promise<void>((resolve) => {
      answers.set('/stalled', (_, response) => {
        response.writeHead(200, { ...binary, 'content-length': String(bytes.length) });
        response.write(bytes.subarray(0, 600));
        response.on('close', resolve);
      });
    });
    return gone;
  };

  it('in the middle of a download: aborted, the connection closed, nothing kept', async () => {
    const gone = stalled();
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = ({ loaded }: { loaded: number }) => loaded > 0 && controller.abort(reason);
    const error = await expectCode(readWeights(`${base}/stalled`, { cache, signal: controller.signal, onProgress }), 'aborted');
    expect(error).toMatchObject({ name: 'AbortError', cause: reason });
    await gone;
    expect(kept()).toEqual([]);
  });

  it('before the server answers', async () => {
    const controller = new AbortController();
    answers.set('/silent', () => controller.abort());
    await expectCode(readWeights(`${base}/silent`, { cache, signal: controller.signal }), 'aborted');
  });

  it('a callback that throws ends the download', async () => {
    const gone = stalled();
    const onProgress = ({ loaded }: { loaded: number }) => {
      if (loaded > 0) throw new Error('no more');
    };
    await expect(readWeights(`${base}/stalled`, { cache, onProgress })).rejects.toThrow('no more');
    await gone;
  });
});

describe('the cache', () => {
  it('a second reading makes no request, even with the server down', async () => {
    serve('/w', bytes);
    const first = await readWeights(`${base}/w`, { cache });
    expect(kept().length).toBe(1);
    const seen: unknown[] = [];
    const second = await readWeights(`${base}/w#part`, { cache, onProgress: (progress) => seen.push(progress) });
    expect(requests).toEqual(['/w']);
    expect(seen).toEqual([{ loaded: bytes.length, total: bytes.length }]);
    expect(described(second)).toEqual(described(first));
    await close();
    try {
      expect(described(await readWeights(`${base}/w`, { cache }))).toEqual(described(first));
    } finally {
      await listen(Number(new URL(base).port));
    }
  });

  it('what a killed process has left goes after an hour; what may still be written, and what is not ours, stays', async () => {
    const put = (name: string, hours: number) => {
      writeFileSync(join(cache, name), 'half');
      const time = Date.now() / 1000 - hours * 3600;
      utimesSync(join(cache, name), time, time);
      return name;
    };
    const stay = [put(`${'a'.repeat(64)}.17.x1y2.tmp`, 0.9), put('mine.17.x1y2.tmp', 9), put('b'.repeat(64), 9)];
    put(`${'c'.repeat(64)}.17.x1y2.tmp`, 1.1);
    serve('/w', bytes);
    await readWeights(`${base}/w`, { cache });
    const entry = kept().filter((name) => !stay.includes(name));
    expect(entry).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(kept()).toHaveLength(4);
  });

  it('another query or SHA-256 is another entry; the same SHA-256 is not asked for twice', async () => {
    serve('/w', bytes);
    await readWeights(`${base}/w`, { cache });
    await readWeights(`${base}/w?v=2`, { cache });
    await readWeights(`${base}/w`, { cache, sha256: sha256(bytes) });
    expect(requests.length).toBe(3);
    await readWeights(`${base}/w`, { cache, sha256: sha256(bytes).toUpperCase() });
    expect(requests.length).toBe(3);
    expect(kept().length).toBe(3);
  });

  it.each<[string, (content: Buffer) => Uint8Array]>([
    ['with a changed byte', (content) => content.map((byte, i) => (i === 100 ? byte ^ 1 : byte))],
    ['cut short', (content) => content.subarray(0, -100)],
    ['cut to almost nothing', (content) => content.subarray(0, 10)],
    ['empty', () => new Uint8Array(0)],
    ['longer', (content) => Buffer.concat([content, Buffer.alloc(9)])],
  ])('an entry %s is fetched anew, with a SHA-256 or without', async (_, damage) => {
    serve('/w', bytes);
    for (const options of [{ cache }, { cache, sha256: sha256(bytes) }]) {
      await readWeights(`${base}/w`, options);
      for (const name of kept()) writeFileSync(join(cache, name), damage(readFileSync(join(cache, name))));
      requests = [];
      expect((await readWeights(`${base}/w`, options)).tensors.size).toBe(expected.size);
      expect(requests).toEqual(['/w']);
      await readWeights(`${base}/w`, options);
      expect(requests).toEqual(['/w']);
    }
  });

  it('an entry whose digest was changed along with it is no match for a SHA-256', async () => {
    serve('/w', bytes);
    const options = { cache, sha256: sha256(bytes) };
    await readWeights(`${base}/w`, options);
    const other = fixture('raw.onnx');
    for (const name of kept()) writeFileSync(join(cache, name), sha256(other) + Buffer.from(other).toString('latin1'), 'latin1');
    expect((await readWeights(`${base}/w`, options)).format).toBe('safetensors');
  });

  it('false: neither read nor written', async () => {
    serve('/w', bytes);
    await readWeights(`${base}/w`, { cache });
    await readWeights(`${base}/w`, { cache: false });
    expect(requests.length).toBe(2);
  });

  it('by default under XDG_CACHE_HOME', async () => {
    serve('/w', bytes);
    vi.stubEnv('XDG_CACHE_HOME', cache);
    try {
      await readWeights(`${base}/w`);
      await readWeights(`${base}/w`);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(requests.length).toBe(1);
    expect(readdirSync(join(cache, 'cra-inpaint')).length).toBe(1);
  });

  it('else under the home folder', async () => {
    serve('/w', bytes);
    vi.stubEnv('XDG_CACHE_HOME', 'relative/and/so/ignored');
    vi.stubEnv('HOME', cache);
    try {
      await readWeights(`${base}/w`);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(readdirSync(join(cache, '.cache', 'cra-inpaint')).length).toBe(1);
  });

  it('a folder that can not be written is no reason to fail', async () => {
    serve('/w', bytes);
    const file = join(cache, 'file');
    writeFileSync(file, 'x');
    expect((await readWeights(`${base}/w`, { cache: file })).tensors.size).toBe(expected.size);
    expect(readFileSync(file, 'utf8')).toBe('x');
  });

  it('many readers at once leave one whole entry', async () => {
    serve('/w', bytes);
    await Promise.all(Array.from({ length: 8 }, () => readWeights(`${base}/w`, { cache })));
    expect(kept().length).toBe(1);
    requests = [];
    await readWeights(`${base}/w`, { cache });
    expect(requests).toEqual([]);
  });
});

describe('the cache of a browser', () => {
  /** As much of the Cache API as is used, over a map. */
  const storage = (entries: Map<string, Response>, full = false) =>
    ({
      open: async (name: string) => ({
        match: async (key: string) => entries.get(`${name} ${key}`)?.clone(),
        put: async (key: string, response: Response) => {
          if (full) throw new DOMException('full', 'QuotaExceededError');
          entries.set(`${name} ${key}`, response);
        },
      }),
    }) as unknown as CacheStorage;

  it('keeps, finds, and drops what has changed', async () => {
    const entries = new Map<string, Response>();
    const kept = browserCache('weights', storage(entries));
    expect(await kept.get('a')).toBeUndefined();
    await kept.put('a', bytes);
    expect(await kept.get('a')).toEqual(bytes);
    expect(await kept.get('a', sha256(bytes))).toEqual(bytes);
    expect(await kept.get('a', '0'.repeat(64))).toBeUndefined();
    const [[key, { headers }]] = [...entries];
    entries.set(key, new Response(bytes.slice(1) as Uint8Array<ArrayBuffer>, { headers }));
    expect(await kept.get('a')).toBeUndefined();
  });

  it('a full one is no reason to fail', async () => {
    const kept = browserCache('weights', storage(new Map(), true));
    await kept.put('a', bytes);
    expect(await kept.get('a')).toBeUndefined();
  });
});
