import * as tf from '@tensorflow/tfjs-core';
import type { WeightFile } from '../../src/io/weights/weight-file';
import { proceduralCase, proceduralWeights } from './procedural-weights';

/** The seeded weights of the generator alone, by the authors' names. */
export const generatorWeights = (): WeightFile => proceduralWeights('deepfill_v2', (name) => name.startsWith('inpaint_net/'));

/** The seeded picture and hole, or a cut of them, as tensors; channels in the authors' order. The caller disposes both. */
export function seededInput(top = 0, left = 0, height?: number, width?: number): { image: tf.Tensor4D; hole: tf.Tensor4D } {
  const whole = proceduralCase('deepfill_v2');
  return tf.tidy(() => {
    const cut = (values: Float32Array, channels: number) =>
      tf.slice(tf.tensor4d(values, [1, whole.height, whole.width, channels]), [0, top, left, 0], [1, height ?? whole.height, width ?? whole.width, channels]);
    return { image: cut(whole.image, 3), hole: cut(whole.hole, 1) };
  });
}

/** A cut that the software drivers of WebGPU are fast enough for: it has hole and valid cells. */
export const smallInput = () => seededInput(48, 24, 40, 48);
