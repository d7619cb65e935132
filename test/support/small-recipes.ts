import * as tf from '@tensorflow/tfjs-core';
import { GatedConv2d } from '../../src/layers/gated-conv2d';
import { type Layer, type WeightSpecifications, type Weights, weightsOf } from '../../src/layers/layer';
import { lossGradients } from '../../src/train/gradients';
import { twoStageL1 } from '../../src/train/losses/two-stage-l1';
import type { Batch, Recipe, StepContext } from '../../src/train/recipe';
import { deepfillV2Recipe } from '../../src/train/recipes/deepfill-v2';
import { hifillRecipe } from '../../src/train/recipes/hifill';
import { partialUnetRecipe } from '../../src/train/recipes/partial-unet';
import { pix2pixRecipe } from '../../src/train/recipes/pix2pix';
import { seeded } from './values';

/** A loss of few channels at a small size, and the weights that it is differentiated in. */
export interface SmallLoss {
  compute(): { total: tf.Scalar; parts: Readonly<Record<string, tf.Scalar>> };
  weights: Weights;
}

/**
 * Seeded weights of the same layers with a part of the channels: layers compute with what they are given. Biases are not 0,
 * so that everything has a gradient.
 */
export function thinWeights(specifications: WeightSpecifications, divisor: number): Weights {
  return Object.fromEntries(
    Object.entries(specifications).map(([name, { shape, kernel }], n) => {
      const thin = shape.map((size) => (size >= divisor ? size / divisor : size));
      const count = thin.reduce((a, b) => a * b, 1);
      const values = seeded(100 + n, count);
      const scale = kernel || name.endsWith('linear.weights') ? 2 * Math.sqrt(thin.at(-1)! / count) : 0.1;
      const middle = /(scale|variance|deviation)$/.test(name) ? 1 : 0;
      return [
        name,
        tf.tensor(
          values.map((v) => middle + scale * v),
          thin,
        ),
      ];
    }),
  );
}

/** Seeded pictures, smooth enough to have a scale, and a hole with a part at the border. */
export function smallBatch(count: number, size: number): Batch {
  const [coarse, fine] = [seeded(1, count * 16 * 3), seeded(2, count * size * size * 3)];
  return tf.tidy(() => {
    const smooth = tf.image.resizeBilinear(tf.tensor4d(coarse, [count, 4, 4, 3]), [size, size]);
    const image = tf.add(tf.mul(smooth, 0.6), tf.mul(tf.tensor4d(fine, [count, size, size, 3]), 0.2)) as tf.Tensor4D;
    const mask = new Float32Array(count * size * size);
    for (let b = 0; b < count; b++)
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) {
          const inside = Math.hypot(i - size / 2, j - size / 3) < size / 4 || (i < size / 8 && j > size / 2 + b);
          mask[(b * size + i) * size + j] = Number(inside);
        }
    return { image, hole: tf.tensor4d(mask, [count, size, size, 1]) };
  });
}

const training: StepContext = { mode: { training: true, seed: 3 }, random: () => 0.4 };

/** Both losses of a recipe. */
function losses(recipe: Recipe, batch: Batch, divisors: [number, number], context = training): Record<string, () => SmallLoss> {
  const generator = () => thinWeights(weightsOf(recipe.network.layers), divisors[0]);
  const adversary = () => (recipe.discriminator ? thinWeights(weightsOf(recipe.discriminator), divisors[1]) : {});
  const trained = (weights: Weights, layers: readonly Layer[]) =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => weightsOf(layers)[name]!.trainable !== false));
  return {
    [`${recipe.name}, generator`]: () => {
      const [g, d] = [generator(), adversary()];
      return { compute: () => recipe.generatorLoss(g, d, batch, context), weights: trained(g, recipe.network.layers) };
    },
    ...(recipe.discriminatorLoss && {
      [`${recipe.name}, discriminator`]: () => {
        const [g, d] = [generator(), adversary()];
        return { compute: () => recipe.discriminatorLoss!(g, d, batch, context), weights: trained(d, recipe.discriminator!) };
      },
    }),
  };
}

