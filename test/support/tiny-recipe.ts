import * as tf from '@tensorflow/tfjs-core';
import { type FillNetwork, networkStages, runNetwork } from '../../src/generators/network';
import { BatchNorm } from '../../src/layers/batch-norm';
import { Conv2d } from '../../src/layers/conv2d';
import { kaiming } from '../../src/layers/initializers';
import type { Weights } from '../../src/layers/layer';
import type { Batch, Recipe } from '../../src/train/recipe';

/** The side of its pictures. */
export const size = 8;
export const first = new Conv2d('first', { input: 4, output: 6, size: 3, activation: 'leaky-relu', initializer: kaiming(36) });
const norm = new BatchNorm('norm', 6);
export const last = new Conv2d('last', { input: 6, output: 3, size: 3, initializer: kaiming(54) });
const judge = new Conv2d('judge', { input: 3, output: 1, size: 3, stride: 2, initializer: kaiming(27) });

/** A network of two convolutions, to train in no time. */
export const network: FillNetwork = {
  name: 'tiny',
  multiple: 1,
  workingSize: size,
  layers: [first, norm, last],
  origins: [],
  stages: networkStages(({ image, hole }, weights, mode) => {
    const x = tf.concat([tf.mul<tf.Tensor4D>(image, tf.sub(1, hole)), hole], 3);
    return { image: last.apply(norm.apply(first.apply(x, weights), weights, mode), weights) };
  }),
};
const fillOf = (weights: Weights, batch: Batch, mode: Parameters<Recipe['pictures']>[2]) =>
  runNetwork(network, weights, batch.image, batch.hole, { mode }).image;

/** L1, an adversary, running means and chance: all that a recipe can have. */
export const recipe: Recipe = {
  name: 'tiny',
  network,
  discriminator: [judge],
  discriminatorSteps: 2,
  adam: { learningRate: 0.01, beta1: 0.5, beta2: 0.9 },
  generatorLoss(generator, discriminator, batch, { mode }) {
    const fill = fillOf(generator, batch, mode);
    const l1 = tf.mean(tf.abs(tf.sub(fill, batch.image))) as tf.Scalar;
    const adversarial = tf.neg(tf.mean(judge.apply(fill, discriminator))) as tf.Scalar;
    return { total: tf.add(l1, tf.mul(0.01, adversarial)) as tf.Scalar, parts: { l1, adversarial } };
  },
  discriminatorLoss(generator, discriminator, batch, { mode, random }) {
    const fill = fillOf(generator, batch, mode);
    const share = random();
    const judged = tf.mean(tf.sub(judge.apply(fill, discriminator), judge.apply(batch.image, discriminator))) as tf.Scalar;
    const decay = tf.mul(share, tf.mean(tf.square(discriminator['judge.weights']!))) as tf.Scalar;
    return { total: tf.add(judged, decay) as tf.Scalar, parts: { judged, share: tf.scalar(share) } };
  },
  pictures: (generator, batch) => ({ composite: fillOf(generator, batch, undefined) }),
};
