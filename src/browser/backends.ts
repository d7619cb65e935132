import { checkArgument } from '../check';
import { BackendError, InpaintError } from '../errors';
import { type Engine, groundOf, lackOf } from './capability';
import { withoutThreads } from './wasm-threads';

/** A backend, and why it is used or not. */
export interface BackendChoice {
  /** The backend's name in TensorFlow.js: `webgpu`, `wasm`, `cpu`. */
  backend: string;
  /** What it runs on and what those before it lack; of one that is not used, what it lacks or how it failed. */
  reason: string;
}

/** Options of {@link detectBackend}. */
export interface DetectBackendOptions {
  /**
   * The backends to try, the best first. Default `['webgpu', 'wasm', 'cpu']`, where WebGPU on a software adapter is passed
   * over unless nothing else starts; in an order of your own it is not.
   */
  order?: readonly string[];
  /** Called when work moves on to another backend. */
  onChange?: (choice: BackendChoice) => void;
}

/** What {@link detectBackend} found. */
export interface DetectedBackend {
  /** The name of the backend in use; another one after it has failed. */
  readonly name: string;
  /** Why it is this one: what it runs on, and what those before it lack. */
  readonly reason: string;
  /** The backends before it, and why each is not used. */
  readonly passedOver: readonly BackendChoice[];
  /**
   * Runs work, and again on the next backend where the one in use fails: by a BackendError, or, as long as nothing has come
   * out well on it yet, by any error that is not of this package. A backend that failed is not gone back to. Tensors and
   * generators belong to a backend, so make them in the work.
   * @throws what the work throws, also where no backend is left
   */
  run<T>(work: (backend: string) => Promise<T>): Promise<T>;
}

const BACKENDS = ['webgpu', 'wasm', 'cpu'];
const WEBGPU_PRIORITY = 3;

/**
 * Makes the best backend that starts TensorFlow.js's own: WebGPU on a real GPU, else wasm (on several threads where the page
 * is cross-origin isolated), else cpu. Only backends that you have imported are looked at.
 *
 * @param options order, onChange
 * @returns the backend's name, the reason, and `run`, which finishes work on the next backend when this one fails
 * @throws BackendError (`backend`) where none starts; its `actual` says why each doesn't
 * @example
 * ```js
 * import '@tensorflow/tfjs-backend-webgpu';
 * import '@tensorflow/tfjs-backend-wasm';
 *
 * const backend = await detectBackend();
 * const result = await backend.run(() => inpaint(photo, mask));
 * ```
 */
export async function detectBackend(options: DetectBackendOptions = {}): Promise<DetectedBackend> {
  const { order = BACKENDS, onChange } = options;
  checkArgument(Array.isArray(order) && order.length > 0, 'detectBackend', 'order', 'a list of names', order);
  // Not before it is needed: a page that leaves the work to a worker loads none of it.
  const tf = await import('./engine');
  const left = [...order];
  const passedOver: BackendChoice[] = [];
  const slow: string[] = [];
  const proven = new Set<string>();
  let current: BackendChoice | undefined;
  let moving: Promise<void> | undefined;

  /** Makes the first of those that are left the current one; false where none starts. */
  const startNext = async (names: string[], taken: (lack: { software?: boolean }) => boolean): Promise<boolean> => {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const lack = await lackOf(tf, name);
      if (lack && !taken(lack)) {
        if (lack.software) slow.push(name);
        passedOver.push({ backend: name, reason: lack.reason });
        continue;
      }
      const oneThread = name === 'wasm' ? await withoutThreads(tf) : undefined;
      if (await started(tf, name)) {
        const others = passedOver.filter(({ backend }) => backend !== name).map(({ backend, reason }) => `${backend}: ${reason}; `);
        current = { backend: name, reason: `${others.join('')}${name}: ${await groundOf(tf, name, oneThread)}` };
        return true;
      }
      passedOver.push({ backend: name, reason: 'it does not start' });
    }
    return false;
  };
  const softwareToo = ({ software = false }) => software;
  const asAsked = options.order ? softwareToo : () => false;

  const moveOn = async ({ backend }: BackendChoice, error: unknown) => {
    const failed = { backend, reason: failureOf(error) };
    passedOver.push(failed);
    if (!(await startNext(left, asAsked))) {
      passedOver.splice(passedOver.indexOf(failed), 1);
      throw error;
    }
    // Not before: TensorFlow.js would have none meanwhile. A later detectBackend() finds it as new.
    if (backend === 'webgpu') registerAnew(tf, backend);
    onChange?.({ ...(current as BackendChoice) });
  };

  if (!(await startNext(left, asAsked)) && !(await startNext(slow, softwareToo))) {
    const reasons = passedOver.map(({ backend, reason }) => `${backend}: ${reason}`).join('; ');
    throw new BackendError('backend', `detectBackend: no backend starts (${reasons})`, { expected: order, actual: passedOver });
  }
  return {
    get name() {
      return (current as BackendChoice).backend;
    },
    get reason() {
      return (current as BackendChoice).reason;
    },
    get passedOver() {
      return passedOver.slice();
    },
    async run(work) {
      while (true) {
        await moving;
        const used = current as BackendChoice;
        if (tf.getBackend() !== used.backend) await tf.setBackend(used.backend);
        try {
          const result = await work(used.backend);
          proven.add(used.backend);
          return result;
        } catch (error) {
          if (!isBackendsFault(error, proven.has(used.backend))) throw error;
          // Other work may have moved on meanwhile.
          if (used !== current) continue;
          moving ??= moveOn(used, error).finally(() => {
            moving = undefined;
          });
          await moving;
        }
      }
    },
  };
}

/** tfjs logs why a backend does not start. */
async function started(tf: Engine, name: string): Promise<boolean> {
  return tf.setBackend(name).catch(() => false);
}

function isBackendsFault(error: unknown, proven: boolean): boolean {
  if (error instanceof InpaintError) return error instanceof BackendError;
  return !proven && (error as Error | undefined)?.name !== 'AbortError';
}

function failureOf(error: unknown): string {
  const { code, message = String(error) } = error as Partial<BackendError>;
  if (code === 'device-lost') return 'its device was lost';
  return code === 'out-of-memory' ? 'its memory ran out' : message;
}

/** Frees what a backend holds, and leaves it as it was after its import. */
function registerAnew(tf: Engine, name: string): void {
  const factory = tf.findBackendFactory(name);
  tf.removeBackend(name);
  tf.registerBackend(name, factory, WEBGPU_PRIORITY);
}
