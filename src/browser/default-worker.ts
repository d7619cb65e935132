import { startWorker } from './start-worker';

/** Starts the worker that comes with this package, TensorFlow.js and all. Bundlers know it by this form, and take it along. */
export const defaultWorker = (): Worker =>
  startWorker(
    () => new Worker(new URL('../standalone/worker.js', import.meta.url), { type: 'module', name: 'cra-inpaint' }),
    '../standalone/worker.js',
    import.meta.url,
  );
