import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commandsOf, installExamples } from './example-projects';

let project: string;
let photo: Buffer;
let mask: Buffer;
/** Takes seconds, ten times as long as the small one: a hole of two thirds of a large picture. */
let large: { photo: Buffer; mask: Buffer };

/** A picture of noise, and a mask of a disc in its middle. */
async function pair(width: number, height: number, radius: number) {
  const noise = { create: { width, height, channels: 3 as const, background: 'grey', noise: { type: 'gaussian' as const, mean: 128, sigma: 40 } } };
  const disc = Buffer.from(`<svg width="${width}" height="${height}"><circle cx="${width / 2}" cy="${height / 2}" r="${radius}" fill="white"/></svg>`);
  const black = sharp({ create: { width, height, channels: 3, background: 'black' } });
  return {
    photo: await sharp(noise).png().toBuffer(),
    mask: await black
      .composite([{ input: disc }])
      .png()
      .toBuffer(),
  };
}

beforeAll(async () => {
  project = join(installExamples(['express-endpoint']), 'express-endpoint');
  ({ photo, mask } = await pair(96, 80, 8));
  large = await pair(1400, 1200, 590);
});
afterAll(() => {
  if (project) rmSync(join(project, '..'), { recursive: true, force: true });
});

/** A server at work. */
interface Server {
  child: ChildProcess;
  url: string;
  log: { status?: number; code?: string; stopped?: boolean; listening?: number; process?: number; ready?: boolean; ended?: string }[];
  /** Where it keeps uploads and results. */
  folder: string;
}
let servers: Server[] = [];
afterEach(() => {
  for (const { child } of servers) child.kill('SIGKILL');
  servers = [];
});

async function start(env: Record<string, string> = {}): Promise<Server> {
  const [, program] = commandsOf('express-endpoint')[0]!.split(' ');
  const folder = env.WORK_FOLDER ?? join(project, `work-${servers.length}`);
  const environment = { ...process.env, PORT: '0', WORK_FOLDER: folder, ...env };
  const child = spawn(process.execPath, [program!], { cwd: project, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const server: Server = { child, url: '', log: [], folder };
  servers.push(server);
  let rest = '';
  await new Promise<void>((ready, fail) => {
    child.on('exit', (code) => fail(new Error(`the server ended with ${code}`)));
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      server.log.push(...lines.map((line) => JSON.parse(line)));
      const listening = server.log.find((line) => line.listening)?.listening;
      if (listening) server.url = `http://127.0.0.1:${listening}`;
      if (listening) ready();
    });
  });
  return server;
}

function form(files: Record<string, Uint8Array | string | undefined>): FormData {
  const body = new FormData();
  for (const [name, file] of Object.entries(files)) {
    if (typeof file === 'string') body.set(name, file);
    else if (file) body.set(name, new Blob([new Uint8Array(file)]), `${name}.png`);
  }
  return body;
}
const post = ({ url }: Server, files: Parameters<typeof form>[0], signal?: AbortSignal) =>
  fetch(`${url}/inpaint`, { method: 'POST', body: form(files), signal });
const health = async ({ url }: Server) => (await fetch(`${url}/health`)).json() as Promise<{ status: string; load: number; room: number; uploads: number }>;
const IDLE = { status: 'ok', load: 0, room: 5, uploads: 0 };

/** Starts an upload that brings some bytes of its photo now, and so many more every 100 ms. */
function drip({ url }: Server, localAddress = '127.0.0.1', bytes = 1): ClientRequest {
  const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 10_000_000 };
  const upload = request(`${url}/inpaint`, { method: 'POST', headers, localAddress, agent: false });
  upload.write('--x\r\ncontent-disposition: form-data; name="photo"; filename="a.png"\r\n\r\nhalf of');
  const more = setInterval(() => upload.write(Buffer.alloc(bytes)), 100);
  upload.on('error', () => undefined).on('close', () => clearInterval(more));
  return upload;
}

const answerOf = (upload: ClientRequest) =>
  new Promise<{ status: number; code: string; sniff: unknown }>((done) => {
    upload.on('response', async (response) => {
      let body = '';
      for await (const text of response.setEncoding('utf8')) body += text;
      done({ status: response.statusCode!, code: JSON.parse(body).code, sniff: response.headers['x-content-type-options'] });
    });
  });

/** On a busy machine even a small picture may take longer than a short limit, as long as the process is cold. */
const fillsInTime = (server: Server) => until(async () => (await post(server, { photo, mask })).status === 200, 60);

