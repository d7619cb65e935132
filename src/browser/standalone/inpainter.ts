import { createInpainter as create } from '../inpainter';
import type { Inpainter } from '../inpainter-type';
import type { InpainterOptions } from '../options';
import { startWorker } from '../start-worker';

const workerBeside = (): Worker =>
  startWorker(() => new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'cra-inpaint' }), './worker.js', import.meta.url);

/** As `createInpainter()` of `cra-inpaint/browser`; its worker is the file beside this one, whatever their folder is called. */
export function createInpainter(options: InpainterOptions = {}): Inpainter {
  return create({ worker: workerBeside, ...options });
}
