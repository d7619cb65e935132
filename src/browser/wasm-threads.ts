import type { Engine } from './capability';

const FLAG = 'WASM_HAS_MULTITHREAD_SUPPORT';

/**
 * Has wasm do without threads where they can't be started. They are workers made of Blobs: a policy that forbids those
 * would end the whole worker by an error of nobody's, or leave TensorFlow.js waiting for ever.
 * @returns why it does without, if it does
 */
export async function withoutThreads({ env }: Engine): Promise<string | undefined> {
  if (globalThis.crossOriginIsolated === false) return 'the page is not cross-origin isolated';
  if (globalThis.crossOriginIsolated === undefined || !(await env().getAsync(FLAG)) || (await startsBlobs())) return undefined;
  env().set(FLAG, false);
  return "the page's policy forbids workers made of Blobs";
}

/** Whether a worker made of a Blob starts here. */
async function startsBlobs(): Promise<boolean> {
  const address = URL.createObjectURL(new Blob(['postMessage(0);'], { type: 'text/javascript' }));
  let worker: Worker | undefined;
  try {
    return await new Promise<boolean>((resolve) => {
      worker = new Worker(address);
      worker.onmessage = () => resolve(true);
      worker.onerror = (event) => {
        event.preventDefault();
        resolve(false);
      };
    });
  } catch {
    return false;
  } finally {
    worker?.terminate();
    URL.revokeObjectURL(address);
  }
}
