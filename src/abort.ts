import { AbortError } from './errors';

/**
 * Stops what is going on if its caller no longer wants it.
 * @throws AbortError (`aborted`), with the signal's reason as its cause.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError('aborted', 'the operation was aborted', { cause: signal.reason });
}

// Giving way costs a browser 4 ms each time; a person notices a tenth of a second.
const LONGEST_STRETCH = 40;

/**
 * A pause to make between two steps, however small: gives way to the event loop where it has waited for a while, and the
 * first time, so that an abort can arrive, and stops where one has.
 */
export function pauseFor(signal: AbortSignal | undefined): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - last > LONGEST_STRETCH) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      last = performance.now();
    }
    throwIfAborted(signal);
  };
}
