import { findBackendFactory } from '@tensorflow/tfjs-core';

/**
 * Why wasm does not start where its code is there, most often, and how that is mended: its `.wasm` files are not part of its
 * code, and bundlers leave them behind, for a server as for a page. tfjs does not tell why a backend did not start.
 */
export const LACK_OF_WASM_FILES =
  'most often its .wasm files are missing, as a bundler leaves them behind. ' +
  "Mark the packages of '@tensorflow' external to the bundle, or copy node_modules/@tensorflow/tfjs-backend-wasm/dist/*.wasm " +
  "and call setWasmPaths('FOLDER/') of '@tensorflow/tfjs-backend-wasm' before tf.setBackend('wasm'): see 'wasm in bundles' in docs/troubleshooting.md";

/**
 * What to do where no backend of TensorFlow.js starts.
 * @returns a clause for the end of an error's message
 */
export const cureOfNoBackend = (): string =>
  findBackendFactory('wasm')
    ? `wasm is imported, and did not start; ${LACK_OF_WASM_FILES}`
    : "import one, such as '@tensorflow/tfjs-backend-wasm', and await tf.setBackend('wasm')";
