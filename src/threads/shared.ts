import type { Threads } from './task';

type Shareable = Float32Array | Int32Array | Uint8Array | Uint8ClampedArray | Uint16Array;

/** Whether memory can be shared between threads here: in Node, and in pages that are cross-origin isolated. */
export const canShare = (): boolean => typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated !== false;

/** The same values where other threads see them; as they are where there is no such memory: then they are copied to each thread. */
export function shared<T extends Shareable>(values: T): T {
  if (!canShare() || values.buffer instanceof SharedArrayBuffer) return values;
  const copy = new (values.constructor as new (buffer: SharedArrayBuffer) => T)(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** {@link shared}, if there are other threads at all. */
export const sharedAmong = ({ count }: Threads): typeof shared => (count > 1 ? shared : (values) => values);
