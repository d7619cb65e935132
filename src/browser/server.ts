import { findBackendFactory, memory, removeBackend } from '@tensorflow/tfjs-core';
import { throwIfAborted } from '../abort';
import { inpaintBy } from '../cra/inpaint';
import type { InpaintOptions, Preview } from '../cra/options';
import { PhotoSession } from '../cra/session';
import { type KeptThreads, MOST_THREADS, threadPool } from '../cra/threads';
import { BackendError } from '../errors';
import type { Generator } from '../generators/generator';
import { type BrowserPictureSource, type EncodeOptions, encodePicture, readMask, readPicture, toImageData } from '../io/browser';
import { hasLocation } from '../io/location';
import type { Picture } from '../picture';
import { maskOfShapes } from '../shapes/mask-from';
import { isRunMask, maskOfRuns } from '../shapes/run-mask';
import { isMaskShapes, type MaskShapes } from '../shapes/shapes';
import { asThread } from '../threads/web-workers';
import type { OnWarning, Warning } from '../warning';
import { type DetectedBackend, detectBackend } from './backends';
import type { GeneratorKeeper } from './generator-keeper';
import type { GeneratorChoice } from './options';
import type { Answer, Job, NamedChoice, OpenJob, PlainImageData, SentFill, SentMask, SentPreview, SessionTask, ToPage } from './protocol';
import type { PhotoProgress, PhotoStage } from './session-options';
import { throttled } from './throttled';

/** An answer, and what of it is handed over. */
export interface Answered {
  answer: Answer;
  transfer: Transferable[];
}

// Encoded first: what this browser can't write is said before a picture is filled in vain.
const ONE_PIXEL: Picture = { width: 1, height: 1, channels: 3, data: new Uint8Array(3) };

/** What a {@link Server} is made of. */
export interface ServerOptions {
  /** Who fills unless a call names another. */
  generator: GeneratorChoice;
  keeperOf(choice: GeneratorChoice): GeneratorKeeper;
  /** The backends to try. */
  order?: readonly string[];
  /** How many threads the page asks for. Default 1: none beside this one. */
  workers?: number;
  startThread: () => Worker;
  post(message: ToPage, transfer?: Transferable[]): void;
}

/** A call: its id, and what ends it. */
interface Call {
  id: number;
  signal: AbortSignal;
}

/** What a call's masks and sketch hold. */
interface Given {
  marks: Picture | MaskShapes;
  sketch?: Picture;
  sources?: Picture | MaskShapes;
  avoid?: Picture | MaskShapes;
}

/** A photo that is open. */
interface OpenPhoto {
  session: PhotoSession;
  /** What its pixels are in, for what is shown of a fill. */
  metadata: Picture['metadata'];
  /** The call that made the last step, if it was a fill. */
  filledBy?: number;
}

/** Fills the pictures that a page sends, and those that it has open, one after another. */
export class Server {
  readonly #own: GeneratorKeeper;
  readonly #keeperOf: ServerOptions['keeperOf'];
  /** The last of those that a call named. */
  #other: { key: number; keeper: GeneratorKeeper } | undefined;
  readonly #backend: Promise<DetectedBackend>;
  readonly #post: ServerOptions['post'];
  /** They live as long as this worker, and end with it. */
  readonly #threads: KeptThreads | undefined;
  /** Who is told of threads that can't be started: whoever's picture it is. */
  #warn: OnWarning = () => undefined;
  readonly #open = new Map<number, OpenPhoto>();

