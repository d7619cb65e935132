// The thread that does the work, one picture after the other, so that the server's own thread is free to answer.
import '@tensorflow/tfjs-backend-wasm';
import { parentPort } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { InpaintError, inpaint } from 'cra-inpaint';
import { encodePicture, readMask, readPicture } from 'cra-inpaint/node';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
let controller = new AbortController();

/** @param {import('./inpaint-thread.js').Work} work */
async function fill({ photo, mask, hole, pixelLimit }, /** @type {AbortSignal} */ signal) {
  const [picture, marks] = await Promise.all([readPicture(photo, { pixelLimit }), readMask(mask, { pixelLimit })]);
  const result = await inpaint(picture, marks, { hole, signal, onWarning: () => undefined });
  // GIF can be read only.
  const format = result.metadata?.format === 'gif' ? 'png' : (result.metadata?.format ?? 'png');
  return { file: await encodePicture(result, { format }), format };
}

await tf.setBackend('wasm');
port.on('message', async (message) => {
  if (message === 'abort') {
    controller.abort();
    return;
  }
  controller = new AbortController();
  try {
    const { file, format } = await fill(message, controller.signal);
    port.postMessage({ file, format });
  } catch (error) {
    const { code, message: text } = /** @type {InpaintError} */ (error);
    port.postMessage({ error: { code: error instanceof InpaintError ? code : 'internal', message: text } });
  }
});
port.postMessage('ready');
