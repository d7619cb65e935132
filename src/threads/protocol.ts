import type { PlainError } from '../plain-error';

/** What a thread is told; never while it has not answered what it was told before. */
export interface ToThread {
  name: string;
  args: unknown;
}

/** What a thread says: first that it is there. */
export type FromThread = { type: 'ready' } | { type: 'done'; result: unknown } | { type: 'failed'; error: PlainError };

/** A thread as its pool sees it. */
export interface Thread {
  post(message: ToThread): void;
  /** Ends it at once, whatever it does. */
  end(): void;
}

/** Starts a thread, and tells what it says, and what it dies of. */
export type StartThread = (listen: (message: FromThread) => void, died: (error: Error) => void) => Thread;
