import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** Says where the files of the wasm backend are: beside this one, in the form that bundlers look for. */
export function useWasmFiles(): void {
  setWasmPaths({
    'tfjs-backend-wasm.wasm': new URL('./tfjs-backend-wasm.wasm', import.meta.url).href,
    'tfjs-backend-wasm-simd.wasm': new URL('./tfjs-backend-wasm-simd.wasm', import.meta.url).href,
    'tfjs-backend-wasm-threaded-simd.wasm': new URL('./tfjs-backend-wasm-threaded-simd.wasm', import.meta.url).href,
  });
}
