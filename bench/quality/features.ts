import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import sharp from 'sharp';
import type { Case, Pixels } from './cases';
import { type Box, cut, holeBox } from './geometry';

const layers = ['mixed0', 'mixed2', 'mixed5', 'mixed7'];
const size = 299;

/** Distance of two pictures as InceptionV3 sees them: mean over layers and places of the squared distance of the unit-length activations. */
export type FeatureDistance = (a: Pixels, b: Pixels) => Promise<number>;

/** Loads the InceptionV3 of the package nsfwjs, which carries its weights. */
export async function loadFeatureDistance(): Promise<FeatureDistance> {
  setWasmPaths('node_modules/@tensorflow/tfjs-backend-wasm/dist/');
  await tf.setBackend('wasm');
  const { load } = await import('nsfwjs/core');
  const { InceptionV3Model } = await import('nsfwjs/models/inception_v3');
  const { model } = await load('InceptionV3', { size, modelDefinitions: [InceptionV3Model] });
  const whole = model as tf.LayersModel;
  const features = tf.model({ inputs: whole.inputs, outputs: layers.map((name) => whole.getLayer(name).output as tf.SymbolicTensor) });
  return async (a, b) => {
    const batch = Buffer.concat(await Promise.all([a, b].map(toInput)));
    return tf.tidy(() => {
      const input = tf.div(tf.cast(tf.tensor4d(new Uint8Array(batch), [2, size, size, 3], 'int32'), 'float32'), 255);
      const each = (features.predict(input) as tf.Tensor4D[]).map((activation) => {
        const unit = tf.div(activation, tf.add(tf.norm(activation, 2, -1, true), 1e-8));
        const [x, y] = tf.split(unit, 2);
        return tf.mean(tf.sum(tf.squaredDifference(x, y), -1));
      });
      return tf.mean(tf.stack(each)).dataSync()[0];
    });
  };
}

const toInput = ({ width, height, data }: Pixels): Promise<Buffer> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .resize(size, size, { fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer();

/** A square as large as the network's input in the middle of the hole's box, or what the picture has of it. */
function middle({ left, top, width, height }: Box, picture: Pixels): Box {
  const [w, h] = [Math.min(size, picture.width), Math.min(size, picture.height)];
  const within = (centre: number, length: number, all: number) => Math.round(Math.max(0, Math.min(all - length, centre - length / 2)));
  return { left: within(left + width / 2, w, picture.width), top: within(top + height / 2, h, picture.height), width: w, height: h };
}

/** How far a result is from the truth as a network sees them. */
export interface FeatureScore {
  /** The mean of two views: the hole's box with a quarter of context brought down to the network's input, and the hole's middle at 1:1. */
  features: number;
  /** The second view alone. */
  featuresNear: number;
}

/** Both views: the hole's box with a quarter of context brought down to the network's input, and the hole's middle at 1:1. */
export async function featureScore(distance: FeatureDistance, { truth, hole, hasTruth }: Case, result: Pixels): Promise<FeatureScore> {
  if (!hasTruth) return { features: Number.NaN, featuresNear: Number.NaN };
  const tight = holeBox(hole);
  const boxes = [holeBox(hole, Math.round(Math.max(tight.width, tight.height) / 4)), middle(tight, truth)];
  const values: number[] = [];
  for (const box of boxes) values.push(await distance(cut(result, box), cut(truth, box)));
  return { features: (values[0] + values[1]) / 2, featuresNear: values[1] };
}
