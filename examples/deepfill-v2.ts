// Fills with DeepFill v2: npx tsx examples/deepfill-v2.ts photo.jpg mask.png deepfill-v2.safetensors out.jpg
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
// In a project of your own: from 'cra-inpaint', 'cra-inpaint/node' and 'cra-inpaint/weights'.
import { deepfillV2, inpaint } from '../src/index';
import { readMask, readPicture, writePicture } from '../src/io/node';
import { readWeights } from '../src/io/weights';

const [photoPath, maskPath, weightsPath, outPath] = process.argv.slice(2);
if (!outPath) throw new Error('usage: npx tsx examples/deepfill-v2.ts photo.jpg mask.png deepfill-v2.safetensors out.jpg');
await tf.setBackend('wasm');

// A checkpoint of the authors' training is named by its .index, or by what the names of its files begin with.
const generator = deepfillV2(await readWeights(weightsPath));

// At 256 pixels it works at the size it was trained at; its own choice is 512, for finer attention.
const photo = await readPicture(photoPath);
const mask = await readMask(maskPath);
const result = await inpaint(photo, mask, { generator, workingSize: 256 });
generator.dispose();
await writePicture(result, outPath);
