import { mean, neg, type Scalar, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';

/**
 * What a generator loses where its discriminator estimates a Wasserstein distance.
 *
 * loss = -mean(fake)
 *
 * @param fake the discriminator's scores of what was made, any shape.
 * @returns a scalar. Differentiable.
 * @example
 * ```ts
 * const loss = wassersteinGeneratorLoss(discriminator.judge(weights, made));
 * ```
 * Source: Arjovsky et al., Wasserstein GAN (arXiv 1701.07875).
 */
export function wassersteinGeneratorLoss(fake: Tensor): Scalar {
  return tidy(() => neg(mean(fake)) as Scalar);
}

/**
 * What a discriminator loses that estimates a Wasserstein distance; {@link gradientPenalty} goes with it.
 *
 * loss = mean(fake) - mean(real)
 *
 * @param real its scores of pictures, any shape.
 * @param fake its scores of what was made, any shape.
 * @returns a scalar. Differentiable.
 * @example
 * ```ts
 * const loss = tf.add(wassersteinDiscriminatorLoss(ofPhotos, ofFills), tf.mul(10, gradientPenalty(judge, photos, fills, mix)));
 * ```
 * Source: Arjovsky et al., Wasserstein GAN (arXiv 1701.07875).
 */
export function wassersteinDiscriminatorLoss(real: Tensor, fake: Tensor): Scalar {
  return tidy(() => sub(mean(fake), mean(real)) as Scalar);
}
