import { grad, mean, type Scalar, square, sum, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkShape } from '../../check';

/**
 * How steep a discriminator is at pictures: R1, which makes it flat where pictures are real.
 *
 * loss = mean over b of |d sum(judge(real)) / d real_b|^2, |.|^2 = sum of squares over rows, columns, channels
 *
 * Differentiable in whatever weights `judge` computes with: a gradient of a gradient. The ops of `judge` must have right
 * second-order gradients, as for {@link gradientPenalty}.
 *
 * @param judge gives scores of any shape for pictures [B, H, W, C].
 * @param real [B, H, W, C], float32. The penalty goes by their unit: in [0, 1] it is four times what it is in [-1, 1].
 * @returns a scalar >= 0.
 * @throws ShapeError
 * @example
 * ```ts
 * const penalty = r1Penalty((x) => discriminator.judge(weights, x), photos);
 * ```
 * Source: Mescheder et al., Which Training Methods for GANs do actually Converge? (arXiv 1801.04406), R1.
 */
export function r1Penalty(judge: (x: Tensor4D) => Tensor, real: Tensor4D): Scalar {
  checkShape(real, 'BHWC', 'r1Penalty', 'real');
  return tidy(() => mean(sum(square(grad((x) => sum(judge(x as Tensor4D)))(real)), [1, 2, 3])) as Scalar);
}
