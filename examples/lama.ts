// Fills with LaMa. Its authors' weights as safetensors: see docs/guides/lama.md.
// npx tsx examples/lama.ts photo.jpg mask.png big-lama.safetensors out.jpg
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
// In a project of your own: from 'cra-inpaint', 'cra-inpaint/node' and 'cra-inpaint/weights'.
import { inpaint, lama } from '../src/index';
import { readMask, readPicture, writePicture } from '../src/io/node';
import { readWeights } from '../src/io/weights';

const [photoPath, maskPath, weightsPath, outPath] = process.argv.slice(2);
if (!outPath) throw new Error('usage: npx tsx examples/lama.ts photo.jpg mask.png big-lama.safetensors out.jpg');
await tf.setBackend('wasm');

// Which of the two networks it is, big-lama or lama-fourier, shows in the weights.
const generator = lama(await readWeights(weightsPath));
console.log(`${generator.name}: ${generator.parameterCount} parameters`);

const photo = await readPicture(photoPath);
const mask = await readMask(maskPath);
const result = await inpaint(photo, mask, { generator });
generator.dispose();
await writePicture(result, outPath);
