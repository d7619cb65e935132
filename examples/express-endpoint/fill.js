// The process that does the work, one picture after the other: whatever kills it, the server lives.
import '@tensorflow/tfjs-backend-wasm';
import { readFile, writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { InpaintError, inpaint } from 'cra-inpaint';
import { encodePicture, readMask, readPicture } from 'cra-inpaint/node';

const send = (/** @type {object | string} */ message) => process.connected && process.send?.(message);
let controller = new AbortController();

/** @param {import('./fill-process.js').Work} work */
async function fill({ photo, mask, result, hole, pixelLimit }, /** @type {AbortSignal} */ signal) {
  // From bytes: messages about files would tell clients where the server keeps them.
  const [photoFile, maskFile] = await Promise.all([readFile(photo), readFile(mask)]);
  const [picture, marks] = await Promise.all([readPicture(photoFile, { pixelLimit }), readMask(maskFile, { pixelLimit })]);
  // One thread: the processes beside this one have the other cores.
  const filled = await inpaint(picture, marks, { hole: /** @type {'white'} */ (hole), threads: 1, signal, onWarning: () => undefined });
  // GIF can be read only.
  const format = filled.metadata?.format === 'gif' ? 'png' : (filled.metadata?.format ?? 'png');
  await writeFile(result, await encodePicture(filled, { format }));
  return format;
}

// Whoever stops the server (Ctrl-C, systemd) often tells all of its processes. This one ends when the server has, not before.
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => undefined);
process.on('disconnect', () => process.exit());

await tf.setBackend('wasm');
process.on('message', async (/** @type {any} */ message) => {
  if (message === 'abort') {
    controller.abort();
    return;
  }
  controller = new AbortController();
  try {
    send({ format: await fill(message, controller.signal) });
  } catch (error) {
    const { code, message: text, stack } = /** @type {InpaintError} */ (error);
    if (!(error instanceof InpaintError)) console.error(stack);
    send({ error: { code: error instanceof InpaintError ? code : 'internal', message: text } });
  }
});
send('ready');
