import { throwIfAborted } from '../abort';
import { checkArgument, checkOneOf, checkOptions, checkWhole } from '../check';
import type { Progress, Stage } from '../cra/options';
import { AbortError, ArgumentError, BackendError } from '../errors';
import type { BrowserPictureSource } from '../io/browser';
import type { MaskShapes } from '../shapes';
import { ChoiceNumbers, imageOf, sendableChoice, toAsk } from './ask';
import { Connection } from './connection';
import { defaultWorker } from './default-worker';
import type { Inpainter } from './inpainter-type';
import { CALL_OPTIONS, INPAINTER_OPTIONS, type InpainterCallOptions, type InpainterOptions, type ResultKind, type Results } from './options';
import type { Answer, Job, ToWorker } from './protocol';
import { toSendable } from './sendable';
import { passPreview, sessionOf } from './session';
import { KNOWN, type PhotoProgress } from './session-options';

const ORDERS = { auto: undefined, webgpu: ['webgpu', 'wasm', 'cpu'], wasm: ['wasm', 'cpu'], cpu: ['cpu'] };
/** The stages of `inpaint()`. */
const FILLING: Record<Stage, true> = { plan: true, 'low-resolution': true, fill: true, detail: true, composite: true };
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
  checkOptions(options, INPAINTER_OPTIONS, 'createInpainter');
  const { generator = 'exemplar', backend = 'auto', worker = defaultWorker, workers = 1, onBackend, onGenerator } = options;
  checkOneOf(backend, Object.keys(ORDERS) as (keyof typeof ORDERS)[], 'createInpainter', 'backend');
  checkWhole(workers, 1, 'createInpainter', 'workers');
  const start = typeof worker === 'function' ? worker : onlyOnce(worker);
  const greeting: ToWorker = { type: 'start', generator: sendableChoice(generator, 'createInpainter'), order: ORDERS[backend], workers };
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
  const choices = new ChoiceNumbers();
  return {
    async inpaint<K extends ResultKind = 'picture'>(
      photo: BrowserPictureSource,
      mask: BrowserPictureSource | MaskShapes,
      options: InpainterCallOptions<K> = {},
    ) {
      refuseIfDisposed();
      checkOptions(options, CALL_OPTIONS, 'inpaint');
      const {
        output = 'picture' as K,
        format,
        quality,
        sketch,
        sources,
        avoid,
        pixelLimit,
        generator,
        signal,
        onProgress,
        onPreview,
        onWarning,
        ...settings
      } = options;
      throwIfAborted(signal);
      checkOneOf(output, KINDS, 'inpaint', 'output');
      const [progress, preview] = [onProgress !== undefined, onPreview !== undefined];
      const asked = { mask, sketch, sources, avoid, pixelLimit, settings, generator: choices.of(generator, 'inpaint'), progress, preview };
      const write = async (id: number) => {
        const { fill, others, transfer } = await toAsk(asked, [toSendable(photo, 'photo')] as const);
        const job: Job = { ...fill, photo: others[0].source, output, format, quality };
        return { message: { type: 'inpaint' as const, id, job }, transfer };
      };
      // As inpaint() tells it: what weights take is told by ready().
      const listener = onProgress && ((progress: PhotoProgress) => (progress.stage in FILLING ? onProgress(progress as Progress) : undefined));
      const answer = await connection.ask(write, { signal, onProgress: listener, onPreview: onPreview && passPreview(onPreview), onWarning });
      return resultOf(answer) as Results[K];
    },
    async open(photo, options = {}) {
      refuseIfDisposed();
      checkOptions(options, KNOWN.open, 'open');
      const { pixelLimit, history, signal, onProgress, onWarning } = options;
      throwIfAborted(signal);
      let session = 0;
      const write = async (id: number) => {
        session = id;
        const { source, transfer } = await toSendable(photo, 'photo');
        const job = { photo: source, pixelLimit, history, progress: onProgress !== undefined };
        return { message: { type: 'open' as const, id, job }, transfer };
      };
      const answer = await connection.ask(write, { signal, onProgress, onWarning });
      return sessionOf(connection, session, (answer as Extract<Answer, { opened: unknown }>).opened, choices, refuseIfDisposed);
    },
    async ready(options = {}) {
      refuseIfDisposed();
      checkOptions(options, KNOWN.ready, 'ready');
      const { generator, signal, onProgress } = options;
      throwIfAborted(signal);
      const chosen = choices.of(generator, 'ready');
      const write = (id: number) => ({ message: { type: 'ready' as const, id, generator: chosen, progress: onProgress !== undefined } });
      return ((await connection.ask(write, { signal, onProgress })) as Extract<Answer, { ready: unknown }>).ready;
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

/** The result in its own kind: an ImageData itself would have been copied. */
function resultOf(answer: Answer): unknown {
  if ('image' in answer) return imageOf(answer.image);
  if ('picture' in answer) return answer.picture;
  return 'blob' in answer ? answer.blob : (answer as { bitmap: ImageBitmap }).bitmap;
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
