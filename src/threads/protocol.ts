import type { PlainError } from '../plain-error';

/** What a thread is told. */
export interface ToThread {
  id: number;
  name: string;
  args: unknown;
}

/** What a thread says: first that it is there. */
export type FromThread = { type: 'ready' } | { type: 'done'; id: number; result: unknown } | { type: 'failed'; id: number; error: PlainError };

/** A thread as its pool sees it. */
export interface Thread {
  post(message: ToThread): void;
  /** Ends it at once, whatever it does. */
  end(): void;
}

/** Starts a thread, and tells what it says, and what it dies of. */
export type StartThread = (listen: (message: FromThread) => void, died: (error: Error) => void) => Thread;
