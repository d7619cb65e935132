// Removes from a photo what a mask marks white, and says how long each step took: node remove.js PHOTO MASK RESULT
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { InpaintError, inpaint } from 'cra-inpaint';
import { fitMask, readMask, readPicture, writePicture } from 'cra-inpaint/node';

const [photoPath, maskPath, resultPath] = process.argv.slice(2);
if (!resultPath) throw new Error('usage: node remove.js PHOTO MASK RESULT');

const began = performance.now();
let last = began;
/** @type {Record<string, number>} */
const seconds = {};
/** Books the time since the last booking on a step. */
const book = (/** @type {string} */ step) => {
  const now = performance.now();
  seconds[step] = (seconds[step] ?? 0) + (now - last) / 1000;
  last = now;
};

try {
  await tf.setBackend('wasm');
  book('backend');
  const photo = await readPicture(photoPath);
  // A mask that was drawn on a smaller copy of the photo will do.
  const mask = fitMask(await readMask(maskPath), photo.width, photo.height);
  book('read');
  const result = await inpaint(photo, mask, {
    signal: AbortSignal.timeout(600_000),
    onProgress: ({ stage }) => book(stage),
  });
  await writePicture(result, resultPath);
  book('write');
  for (const [step, time] of Object.entries(seconds)) console.log(`${step.padEnd(15)} ${time.toFixed(2)} s`);
  console.log(`${resultPath}: ${result.width} x ${result.height}, ${((last - began) / 1000).toFixed(2)} s in all`);
} catch (error) {
  // What can be wrong with files has a code; everything else is a bug, and is shown as one.
  if (!(error instanceof InpaintError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
