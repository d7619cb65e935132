// Fills with the U-Net of partial convolutions: npx tsx examples/partial-unet.ts photo.jpg mask.png partial-unet.safetensors out.jpg
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
// In a project of your own: from 'cra-inpaint', 'cra-inpaint/node' and 'cra-inpaint/weights'.
import { inpaint, partialUnet } from '../src/index';
import { readMask, readPicture, writePicture } from '../src/io/node';
import { readWeights } from '../src/io/weights';

const [photoPath, maskPath, weightsPath, outPath] = process.argv.slice(2);
if (!outPath) throw new Error('usage: npx tsx examples/partial-unet.ts photo.jpg mask.png partial-unet.safetensors out.jpg');
await tf.setBackend('wasm');

// Seven levels as in the PyTorch program that many weights come from; the paper has eight.
const generator = partialUnet(await readWeights(weightsPath), { levels: 7 });

// It knows no attention; where the fill's detail comes from is found out by comparing patches.
const photo = await readPicture(photoPath);
const mask = await readMask(maskPath);
const result = await inpaint(photo, mask, { generator });
generator.dispose();
await writePicture(result, outPath);
