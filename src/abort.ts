import { AbortError } from './errors';

/**
 * Stops what is going on if its caller no longer wants it.
 * @throws AbortError (`aborted`), with the signal's reason as its cause.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError('aborted', 'the operation was aborted', { cause: signal.reason });
}
