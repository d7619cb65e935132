import { BackendError } from '../errors';

/**
 * Starts a worker, also one from another origin, such as a CDN: a page may not start that, but its own worker may import it.
 * @param start starts the worker at the path, in the form that bundlers look for
 * @param path of the worker, from the address `here`
 */
export function startWorker(start: () => Worker, path: string, here: string): Worker {
  if (typeof Worker === 'undefined') throw new BackendError('backend', 'createInpainter: there are no workers here; in Node, call inpaint() itself');
  const script = new URL(path, here);
  // Chromium refuses by an error at once; Firefox starts a worker, and says later that something went wrong.
  if (!/^https?:$/.test(script.protocol) || script.origin === globalThis.origin) {
    try {
      return start();
    } catch (error) {
      if ((error as Error).name !== 'SecurityError') throw error;
    }
  }
  const code = `import ${JSON.stringify(script.href)};`;
  const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const worker = new Worker(address, { type: 'module', name: 'cra-inpaint' });
  // Its first word, or its failure, says that the text has been read.
  const forget = () => URL.revokeObjectURL(address);
  worker.addEventListener('message', forget, { once: true });
  worker.addEventListener('error', forget, { once: true });
  return worker;
}
