// A process for inpaint(), and a queue with an end before it. In a process, since what ends V8 or is out of memory ends all of its threads:
// a process that dies is replaced, and takes no more along than the picture that it died of. One that won't stop is killed.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ photo: string, mask: string, result: string, hole: string, pixelLimit: number }} Work paths, of which `result` is written
 * @typedef {{ format: string }} Filled
 * @typedef {{ work: Work, signal: AbortSignal, timeLimit: number, resolve: (filled: Filled) => void, reject: (error: unknown) => void }} Waiting
 * @typedef {import('node:child_process').ChildProcess} ChildProcess
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
const START_LIMIT = 30_000;
// After these nobody knows what the process still holds. A new one is there in a second.
const SPOILED = ['out-of-memory', 'internal'];

const program = fileURLToPath(new URL('./fill.js', import.meta.url));

/**
 * Starts the process, its memory limited. V8's own limit is for what JavaScript holds besides pixels; these are outside of it, and only the
 * system can limit them: on Linux by `ulimit`, which a shell sets before it turns into Node.
 * @param {{ memory: number, heap: number }} limits bytes
 */
function forkLimited({ memory, heap }) {
  const node = [process.execPath, `--max-old-space-size=${Math.ceil(heap / 2 ** 20)}`];
  const limited = ['/bin/sh', '-c', `ulimit -c 0; ulimit -d ${Math.ceil(memory / 1024)}; exec "$0" "$@"`, ...node];
  const [execPath, ...execArgv] = process.platform === 'linux' ? limited : node;
  // The server's own stdout is its log; what libraries print is none.
  return fork(program, { execPath, execArgv, stdio: ['ignore', 2, 2, 'ipc'] });
}

export class FillProcess {
  /** The seconds that a picture took of late, as a moving mean. */
  #meanSeconds = 5;
  #limits;
  #taken = 0;
  /** @type {Waiting[]} */
  #line = [];
  #busy = false;
  #closed = false;
  /** @type {Promise<ChildProcess> | undefined} */
  #process;

  /** @param {{ waiting: number, memory: number, heap: number }} limits how many may wait while one is worked on; bytes */
  constructor(limits) {
    this.#limits = limits;
    this.#keepWarm();
  }

  /** How many are worked on or wait. */
  get load() {
    return this.#taken;
  }

  /** How many more may come. */
  get room() {
    return 1 + this.#limits.waiting - this.#taken;
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
    if (this.room <= 0) return undefined;
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
        // At once, for its files take room. What is worked on already is stopped by the process.
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
      const child = await this.#start();
      limit = AbortSignal.timeout(first.timeLimit);
      first.resolve(await this.#runOn(child, first.work, AbortSignal.any([first.signal, limit])));
    } catch (error) {
      const late = limit?.aborted && !first.signal.aborted;
      first.reject(late ? new WorkError('time-limit', `not done within ${first.timeLimit / 1000} s`) : error);
    }
    this.#meanSeconds = 0.7 * this.#meanSeconds + (0.3 * (performance.now() - began)) / 1000;
    this.#busy = false;
    this.#next();
  }

  /** Ends the process, whatever it does. */
  async close() {
    this.#closed = true;
    const child = await this.#process?.catch(() => undefined);
    if (!child || hasEnded(child)) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** A request should not wait for the process to start; a failure to start is that request's to report. */
  #keepWarm() {
    if (!this.#closed) this.#start().catch(() => undefined);
  }

  /** @returns {Promise<ChildProcess>} the process, once it is ready; a new one where there is none */
  #start() {
    this.#process ??= this.#startNew().catch((error) => {
      this.#process = undefined;
      throw error;
    });
    return this.#process;
  }

  async #startNew() {
    const child = forkLimited(this.#limits);
    const late = setTimeout(() => child.kill('SIGKILL'), START_LIMIT);
    let ready = false;
    child.on('error', (error) => console.error(`process ${child.pid}: ${error.message}`));
    child.once('exit', (code, signal) => {
      console.log(JSON.stringify({ process: child.pid, ended: signal ?? code }));
      this.#process = undefined;
      // One that can't even start is tried again by the next request, not over and over.
      if (ready) this.#keepWarm();
    });
    const [first] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => ['ended'])]);
    clearTimeout(late);
    if (first !== 'ready') throw new WorkError('process-died', 'the process did not start');
    ready = true;
    console.log(JSON.stringify({ process: child.pid, ready }));
    return child;
  }

  /**
   * @param {ChildProcess} child
   * @param {Work} work
   * @param {AbortSignal} signal
   * @returns {Promise<Filled>}
   */
  async #runOn(child, work, signal) {
    /** @type {NodeJS.Timeout | undefined} */
    let killer;
    /** @type {() => void} */
    let removeListeners = () => undefined;
    try {
      return await new Promise((resolve, reject) => {
        const died = () =>
          reject(signal.aborted ? new WorkError('aborted', 'aborted') : new WorkError('process-died', 'the process ended in the middle of the work'));
        const abort = () => {
          child.send('abort', () => undefined);
          killer = setTimeout(() => child.kill('SIGKILL'), ABORT_GRACE);
        };
        const answered = (/** @type {any} */ { error, format }) => {
          if (!error) return resolve({ format });
          const failure = new WorkError(error.code, error.message);
          if (!SPOILED.includes(error.code)) return reject(failure);
          // Told once it has ended, lest the next picture be given to it.
          child.off('exit', died).once('exit', () => reject(failure));
          child.kill('SIGKILL');
        };
        removeListeners = () => {
          signal.removeEventListener('abort', abort);
          child.off('message', answered).off('exit', died);
        };
        child.on('message', answered).on('exit', died);
        // Where it has died meanwhile, sending fails, and nothing else will tell.
        child.send(work, (error) => error && died());
        signal.addEventListener('abort', abort);
        if (signal.aborted) abort();
      });
    } finally {
      clearTimeout(killer);
      removeListeners();
    }
  }
}

const hasEnded = (/** @type {ChildProcess} */ child) => child.exitCode !== null || child.signalCode !== null;
