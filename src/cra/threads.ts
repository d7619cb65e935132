import { throwIfAborted } from '../abort';
import { AbortError } from '../errors';
import { nodeThreads, startInNode } from '../threads/node-threads';
import { ThreadPool } from '../threads/pool';
import { type Threads, thisThread } from '../threads/task';
import type { OnWarning } from '../warning';

/** Threads that are to be ended. */
export interface OpenThreads extends Threads {
  close(): void;
}

// More than these have nothing to do most of the time.
const MOST_THREADS = 8;

/** How many threads there are where nobody says: as many as there are cores, in Node; in a browser, where cores are the page's too, one. */
export const defaultThreads = (): number => {
  if (!nodeThreads()) return 1;
  const { availableParallelism } = (globalThis.process as { getBuiltinModule(name: string): typeof import('node:os') }).getBuiltinModule('node:os');
  return Math.min(MOST_THREADS, availableParallelism());
};

/** Opens threads, none of which is started before there is something for it to do. */
export function openThreads(count: number, warn: OnWarning): OpenThreads {
  const inNode = nodeThreads();
  if (count === 1 || !inNode) return { ...thisThread, close: () => undefined };
  const onWithout = (reason: Error) => warn({ code: 'no-threads', message: `no thread could be started, so that all is done on one: ${reason.message}` });
  return new ThreadPool({ count, start: startInNode(inNode, script()), onWithout });
}

/** The script that stands beside this file, as a module of the same kind. */
function script(): URL {
  const here = typeof __filename === 'string' ? new URL(`file://${__filename}`) : new URL(import.meta.url);
  return new URL(`./thread${/\.\w+$/.exec(here.pathname)?.[0]}`, here);
}

/** Threads for work that its caller may want no longer: it then waits for none of them. */
export function unlessEnded(threads: Threads, signal: AbortSignal): Threads {
  const { promise: ended, reject } = withReject();
  // One listener for all tasks, of which there may be thousands.
  signal.addEventListener('abort', () => reject(new AbortError('aborted', 'the operation was aborted', { cause: signal.reason })), { once: true });
  return {
    count: threads.count,
    async run(task, args, pause) {
      throwIfAborted(signal);
      return Promise.race([threads.run(task, args, pause), ended]);
    },
  };
}

function withReject(): { promise: Promise<never>; reject(error: unknown): void } {
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  // Where nothing is under way nobody hears of it.
  promise.catch(() => undefined);
  return { promise, reject };
}
