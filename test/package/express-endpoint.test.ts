import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commandsOf, installExamples, run } from './example-projects';

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
  log: { status?: number; code?: string; stopped?: boolean }[];
}
let servers: Server[] = [];
afterEach(() => {
  for (const { child } of servers) child.kill('SIGKILL');
  servers = [];
});

async function start(env: Record<string, string> = {}): Promise<Server> {
  const [, program] = commandsOf('express-endpoint')[0]!.split(' ');
  const child = spawn(process.execPath, [program!], { cwd: project, env: { ...process.env, PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const server: Server = { child, url: '', log: [] };
  servers.push(server);
  let rest = '';
  await new Promise<void>((ready, fail) => {
    child.on('exit', (code) => fail(new Error(`the server ended with ${code}`)));
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      server.log.push(...lines.map((line) => JSON.parse(line)));
      const { listening } = (server.log[0] ?? {}) as { listening?: number };
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
const health = async ({ url }: Server) => (await fetch(`${url}/health`)).json() as Promise<{ status: string; load: number; room: number }>;

async function until(condition: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  const end = Date.now() + 1000 * seconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${condition}`);
    await new Promise((again) => setTimeout(again, 20));
  }
}

/** Expects an error of a status and code, with a message. */
async function expectError(response: Response, status: number, code: string): Promise<void> {
  const body = await response.json();
  expect({ status: response.status, code: body.code }).toEqual({ status, code });
  expect(body.message).toMatch(/\w/);
  if (status === 503) expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
}

async function expectFilled(response: Response): Promise<void> {
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
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
    expect(await health(server)).toEqual({ status: 'ok', load: 0, room: 5 });
    await expectFilled(await post(server, { photo, mask }));
    for (const response of await Promise.all([post(server, { photo, mask }), post(server, { photo, mask, hole: 'white' })])) await expectFilled(response);

    // JPEG in, JPEG out.
    const jpeg = await post(server, { photo: await sharp(photo).jpeg().toBuffer(), mask });
    expect([jpeg.status, jpeg.headers.get('content-type')]).toEqual([200, 'image/jpeg']);

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
    expect(await health(server)).toEqual({ status: 'ok', load: 0, room: 5 });
  });

  it('a flood: as many as there is room for are filled, the others told to come again, and the health check answers at once', async () => {
    const server = await start({ MAX_WAITING: '2' });
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
    expect(await health(server)).toEqual({ status: 'ok', load: 0, room: 3 });
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

  it('a client that goes away in the middle of its upload gives back its place', async () => {
    const server = await start();
    const upload = request(`${server.url}/inpaint`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 100_000 },
    });
    upload.on('error', () => undefined);
    upload.write('--x\r\ncontent-disposition: form-data; name="photo"; filename="a.png"\r\n\r\nhalf of');
    await until(async () => (await health(server)).load === 1);
    upload.destroy();
    await until(async () => (await health(server)).load === 0);
    await expectFilled(await post(server, { photo, mask }));
  });

  it('an upload that does not come to an end is ended', async () => {
    const server = await start({ MAX_UPLOAD_SECONDS: '1' });
    const upload = request(`${server.url}/inpaint`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 100_000 },
    });
    const ended = new Promise<string>((done) => {
      upload.on('response', ({ statusCode }) => done(String(statusCode)));
      upload.on('error', (error: NodeJS.ErrnoException) => done(error.code!));
    });
    upload.write('--x\r\n');
    expect(await ended).toMatch(/^(408|ECONNRESET)$/);
    await until(async () => (await health(server)).load === 0);
  });

  it('a picture that takes too long is given up, and the next is filled', async () => {
    const server = await start({ MAX_SECONDS: '2.5' });
    await expectFilled(await post(server, { photo, mask }));
    await expectError(await post(server, large), 503, 'time-limit');
    await expectFilled(await post(server, { photo, mask }));
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

  it('a thread that dies is replaced: its picture fails, the next is filled', async () => {
    // The class itself, with a reach for its thread: a process has no other way to end one of its own from without.
    const script = `
      import worker from 'node:worker_threads';
      import { syncBuiltinESMExports } from 'node:module';
      import { readFileSync } from 'node:fs';
      const threads = [];
      const { Worker } = worker;
      worker.Worker = class extends Worker { constructor(...args) { super(...args); threads.push(this); } };
      syncBuiltinESMExports();
      const { InpaintThread } = await import('./inpaint-thread.js');
      const thread = new InpaintThread({ waiting: 2 });
      const work = { photo: readFileSync('../sample/photo.jpg'), mask: readFileSync('../sample/mask.png'), hole: 'white', pixelLimit: 1e6 };
      const options = { signal: new AbortController().signal, timeLimit: 60_000 };
      const [first, second] = [thread.run(work, options), thread.run(work, options)];
      setTimeout(() => threads[0].terminate(), 1500);
      console.log(await first.then(() => 'filled', (error) => error.code), (await second).format, threads.length);
      await thread.close();`;
    const file = join(project, 'dies.js');
    writeFileSync(file, script);
    expect(await run('node dies.js', project)).toMatchObject({ code: 0, stdout: 'thread-died jpeg 2\n' });
  });
});

it('the README tells of every limit', () => {
  const names = [...readFileSync(resolve('examples/express-endpoint/limits.js'), 'utf8').matchAll(/number\('(\w+)', ([\d.]+)\)/g)].map(
    (match) => `\`${match[1]}\` (${match[2]})`,
  );
  const readme = readFileSync(resolve('examples/express-endpoint/README.md'), 'utf8');
  expect(names.length).toBe(6);
  expect(names.filter((name) => !readme.includes(name))).toEqual([]);
});
