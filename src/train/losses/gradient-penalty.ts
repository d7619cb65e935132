import { add, grad, mean, mul, type Scalar, sqrt, square, sub, sum, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkSameShape, checkShape } from '../../check';

/**
 * How far a discriminator's slope is from 1 on the way from pictures to what was made.
 *
 * loss = mean over b of (|d judge(z) / dz_b| - 1)^2, z = real + mix (fake - real), |.| = sqrt(sum of squares over rows, columns, channels)
 *
 * Differentiable in whatever weights `judge` computes with: a gradient of a gradient. The ops of `judge` must have right
 * second-order gradients; those of this package's discriminators have, while in tfjs itself `tanh`, `sigmoid`, `exp` and
 * `softmax` are silently wrong and `leakyRelu`, `elu` and `maximum` throw. WGAN-GP weighs it by 10.
 *
 * @param judge gives scores of any shape for pictures [B, H, W, C]; no score may depend on another picture of the batch.
 * @param real [B, H, W, C], float32.
 * @param fake of real's shape.
 * @param mix [B, 1, 1, 1], uniform random numbers in [0, 1).
 * @returns a scalar >= 0.
 * @throws ShapeError
 * @example
 * ```ts
 * const penalty = gradientPenalty((x) => discriminator.judge(weights, x), photos, fills, tf.randomUniform([4, 1, 1, 1]));
 * ```
 * Source: Gulrajani et al., Improved Training of Wasserstein GANs (arXiv 1704.00028).
 */
export function gradientPenalty(judge: (x: Tensor4D) => Tensor, real: Tensor4D, fake: Tensor4D, mix: Tensor4D): Scalar {
  checkShape(real, 'BHWC', 'gradientPenalty', 'real');
  checkSameShape(fake.shape, real.shape, 'gradientPenalty', 'fake');
  checkSameShape(mix.shape, [real.shape[0], 1, 1, 1], 'gradientPenalty', 'mix');
  return tidy(() => {
    const between = add(real, mul(mix, sub(fake, real))) as Tensor4D;
    const slope = grad((x) => sum(judge(x as Tensor4D)))(between);
    // The little that is added keeps the root's own slope finite where the discriminator is flat.
    const length = sqrt(add(sum(square(slope), [1, 2, 3]), 1e-12));
    return mean(square(sub(length, 1))) as Scalar;
  });
}
