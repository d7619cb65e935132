import { backend, engine, getBackend, ready } from '@tensorflow/tfjs-core';
import { throwIfAborted } from './abort';
import { BackendError, type ErrorCode, InpaintError } from './errors';
import { isOutOfMemory } from './memory';
import { cureOfNoBackend } from './no-backend';

/** The part of a GPUDevice that is used here. Said here, since WebGPU's types are not everywhere. */
interface Device extends EventTarget {
  readonly lost: Promise<{ message: string }>;
  readonly queue: { onSubmittedWorkDone(): Promise<unknown> };
}

/** The part of tfjs's WebGPU backend by which it hands over what it has gathered so far. */
interface Gathering {
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** What work on the backend can ask about it. */
export interface Watched {
  /** Ends work that nobody waits for any more. */
  throwIfFailed(): void;
  /** Waits until the device has done all that it was given: what fails by then is this work's failure, not that of whoever reads its results. */
  finished(): Promise<void>;
}

/** What is known of a device, and who is told when it fails. */
interface Watch {
  loss?: string;
  told: Set<(code: ErrorCode, message: string) => void>;
}

// How long after a failed reading a loss is waited for at the most, in milliseconds, should the device not answer at all.
const LOSS_IS_KNOWN = 10_000;
// One watch for each device: a promise of a loss that never comes would hold on to all that ever waited for it.
const watches = new WeakMap<Device, Watch>();

/** Starts the backend, unless it is running. */
export async function requireBackend(): Promise<void> {
  try {
    await ready();
  } catch (cause) {
    if (isOutOfMemory(cause)) throw typed('out-of-memory', messageOf(cause), cause);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BackendError('backend', `no TensorFlow.js backend could be started (${reason.replace(/\.$/, '')}): ${cureOfNoBackend()}`, { cause });
  }
  if (!startedBackend()) throw new BackendError('backend', `no TensorFlow.js backend: ${cureOfNoBackend()}`);
}

/**
 * Runs work on the backend; what the backend fails by comes as a BackendError. tfjs does not notice that a GPU device is
 * lost, after which its data never come or as an error without a word, or that the device refuses a step, after which the
 * results are whatever the memory held before: so the device is listened to meanwhile. Such work may be part of other such work.
 *
 * @param work is not waited for once the device has failed; by `throwIfFailed` it ends itself.
 * @param signal the caller's: what fails because of it is an AbortError.
 * @throws BackendError (`device-lost`, `out-of-memory`, `backend`), AbortError, and what the work throws.
 */
export async function onBackend<T>(work: (watched: Watched) => Promise<T>, signal?: AbortSignal): Promise<T> {
  throwIfLost();
  const device = deviceInUse();
  const watch = watchOf(device);
  const gathering = device && (backend() as unknown as Gathering);
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
  const finished = async () => {
    gathering?.ensureCommandEncoderReady();
    gathering?.endComputePassEncoder();
    gathering?.submitQueue();
    await device?.queue.onSubmittedWorkDone();
    throwIfFailed();
  };
  watch?.told.add(tell);
  try {
    return await Promise.race([work({ throwIfFailed, finished }), failure]);
  } catch (error) {
    if (error instanceof InpaintError) throw error;
    if (error instanceof DOMException) {
      throwIfAborted(signal);
      // What was under way when the device was lost may fail a moment before the loss is known: reading does, by an AbortError
      // without a word. What is asked of a device afterwards is answered after its loss is told.
      if (device) {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const late = new Promise((resolve) => {
          timer = setTimeout(resolve, LOSS_IS_KNOWN);
        });
        // A timer that nobody needs any more would keep Node from ending.
        await Promise.race([failure, device.queue.onSubmittedWorkDone(), late]).finally(() => clearTimeout(timer));
      }
      throwIfFailed();
    }
    throwIfBackendFailed(error);
    throw error;
  } finally {
    watch?.told.delete(tell);
  }
}

/**
 * Begins to listen to the device in use.
 * @throws BackendError (`device-lost`) where it is known to be lost: for what can't wait.
 */
export function throwIfLost(): void {
  const watch = watchOf(deviceInUse());
  if (watch?.loss !== undefined) throw typed('device-lost', watch.loss);
}

/** Gives an error its right name where a backend means by it that memory ran out, or its device was lost. @throws BackendError */
export function throwIfBackendFailed(error: unknown): void {
  if (error instanceof InpaintError) return;
  const message = messageOf(error);
  if (isOutOfMemory(error)) throw typed('out-of-memory', message, error);
  if (/device.*lost|lost.*device/i.test(message)) throw typed('device-lost', message, error);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function typed(code: ErrorCode, message: string, cause?: unknown): BackendError {
  const words: Partial<Record<ErrorCode, string>> = {
    'device-lost': 'the GPU device was lost; register the backend anew, or set another:',
    'out-of-memory': `memory ran out on the ${getBackend()} backend:`,
  };
  return new BackendError(code, `${words[code] ?? `the ${getBackend()} backend refused a step:`} ${message}`, { cause });
}

/** The backend in use. One that was set and did not start is named all the same; tfjs's backend() would start it again. */
const startedBackend = () => engine().registry[getBackend()];

/** The device of the backend in use, if it has one. */
export function deviceInUse(): Device | undefined {
  const { device } = (startedBackend() ?? {}) as { device?: Device };
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
