/**
 * The worker's side of `createInpainter()`, for a worker script of your own: {@link serveInpainter}.
 * @module cra-inpaint/worker
 */
import { defaultThread } from './default-thread';
import { type ServeOptions, serveBy } from './serve';

export type { GeneratorMaker } from './generator-keeper';
export type { ServeOptions };

/**
 * Makes a worker script answer `createInpainter()`: import the backends that you want, then call this once.
 *
 * @param options generators of your own, the order of backends, where the script of its threads is
 * @example
 * ```js
 * import '@tensorflow/tfjs-backend-wasm';
 * import { serveInpainter } from 'cra-inpaint/worker';
 *
 * serveInpainter({ generators: { mine: () => fromFunction(paint, { name: 'mine' }) } });
 * ```
 */
export function serveInpainter(options: ServeOptions = {}): void {
  serveBy({ ...options, startThread: options.startThread ?? defaultThread });
}
