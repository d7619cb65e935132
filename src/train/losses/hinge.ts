import { add, mean, mul, neg, relu, type Scalar, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';

/**
 * What a generator loses to a discriminator with a hinge.
 *
 * loss = -mean(fake)
 *
 * @param fake the discriminator's scores of what was made, any shape.
 * @returns a scalar. Differentiable.
 * @example
 * ```ts
 * const loss = hingeGeneratorLoss(discriminator.judge(weights, made));
 * ```
 * Source: Lim and Ye, Geometric GAN (arXiv 1705.02894); Yu et al. (arXiv 1806.03589).
 */
export function hingeGeneratorLoss(fake: Tensor): Scalar {
  return tidy(() => neg(mean(fake)) as Scalar);
}

/**
 * What a discriminator with a hinge loses: scores beyond 1 on the right side count for nothing.
 *
 * loss = mean(max(1 - real, 0)) / 2 + mean(max(1 + fake, 0)) / 2
 *
 * @param real its scores of pictures, any shape.
 * @param fake its scores of what was made, any shape.
 * @returns a scalar >= 0. Differentiable.
 * @example
 * ```ts
 * const loss = hingeDiscriminatorLoss(ofPhotos, ofFills);
 * ```
 * Source: Lim and Ye, Geometric GAN (arXiv 1705.02894); Yu et al. (arXiv 1806.03589).
 */
export function hingeDiscriminatorLoss(real: Tensor, fake: Tensor): Scalar {
  return tidy(() => mul(0.5, add(mean(relu(sub(1, real))), mean(relu(add(1, fake))))) as Scalar);
}
