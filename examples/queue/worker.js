// Works on the queue's pictures, one at a time; start as many of these as there are cores, on as many hosts as share the folder: node worker.js FOLDER
import { hostname } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { InpaintError } from 'cra-inpaint';
import { fillPicture } from './fill-picture.js';
import { connect, QUEUE } from './queue.js';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node worker.js FOLDER');
const name = `${hostname()}-${process.pid}`;
const log = (/** @type {string} */ event, /** @type {object} */ facts = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), worker: name, event, ...facts }));

// A job whose lock is not renewed in this time is another worker's: its own has died. inpaint() lets timers run every 40 ms, and its
// longest stretches take about a second, so half a minute is ample.
const lockDuration = 1000 * Number(process.env.LOCK_SECONDS ?? 30);
// How long a worker that is told to stop may go on with the picture that it has in hand.
const grace = 1000 * Number(process.env.GRACE_SECONDS ?? 20);

// What would go wrong again with the same files; everything else (memory, a GPU, a share that is away) may go well another time.
const PERMANENT = ['format', 'damaged', 'pixel-limit', 'mask-size', 'mask-full', 'shape', 'argument', 'not-finite'];
// What says something about this host: a worker that meets it rests, so that another host takes the picture when it is tried again.
const HOSTS_OWN = ['out-of-memory', 'device-lost'];
const rest = 1000 * Number(process.env.REST_SECONDS ?? 30);

await tf.setBackend('wasm');
const connection = connect({ patient: true });
let stopping = false;
/** @type {NodeJS.Timeout | undefined} */
let resting;

const worker = new Worker(
  QUEUE,
  async (job, token, signal) => {
    const { photo } = job.data;
    log('began', { photo, attempt: job.attemptsStarted });
    const began = performance.now();
    try {
      const outcome = await fillPicture(folder, job.data, /** @type {AbortSignal} */ (signal));
      log(outcome === 'written' ? 'written' : 'there-already', { photo, seconds: Math.round(performance.now() - began) / 1000 });
      return outcome;
    } catch (error) {
      if (stopping && signal?.aborted) {
        // Given back: somebody else takes it at once, and it counts as no attempt.
        log('given-back', { photo });
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (error instanceof InpaintError && PERMANENT.includes(error.code)) throw new UnrecoverableError(`${error.code}: ${error.message}`);
      if (error instanceof InpaintError && HOSTS_OWN.includes(error.code)) await takeRest(error.code);
      throw error;
    }
  },
  {
    connection,
    name,
    concurrency: 1,
    lockDuration,
    stalledInterval: lockDuration,
    // A picture that kills its worker each time (by its memory, say) ends in the failed list, too. A Redis that was away may cost a turn.
    maxStalledCount: 3,
  },
);
worker.on('failed', (job, error) => log('failed', { photo: job?.data.photo, reason: error.message }));
worker.on('stalled', (id) => log('stalled', { id }));
// Somebody else may have the job by now; two that work on it do no harm, but are a waste.
worker.on('lockRenewalFailed', (ids) => {
  for (const id of ids) worker.cancelJob(id, 'the lock was lost');
});
let complaint = '';
worker.on('error', (error) => {
  if (error.message !== complaint) console.error(`${name}: ${error.message}`);
  complaint = error.message;
});

/**
 * Takes no picture for a while, longer than it lasts until this one is tried again. Where there is no other worker, this one tries it in the end.
 * @param {string} reason
 */
async function takeRest(reason) {
  log('resting', { reason, seconds: rest / 1000 });
  await worker.pause(true);
  clearTimeout(resting);
  resting = setTimeout(() => worker.resume(), rest);
}

async function stop() {
  if (stopping) return;
  stopping = true;
  clearTimeout(resting);
  log('stopping');
  const late = setTimeout(() => worker.cancelAllJobs('the worker is stopped'), grace);
  // Where Redis is away, what is to be said to it can't be: the lock runs out, and the job is somebody else's.
  const hopeless = setTimeout(() => process.exit(1), grace + 10_000);
  await worker.close();
  clearTimeout(late);
  clearTimeout(hopeless);
  connection.disconnect();
  log('stopped');
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
log('ready');
