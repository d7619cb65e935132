import type { FromThread, StartThread } from './protocol';

type WorkerThreads = typeof import('node:worker_threads');

/** Node's threads; none in a browser. Not imported: bundlers for browsers would look for it. */
export const nodeThreads = (): WorkerThreads | undefined =>
  (globalThis.process as { getBuiltinModule?(name: string): WorkerThreads } | undefined)?.getBuiltinModule?.('node:worker_threads');

/** Starts threads of Node's that run a script. They keep a program alive only while it waits for them. */
export const startInNode =
  ({ Worker }: WorkerThreads, script: URL): StartThread =>
  (listen, died) => {
    const worker = script.pathname.endsWith('.ts') ? new Worker(fromSource(script), { eval: true }) : new Worker(script, { name: 'cra-inpaint' });
    worker.on('message', (message: FromThread) => {
      if (message.type !== 'ready') worker.unref();
      listen(message);
    });
    worker.on('error', died);
    worker.on('exit', () => died(new Error('the thread ended')));
    return {
      post(message) {
        worker.ref();
        worker.postMessage(message);
      },
      end() {
        worker.removeAllListeners();
        // What it may still fail by is nobody's any more.
        worker.on('error', () => undefined);
        void worker.terminate();
      },
    };
  };

/** Of sources that tsx runs: in a thread of Node 20 its loader has to be asked for first. */
const fromSource = ({ href }: URL) => `import('tsx/esm/api').then(({ register }) => (register(), import('${href}')))`;