  constructor({ generator, keeperOf, order, workers = 1, startThread, post }: ServerOptions) {
    this.#own = keeperOf(generator);
    this.#keeperOf = keeperOf;
    if (workers > 1) this.#threads = threadPool(Math.min(workers, MOST_THREADS), asThread(startThread), (warning) => this.#warn(warning));
    this.#post = post;
    this.#backend = detectBackend({ order, onChange: (choice) => post({ type: 'backend', ...choice }) });
    // Where none starts, each call says so.
    this.#backend.then(
      ({ name, reason }) => post({ type: 'backend', backend: name, reason }),
      () => undefined,
    );
  }

  async inpaint(call: Call, job: Job): Promise<Answered> {
    const { photo, output, format, quality } = job;
    throwIfAborted(call.signal);
    await this.#backend;
    const onWarning = this.#warningsOf(call);
    const [picture, given] = await Promise.all([readPicture(photo, { pixelLimit: job.pixelLimit, signal: call.signal, onWarning }), this.#given(call, job)]);
    if (output === 'blob') await encodePicture(ONE_PIXEL, { format: format ?? picture.metadata?.format, quality });
    const filled = await this.#filling(call, job, given, picture, (mask, options, threads) => inpaintBy(picture, mask, options, threads));
    return answerOf(filled, output, { format, quality, onWarning });
  }

  /** Opens a photo, under the call's id. */
  async open(call: Call, { photo, pixelLimit, history, progress }: OpenJob): Promise<Answered> {
    const { id, signal } = call;
    throwIfAborted(signal);
    const report = this.#stages(call, progress);
    report('decode', 0);
    const picture = await readPicture(photo, { pixelLimit, signal, onWarning: this.#warningsOf(call) });
    report('decode', 1);
    const session = new PhotoSession(picture, { history });
    const { metadata } = picture;
    this.#open.set(id, { session, metadata });
    const { width, height, channels, bits } = session;
    return { answer: { opened: { width, height, channels, bits, format: metadata?.format, hasLocation: hasLocation(metadata) } }, transfer: [] };
  }

  /** Does something with a photo that is open. */
  async session(call: Call, name: number, task: SessionTask): Promise<Answered> {
    const open = this.#open.get(name);
    if (!open) {
      const message = 'the worker that held the photo has crashed, and the photo and its steps with it: open it again';
      throw new BackendError('session-lost', message, { expected: 'a session in use' });
    }
    const { session, metadata } = open;
    const { width, height } = session;
    const photo = { width, height, metadata };
    const step = ({ patches, ...rest }: Awaited<ReturnType<PhotoSession['undo']>>): Answered => {
      const sent = patches.map(({ top, left, picture }) => ({ top, left, image: plainImageOf(picture) }));
      return { answer: { step: { ...rest, patches: sent } }, transfer: sent.map(({ image }) => image.data.buffer) };
    };
    throwIfAborted(call.signal);
    const before = open.filledBy;
    open.filledBy = undefined;
    switch (task.do) {
      case 'fill': {
        const given = await this.#given(call, task);
        const filled = await this.#filling(call, task, given, photo, (mask, options, threads) => session.fill(mask, options, threads));
        if (filled.patches.length > 0) open.filledBy = call.id;
        return step(filled);
      }
      case 'estimate': {
        open.filledBy = before;
        const given = await this.#given(call, task);
        const estimate = await this.#filling(call, task, given, photo, (mask, options) => session.estimate(mask, options));
        return { answer: { estimate }, transfer: [] };
      }
      case 'undo':
        return step(await session.undo());
      case 'redo':
        return step(await session.redo());
      case 'lay':
        return step(await session.lay(task.patches));
      case 'close':
        session.dispose();
        this.#open.delete(name);
        return { answer: { closed: true }, transfer: [] };
      case 'picture':
      case 'image':
      case 'blob':
        open.filledBy = before;
        return this.#taken(call, session, task);
    }
  }

  async #taken(call: Call, session: PhotoSession, task: Extract<SessionTask, { do: 'picture' | 'image' | 'blob' }>): Promise<Answered> {
    const { signal } = call;
    if (task.do === 'blob') {
      const report = this.#stages(call, task.progress);
      report('encode', 0);
      const { format, quality, location } = task;
      const blob = await session.use('toBlob', (picture) => encodePicture(picture, { format, quality, location, signal, onWarning: this.#warningsOf(call) }));
      report('encode', 1);
      return { answer: { blob }, transfer: [] };
    }
    const picture = await (task.original ? session.original(task.box) : session.toPicture(task.box));
    throwIfAborted(signal);
    return answerOf(picture, task.do === 'picture' ? 'picture' : 'image-data', {});
  }

  /** What a call did that ended well and is not wanted: nobody waited for its end any more. */
  async takeBack(id: number): Promise<void> {
    this.#open.get(id)?.session.dispose();
    this.#open.delete(id);
    for (const open of this.#open.values()) {
      if (open.filledBy !== id) continue;
      open.filledBy = undefined;
      await open.session.takeBack();
    }
  }

  /** Starts the backend and makes the generator. */
  async ready(call: Call, choice: NamedChoice | undefined, progress: boolean): Promise<Answered> {
    throwIfAborted(call.signal);
    const backend = await this.#backend;
    await this.#withGenerator(call, choice, this.#reports(call, progress), async () => undefined);
    return { answer: { ready: { backend: backend.name, reason: backend.reason } }, transfer: [] };
  }

  /** Ends the threads of TensorFlow.js's wasm. Nothing can be filled on it afterwards. */
  async end(): Promise<void> {
    // Not before: those of a backend that is still starting are out of reach.
    await this.#backend.catch(() => undefined);
    if (findBackendFactory('wasm')) removeBackend('wasm');
  }

  async memory(): Promise<Answered> {
    const { name } = await this.#backend;
    const { numTensors, numBytes } = memory();
    return { answer: { memory: { tensors: numTensors, bytes: numBytes, backend: name } }, transfer: [] };
  }

  /** Masks and sketch of a call. */
  async #given(call: Call, { mask, sketch, sources, avoid, pixelLimit }: SentFill): Promise<Given> {
    const reading = { pixelLimit, signal: call.signal, onWarning: this.#warningsOf(call) };
    const read = async (mask: SentMask): Promise<Picture | MaskShapes> => {
      if (isMaskShapes(mask)) return mask;
      return isRunMask(mask) ? maskOfRuns(mask.width, mask.height, mask.runs) : readMask(mask as BrowserPictureSource, reading);
    };
    const [marks, lines, from, notFrom] = await Promise.all([
      read(mask),
      sketch === undefined ? undefined : readMask(sketch, reading),
      sources === undefined ? undefined : read(sources),
      avoid === undefined ? undefined : read(avoid),
    ]);
    return { marks, sketch: lines, sources: from, avoid: notFrom };
  }

  /** Has a hole filled, on the backend in use or the next. */
  #filling<T>(
    call: Call,
    { settings, generator: choice, progress, preview }: SentFill,
    { marks, sketch, sources, avoid }: Given,
    photo: Pick<Picture, 'width' | 'height' | 'metadata'>,
    fill: (mask: Picture, options: InpaintOptions, threads: KeptThreads | undefined) => Promise<T>,
  ): Promise<T> {
    const { id, signal } = call;
    const onWarning = this.#warningsOf(call);
    this.#warn = onWarning;
    const drawn = (mask: Picture | MaskShapes) => (isMaskShapes(mask) ? maskOfShapes(mask, photo) : mask);
    const mask = drawn(marks);
    const given = { sketch, sources: sources && drawn(sources), avoid: avoid && drawn(avoid) };
    const hole = isMaskShapes(marks) ? 'white' : settings.hole;
    const reports = this.#reports(call, progress);
    const onPreview = (look: Preview) => {
      const sent: SentPreview = { box: look.box, image: plainImageOf({ ...look.picture, metadata: photo.metadata }) };
      this.#post({ type: 'preview', id, preview: sent }, [sent.image.data.buffer]);
    };
    const options = { ...settings, ...given, hole, signal, onProgress: reports?.report, onPreview: preview ? onPreview : undefined, onWarning };
    return this.#withGenerator(call, choice, reports, (generator) => fill(mask, { ...options, generator }, this.#threads));
  }

  async #withGenerator<T>(
    { signal }: Call,
    choice: NamedChoice | undefined,
    reports: Reports | undefined,
    work: (generator: Generator) => Promise<T>,
  ): Promise<T> {
    const backend = await this.#backend;
    const keeper = this.#keeper(choice);
    const onWeights = reports && (({ loaded, total = 0 }: { loaded: number; total?: number }) => reports.report({ stage: 'weights', done: loaded, total }));
    const result = await backend.run(async (name) => work(await keeper.on(name, signal, onWeights)));
    reports?.flush();
    return result;
  }

  #keeper(named: NamedChoice | undefined): GeneratorKeeper {
    if (!named) return this.#own;
    if (this.#other?.key !== named.key) {
      this.#other?.keeper.dispose();
      this.#other = { key: named.key, keeper: this.#keeperOf(named.choice) };
    }
    return this.#other.keeper;
  }

  #warningsOf({ id }: Call): OnWarning {
    return (warning: Warning) => this.#post({ type: 'warning', id, warning });
  }

  #reports({ id }: Call, wanted: boolean): Reports | undefined {
    return wanted ? throttled((progress) => this.#post({ type: 'progress', id, progress })) : undefined;
  }

  /** Tells of stages that are one step. */
  #stages({ id }: Call, wanted: boolean): (stage: PhotoStage, done: number) => void {
    const post = (progress: PhotoProgress) => this.#post({ type: 'progress', id, progress });
    return (stage, done) => (wanted ? post({ stage, done, total: 1 }) : undefined);
  }
}

type Reports = ReturnType<typeof throttled>;

async function answerOf(picture: Picture, output: Job['output'], options: EncodeOptions): Promise<Answered> {
  if (output === 'picture') return { answer: { picture }, transfer: [picture.data.buffer] };
  if (output === 'blob') return { answer: { blob: await encodePicture(picture, options) }, transfer: [] };
  if (output === 'bitmap') {
    const bitmap = await createImageBitmap(toImageData(picture), { premultiplyAlpha: 'none' });
    return { answer: { bitmap }, transfer: [bitmap] };
  }
  const image = plainImageOf(picture);
  return { answer: { image }, transfer: [image.data.buffer] };
}

/** The fields of an ImageData: the object itself would be copied. */
function plainImageOf(picture: Picture): PlainImageData {
  const { width, height, data, colorSpace } = toImageData(picture);
  return { width, height, data: data as Uint8ClampedArray<ArrayBuffer>, colorSpace };
}
