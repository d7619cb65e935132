// Removes what a white mask marks: npx tsx examples/remove-object.ts photo.jpg mask.png out.jpg
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
// In a project of your own: from 'cra-inpaint' and 'cra-inpaint/node'.
import { inpaint } from '../src/index';
import { readMask, readPicture, writePicture } from '../src/io/node';

const [photoPath, maskPath, outPath] = process.argv.slice(2);
await tf.setBackend('wasm');

const photo = await readPicture(photoPath);
const mask = await readMask(maskPath);
const result = await inpaint(photo, mask, { hole: 'white' });
await writePicture(result, outPath);
