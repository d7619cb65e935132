import { AbortError, ArgumentError, BackendError } from '../errors';
import type { BestChoice } from '../generators/best';
import { fromPlainError } from '../plain-error';
import type { OnWarning } from '../warning';
import type { BackendChoice } from './backends';
import type { Answer, SentPreview, ToPage, ToWorker } from './protocol';
import { closeAll } from './sendable';
import type { PhotoProgress } from './session-options';

// A script that is not there gives an error without a word. Dev servers that bundle packages anew lose it, and so do bundlers that don't know workers.
const MISSING =
  "no reason is given, its script may be missing: vite's dev server needs optimizeDeps: { exclude: ['cra-inpaint'] }, esbuild a copy of dist/standalone and the option worker";

/** What the threads of a worker's wasm have to end in before it does. No message says that they have. */
const GRACE_MS = 1000;

/** A message, and what of it is handed over. */
export interface Letter {
  message: ToWorker;
  transfer?: Transferable[];
}

/** What is heard of a question before its answer. */
export interface Listeners {
  signal?: AbortSignal;
  onProgress?(progress: PhotoProgress): void;
  onPreview?(preview: SentPreview): void;
  onWarning?: OnWarning;
}

/** A question that is not answered yet. */
interface Question extends Listeners {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Questions to a worker and its answers. A worker that crashed is replaced when the next question is asked. */
export class Connection {
  #worker: Worker | undefined;
  #heard = false;
  #questions = new Map<number, Question>();
  #asked = 0;
  #posted: Promise<void> = Promise.resolve();

  /**
   * @param start gives a worker, or throws
   * @param greeting the first message to every worker
   * @param onBackend told what the worker computes on
   * @param onGenerator told who fills, where the worker chose
   */
  constructor(
    private readonly start: () => Worker,
    private readonly greeting: ToWorker,
    private readonly onBackend: (choice: BackendChoice) => void,
    private readonly onGenerator: (choice: BestChoice) => void,
  ) {}

  /** Starts the worker, unless it is running. */
  open(): Worker {
    if (this.#worker) return this.#worker;
    const worker = this.start();
    this.#worker = worker;
    this.#heard = false;
    worker.onmessage = ({ data }) => this.#hear(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#crashed(event.message);
    };
    worker.onmessageerror = () => this.#crashed('it sent what cannot be read');
    worker.postMessage(this.greeting);
    return worker;
  }

  /** Whether a worker is running. */
  get isOpen(): boolean {
    return this.#worker !== undefined;
  }

  /** Ends the worker, and all questions by an error. */
  close(error: Error): void {
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker) {
      // What it had said already still arrives, and would be taken for its successor's.
      worker.onmessage = worker.onerror = worker.onmessageerror = null;
      end(worker);
    }
    for (const id of [...this.#questions.keys()]) this.#take(id)?.reject(error);
  }

  /**
   * Asks the worker, after all that was asked before. Aborting is answered at once; the worker stops when it hears of it.
   * @param write is called at once, and may take its time.
   */
  ask(write: (id: number) => Letter | Promise<Letter>, listeners: Listeners = {}): Promise<Answer> {
    const id = this.#asked++;
    const { signal } = listeners;
    return new Promise<Answer>((resolve, reject) => {
      const onAbort = () => {
        const question = this.#take(id);
        this.#worker?.postMessage({ type: 'abort', id } satisfies ToWorker);
        question?.reject(new AbortError('aborted', 'the operation was aborted', { cause: signal?.reason }));
      };
      const settled = () => signal?.removeEventListener('abort', onAbort);
      signal?.addEventListener('abort', onAbort);
      this.#questions.set(id, {
        ...listeners,
        resolve: (answer) => {
          settled();
          resolve(answer);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      this.#posted = this.#post(id, write(id), this.#posted);
    });
  }

  async #post(id: number, letter: Letter | Promise<Letter>, before: Promise<void>): Promise<void> {
    let handedOver: Transferable[] = [];
    try {
      const { message, transfer = [] } = await letter;
      handedOver = transfer;
      await before;
      if (this.#questions.has(id)) this.open().postMessage(message, transfer);
      else closeAll(transfer);
    } catch (error) {
      closeAll(handedOver);
      this.#take(id)?.reject(sendingFailed(error));
      await before;
    }
  }

  #take(id: number): Question | undefined {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    return question;
  }

  #hear(message: ToPage): void {
    this.#heard = true;
    if (message.type === 'answer') this.#answered(message.id, message.answer);
    else if (message.type === 'error') this.#take(message.id)?.reject(fromPlainError(message.error));
    else if (message.type === 'backend') this.onBackend({ backend: message.backend, reason: message.reason });
    else if (message.type === 'generator') this.onGenerator({ generator: message.generator, reason: message.reason });
    else this.#pass(message);
  }

  #answered(id: number, answer: Answer): void {
    const question = this.#take(id);
    if (question) question.resolve(answer);
    else if ('bitmap' in answer) answer.bitmap.close();
  }

  #pass(message: Extract<ToPage, { type: 'progress' | 'preview' | 'warning' }>): void {
    const question = this.#questions.get(message.id);
    try {
      if (message.type === 'progress') question?.onProgress?.(message.progress);
      else if (message.type === 'preview') question?.onPreview?.(message.preview);
      else if (question?.onWarning) question.onWarning(message.warning);
      else if (question) console.warn(`cra-inpaint: ${message.warning.message}`);
    } catch (error) {
      // As inpaint() does: what a listener throws ends the call.
      this.#worker?.postMessage({ type: 'abort', id: message.id } satisfies ToWorker);
      this.#take(message.id)?.reject(error);
    }
  }

  #crashed(reason = MISSING): void {
    const what = this.#heard ? 'crashed' : "can't be started";
    this.close(new BackendError('backend', `createInpainter: the worker ${what}: ${reason}`, { expected: 'a worker that runs', actual: reason }));
  }
}

/**
 * Ends a worker. On an isolated page its wasm has threads: Chromium keeps one of them for good where they still end as the worker does.
 * So it is told to end them first, and given the time to; one that is busy for so long does not hear of it.
 */
function end(worker: Worker): void {
  if (!globalThis.crossOriginIsolated) {
    worker.terminate();
    return;
  }
  worker.onerror = (event) => event.preventDefault();
  worker.postMessage({ type: 'end' } satisfies ToWorker);
  setTimeout(() => worker.terminate(), GRACE_MS);
}

/** A function among the options, or a generator itself, can't be sent. */
function sendingFailed(error: unknown): unknown {
  if ((error as Error)?.name !== 'DataCloneError') return error;
  const expected = 'pictures and options that can be sent to a worker';
  return new ArgumentError('argument', `inpaint: expected ${expected}: ${(error as Error).message}`, { expected, cause: error });
}
