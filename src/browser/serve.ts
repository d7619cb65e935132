import { toPlainError } from '../plain-error';
import { GeneratorKeeper, type GeneratorMaker } from './generator-keeper';
import type { ToPage, ToWorker } from './protocol';
import { closeAll } from './sendable';
import { type Answered, Server } from './server';

/** Options of {@link serveInpainter}. */
export interface ServeOptions {
  /** Generators of your own by the names that the page asks for, beside those of this package. */
  generators?: Readonly<Record<string, GeneratorMaker>>;
  /** The backends to try where the page leaves it to the worker; see `detectBackend()`. */
  order?: readonly string[];
}

/** The worker's own end. Said here, since its types and the page's exclude each other. */
interface WorkerScope {
  addEventListener(type: 'message', listener: (event: { data: ToWorker }) => void): void;
  postMessage(message: ToPage, transfer?: Transferable[]): void;
}

/**
 * Makes a worker script answer `createInpainter()`: import the backends that you want, then call this once.
 *
 * @param options generators of your own, and the order of backends
 * @example
 * ```js
 * import '@tensorflow/tfjs-backend-wasm';
 * import { serveInpainter } from 'cra-inpaint/worker';
 *
 * serveInpainter({ generators: { mine: () => fromFunction(paint, { name: 'mine' }) } });
 * ```
 */
export function serveInpainter(options: ServeOptions = {}): void {
  const scope = globalThis as unknown as WorkerScope;
  const post = (message: ToPage, transfer?: Transferable[]) => scope.postMessage(message, transfer);
  const controllers = new Map<number, AbortController>();
  let server: Server | undefined;
  let turn: Promise<void> = Promise.resolve();

  const answer = async (id: number, work: () => Promise<Answered>) => {
    try {
      const { answer, transfer } = await work();
      post({ type: 'answer', id, answer }, transfer);
    } catch (error) {
      post({ type: 'error', id, error: toPlainError(error) });
    } finally {
      controllers.delete(id);
    }
  };
  scope.addEventListener('message', ({ data: message }) => {
    // Others may talk to a worker of one's own too.
    if (!message) return;
    if (message.type === 'start') {
      server = new Server(new GeneratorKeeper(message.generator, options.generators), message.order ?? options.order, post);
    } else if (message.type === 'abort') {
      controllers.get(message.id)?.abort();
    } else if (message.type === 'memory') {
      void answer(message.id, () => (server as Server).memory());
    } else if (message.type === 'inpaint') {
      const { id, job } = message;
      const controller = new AbortController();
      controllers.set(id, controller);
      turn = turn.then(async () => {
        await answer(id, () => (server as Server).inpaint(id, job, controller.signal));
        closeAll([job.photo, job.mask, job.sketch]);
      });
    }
  });
}
