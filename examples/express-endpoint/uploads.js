// Requests that are still arriving. They hold no place in the line of pictures, lest one that drips in keep others from being worked on;
// they have limits of their own: how many there are, in all and from one address, how slow they may be, and for how long.
import multer from 'multer';
import { WorkError } from './fill-process.js';

/** How often an upload's rate is looked at, in milliseconds. A connection may falter for less. */
const WINDOW = 4000;

export class Uploads {
  #limits;
  #count = 0;
  /** @type {Map<string, number>} */
  #byClient = new Map();

  /** @param {typeof import('./limits.js').limits} limits */
  constructor(limits) {
    this.#limits = limits;
  }

  /** How many are arriving. */
  get count() {
    return this.#count;
  }

  /**
   * Receives a form into a folder, as the files `photo` and `mask`.
   * @param {import('express').Request} request
   * @param {import('express').Response} response
   * @param {string} folder
   * @param {AbortSignal} signal
   * @returns {{ received: Promise<void>, closed: Promise<void> }} `closed` once nothing is written into the folder any more, however it ended
   */
  receive(request, response, folder, signal) {
    const leave = this.#enter(request.ip ?? '');
    const { promise: received, resolve, reject } = withResolvers();
    const stopWatching = this.#watch(request, reject);
    const closed = new Promise((/** @type {(value: void) => void} */ done) => {
      // Comes after the rest of a refused request, or after its connection has ended.
      formInto(folder, this.#limits.fileBytes)(request, response, (/** @type {any} */ error) => {
        done();
        if (error) reject(new WorkError(error.code === 'LIMIT_FILE_SIZE' ? 'upload-limit' : 'form', error.message));
        else resolve();
      });
    });
    const giveUp = () => reject(new WorkError('aborted', 'aborted while it arrived'));
    signal.addEventListener('abort', giveUp);
    const end = () => {
      signal.removeEventListener('abort', giveUp);
      stopWatching();
      leave();
    };
    received.then(end, end);
    return { received, closed };
  }

  /** @param {string} client */
  #enter(client) {
    const own = this.#byClient.get(client) ?? 0;
    if (own >= this.#limits.uploadsPerClient) throw new WorkError('too-many-uploads', `${own} requests of this address are arriving already`);
    if (this.#count >= this.#limits.uploads) throw new WorkError('busy', 'too many requests are arriving already');
    this.#count++;
    this.#byClient.set(client, own + 1);
    return () => {
      this.#count--;
      const left = /** @type {number} */ (this.#byClient.get(client)) - 1;
      if (left > 0) this.#byClient.set(client, left);
      else this.#byClient.delete(client);
    };
  }

  /**
   * @param {import('express').Request} request
   * @param {(error: WorkError) => void} fail
   */
  #watch(request, fail) {
    const { uploadRate, uploadTime } = this.#limits;
    let before = request.socket.bytesRead;
    const rate = setInterval(() => {
      const now = request.socket.bytesRead;
      if (!request.complete && now - before < (uploadRate * WINDOW) / 1000)
        fail(new WorkError('upload-slow', `less than ${uploadRate / 1e3} KB a second arrived`));
      before = now;
    }, WINDOW);
    const late = setTimeout(() => fail(new WorkError('upload-slow', `not here within ${uploadTime / 1000} s`)), uploadTime);
    return () => {
      clearInterval(rate);
      clearTimeout(late);
    };
  }
}

/**
 * @param {string} folder
 * @param {number} fileSize
 */
function formInto(folder, fileSize) {
  // By the fields' names, whatever names the client gives to its files.
  const storage = multer.diskStorage({ destination: folder, filename: (_request, file, done) => done(null, file.fieldname) });
  const form = multer({ storage, limits: { fileSize, files: 2, fields: 4, fieldSize: 100, parts: 6 } });
  return form.fields([
    { name: 'photo', maxCount: 1 },
    { name: 'mask', maxCount: 1 },
  ]);
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers() {
  let resolve = () => {};
  let reject = (/** @type {unknown} */ _error) => {};
  const promise = new Promise((/** @type {(value: void) => void} */ done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}
