import { AbortError } from './errors';

/**
 * Stops what is going on if its caller no longer wants it.
 * @throws AbortError (`aborted`), with the signal's reason as its cause.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError('aborted', 'the operation was aborted', { cause: signal.reason });
}

/**
 * Waits for work of the caller's own that may know nothing of the signal, and no longer than until it fires. What the work fails by
 * once it has fired is the abort, such as the signal's reason, which `fetch` throws as it is.
 * @throws AbortError (`aborted`), and what the work throws.
 */
export async function unlessAborted<T>(work: () => T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  throwIfAborted(signal);
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  signal?.addEventListener('abort', stop);
  try {
    return (await Promise.race([work(), aborted])) as T;
  } finally {
    signal?.removeEventListener('abort', stop);
    throwIfAborted(signal);
  }
}

/** A signal that fires with either of two. Node has `AbortSignal.any()` only from 20.3 on. `release` is to be called in the end. */
export function eitherSignal(one: AbortSignal | undefined, other: AbortSignal): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const both = one ? [one, other] : [other];
  const stops = both.map((signal) => ({ signal, stop: () => controller.abort(signal.reason) }));
  for (const { signal, stop } of stops) {
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
  }
  const release = () => {
    for (const { signal, stop } of stops) signal.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, release };
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
