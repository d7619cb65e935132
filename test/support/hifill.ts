import * as tf from '@tensorflow/tfjs-core';
import { proceduralCase } from './procedural-weights';

/** A cut of the golden picture and hole that the software drivers of WebGPU are fast enough for; channels in the authors' order. The caller disposes both. */
export function smallInput(): { image: tf.Tensor4D; hole: tf.Tensor4D } {
  const { height, width, image, hole } = proceduralCase('cra_generator');
  return tf.tidy(() => {
    const cut = (values: Float32Array, channels: number) => tf.slice(tf.tensor4d(values, [1, height, width, channels]), [0, 96, 176, 0], [1, 32, 48, channels]);
    return { image: cut(image, 3), hole: cut(hole, 1) };
  });
}
