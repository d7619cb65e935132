// A thread for inpaint(), and a queue with an end before it. A thread that dies is replaced; one that won't stop is killed.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * @typedef {{ photo: Uint8Array, mask: Uint8Array, hole: 'white' | 'black' | 'alpha', pixelLimit: number }} Work
 * @typedef {{ file: Uint8Array, format: string }} Filled
 * @typedef {{ work: Work, signal: AbortSignal, timeLimit: number, resolve: (filled: Filled) => void, reject: (error: unknown) => void }} Waiting
 */

/** Work that was not done, and why, in one word: a code of cra-inpaint's InpaintError, or one of this server's own. */
export class WorkError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = 'WorkError';
    this.code = code;
  }
}

// From an abort to the next pause of inpaint() is a quarter of a second for 18 megapixels; decoding and encoding can't be stopped half-way.
const ABORT_GRACE = 5000;
// JavaScript's heap only. Pixels and wasm's memory are outside of it; limits.pixels is the limit for those.
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 1024 };

export class InpaintThread {
  /** The seconds that a picture took of late, as a moving mean. */
  #meanSeconds = 5;
  #places;
  #taken = 0;
  /** @type {Waiting[]} */
  #line = [];
  #busy = false;
  /** @type {Promise<Worker> | undefined} */
  #thread;

  /** @param {{ waiting: number }} options how many may wait while one is worked on */
  constructor({ waiting }) {
    this.#places = 1 + waiting;
    // The first request should not wait for the thread to start; a failure to start is that request's to report.
    this.#start().catch(() => undefined);
  }

  /** How many are worked on or wait. */
  get load() {
    return this.#taken;
  }

  /** Seconds until a place is likely to be free. */
  get retryAfter() {
    return Math.max(1, Math.ceil(this.#meanSeconds));
  }

  /**
   * Takes a place in the line, to be given back by the function that is returned; undefined where all are taken.
   * @returns {(() => void) | undefined}
   */
  takePlace() {
    if (this.#taken >= this.#places) return undefined;
    this.#taken++;
    let held = true;
    return () => {
      if (held) this.#taken--;
      held = false;
    };
  }

  /**
   * Fills a picture when its turn has come.
   * @param {Work} work
   * @param {{ signal: AbortSignal, timeLimit: number }} options `timeLimit` in milliseconds, from when the work begins
   * @returns {Promise<Filled>}
   */
  run(work, { signal, timeLimit }) {
    return new Promise((resolve, reject) => {
      const waiting = { work, signal, timeLimit, resolve, reject };
      const leaveLine = () => {
        const place = this.#line.indexOf(waiting);
        // At once, for its files take memory. What is worked on already is stopped by the thread.
        if (place >= 0) this.#line.splice(place, 1);
        if (place >= 0) reject(new WorkError('aborted', 'aborted while it waited'));
      };
      this.#line.push(waiting);
      signal.addEventListener('abort', leaveLine, { once: true });
      if (signal.aborted) leaveLine();
      this.#next();
    });
  }

  async #next() {
    const first = this.#busy ? undefined : this.#line.shift();
    if (!first) return;
    this.#busy = true;
    /** @type {AbortSignal | undefined} */
    let limit;
    const began = performance.now();
    try {
      const thread = await this.#start();
      limit = AbortSignal.timeout(first.timeLimit);
      first.resolve(await this.#runOn(thread, first.work, AbortSignal.any([first.signal, limit])));
    } catch (error) {
      const late = limit?.aborted && !first.signal.aborted;
      first.reject(late ? new WorkError('time-limit', `not done within ${first.timeLimit / 1000} s`) : error);
    }
    this.#meanSeconds = 0.7 * this.#meanSeconds + (0.3 * (performance.now() - began)) / 1000;
    this.#busy = false;
    this.#next();
  }

  /** Ends the thread, whatever it does. */
  async close() {
    const thread = await this.#thread?.catch(() => undefined);
    await thread?.terminate();
  }

  /** @returns {Promise<Worker>} the thread, once it is ready; a new one where there is none */
  #start() {
    this.#thread ??= (async () => {
      const thread = new Worker(new URL('./worker.js', import.meta.url), { resourceLimits: RESOURCE_LIMITS });
      thread.on('error', (error) => console.error(`thread: ${error.message}`));
      thread.on('exit', () => {
        this.#thread = undefined;
      });
      const [first] = await Promise.race([once(thread, 'message'), once(thread, 'exit').then(() => ['ended'])]);
      if (first !== 'ready') throw new WorkError('thread-died', 'the thread did not start');
      return thread;
    })().catch((error) => {
      this.#thread = undefined;
      throw error;
    });
    return this.#thread;
  }

  /**
   * @param {Worker} thread
   * @param {Work} work
   * @param {AbortSignal} signal
   * @returns {Promise<Filled>}
   */
  async #runOn(thread, work, signal) {
    /** @type {NodeJS.Timeout | undefined} */
    let killer;
    /** @type {() => void} */
    let removeListeners = () => undefined;
    try {
      return await new Promise((resolve, reject) => {
        const abort = () => {
          thread.postMessage('abort');
          killer = setTimeout(() => thread.terminate(), ABORT_GRACE);
        };
        const answered = (/** @type {any} */ { error, file, format }) => (error ? reject(new WorkError(error.code, error.message)) : resolve({ file, format }));
        const died = () =>
          reject(signal.aborted ? new WorkError('aborted', 'aborted') : new WorkError('thread-died', 'the thread ended in the middle of the work'));
        removeListeners = () => {
          signal.removeEventListener('abort', abort);
          thread.off('message', answered).off('exit', died);
        };
        thread.on('message', answered).on('exit', died);
        thread.postMessage(work);
        signal.addEventListener('abort', abort);
        if (signal.aborted) abort();
      });
    } finally {
      clearTimeout(killer);
      removeListeners();
    }
  }
}
