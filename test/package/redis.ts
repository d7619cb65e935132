import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';

/** Finds a Redis server: the one named by REDIS_SERVER, the machine's, or Debian's by apt; undefined where none is to be had. */
export function findRedis(): string | undefined {
  const installed = () => [process.env.REDIS_SERVER, '/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((path) => path && existsSync(path));
  if (!installed() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('installing redis-server by apt-get');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (args: string[]) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
    if (apt(['update', '-qq'])) apt(['install', '-y', '-qq', '--no-install-recommends', 'redis-server']);
  }
  return installed();
}

/** A port that nobody listens at. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

/** Starts a Redis server of our own, with its append-only file in a folder, and waits until it listens. */
export async function startRedis(path: string, port: number, folder: string): Promise<ChildProcess> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', '', '--daemonize', 'no'];
  const redis = spawn(path, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((ready, fail) => {
    redis.stdout!.setEncoding('utf8').on('data', (text: string) => /Ready to accept connections/.test(text) && ready());
    redis.on('exit', (code) => fail(new Error(`redis-server ended with ${code}`)));
  });
  return redis;
}
