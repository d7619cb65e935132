// The worker that createInpainter() starts unless it is given another.
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgpu';
import { enableProdMode } from '@tensorflow/tfjs-core';
import { serveBy } from '../serve';
import { startWorker } from '../start-worker';
import { useWasmFiles } from './wasm-files';

// The file beside this one, whatever their folder is called.
const startThread = (): Worker =>
  startWorker(() => new Worker(new URL('./thread.js', import.meta.url), { type: 'module', name: 'cra-inpaint thread' }), './thread.js', import.meta.url);

enableProdMode();
useWasmFiles();
serveBy({ startThread });
