import { toPlainError } from '../plain-error';
import { nodeThreads } from './node-threads';
import type { FromThread, ToThread } from './protocol';
import type { Task } from './task';

/** A thread's own end, of Node's kind or a browser's. */
interface Scope {
  post(message: FromThread): void;
  listen(listener: (message: ToThread) => void): void;
}

// Nobody else stops it: a task that nobody waits for any more ends with its thread.
const noPause = () => Promise.resolve();

/** Makes a thread's script do these tasks. */
export function serveTasks(tasks: readonly Task<never, unknown>[]): void {
  const byName = new Map(tasks.map((task) => [task.name, task as Task<unknown, unknown>]));
  const { post, listen } = scopeHere();
  listen(async ({ name, args }) => {
    try {
      const task = byName.get(name);
      if (!task) throw new Error(`no task "${name}"`);
      post({ type: 'done', result: await task.run(args, noPause) });
    } catch (error) {
      post({ type: 'failed', error: toPlainError(error) });
    }
  });
  post({ type: 'ready' });
}

function scopeHere(): Scope {
  const port = nodeThreads()?.parentPort;
  if (port) {
    // What it can't take in it can't answer: whoever waits for that hears that the thread has died.
    port.on('messageerror', (error) => {
      throw error;
    });
    return { post: (message) => port.postMessage(message), listen: (listener) => port.on('message', listener) };
  }
  const scope = globalThis as unknown as {
    postMessage(message: unknown): void;
    addEventListener(type: 'message', listener: (event: { data: ToThread }) => void): void;
  };
  return {
    post: (message) => scope.postMessage(message),
    listen: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
  };
}
