import type { FromThread, StartThread } from './protocol';

type WorkerThreads = typeof import('node:worker_threads');

/** Node's threads; none in a browser. Not imported: bundlers for browsers would look for it. */
export const nodeThreads = (): WorkerThreads | undefined =>
  (globalThis.process as { getBuiltinModule?(name: string): WorkerThreads } | undefined)?.getBuiltinModule?.('node:worker_threads');

/** Starts threads of Node's that run a script. They keep a program alive only while it waits for them. */
export const startInNode =
  ({ Worker }: WorkerThreads, script: URL): StartThread =>
  (listen, died) => {
    // What the program was started with is not for the script: with --input-type Node refuses to run it.
    const options = { name: 'cra-inpaint', execArgv: [] };
    const worker = script.pathname.endsWith('.ts') ? new Worker(fromSource(script), { ...options, eval: true }) : new Worker(script, options);
    worker.unref();
    worker.on('message', (message: FromThread) => {
      if (message.type !== 'ready') worker.unref();
      listen(message);
    });
    worker.on('error', died);
    // An answer that does not fit into memory, say.
    worker.on('messageerror', died);
    worker.on('exit', () => died(new Error('the thread ended')));
    return {
      post(message) {
        // What can't be sent is not waited for.
        worker.postMessage(message);
        worker.ref();
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
