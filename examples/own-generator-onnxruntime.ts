// Fills with any network in ONNX, run by onnxruntime: npm install onnxruntime-node
// npx tsx examples/own-generator-onnxruntime.ts photo.jpg mask.png network.onnx out.jpg
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import * as ort from 'onnxruntime-node';
// In a project of your own: from 'cra-inpaint' and 'cra-inpaint/node'.
import { fromFunction, inpaint } from '../src/index';
import { readMask, readPicture, writePicture } from '../src/io/node';

const [photoPath, maskPath, networkPath, outPath] = process.argv.slice(2);
if (!outPath) throw new Error('usage: npx tsx examples/own-generator-onnxruntime.ts photo.jpg mask.png network.onnx out.jpg');
await tf.setBackend('wasm');

// This network, as LaMa, takes image [1, 3, H, W] in 0..1 and mask [1, 1, H, W], 1 in the hole, and gives an image in 0..1.
// Others may want [-1, 1], or give 0..255: here is the place to see to it.
const session = await ort.InferenceSession.create(networkPath);
const [imageName, maskName] = session.inputNames;
const [resultName] = session.outputNames;

const network = fromFunction(
  async (image, hole) => {
    const [height, width] = image.shape;
    // From ours, [H, W, 3] in [-1, 1], to [3, H, W] in 0..1, with black in the hole.
    const channelsFirst = tf.tidy(() => tf.transpose(tf.mul(tf.div(tf.add(image, 1), 2), tf.sub(1, hole)), [2, 0, 1]));
    const colours = new ort.Tensor('float32', await channelsFirst.data<'float32'>(), [1, 3, height, width]);
    channelsFirst.dispose();
    const mask = new ort.Tensor('float32', await hole.data<'float32'>(), [1, 1, height, width]);
    const { [resultName]: filled } = await session.run({ [imageName]: colours, [maskName]: mask });
    // And back.
    return tf.tidy(() => tf.sub(tf.mul(tf.transpose(tf.tensor3d(filled.data as Float32Array, [3, height, width]), [1, 2, 0]), 2), 1) as tf.Tensor3D);
  },
  // What the network halves three times must be a multiple of 8; one that takes 512 x 512 only, a multiple of 512.
  { name: 'onnxruntime', multiple: 8, workingSize: 512 },
);

const photo = await readPicture(photoPath);
const mask = await readMask(maskPath);
// What the network painted is kept, and only given the detail that it lacks; by default it is rebuilt from patches of the photo.
const result = await inpaint(photo, mask, { generator: network, detail: 'residual' });
await writePicture(result, outPath);
