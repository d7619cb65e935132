// The worker that createInpainter() starts unless it is given another.
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgpu';
import { enableProdMode } from '@tensorflow/tfjs-core';
import { serveInpainter } from '../worker';
import { useWasmFiles } from './wasm-files';

enableProdMode();
useWasmFiles();
serveInpainter();
