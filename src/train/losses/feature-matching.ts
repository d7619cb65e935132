import { div, type Scalar, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { compared } from './perceptual';

/**
 * How far the features that a discriminator makes of a fill are from those that it makes of the picture.
 *
 * loss = mean over layers of mean (features - target)^2
 *
 * @param features of the fill: [B, h, w, C] for each layer.
 * @param target of the picture: the same shapes, constants as a rule.
 * @returns a scalar >= 0. Differentiable.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const loss = featureMatchingLoss(discriminator.look(weights, fill).features, discriminator.look(weights, photo).features);
 * ```
 * Source: Wang et al. (arXiv 1711.11585), L_FM; squared as by Suvorov et al. (arXiv 2109.07161), L_DiscPL.
 */
export function featureMatchingLoss(features: readonly Tensor4D[], target: readonly Tensor4D[]): Scalar {
  return tidy(() => div(compared(features, target, 'featureMatchingLoss', undefined, 'squared'), features.length) as Scalar);
}
