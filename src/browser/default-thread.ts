import { startWorker } from './start-worker';

/** Starts the thread's script that comes with this package. Bundlers know it by this form, and take it along. */
export const defaultThread = (): Worker =>
  startWorker(
    () => new Worker(new URL('../standalone/thread.js', import.meta.url), { type: 'module', name: 'cra-inpaint thread' }),
    '../standalone/thread.js',
    import.meta.url,
  );
