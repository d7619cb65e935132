import type { FromThread, StartThread } from './protocol';

/** Threads of a browser's: workers that run a thread's script. */
export const asThread =
  (start: () => Worker): StartThread =>
  (listen, died) => {
    const worker = start();
    worker.onmessage = ({ data }: MessageEvent<FromThread>) => listen(data);
    worker.onerror = (event) => {
      event.preventDefault();
      died(new Error(event.message || 'no reason is given, its script may be missing'));
    };
    worker.onmessageerror = () => died(new Error('it sent what cannot be read'));
    return {
      post: (message) => worker.postMessage(message),
      end() {
        worker.terminate();
        // What it had said already still arrives.
        worker.onmessage = worker.onerror = worker.onmessageerror = null;
      },
    };
  };