/** The names of all files in a server's work folder. */
function leftIn(server: Server): string[] {
  try {
    return readdirSync(server.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.name.startsWith('request-'))
      .map(({ name }) => name);
  } catch (error) {
    // A request's folder that goes while it is read.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(server.folder)) return leftIn(server);
    throw error;
  }
}

/** The process that fills, once it is ready. */
const worker = ({ log }: Server): number | undefined => log.filter(({ ready }) => ready).at(-1)?.process;

const untilLoad = (server: Server, load: number) => until(async () => (await health(server)).load === load);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie has no one to wait for it where the first process of a container does not.
  return !existsSync(`/proc/${pid}/stat`) || stateOf(pid) !== 'Z';
}

const stateOf = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '')[0]!;

/** A server's children and their states, on Linux: Z is a zombie. */
const childrenOf = ({ child: { pid } }: Server) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map((child) => ({ pid: Number(child), state: stateOf(Number(child)) }));

async function until(condition: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  const end = Date.now() + 1000 * seconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${condition}`);
    await new Promise((again) => setTimeout(again, 20));
  }
}

/** What every answer must carry. */
function expectHeaders(headers: Headers): void {
  expect(Object.fromEntries(['x-content-type-options', 'content-security-policy', 'cache-control'].map((name) => [name, headers.get(name)]))).toEqual({
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
  });
  for (const name of ['x-powered-by', 'etag', 'last-modified', 'accept-ranges']) expect(headers.get(name)).toBe(null);
}

/** Expects an error of a status and code, with a message. */
async function expectError(response: Response, status: number, code: string): Promise<void> {
  expectHeaders(response.headers);
  const body = await response.json();
  expect({ status: response.status, code: body.code }).toEqual({ status, code });
  expect(body.message).toMatch(/\w/);
  expect(body.message).not.toMatch(/work-\d|request-/);
  if (status === 503 || status === 429) expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
}

async function expectFilled(response: Response): Promise<void> {
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
  expectHeaders(response.headers);
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="filled.png"');
  const { data, info } = await sharp(Buffer.from(await response.arrayBuffer()))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const before = await sharp(photo).raw().toBuffer();
  expect([info.width, info.height]).toEqual([96, 80]);
  let changed = 0;
  for (let i = 0; i < data.length; i++) {
    const distance = Math.hypot((Math.floor(i / 3) % 96) - 48, Math.floor(i / 3 / 96) - 40);
    if (distance > 14) expect(data[i]).toBe(before[i]);
    else if (distance < 7 && data[i] !== before[i]) changed++;
  }
  expect(changed).toBeGreaterThan(200);
}

describe('express-endpoint', () => {
  it('fills, alone and two at once; answers meanwhile; refuses what is wrong with a status for each', async () => {
    const server = await start({ MAX_MEGAPIXELS: '2', MAX_FILE_MB: '10' });
    expect(await health(server)).toEqual(IDLE);
    await expectFilled(await post(server, { photo, mask }));
    for (const response of await Promise.all([post(server, { photo, mask }), post(server, { photo, mask, hole: 'white' })])) await expectFilled(response);

    // JPEG in, JPEG out.
    const jpeg = await post(server, { photo: await sharp(photo).jpeg().toBuffer(), mask });
    expect([jpeg.status, jpeg.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(jpeg.headers.get('content-disposition')).toBe('attachment; filename="filled.jpg"');
    expectHeaders((await fetch(`${server.url}/health`)).headers);

    await expectError(await post(server, { photo }), 400, 'form');
    await expectError(await post(server, { photo, mask, other: mask }), 400, 'form');
    await expectError(await post(server, { photo, mask, hole: 'pink' }), 400, 'argument');
    await expectError(await fetch(`${server.url}/inpaint`, { method: 'POST', headers: { 'content-type': 'multipart/form-data' }, body: 'x' }), 400, 'form');
    await expectError(await fetch(`${server.url}/inpaint`, { method: 'POST', body: '{}' }), 415, 'format');
    await expectError(await post(server, { photo: Buffer.from('not a picture'), mask }), 415, 'format');
    await expectError(await post(server, { photo: photo.subarray(0, photo.length / 2), mask }), 422, 'damaged');
    await expectError(await post(server, { photo, mask: large.mask }), 422, 'mask-size');
    const white = await sharp({ create: { width: 96, height: 80, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    await expectError(await post(server, { photo, mask: white }), 422, 'mask-full');
    const many = await sharp({ create: { width: 1500, height: 1400, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    expect(many.length).toBeLessThan(100_000);
    await expectError(await post(server, { photo: many, mask }), 413, 'pixel-limit');
    await expectError(await post(server, { photo: Buffer.alloc(10_000_001), mask }), 413, 'upload-limit');
    await expectError(await post(server, { photo: Buffer.alloc(12_000_000), mask: Buffer.alloc(12_000_000) }), 413, 'upload-limit');
    await expectError(await fetch(`${server.url}/elsewhere`), 404, 'not-found');
    // After all this it still works, and has given back every place.
    await expectFilled(await post(server, { photo, mask }));
    expect(await health(server)).toEqual(IDLE);
    await until(() => leftIn(server).length === 0);
    expect(server.log.filter(({ ended }) => ended)).toEqual([]);
  });

  it('a flood: as many as there is room for are filled, the others told to come again, and the health check answers at once', async () => {
    const server = await start({ MAX_WAITING: '2', MAX_UPLOADS_PER_CLIENT: '12' });
    const all = Array.from({ length: 12 }, () => post(server, { photo, mask }));
    const began = performance.now();
    expect((await health(server)).load).toBeLessThanOrEqual(3);
    expect(performance.now() - began).toBeLessThan(1000);
    const responses = await Promise.all(all);
    const filled = responses.filter(({ status }) => status === 200);
    expect(filled.length).toBeGreaterThanOrEqual(3);
    expect(filled.length).toBeLessThan(12);
    for (const response of responses) {
      if (response.status === 200) await expectFilled(response);
      else await expectError(response, 503, 'busy');
    }
    expect(await health(server)).toEqual({ ...IDLE, room: 3 });
  });

  it('a client that goes away aborts its picture, the one at work and one that waits, and the next is filled', async () => {
    const server = await start();
    const [first, second] = [new AbortController(), new AbortController()];
    const gone = [post(server, large, first.signal), post(server, large, second.signal)].map((answer) => expect(answer).rejects.toThrow(/abort/i));
    await until(async () => (await health(server)).load === 2);
    await new Promise((working) => setTimeout(working, 500));
    second.abort();
    await until(async () => (await health(server)).load === 1);
    first.abort();
    await Promise.all(gone);
    await until(async () => (await health(server)).load === 0, 10);
    expect(server.log.filter(({ status }) => status === 499).length).toBe(2);
    await expectFilled(await post(server, { photo, mask }));
  });

  it('a client that goes away in the middle of its upload leaves nothing behind', async () => {
    const server = await start();
    const upload = drip(server);
    await until(async () => (await health(server)).uploads === 1 && leftIn(server).includes('photo'));
    upload.destroy();
    await until(async () => (await health(server)).uploads === 0 && leftIn(server).length === 0);
    await expectFilled(await post(server, { photo, mask }));
  });

  it('uploads that drip in take no place: others are served meanwhile', async () => {
    const server = await start({ MIN_UPLOAD_KB_PER_SECOND: '0.001' });
    // More than there are places, from two addresses besides the proper client's.
    const drips = Array.from({ length: 12 }, (_, n) => drip(server, `127.0.0.${2 + (n % 2)}`));
    await until(async () => (await health(server)).uploads === 12);
    expect(await health(server)).toMatchObject({ load: 0, room: 5 });
    for (let n = 0; n < 3; n++) await expectFilled(await post(server, { photo, mask }));
    // What one address has too many of is told to that one alone.
    const many = Array.from({ length: 9 }, () => drip(server, '127.0.0.2'));
    expect(await Promise.race(many.map(answerOf))).toMatchObject({ status: 429, code: 'too-many-uploads' });
    await expectFilled(await post(server, { photo, mask }));
    expect((await health(server)).uploads).toBeGreaterThanOrEqual(12);
    for (const upload of [...drips, ...many]) upload.destroy();
    await until(async () => (await health(server)).uploads === 0 && leftIn(server).length === 0);
  });

  it('uploads that drip in are ended, and leave nothing behind', async () => {
    const server = await start();
    const answers = Array.from({ length: 5 }, () => answerOf(drip(server)));
    for (const answer of await Promise.all(answers)) expect(answer).toEqual({ status: 408, code: 'upload-slow', sniff: 'nosniff' });
    await until(async () => (await health(server)).uploads === 0 && leftIn(server).length === 0);
  });

  it('an upload that is fast enough and does not come to an end is ended', async () => {
    const server = await start({ MAX_UPLOAD_SECONDS: '1' });
    expect(await answerOf(drip(server, '127.0.0.1', 20_000))).toEqual({ status: 408, code: 'upload-slow', sniff: 'nosniff' });
    await until(async () => (await health(server)).uploads === 0 && leftIn(server).length === 0);
  });

  it('what is no request, and headers that do not come to an end, get an answer and lose their connection', async () => {
    const server = await start({ MAX_HEADER_SECONDS: '1' });
    const talk = (words: string) =>
      new Promise<string>((done) => {
        let heard = '';
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(words));
        socket.setEncoding('utf8').on('data', (text: string) => {
          heard += text;
        });
        socket.on('error', () => undefined).on('close', () => done(heard));
      });
    expect(await talk('no request\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*X-Content-Type-Options: nosniff[\s\S]*\r\n\r\n\{"code":"form"/);
    expect(await talk('POST /inpaint HTTP/1.1\r\nHost: here\r\n')).toMatch(/^HTTP\/1\.1 408 [\s\S]*nosniff[\s\S]*\r\n\r\n\{"code":"upload-slow"/);
    await expectFilled(await post(server, { photo, mask }));
  });

  it('a picture that takes too long is given up, and the next is filled', async () => {
    const server = await start({ MAX_SECONDS: '2.5' });
    await expectError(await post(server, large), 503, 'time-limit');
    await fillsInTime(server);
    expect(server.log.filter(({ ended }) => ended)).toEqual([]);
  });

  it('SIGTERM: what is in hand is finished, nothing new is taken, and the process ends', async () => {
    const server = await start({ GRACE_SECONDS: '100', MAX_SECONDS: '100' });
    const inHand = post(server, await pair(400, 300, 100));
    await until(async () => (await health(server)).load === 1);
    server.child.kill('SIGTERM');
    await until(
      () =>
        fetch(`${server.url}/health`).then(
          () => false,
          () => true,
        ),
      10,
    );
    const response = await inHand;
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
    if (server.child.exitCode === null) await once(server.child, 'exit');
    expect(server.child.exitCode).toBe(0);
    expect(server.log.at(-1)).toEqual({ stopped: true });
  });

  it('SIGTERM: what takes too long then is given up with 503', async () => {
    const server = await start({ GRACE_SECONDS: '0.3' });
    const inHand = post(server, large);
    await until(async () => (await health(server)).load === 1);
    server.child.kill('SIGTERM');
    await expectError(await inHand, 503, 'aborted');
    if (server.child.exitCode === null) await once(server.child, 'exit');
    expect(server.child.exitCode).toBe(0);
  });

  it('a process that is killed in the middle of a fill takes its picture along, and nothing else', async () => {
    const server = await start({ MAX_SECONDS: '100' });
    await expectFilled(await post(server, { photo, mask }));
    const first = worker(server)!;
    const [doomed, waiting] = [post(server, large), untilLoad(server, 1).then(() => post(server, { photo, mask }))];
    await untilLoad(server, 2);
    await new Promise((working) => setTimeout(working, 500));
    process.kill(first, 'SIGKILL');
    await expectError(await doomed, 503, 'process-died');
    await expectFilled(await waiting);
    expect(await health(server)).toEqual(IDLE);
    expect(server.log.filter(({ ended }) => ended)).toEqual([{ process: first, ended: 'SIGKILL' }]);
    expect(worker(server)).not.toBe(first);
    if (process.platform === 'linux') expect(childrenOf(server)).toEqual([{ pid: worker(server), state: expect.stringMatching(/^[RS]$/) }]);
    await until(() => leftIn(server).length === 0);
  });

  it('so does one that V8 ends by a fatal error, again and again', async () => {
    // Told so by a file, the process fills its heap with what can't be freed: what a fault of any library may do.
    const [hook, wish] = [join(project, 'hoard.mjs'), join(project, 'hoard-now')];
    writeFileSync(
      hook,
      `import { existsSync } from 'node:fs';
      const hoard = [];
      if (process.send) process.on('message', () => { while (existsSync(${JSON.stringify(wish)})) hoard.push(new Array(1e5).fill({})); });`,
    );
    const server = await start({ NODE_OPTIONS: `--import ${pathToFileURL(hook)}`, MAX_HEAP_MB: '100' });
    await expectFilled(await post(server, { photo, mask }));
    for (let n = 1; n <= 2; n++) {
      writeFileSync(wish, '');
      await expectError(await post(server, { photo, mask }), 503, 'process-died');
      rmSync(wish);
      expect((await health(server)).status).toBe('ok');
      await expectFilled(await post(server, { photo, mask }));
      expect(server.log.filter(({ ended }) => ended).length).toBe(n);
    }
    expect(server.log.filter(({ ended }) => ended).map(({ ended }) => ended)).toEqual([expect.stringMatching(/^SIG(ABRT|TRAP|ILL)$/), expect.anything()]);
    if (process.platform === 'linux') expect(childrenOf(server).length).toBe(1);
    await until(() => leftIn(server).length === 0);
  });

  it.skipIf(process.platform !== 'linux')('so does one that needs more memory than it may have (elsewhere than on Linux there is no limit)', async () => {
    const server = await start({ MAX_MEMORY_MB: '400', MAX_MEGAPIXELS: '70' });
    await expectFilled(await post(server, { photo, mask }));
    const [width, height] = [8200, 8200];
    const grey = { width, height, channels: 3 as const, background: 'grey' };
    const huge = await sharp({ create: grey }).png().toBuffer();
    const spot = { create: { width: 40, height: 40, channels: 3 as const, background: 'white' } };
    const marks = await sharp({ create: { ...grey, background: 'black' } })
      .composite([{ input: await sharp(spot).png().toBuffer(), left: 4000, top: 4000 }])
      .png()
      .toBuffer();
    const response = await post(server, { photo: huge, mask: marks });
    // Which one depends on where memory ran out.
    expect(['out-of-memory', 'process-died']).toContain((await response.clone().json()).code);
    expectHeaders(response.headers);
    await expectFilled(await post(server, { photo, mask }));
    expect(await health(server)).toEqual(IDLE);
    await until(() => leftIn(server).length === 0);
  });

  it('a picture whose process does not even stop is killed with it', async () => {
    // Deaf to all but its memory: as native code in a long loop is.
    const [hook, wish] = [join(project, 'deaf.mjs'), join(project, 'deaf-now')];
    writeFileSync(
      hook,
      `import { existsSync } from 'node:fs';
      if (process.send) process.on('message', () => { while (existsSync(${JSON.stringify(wish)})); });`,
    );
    const server = await start({ NODE_OPTIONS: `--import ${pathToFileURL(hook)}`, MAX_SECONDS: '2.5' });
    writeFileSync(wish, '');
    await expectError(await post(server, { photo, mask }), 503, 'time-limit');
    rmSync(wish);
    expect(server.log.filter(({ ended }) => ended).map(({ ended }) => ended)).toEqual(['SIGKILL']);
    await fillsInTime(server);
  });

  it('a server that is killed takes its process along; the next one removes what it left, and nothing of one that lives', async () => {
    const folder = join(project, 'work-shared');
    const [doomed, other] = [await start({ WORK_FOLDER: folder }), await start({ WORK_FOLDER: folder })];
    await until(() => worker(doomed) !== undefined);
    const lost = post(doomed, large).catch(() => 'lost');
    await untilLoad(doomed, 1);
    const client = new AbortController();
    const kept = post(other, large, client.signal).catch(() => 'aborted');
    await untilLoad(other, 1);
    const orphan = worker(doomed)!;
    doomed.child.kill('SIGKILL');
    expect(await lost).toBe('lost');
    await until(() => !isAlive(orphan));
    expect(leftIn(doomed).filter((name) => name === 'photo').length).toBe(2);
    // Of somebody else, whatever it is called.
    mkdirSync(join(folder, 'cra-inpaint-endpoint-elsewhere-1-abcdef'));
    const next = await start({ WORK_FOLDER: folder });
    expect(leftIn(doomed).filter((name) => name === 'photo').length).toBe(1);
    expect(existsSync(join(folder, 'cra-inpaint-endpoint-elsewhere-1-abcdef'))).toBe(true);
    await expectFilled(await post(next, { photo, mask }));
    client.abort();
    expect(await kept).toBe('aborted');
    await until(() => leftIn(doomed).length === 0);
  });
});

it('the README tells of every limit', () => {
  const names = [...readFileSync(resolve('examples/express-endpoint/limits.js'), 'utf8').matchAll(/number\('(\w+)', ([\d.]+)\)/g)].map(
    (match) => `\`${match[1]}\` (${match[2]})`,
  );
  const readme = readFileSync(resolve('examples/express-endpoint/README.md'), 'utf8');
  expect(names.length).toBe(12);
  expect(names.filter((name) => !readme.includes(name))).toEqual([]);
});
