// POST /inpaint: a form with the files `photo` and `mask`, and optionally the field `hole` (white, black or alpha); the answer is the filled photo.
// GET /health: whether there is room.
import express from 'express';
import multer from 'multer';
import { WorkError } from './inpaint-thread.js';

/** Which status says which error. A client that is gone is 499 in the log, nginx's number: nobody is there to read it. */
const STATUS = /** @type {Record<string, number>} */ ({
  form: 400,
  argument: 400,
  shape: 400,
  format: 415,
  'upload-limit': 413,
  'pixel-limit': 413,
  damaged: 422,
  'mask-size': 422,
  'mask-full': 422,
  // Here it's the server that gives up, as it is told to stop.
  aborted: 503,
  busy: 503,
  stopping: 503,
  'time-limit': 503,
  'out-of-memory': 503,
  'thread-died': 503,
});

/**
 * @param {import('./inpaint-thread.js').InpaintThread} thread
 * @param {typeof import('./limits.js').limits} limits
 */
export function createApp(thread, limits) {
  const app = express();
  const form = multer({ storage: multer.memoryStorage(), limits: { fileSize: limits.fileBytes, files: 2, fields: 4, fieldSize: 100, parts: 6 } });
  const fields = form.fields([
    { name: 'photo', maxCount: 1 },
    { name: 'mask', maxCount: 1 },
  ]);
  /** @type {Set<AbortController>} */
  const inHand = new Set();
  let stopping = false;
  app.disable('x-powered-by');

  app.get('/health', (_request, response) => {
    response.status(stopping ? 503 : 200).json({ status: stopping ? 'stopping' : 'ok', load: thread.load, room: 1 + limits.waiting - thread.load });
  });

  /** A place in the line is taken before the body is read: memory is bounded by the number of places, whatever is sent. */
  const admit = (/** @type {express.Request} */ request, /** @type {express.Response} */ response, /** @type {express.NextFunction} */ next) => {
    if (stopping) throw new WorkError('stopping', 'the server is stopping');
    if (!request.is('multipart/form-data')) throw new WorkError('format', 'expected multipart/form-data with the files photo and mask');
    if (Number(request.headers['content-length'] ?? 0) > 2 * limits.fileBytes + 10_000) throw new WorkError('upload-limit', 'the request is too large');
    const leave = thread.takePlace();
    if (!leave) throw new WorkError('busy', 'too many requests wait already');
    const controller = new AbortController();
    inHand.add(controller);
    response.locals.signal = controller.signal;
    response.locals.leave = leave;
    response.on('close', () => {
      // Closed before the answer was written: the client is gone, or its time is over.
      if (!response.writableFinished) controller.abort();
      inHand.delete(controller);
      // Work that has begun holds its memory until it has stopped, and its place as long.
      if (!response.locals.working) leave();
    });
    next();
  };

  const parse = (/** @type {express.Request} */ request, /** @type {express.Response} */ response, /** @type {express.NextFunction} */ next) =>
    fields(request, response, (/** @type {any} */ error) => {
      if (error) next(new WorkError(error.code === 'LIMIT_FILE_SIZE' ? 'upload-limit' : 'form', error.message));
      else next();
    });

  app.post('/inpaint', admit, parse, async (request, response) => {
    const files = /** @type {Record<string, { buffer: Buffer }[]>} */ (request.files ?? {});
    for (const name of ['photo', 'mask']) if (!files[name]?.[0]?.buffer.length) throw new WorkError('form', `the file ${name} is missing`);
    const { signal, leave } = response.locals;
    response.locals.working = true;
    try {
      const { file, format } = await thread.run(
        { photo: files.photo[0].buffer, mask: files.mask[0].buffer, hole: request.body.hole ?? 'white', pixelLimit: limits.pixels },
        { signal, timeLimit: limits.workTime },
      );
      response.type(`image/${format}`).send(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
    } finally {
      leave();
    }
  });

  app.use((/** @type {express.Request} */ _request) => {
    throw Object.assign(new Error('no such page'), { status: 404, code: 'not-found' });
  });

  /** @type {express.ErrorRequestHandler} */
  const answerError = (error, request, response, _next) => {
    const gone = response.destroyed || request.aborted;
    const status = gone ? 499 : (STATUS[error.code] ?? error.status ?? 500);
    console.log(JSON.stringify({ method: request.method, path: request.path, status, code: gone ? 'aborted' : error.code, message: error.message }));
    if (gone) return;
    if (status === 503) response.set('Retry-After', String(thread.retryAfter));
    if (stopping) response.set('Connection', 'close');
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
