// What all programs of this example agree on: where Redis is, what the queue is called, and how a picture's job is named.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';

export const QUEUE = process.env.QUEUE ?? 'inpaint';

/** Redis may be away for a while (a restart, a broken cable): commands wait for it, and connecting is tried again, ever more slowly, for good. */
const PATIENT = {
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  retryStrategy: (/** @type {number} */ times) => Math.min(100 * times, 5000),
};

/** A program that somebody waits for gives up after some seconds instead. */
const IMPATIENT = { maxRetriesPerRequest: 3, retryStrategy: (/** @type {number} */ times) => Math.min(100 * times, 1000) };

/**
 * Connects to the Redis that REDIS_URL names.
 * @param {{ patient: boolean }} options whether to wait for Redis as long as it takes
 */
export function connect({ patient }) {
  const connection = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', patient ? PATIENT : IMPATIENT);
  let reachable = true;
  connection.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
    // ioredis reports every attempt; one line says it.
    if (reachable) console.error(`Redis: ${error.message || error.code}${patient ? ', waiting for it' : ''}`);
    reachable = false;
  });
  connection.on('ready', () => {
    if (!reachable) console.error('Redis: connected again');
    reachable = true;
  });
  return connection;
}

/**
 * A job's id is made of the files' names and contents: the same picture is never queued twice, and one that was changed or repaired is a new job.
 * @param {string} name the photo's name in the folder
 * @param {string} photo path
 * @param {string} mask path
 */
export async function jobId(name, photo, mask) {
  const hash = createHash('sha256').update(name).update('\0');
  hash.update(
    createHash('sha256')
      .update(await readFile(photo))
      .digest(),
  );
  return hash.update(await readFile(mask)).digest('hex');
}
