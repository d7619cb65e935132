import { toPlainError } from '../plain-error';
import { GeneratorKeeper, type GeneratorMaker } from './generator-keeper';
import type { ToPage, ToWorker } from './protocol';
import { closeAll } from './sendable';
import { type Answered, Server } from './server';

/** Options of `serveInpainter()`. */
export interface ServeOptions {
  /** Generators of your own by the names that the page asks for, beside those of this package. */
  generators?: Readonly<Record<string, GeneratorMaker>>;
  /** The backends to try where the page leaves it to the worker; see `detectBackend()`. */
  order?: readonly string[];
  /**
   * Starts a worker that runs the script of a thread, for pages that ask for `workers`. Default: `dist/standalone/thread.js` of this package,
   * which bundlers take along; name its place where you have it elsewhere.
   */
  startThread?: () => Worker;
}

/** The worker's own end. Said here, since its types and the page's exclude each other. */
interface WorkerScope {
  addEventListener(type: 'message', listener: (event: { data: ToWorker }) => void): void;
  postMessage(message: ToPage, transfer?: Transferable[]): void;
}

/** Makes this worker answer a page, with threads that are started so. */
export function serveBy({ generators, order, startThread }: ServeOptions & Required<Pick<ServeOptions, 'startThread'>>): void {
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
      const keeper = new GeneratorKeeper(message.generator, generators, (choice) => post({ type: 'generator', ...choice }));
      server = new Server({ generators: keeper, order: message.order ?? order, workers: message.workers, startThread, post });
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
