// Turns a whole picture into another, edges into a photo say: npx tsx examples/pix2pix.ts edges.png pix2pix.safetensors out.jpg
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
// In a project of your own: from 'cra-inpaint', 'cra-inpaint/node' and 'cra-inpaint/weights'.
import { pix2pix } from '../src/index';
import { readPicture, writePicture } from '../src/io/node';
import { readWeights } from '../src/io/weights';

const [picturePath, weightsPath, outPath] = process.argv.slice(2);
if (!outPath) throw new Error('usage: npx tsx examples/pix2pix.ts edges.png pix2pix.safetensors out.jpg');
await tf.setBackend('wasm');

// Its 54 million parameters take 218 MB, or half of it so. 'batch' does as the authors' test program does.
const generator = pix2pix(await readWeights(weightsPath), { precision: 'float16', statistics: 'batch' });

// Of any size; a network that was trained to fill holes is a generator for inpaint() as well.
const picture = await readPicture(picturePath);
const result = await generator.translate(picture);
generator.dispose();
await writePicture(result, outPath);
