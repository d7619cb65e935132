// A generator whose network runs in onnxruntime, with its own threads and, where there is one, a GPU of its own.
import * as tf from '@tensorflow/tfjs-core';
import { fromFunction, membrane } from 'cra-inpaint';
import * as ort from 'onnxruntime-node';

/**
 * Opens a network that takes an image and a mask, and gives the filled image. Which numbers it wants is told by its first input's type:
 *
 * - float32, as LaMa: image [1, 3, H, W] in 0..1; mask [1, 1, H, W], 1 in the hole; the result in 0..1;
 * - uint8, as MI-GAN's pipeline: image in 0..255; mask 255 where the picture is known; the result in 0..255.
 *
 * @param {string} path of the .onnx file
 * @param {{ multiple?: number, workingSize?: number }} options what height and width must be multiples of, and the long side it was trained at
 */
export async function onnxGenerator(path, { multiple = 8, workingSize = 512 } = {}) {
  const session = await ort.InferenceSession.create(path);
  const [imageName, maskName] = session.inputNames;
  const [resultName] = session.outputNames;
  const [input] = session.inputMetadata;
  const bytes = input.isTensor && input.type === 'uint8';

  return fromFunction(
    async (image, hole, { signal }) => {
      const [height, width] = image.shape;
      // From ours, [H, W, 3] in [-1, 1], to [3, H, W] in 0..1. Networks that blend their result with what they were given would draw a dark
      // rim around a black hole; a smooth one does no harm to those that don't.
      const colours = await numbersOf(() => tf.transpose(tf.clipByValue(tf.div(tf.add(membrane(image, hole), 1), 2), 0, 1), [2, 0, 1]));
      const marks = await numbersOf(() => hole);
      const inputs = bytes
        ? {
            [imageName]: new ort.Tensor('uint8', toBytes(colours), [1, 3, height, width]),
            [maskName]: new ort.Tensor('uint8', toBytes(marks.map((v) => 1 - v)), [1, 1, height, width]),
          }
        : {
            [imageName]: new ort.Tensor('float32', colours, [1, 3, height, width]),
            [maskName]: new ort.Tensor('float32', marks, [1, 1, height, width]),
          };
      signal?.throwIfAborted();
      const { [resultName]: filled } = await session.run(inputs);
      // And back.
      return tf.tidy(() => {
        const planes = tf.tensor3d(new Float32Array(/** @type {Float32Array | Uint8Array} */ (filled.data)), [3, height, width]);
        return /** @type {tf.Tensor3D} */ (tf.sub(tf.mul(tf.transpose(planes, [1, 2, 0]), bytes ? 2 / 255 : 2), 1));
      });
    },
    { name: 'onnxruntime', multiple, workingSize },
  );
}

/** The numbers of a tensor that is worked out for their sake. */
async function numbersOf(/** @type {() => tf.Tensor} */ compute) {
  const tensor = tf.tidy(() => tf.clone(compute()));
  const numbers = /** @type {Float32Array} */ (await tensor.data());
  tensor.dispose();
  return numbers;
}

const toBytes = (/** @type {Float32Array} */ numbers) => new Uint8Array(numbers.map((v) => Math.round(255 * v)));
