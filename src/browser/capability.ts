import type * as engine from './engine';

/** The part of TensorFlow.js that backends are chosen by. */
export type Engine = typeof engine;

/** The parts of WebGPU's adapter that are looked at. Said here, since its types are not everywhere. */
interface Adapter {
  readonly isFallbackAdapter?: boolean;
  readonly info?: { vendor?: string; architecture?: string; device?: string; description?: string; isFallbackAdapter?: boolean };
}

/** Why a backend is not used. */
export interface Lack {
  reason: string;
  /** It would work, but slowly: WebGPU on the processor. */
  software?: boolean;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;

const gpu = (): { requestAdapter(options: object): Promise<Adapter | null> } | undefined => (globalThis.navigator as Partial<Navigator> | undefined)?.gpu;

/** As TensorFlow.js asks for it, so that it is the adapter which it will use. */
const adapterOf = async (): Promise<Adapter | null> =>
  (await gpu()
    ?.requestAdapter({ powerPreference: 'high-performance' })
    .catch(() => null)) ?? null;

const describe = ({ info }: Adapter): string =>
  [info?.vendor, info?.architecture, info?.device, info?.description].filter((word) => word).join(' ') || 'an adapter without a name';

/** What a backend lacks here, if anything. */
export async function lackOf(tf: Engine, name: string): Promise<Lack | undefined> {
  if (name === 'webgpu' && !gpu()) {
    return { reason: globalThis.isSecureContext === false ? 'the page is not served by https or from localhost' : 'this browser has no WebGPU' };
  }
  if (!tf.findBackendFactory(name)) return { reason: 'its package is not imported' };
  if (name !== 'webgpu') return undefined;
  const adapter = await adapterOf();
  if (!adapter) return { reason: 'the browser offers no GPU adapter' };
  const software = adapter.isFallbackAdapter || adapter.info?.isFallbackAdapter || SOFTWARE.test(describe(adapter));
  return software ? { reason: `its adapter is software (${describe(adapter)})`, software } : undefined;
}

/** What a backend in use runs on, in words; `oneThread` says why there are no more. */
export async function groundOf(tf: Engine, name: string, oneThread?: string): Promise<string> {
  if (name === 'webgpu') return describe((await adapterOf()) ?? {});
  if (name !== 'wasm') return 'in use';
  const { wasm } = tf.backend() as { wasm?: { tfjs?: { getThreadsCount?(): number } } };
  const threads = wasm?.tfjs?.getThreadsCount?.() ?? 1;
  if (threads > 1) return `${threads} threads`;
  return oneThread ? `one thread, since ${oneThread}` : 'one thread';
}