/** Dilated, strided and enlarging gated convolutions of all kinds, one after the other. */
function gatedStack(): SmallLoss {
  const layers = [
    new GatedConv2d('down', { input: 4, output: 3, size: 5, stride: 2, gate: 'single-channel' }),
    new GatedConv2d('two', { input: 3, output: 3, size: 3, dilation: 2, gate: 'pixelwise' }),
    new GatedConv2d('four', { input: 3, output: 4, size: 3, dilation: 4, gate: 'full', activation: 'leaky-relu' }),
    new GatedConv2d('split', { input: 4, output: 4, size: 3, dilation: 3, gate: 'split' }),
    new GatedConv2d('depth', { input: 4, output: 4, size: 3, dilation: 2, gate: 'depth-separable', activation: 'tanh' }),
    new GatedConv2d('strided', { input: 4, output: 4, size: 3, stride: 2, gate: 'pixelwise' }),
    new GatedConv2d('up', { input: 4, output: 4, size: 3, upsample: 'bilinear', gate: 'single-channel' }),
    new GatedConv2d('rgb', { input: 4, output: 3, size: 3, upsample: 'nearest', gate: 'full' }),
  ];
  const weights = thinWeights(weightsOf(layers), 1);
  const { image, hole } = smallBatch(2, 16);
  const compute = () => {
    const made = layers.reduce((x, layer) => layer.apply(x, weights), tf.concat([image, hole], 3) as tf.Tensor4D);
    const { hole: inside, valid } = twoStageL1({ coarse: tf.tanh(made), fine: made, target: image, hole });
    return { total: tf.add(inside, valid) as tf.Scalar, parts: { hole: inside, valid } };
  };
  return { compute, weights };
}

/** Features of two scales, by kernels of their own. */
function extract(image: tf.Tensor4D): tf.Tensor4D[] {
  const kernel = (seed: number, input: number, output: number) => tf.tensor4d(seeded(seed, 9 * input * output), [3, 3, input, output]);
  const first = tf.relu(tf.conv2d(image, kernel(31, 3, 3), 2, 'same'));
  return [first, tf.relu(tf.conv2d(first, kernel(32, 3, 4), 2, 'same'))];
}

/** Every loss that the package trains by. */
export const smallLosses: Readonly<Record<string, () => SmallLoss>> = {
  'a stack of gated convolutions': gatedStack,
  ...losses(hifillRecipe({ size: 32 }), smallBatch(2, 32), [16, 16]),
  ...losses(deepfillV2Recipe(), smallBatch(1, 32), [12, 32]),
  ...losses(partialUnetRecipe({ levels: 3, widths: [2, 4], extract }), smallBatch(2, 32), [1, 1]),
  ...losses(pix2pixRecipe({ baseWidth: 1 }), smallBatch(2, 256), [1, 1]),
  ...losses({ ...pix2pixRecipe({ baseWidth: 1 }), name: 'pix2pix by stored statistics' }, smallBatch(1, 256), [1, 1], { ...training, mode: {} }),
};

const SAMPLES = 5;

/** The loss, its parts, and of each gradient the largest magnitude and a few values. The caller has nothing to dispose. */
export async function measured({ compute, weights }: SmallLoss): Promise<{ losses: Record<string, number>; gradients: Record<string, number[]> }> {
  const { loss, gradients } = lossGradients(compute, weights);
  const first = async (tensor: tf.Tensor) => (await tensor.data())[0]!;
  const losses: Record<string, number> = { total: await first(loss.total) };
  for (const [name, part] of Object.entries(loss.parts)) losses[name] = await first(part);
  const samples: Record<string, number[]> = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    const all = Array.from(await gradient.data());
    const places = Array.from({ length: SAMPLES }, (_, n) => Math.floor((n * all.length) / SAMPLES));
    samples[name] = [all.reduce((most, v) => Math.max(most, Math.abs(v)), 0), ...places.map((at) => all[at]!)];
  }
  tf.dispose([loss.total, loss.parts, gradients] as tf.TensorContainer);
  return { losses, gradients: samples };
}
