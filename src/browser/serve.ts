import { toPlainError } from '../plain-error';
import { GeneratorKeeper, type GeneratorMaker } from './generator-keeper';
import type { GeneratorChoice } from './options';
import type { SentFill, ToPage, ToWorker } from './protocol';
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

/** What of a fill may be pictures of the GPU's, to be freed. */
const picturesOf = ({ mask, sketch, sources, avoid }: SentFill): readonly unknown[] => [mask, sketch, sources, avoid];

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
  const inTurn = (id: number, work: (call: { id: number; signal: AbortSignal }) => Promise<Answered>, sent: readonly unknown[] = []) => {
    const controller = new AbortController();
    controllers.set(id, controller);
    turn = turn.then(async () => {
      await answer(id, () => work({ id, signal: controller.signal }));
      closeAll(sent);
    });
  };
  const abort = (id: number) => {
    const controller = controllers.get(id);
    if (controller) controller.abort();
    // It has ended meanwhile; whoever asked waits for its end no more.
    else turn = turn.then(() => (server as Server).takeBack(id)).catch(() => undefined);
  };
  scope.addEventListener('message', ({ data: message }) => {
    // Others may talk to a worker of one's own too.
    if (!message) return;
    const serving = server as Server;
    if (message.type === 'start') {
      const keeperOf = (choice: GeneratorChoice) => new GeneratorKeeper(choice, generators, (chosen) => post({ type: 'generator', ...chosen }));
      const { generator, workers } = message;
      server = new Server({ generator, keeperOf, order: message.order ?? order, workers, startThread, post });
    } else if (message.type === 'abort') {
      abort(message.id);
    } else if (message.type === 'end') {
      for (const controller of controllers.values()) controller.abort();
      void serving.end();
    } else if (message.type === 'memory') {
      void answer(message.id, () => serving.memory());
    } else if (message.type === 'inpaint') {
      const { job } = message;
      inTurn(message.id, (call) => serving.inpaint(call, job), [job.photo, ...picturesOf(job)]);
    } else if (message.type === 'open') {
      const { job } = message;
      inTurn(message.id, (call) => serving.open(call, job), [job.photo]);
    } else if (message.type === 'session') {
      const { session, task } = message;
      inTurn(message.id, (call) => serving.session(call, session, task), 'mask' in task ? picturesOf(task) : []);
    } else if (message.type === 'ready') {
      inTurn(message.id, (call) => serving.ready(call, message.generator, message.progress));
    }
  });
}
