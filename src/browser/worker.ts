/**
 * The worker's side of `createInpainter()`, for a worker script of your own: {@link serveInpainter}.
 * @module cra-inpaint/worker
 */
export type { GeneratorMaker } from './generator-keeper';
export { type ServeOptions, serveInpainter } from './serve';
