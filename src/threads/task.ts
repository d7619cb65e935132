/** Gives way, and throws where the caller no longer wants what is going on. */
export type Pause = () => Promise<void>;

/**
 * A step that any thread may do. What it is given and what it gives back are plain objects, numbers and typed arrays; it changes nothing that
 * it is given, so that a copy will do.
 */
export interface Task<A, R> {
  /** By which a thread knows it. */
  readonly name: string;
  run(args: A, pause: Pause): R | Promise<R>;
}

/** Names a step. */
export const task = <A, R>(name: string, run: Task<A, R>['run']): Task<A, R> => ({ name, run });

/** Who does tasks. */
export interface Threads {
  /** How many at a time. */
  readonly count: number;
  /** What is best asked of each: small parts of one piece of work, or a whole one, where there are as many as threads. Default: parts. */
  readonly each?: 'part' | 'whole';
  /** @param pause for where it is done on this thread. */
  run<A, R>(task: Task<A, R>, args: A, pause: Pause): Promise<R>;
}

/** This thread alone. */
export const thisThread: Threads = { count: 1, run: async (task, args, pause) => task.run(args, pause) };

/** Has several of a kind done, as many at a time as there are threads; on this thread alone one after the other. */
export async function runAll<A, R>(threads: Threads, task: Task<A, R>, all: readonly A[], pause: Pause, onDone?: () => void): Promise<R[]> {
  const one = async (args: A) => {
    const result = await threads.run(task, args, pause);
    onDone?.();
    await pause();
    return result;
  };
  if (threads.count > 1) return Promise.all(all.map(one));
  const results: R[] = [];
  for (const args of all) results.push(await one(args));
  return results;
}
