// POST /inpaint: a form with the files `photo` and `mask`, and optionally the field `hole` (white, black, alpha or opaque); the answer is the filled photo.
// GET /health: whether there is room.
import { join } from 'node:path';
import express from 'express';
import { WorkError } from './fill-process.js';
import { Uploads } from './uploads.js';
import { WorkFolder } from './work-folder.js';

/** Which status says which error. A client that is gone is 499 in the log, nginx's number: nobody is there to read it. */
const STATUS = /** @type {Record<string, number>} */ ({
  form: 400,
  argument: 400,
  shape: 400,
  'upload-slow': 408,
  format: 415,
  'upload-limit': 413,
  'pixel-limit': 413,
  damaged: 422,
  'mask-size': 422,
  'mask-full': 422,
  'too-many-uploads': 429,
  // Here it's the server that gives up, as it is told to stop.
  aborted: 503,
  busy: 503,
  stopping: 503,
  'time-limit': 503,
  'out-of-memory': 503,
  'process-died': 503,
});

/** What every answer carries: what came from strangers is never taken for a page or a script, nor kept. */
export const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
};

// How long an answer to a request that is still arriving has to reach the client before the connection is cut.
const LAST_WORDS = 1000;

/**
 * @param {import('./fill-process.js').FillProcess} filler
 * @param {typeof import('./limits.js').limits} limits
 */
export function createApp(filler, limits) {
  const app = express();
  const uploads = new Uploads(limits);
  const folders = new WorkFolder(limits.folder);
  /** @type {Set<AbortController>} */
  const inHand = new Set();
  let stopping = false;
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', limits.proxies);
  app.use((_request, response, next) => {
    response.set(HEADERS);
    next();
  });

  app.get('/health', (_request, response) => {
    const { load, room } = filler;
    response.status(stopping ? 503 : 200).json({ status: stopping ? 'stopping' : 'ok', load, room, uploads: uploads.count });
  });

  /** What can be refused before the body is read. */
  const admit = (/** @type {express.Request} */ request, /** @type {express.Response} */ _response, /** @type {express.NextFunction} */ next) => {
    if (stopping) throw new WorkError('stopping', 'the server is stopping');
    if (!request.is('multipart/form-data')) throw new WorkError('format', 'expected multipart/form-data with the files photo and mask');
    if (Number(request.headers['content-length'] ?? 0) > 2 * limits.fileBytes + 10_000) throw new WorkError('upload-limit', 'the request is too large');
    if (filler.room <= 0) throw new WorkError('busy', 'too many requests wait already');
    next();
  };

  app.post('/inpaint', admit, async (request, response) => {
    const folder = await folders.create();
    const controller = new AbortController();
    inHand.add(controller);
    // Closed before the answer was written: the client is gone, or its time is over.
    response.on('close', () => response.writableFinished || controller.abort());
    let closed = Promise.resolve();
    try {
      const upload = uploads.receive(request, response, folder, controller.signal);
      closed = upload.closed;
      await upload.received;
      await answer(request, response, folder, controller.signal);
    } finally {
      inHand.delete(controller);
      closed.then(() => folders.remove(folder));
    }
  });

  /** From here on the request is on the disk, and takes a place in the line. */
  async function answer(
    /** @type {express.Request} */ request,
    /** @type {express.Response} */ response,
    /** @type {string} */ folder,
    /** @type {AbortSignal} */ signal,
  ) {
    const [photo, mask, result] = ['photo', 'mask', 'result'].map((name) => join(folder, name));
    const files = /** @type {Record<string, { size: number }[]>} */ (request.files);
    for (const name of ['photo', 'mask']) if (!files[name]?.[0]?.size) throw new WorkError('form', `the file ${name} is missing`);
    const leave = filler.takePlace();
    if (!leave) throw new WorkError('busy', 'too many requests wait already');
    const work = { photo, mask, result, hole: request.body.hole ?? 'white', pixelLimit: limits.pixels };
    const { format } = await filler.run(work, { signal, timeLimit: limits.workTime }).finally(leave);
    response.type(`image/${format}`).set('Content-Disposition', `attachment; filename="filled.${format === 'jpeg' ? 'jpg' : format}"`);
    await new Promise((done, fail) => {
      const options = { dotfiles: /** @type {const} */ ('allow'), cacheControl: false, etag: false, lastModified: false, acceptRanges: false };
      response.sendFile(result, options, (error) => (error ? fail(error) : done(undefined)));
    });
  }

  app.use((/** @type {express.Request} */ _request) => {
    throw Object.assign(new Error('no such page'), { status: 404, code: 'not-found' });
  });

  /** @type {express.ErrorRequestHandler} */
  const answerError = (error, request, response, _next) => {
    const gone = response.destroyed || request.aborted || response.headersSent;
    const status = gone ? 499 : (STATUS[error.code] ?? error.status ?? 500);
    console.log(JSON.stringify({ method: request.method, path: request.path, status, code: gone ? 'aborted' : error.code, message: error.message }));
    if (gone) return void response.destroy();
    if (status === 503 || status === 429) response.set('Retry-After', String(filler.retryAfter));
    if (stopping && request.complete) response.set('Connection', 'close');
    // Nothing more of it is awaited. Node forgets a request once it is answered, and would tell nobody that its connection has ended.
    if ((status === 408 || stopping) && !request.complete) response.on('finish', () => setTimeout(() => request.destroy(), LAST_WORDS));
    // What is still on its way is read and thrown away, lest the client see a broken connection instead of the answer.
    request.unpipe();
    request.resume();
    response.status(status).json(status === 500 ? { code: 'internal', message: 'see the log' } : { code: error.code, message: error.message });
  };
  app.use(answerError);

  return {
    app,
    /** From now on nothing is taken in. */
    stop() {
      stopping = true;
    },
    /** Gives up what is in hand. */
    abortAll() {
      for (const controller of inHand) controller.abort();
    },
  };
}
