import { throwIfAborted } from '../abort';
import { AbortError } from '../errors';
import { nodeThreads, startInNode } from '../threads/node-threads';
import { ThreadPool } from '../threads/pool';
import type { StartThread } from '../threads/protocol';
import { type Pause, type Task, type Threads, thisThread } from '../threads/task';
import type { OnWarning } from '../warning';
import { type InTurn, oneAtATime } from './windows';

/** Threads that their owner keeps for several photos. */
export interface KeptThreads extends Threads {
  /** What part of them, and of the memory, this photo may count on while others are at work beside it. Default 1: all. */
  readonly part?: number;
  /** Takes turns with the photos beside this one, for what can't be done for two at once. Default: there are none. */
  readonly inTurn?: InTurn;
  /** Leaves off all that is asked of them. */
  drop(): void;
}

/** Threads that are to be ended. */
export interface OpenThreads extends KeptThreads {
  close(): void;
}

/** Threads that know who asks. */
interface OwnedThreads extends OpenThreads {
  run<A, R>(task: Task<A, R>, args: A, pause: Pause, owner?: object): Promise<R>;
  drop(owner?: object): void;
}

/** More than these have nothing to do most of the time. */
export const MOST_THREADS = 8;

/** A module of Node's. Not imported: bundlers for browsers would look for it. */
const builtin = <T>(name: string): T => (globalThis.process as unknown as { getBuiltinModule(name: string): T }).getBuiltinModule(name);

/** How many threads there are where nobody says: as many as there are cores, in Node; in a browser, where cores are the page's too, one. */
export const defaultThreads = (): number => {
  if (!nodeThreads()) return 1;
  const { availableParallelism } = builtin<typeof import('node:os')>('node:os');
  return Math.min(MOST_THREADS, availableParallelism());
};

/** Opens threads, none of which is started before there is something for it to do. */
export function openThreads(count: number, warn: OnWarning): OwnedThreads {
  const inNode = nodeThreads();
  if (count === 1 || !inNode) return { ...thisThread, drop: () => undefined, close: () => undefined };
  return threadPool(count, startInNode(inNode, script()), warn);
}

/** A pool whose owner is warned where it has to do without threads. */
export function threadPool(count: number, start: StartThread, warn: OnWarning): ThreadPool {
  const onWithout = (reason: Error) => warn({ code: 'no-threads', message: `no thread could be started, so that all is done on one: ${reason.message}` });
  return new ThreadPool({ count, start, onWithout });
}

/**
 * Shares threads among photos that are at work at the same time: each call gives one photo its part, until that is closed. What one of them
 * leaves off is its own.
 */
export function shareThreads(threads: OwnedThreads): () => OpenThreads {
  const inTurn = oneAtATime();
  let photos = 0;
  return () => {
    const owner = {};
    photos++;
    return {
      count: threads.count,
      get part() {
        return 1 / photos;
      },
      inTurn,
      run: (task, args, pause) => threads.run(task, args, pause, owner),
      drop: () => threads.drop(owner),
      close() {
        photos--;
      },
    };
  };
}

/** The script that stands beside this file, as a module of the same kind. Of a name that hardly stands beside a bundle of others by chance. */
function script(): URL {
  const here = typeof __filename === 'string' ? builtin<typeof import('node:url')>('node:url').pathToFileURL(__filename) : new URL(import.meta.url);
  return new URL(`./inpaint-thread${/\.\w+$/.exec(here.pathname)?.[0]}`, here);
}

/** Threads for work that its caller may want no longer: it then waits for none of them. */
export function unlessEnded(threads: Threads, signal: AbortSignal, each: () => Threads['each'] = () => 'part'): Threads {
  const waiting = new Set<(error: unknown) => void>();
  // One listener for all tasks, of which there may be thousands.
  const end = () => {
    const error = new AbortError('aborted', 'the operation was aborted', { cause: signal.reason });
    for (const reject of waiting) reject(error);
  };
  signal.addEventListener('abort', end, { once: true });
  return {
    count: threads.count,
    get each() {
      return each();
    },
    async run(task, args, pause) {
      throwIfAborted(signal);
      // Not Promise.race() with one promise of the end: that would keep hold of all results.
      let stop: (error: unknown) => void = () => undefined;
      try {
        return await new Promise((resolve, reject) => {
          stop = reject;
          waiting.add(stop);
          threads.run(task, args, pause).then(resolve, reject);
        });
      } finally {
        waiting.delete(stop);
      }
    },
  };
}
