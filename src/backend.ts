import { backend, getBackend, ready } from '@tensorflow/tfjs-core';
import { BackendError, type ErrorCode, InpaintError } from './errors';

/** The part of a GPUDevice that tells of failures. Said here, since WebGPU's types are not everywhere. */
interface Device extends EventTarget {
  readonly lost: Promise<{ message: string }>;
}

/** What is known of a device, and who is told when it fails. */
interface Watch {
  loss?: string;
  told: Set<(code: ErrorCode, message: string) => void>;
}

// How long after a failed reading a loss is told at the latest, in milliseconds.
const LOSS_IS_KNOWN = 1000;
// One watch for each device: a promise of a loss that never comes would hold on to all that ever waited for it.
const watches = new WeakMap<Device, Watch>();

/** Starts the backend, unless it is running. */
export async function requireBackend(): Promise<void> {
  const cure = "import one, such as '@tensorflow/tfjs-backend-wasm', and await tf.setBackend('wasm')";
  try {
    await ready();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BackendError('backend', `no TensorFlow.js backend could be started (${reason.replace(/\.$/, '')}): ${cure}`, { cause });
  }
  if (!getBackend()) throw new BackendError('backend', `no TensorFlow.js backend: ${cure}`);
}

/**
 * Runs work on the backend; what the backend fails by comes as a BackendError. tfjs does not notice that a GPU device is
 * lost, after which its data never come or as an error without a word, or that the device refuses a step, after which the
 * results are whatever the memory held before: so the device is listened to meanwhile.
 *
 * @param work is not waited for once the device has failed; by `throwIfFailed` it ends itself.
 * @throws BackendError (`device-lost`, `out-of-memory`, `backend`), and what the work throws.
 */
export async function onBackend<T>(work: (throwIfFailed: () => void) => Promise<T>): Promise<T> {
  const watch = watchOf(deviceInUse());
  if (watch?.loss !== undefined) throw typed('device-lost', watch.loss);
  let failed: BackendError | undefined;
  let tell: Parameters<Watch['told']['add']>[0] = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    tell = (code, message) => {
      failed = typed(code, message);
      reject(failed);
    };
  });
  const throwIfFailed = () => {
    if (failed) throw failed;
  };
  watch?.told.add(tell);
  try {
    return await Promise.race([work(throwIfFailed), failure]);
  } catch (error) {
    if (error instanceof InpaintError) throw error;
    // What was under way when the device was lost may fail a moment before the loss is known: reading does, by a DOMException.
    if (watch && error instanceof DOMException) await Promise.race([failure, new Promise((resolve) => setTimeout(resolve, LOSS_IS_KNOWN))]);
    const message = error instanceof Error ? error.message : String(error);
    if (/out of memory|allocation failed|\bOOM\b|memory access out of bounds|Cannot enlarge memory|Invalid typed array length/i.test(message))
      throw typed('out-of-memory', message, error);
    if (/device.*lost|lost.*device/i.test(message)) throw typed('device-lost', message, error);
    throw error;
  } finally {
    watch?.told.delete(tell);
  }
}

function typed(code: ErrorCode, message: string, cause?: unknown): BackendError {
  const words: Partial<Record<ErrorCode, string>> = {
    'device-lost': 'the GPU device was lost; register the backend anew, or set another:',
    'out-of-memory': `memory ran out on the ${getBackend()} backend:`,
  };
  return new BackendError(code, `${words[code] ?? `the ${getBackend()} backend refused a step:`} ${message}`, { cause });
}

/** The device of the backend in use, if it has one. */
function deviceInUse(): Device | undefined {
  const { device } = (getBackend() ? backend() : {}) as { device?: Device };
  return device?.lost instanceof Promise ? device : undefined;
}

function watchOf(device: Device | undefined): Watch | undefined {
  const known = device && watches.get(device);
  if (!device || known) return known;
  const watch: Watch = { told: new Set() };
  watches.set(device, watch);
  const tellAll = (code: ErrorCode, message: string) => {
    for (const tell of watch.told) tell(code, message);
  };
  void device.lost.then(({ message }) => {
    watch.loss = message;
    tellAll('device-lost', message);
  });
  device.addEventListener('uncapturederror', (event) => {
    const { error } = event as Event & { error: { message: string } };
    tellAll(error.constructor.name === 'GPUOutOfMemoryError' ? 'out-of-memory' : 'backend', error.message);
  });
  return watch;
}
