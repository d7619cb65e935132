// Fills with HiFill: npx tsx examples/hifill.ts photo.jpg mask.png hifill.pb out.jpg
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
// In a project of your own: from 'cra-inpaint', 'cra-inpaint/node' and 'cra-inpaint/weights'.
import { hifill, inpaint } from '../src/index';
import { readMask, readPicture, writePicture } from '../src/io/node';
import { readWeights } from '../src/io/weights';

const [photoPath, maskPath, weightsPath, outPath] = process.argv.slice(2);
if (!outPath) throw new Error('usage: npx tsx examples/hifill.ts photo.jpg mask.png hifill.pb out.jpg');
await tf.setBackend('wasm');

// A file or an address; a frozen graph, a checkpoint, safetensors, ONNX: the content tells. BGR or RGB is the file's affair.
const generator = hifill(await readWeights(weightsPath));
console.log(`${generator.name}: ${generator.parameterCount} parameters, channels in the order ${generator.colourOrder}`);

// Its attention says where the fill's look comes from; inpaint() takes the photo's full-size detail from there.
const photo = await readPicture(photoPath);
const mask = await readMask(maskPath);
const result = await inpaint(photo, mask, { generator });
generator.dispose();
await writePicture(result, outPath);
