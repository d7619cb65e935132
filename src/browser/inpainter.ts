import { throwIfAborted } from '../abort';
import { checkArgument, checkOneOf, checkWhole } from '../check';
import { AbortError, ArgumentError, BackendError } from '../errors';
import type { BrowserPictureSource } from '../io/browser';
import type { MaskShapes } from '../shapes';
import { Connection } from './connection';
import { defaultWorker } from './default-worker';
import type { GeneratorChoice, Inpainter, InpainterCallOptions, InpainterOptions, ResultKind, Results } from './options';
import type { Answer, Job, ToWorker } from './protocol';
import { addressOf, closeAll, maskToSend, type Sendable, toSendable } from './sendable';

const ORDERS = { auto: undefined, webgpu: ['webgpu', 'wasm', 'cpu'], wasm: ['wasm', 'cpu'], cpu: ['cpu'] };
const KINDS: ResultKind[] = ['picture', 'blob', 'image-data', 'bitmap'];

/**
 * Starts a worker that fills pictures, so that the page stays free: they are decoded, filled and encoded there.
 *
 * The worker that comes with this package holds TensorFlow.js and its backends webgpu, wasm and cpu; the page itself needs
 * none of them. Where a backend fails or a GPU is lost, the picture is finished on the next.
 *
 * @param options generator, backend, worker, workers, onBackend, onGenerator
 * @returns an Inpainter, to be disposed of when it is no longer needed
 * @throws ArgumentError for options that are none; BackendError (`backend`) where there are no workers, as in Node
 * @example
 * ```js
 * const inpainter = createInpainter({ onBackend: ({ backend, reason }) => console.log(backend, reason) });
 * const file = await inpainter.inpaint(input.files[0], maskCanvas, { output: 'blob' });
 * await inpainter.dispose();
 * ```
 */
export function createInpainter(options: InpainterOptions = {}): Inpainter {
  const { generator = 'exemplar', backend = 'auto', worker = defaultWorker, workers = 1, onBackend, onGenerator } = options;
  checkOneOf(backend, Object.keys(ORDERS) as (keyof typeof ORDERS)[], 'createInpainter', 'backend');
  checkWhole(workers, 1, 'createInpainter', 'workers');
  const start = typeof worker === 'function' ? worker : onlyOnce(worker);
  const greeting: ToWorker = { type: 'start', generator: sendableChoice(generator), order: ORDERS[backend], workers };
  const connection = new Connection(
    start,
    greeting,
    (choice) => onBackend?.(choice),
    (choice) => onGenerator?.(choice),
  );
  let disposed = false;
  const refuseIfDisposed = () => {
    if (disposed) throw new ArgumentError('argument', 'inpaint: the inpainter is disposed', { expected: 'an inpainter in use' });
  };
  connection.open();
  return {
    async inpaint<K extends ResultKind = 'picture'>(
      photo: BrowserPictureSource,
      mask: BrowserPictureSource | MaskShapes,
      options: InpainterCallOptions<K> = {},
    ) {
      refuseIfDisposed();
      const { output = 'picture' as K, format, quality, sketch, pixelLimit, signal, onProgress, onWarning, ...settings } = options;
      throwIfAborted(signal);
      checkOneOf(output, KINDS, 'inpaint', 'output');
      const write = async (id: number) => {
        const sources = [toSendable(photo, 'photo'), maskToSend(mask), sketch === undefined ? undefined : toSendable(sketch, 'sketch')] as const;
        const [sentPhoto, sentMask, sentSketch] = await allOrNone(sources);
        const transfer = [sentPhoto, sentMask, sentSketch].flatMap((picture) => picture?.transfer ?? []);
        const job: Job = {
          photo: sentPhoto.source,
          mask: sentMask.source,
          sketch: sentSketch?.source,
          pixelLimit,
          settings,
          output,
          format,
          quality,
          progress: onProgress !== undefined,
        };
        return { message: { type: 'inpaint' as const, id, job }, transfer };
      };
      return resultOf(await connection.ask(write, { signal, onProgress, onWarning })) as Results[K];
    },
    async memory() {
      refuseIfDisposed();
      const answer = await connection.ask((id) => ({ message: { type: 'memory', id } }));
      return (answer as Extract<Answer, { memory: unknown }>).memory;
    },
    async dispose() {
      disposed = true;
      connection.close(new AbortError('aborted', 'the inpainter was disposed'));
    },
  };
}

/** Waits for all that is to be sent; where one can't be, what would have been handed over with the others is freed. */
async function allOrNone<T extends readonly (Promise<Sendable<unknown>> | undefined)[]>(sources: T): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  try {
    return await Promise.all(sources);
  } catch (error) {
    for (const source of sources)
      source?.then(
        ({ transfer }) => closeAll(transfer),
        () => undefined,
      );
    throw error;
  }
}

/** The result in its own kind: an ImageData itself would have been copied. */
function resultOf(answer: Answer): unknown {
  if ('image' in answer) {
    const { data, width, height, colorSpace } = answer.image;
    return new ImageData(data, width, height, { colorSpace });
  }
  if ('picture' in answer) return answer.picture;
  return 'blob' in answer ? answer.blob : (answer as { bitmap: ImageBitmap }).bitmap;
}

function sendableChoice(generator: GeneratorChoice): GeneratorChoice {
  if (generator === 'exemplar' || generator === 'best') return generator;
  const named = typeof generator?.name === 'string' && !('fill' in generator);
  checkArgument(
    named,
    'createInpainter',
    'generator',
    "'exemplar', 'best' or an object with a name, and weights (no generator itself: it can't be sent)",
    generator,
  );
  const { name, weights, download = false } = generator;
  const source = weights === undefined || typeof weights === 'string' || [Blob, ArrayBuffer, Uint8Array, URL].some((type) => weights instanceof type);
  checkArgument(source, 'createInpainter', 'weights', 'a Blob, bytes or an address', weights);
  checkArgument(typeof download === 'boolean', 'createInpainter', 'download', 'true or false', download);
  return { name, download, weights: typeof weights === 'string' || weights instanceof URL ? addressOf(weights, 'weights') : weights };
}

/** A worker that was handed over can't be replaced when it has crashed. */
function onlyOnce(worker: Worker): () => Worker {
  checkArgument(typeof worker?.postMessage === 'function', 'createInpainter', 'worker', 'a Worker or a function that starts one', worker);
  let used = false;
  return () => {
    if (used)
      throw new BackendError(
        'backend',
        'createInpainter: the worker has crashed or never started, and was handed over itself, not a function that starts another',
      );
    used = true;
    return worker;
  };
}
