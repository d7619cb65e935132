// Runs the pipeline on a photo, and writes a picture of every stage: node remove-mark.js PHOTO MASK FOLDER
import '@tensorflow/tfjs-backend-wasm';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { fitMask, readMask, readPicture, writePicture } from 'cra-inpaint/node';
import { flowPicture } from 'cra-inpaint/ops';
import { removeMark } from './pipeline.js';

const [photoPath, maskPath, folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node remove-mark.js PHOTO MASK FOLDER');
await tf.setBackend('wasm');
await tf.ready();
await mkdir(folder, { recursive: true });

const photo = await readPicture(photoPath);
const mask = fitMask(await readMask(maskPath), photo.width, photo.height);
if (photo.channels !== 3 || photo.data instanceof Uint16Array) {
  throw new Error('this example takes photos of three channels of 8 bits; inpaint() takes others, too');
}

// Even sizes: the last row or column is repeated where there is one too many.
const padding = /** @type {[number, number][]} */ ([
  [0, photo.height % 2],
  [0, photo.width % 2],
  [0, 0],
]);
const tensorOf = (/** @type {import('cra-inpaint').Picture} */ { width, height, channels, data }) => {
  const values = new Float32Array(data).map((v) => v / (data instanceof Uint16Array ? 65535 : 255));
  return /** @type {tf.Tensor3D} */ (tf.mirrorPad(tf.tensor3d(values, [height, width, channels]), padding, 'symmetric'));
};
const toByte = (/** @type {number} */ v) => Math.round(255 * Math.min(Math.max(v, 0), 1));

const began = performance.now();
const stages = tf.tidy(() => {
  const { hole, low, filled, offsets, fill, result } = removeMark(tf.sub(tf.mul(tensorOf(photo), 2), 1), tensorOf(mask));
  const colours = (/** @type {tf.Tensor} */ x) => /** @type {tf.Tensor3D} */ (tf.div(tf.add(x, 1), 2));
  return {
    hole,
    low: colours(low),
    filled: colours(filled),
    'copied-from': flowPicture(offsets),
    fill: colours(fill),
    result: colours(tf.slice(result, [0, 0, 0], [photo.height, photo.width, 3])),
  };
});

for (const [n, [name, stage]] of Object.entries(stages).entries()) {
  const [height, width, channels] = stage.shape;
  const data = new Uint8Array((await stage.data()).map(toByte));
  await writePicture({ width, height, channels: /** @type {1 | 3} */ (channels), data }, join(folder, `${n + 1}-${name}.png`));
}

// The result with what the photo's file carried. Where the seam doesn't reach, composite() gives back the photo's very numbers, and they round to its bytes.
const data = new Uint8Array((await stages.result.data()).map(toByte));
await writePicture({ ...photo, data }, join(folder, 'result.png'));
tf.dispose(stages);
console.log(`${folder}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
