/**
 * Everything in one file, for pages without a bundler: all of `cra-inpaint`, `cra-inpaint/browser` and `cra-inpaint/weights`,
 * and TensorFlow.js as `tf` with its backends webgpu, wasm and cpu. `weightsOf` is that of the layers; that of `cra-inpaint/weights`,
 * which finds weights by a network's name, is `weightsByName` here.
 * @module cra-inpaint/standalone
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgpu';
import { useWasmFiles } from './wasm-files';

useWasmFiles();

export { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
export * as tf from '@tensorflow/tfjs-core';
export * from '../../index';
export { weightsOf } from '../../index';
export * from '../../io/weights';
export { weightsOf as weightsByName } from '../../io/weights';
export * from '../index';
export { createInpainter } from './inpainter';
