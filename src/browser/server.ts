import { memory } from '@tensorflow/tfjs-core';
import { throwIfAborted } from '../abort';
import { inpaintBy } from '../cra/inpaint';
import type { Progress } from '../cra/options';
import { type KeptThreads, MOST_THREADS, threadPool } from '../cra/threads';
import { type BrowserPictureSource, type EncodeOptions, encodePicture, readMask, readPicture, toImageData } from '../io/browser';
import type { Picture } from '../picture';
import { type MaskShapes, maskFrom } from '../shapes';
import { isRunMask, maskOfRuns } from '../shapes/run-mask';
import { asThread } from '../threads/web-workers';
import type { OnWarning, Warning } from '../warning';
import { type DetectedBackend, detectBackend } from './backends';
import type { GeneratorKeeper } from './generator-keeper';
import type { Answer, Job, ToPage } from './protocol';
import { isShapes } from './sendable';

/** An answer, and what of it is handed over. */
export interface Answered {
  answer: Answer;
  transfer: Transferable[];
}

// In milliseconds. A page draws every 16; what comes faster than a person sees only wakes it.
const BETWEEN_REPORTS = 50;

// Encoded first: what this browser can't write is said before a picture is filled in vain.
const ONE_PIXEL: Picture = { width: 1, height: 1, channels: 3, data: new Uint8Array(3) };

/** What a {@link Server} is made of. */
export interface ServerOptions {
  generators: GeneratorKeeper;
  /** The backends to try. */
  order?: readonly string[];
  /** How many threads the page asks for. Default 1: none beside this one. */
  workers?: number;
  startThread: () => Worker;
  post(message: ToPage): void;
}

/** Fills the pictures that a page sends, one after another. */
export class Server {
  readonly #generators: GeneratorKeeper;
  readonly #backend: Promise<DetectedBackend>;
  readonly #post: (message: ToPage) => void;
  /** They live as long as this worker, and end with it. */
  readonly #threads: KeptThreads | undefined;
  /** Who is told of threads that can't be started: whoever's picture it is. */
  #warn: OnWarning = () => undefined;

  constructor({ generators, order, workers = 1, startThread, post }: ServerOptions) {
    this.#generators = generators;
    if (workers > 1) this.#threads = threadPool(Math.min(workers, MOST_THREADS), asThread(startThread), (warning) => this.#warn(warning));
    this.#post = post;
    this.#backend = detectBackend({ order, onChange: (choice) => post({ type: 'backend', ...choice }) });
    // Where none starts, each call says so.
    this.#backend.then(
      ({ name, reason }) => post({ type: 'backend', backend: name, reason }),
      () => undefined,
    );
  }

  async inpaint(id: number, { photo, mask, sketch, pixelLimit, settings, output, format, quality, progress }: Job, signal: AbortSignal): Promise<Answered> {
    throwIfAborted(signal);
    const backend = await this.#backend;
    const onWarning = (warning: Warning) => this.#post({ type: 'warning', id, warning });
    const [picture, given, lines] = await Promise.all([
      readPicture(photo, { pixelLimit, signal, onWarning }),
      isShapes(mask) || isRunMask(mask) ? mask : readMask(mask as BrowserPictureSource, { pixelLimit, signal, onWarning }),
      sketch === undefined ? undefined : readMask(sketch, { pixelLimit, signal, onWarning }),
    ]);
    if (output === 'blob') await encodePicture(ONE_PIXEL, { format: format ?? picture.metadata?.format, quality });
    const reports = progress ? throttled((progress) => this.#post({ type: 'progress', id, progress })) : undefined;
    this.#warn = onWarning;
    const marks = isShapes(given) ? drawn(given, picture) : isRunMask(given) ? maskOfRuns(given.width, given.height, given.runs) : (given as Picture);
    const hole = isShapes(given) ? 'white' : settings.hole;
    const filled = await backend.run(async (name) => {
      const generator = await this.#generators.on(name, signal);
      return inpaintBy(picture, marks, { ...settings, hole, generator, sketch: lines, signal, onProgress: reports?.report, onWarning }, this.#threads);
    });
    reports?.flush();
    return answerOf(filled, output, { format, quality, onWarning });
  }

  async memory(): Promise<Answered> {
    const { name } = await this.#backend;
    const { numTensors, numBytes } = memory();
    return { answer: { memory: { tensors: numTensors, bytes: numBytes, backend: name } }, transfer: [] };
  }
}

const drawn = ({ shapes, ...options }: MaskShapes, { width, height }: Picture): Picture => maskFrom(shapes, { ...options, width, height });

async function answerOf(picture: Picture, output: Job['output'], options: EncodeOptions): Promise<Answered> {
  if (output === 'picture') return { answer: { picture }, transfer: [picture.data.buffer] };
  if (output === 'blob') return { answer: { blob: await encodePicture(picture, options) }, transfer: [] };
  const image = toImageData(picture);
  if (output === 'bitmap') {
    const bitmap = await createImageBitmap(image, { premultiplyAlpha: 'none' });
    return { answer: { bitmap }, transfer: [bitmap] };
  }
  const { width, height, colorSpace } = image;
  const data = image.data as Uint8ClampedArray<ArrayBuffer>;
  return { answer: { image: { width, height, data, colorSpace } }, transfer: [data.buffer] };
}

/** Passes reports on, not too often, but the first of each stage and the last in any case. */
function throttled(pass: (progress: Progress) => void): { report(progress: Progress): void; flush(): void } {
  let last = Number.NEGATIVE_INFINITY;
  let stage: Progress['stage'] | undefined;
  let held: Progress | undefined;
  const flush = () => {
    if (held) pass(held);
    held = undefined;
  };
  return {
    flush,
    report(progress) {
      const due = progress.stage !== stage || performance.now() - last >= BETWEEN_REPORTS;
      held = progress;
      if (!due) return;
      stage = progress.stage;
      last = performance.now();
      flush();
    },
  };
}
