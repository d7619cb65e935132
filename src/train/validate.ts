import { dispose, type Scalar, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { onBackend } from '../backend';
import type { Weights } from '../layers/layer';
import { composite } from '../ops/composite';
import { membrane } from '../ops/membrane';
import { BatchReader, type TrainingData } from './batches';
import { l1Distance } from './metrics/l1';
import { msSsim } from './metrics/ms-ssim';
import { psnr } from './metrics/psnr';
import { ssim } from './metrics/ssim';
import type { Recipe } from './recipe';

/** How good composites are, on average over pictures. */
export interface ValidationScores {
  /** Mean absolute difference in the hole, of values in [-1, 1]. */
  readonly l1: number;
  /** Of the whole picture, in dB. */
  readonly psnr: number;
  /** Of the whole picture. */
  readonly ssim: number;
  /** Of the whole picture, at as many scales as its size has. */
  readonly msSsim: number;
}

/**
 * Measures a network's composites on pictures that it was not trained on.
 *
 * @param recipe whose `pictures` says what the composite is.
 * @param weights the generator's.
 * @param data held-out pictures and holes; the same ones are taken each time, from position 0.
 * @param batches how many batches, >= 1.
 * @returns means over all pictures.
 * @throws PictureError where the pictures can't be read; BackendError
 */
export function validate(recipe: Recipe, weights: Weights, data: TrainingData, batches: number): Promise<ValidationScores> {
  return scored(data, batches, ({ image, hole, target }) => {
    const fill = recipe.pictures(weights, { image, hole, target });
    return { made: fill.composite, truth: target ?? image };
  });
}

/** The same for a fill that knows nothing: each hole spanned by a {@link membrane}, a yardstick for the first steps of training. */
export function validateMembrane(data: TrainingData, batches: number): Promise<ValidationScores> {
  return scored(data, batches, ({ image, hole }) => ({ made: composite(membrane(image, hole), image, hole), truth: image }));
}

type Compared = { made: Tensor4D; truth: Tensor4D };

type Compare = (batch: { image: Tensor4D; hole: Tensor4D; target?: Tensor4D }) => Compared;

const scored = (data: TrainingData, batches: number, compare: Compare): Promise<ValidationScores> =>
  onBackend(({ throwIfFailed }) => sumOfScores(data, batches, compare, throwIfFailed));

async function sumOfScores(data: TrainingData, batches: number, compare: Compare, throwIfFailed: () => void): Promise<ValidationScores> {
  const reader = new BatchReader(data, { pictures: 0, holes: 0 });
  const sums = { l1: 0, psnr: 0, ssim: 0, msSsim: 0 };
  try {
    for (let n = 0; n < batches; n++) {
      const { batch } = await reader.next();
      try {
        throwIfFailed();
        const scores: Record<keyof ValidationScores, Scalar> = tidy(() => {
          const { made, truth } = compare(batch);
          return { l1: l1Distance(made, truth, { within: batch.hole }), psnr: psnr(made, truth), ssim: ssim(made, truth), msSsim: msSsim(made, truth) };
        });
        try {
          for (const [name, score] of Object.entries(scores)) sums[name as keyof ValidationScores] += (await score.data())[0] / batches;
        } finally {
          dispose(scores);
        }
      } finally {
        dispose({ ...batch });
      }
    }
    return sums;
  } finally {
    await reader.close();
  }
}
