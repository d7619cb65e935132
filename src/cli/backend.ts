import util from 'node:util';
import { BackendError } from '../errors';
import { isOutOfMemory } from '../memory';
import { LACK_OF_WASM_FILES } from '../no-backend';
import type { BackendName } from './arguments';

/** The package that brings a backend. */
export const PACKAGES: Record<BackendName, string> = {
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs-backend-cpu',
  tensorflow: '@tensorflow/tfjs-node-gpu',
  webgpu: '@tensorflow/tfjs-backend-webgpu',
};

/** Node has no navigator.gpu of its own; tfjs looks for it once, while its backend is being imported. */
async function provideWebGPU(): Promise<void> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true, writable: true });
  if (!globalThis.navigator.gpu) Object.defineProperty(globalThis.navigator, 'gpu', { value: create([]), configurable: true });
}

async function importBackend(name: BackendName): Promise<unknown> {
  if (name === 'wasm') return import('@tensorflow/tfjs-backend-wasm');
  if (name === 'cpu') return import('@tensorflow/tfjs-backend-cpu');
  if (name === 'webgpu') {
    await provideWebGPU();
    return import('@tensorflow/tfjs-backend-webgpu');
  }
  // TensorFlow writes its log to stderr from C++, and Node 23 dropped a function that tfjs-node still calls.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  (util as { isNullOrUndefined?: (value: unknown) => boolean }).isNullOrUndefined ??= (value) => value == null;
  return import('@tensorflow/tfjs-node-gpu');
}

/**
 * Imports a backend, and none of the others, and makes it tfjs's.
 * @throws BackendError: `backend` where its package is missing or it finds no device, `out-of-memory`
 */
export async function startBackend(name: BackendName): Promise<void> {
  const tf = await import('@tensorflow/tfjs-core');
  try {
    tf.enableProdMode();
    await importBackend(name);
    if (!(await tf.setBackend(name))) throw new Error(name === 'wasm' ? LACK_OF_WASM_FILES : 'it found no device to run on');
    await tf.ready();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    const needed = name === 'webgpu' ? `${PACKAGES.webgpu} webgpu` : PACKAGES[name];
    const reason = missing ? `run 'npm install ${needed}'` : message.split('\n')[0];
    throw new BackendError(isOutOfMemory(cause) ? 'out-of-memory' : 'backend', `backend ${name} can't be started: ${reason}`, { expected: needed, cause });
  }
}
