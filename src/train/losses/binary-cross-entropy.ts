import { add, customGrad, exp, log1p, mean, mul, neg, relu, type Scalar, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape } from '../../check';
import { smoothSigmoid } from '../../ops/activation';
import { magnitude } from './magnitude';

/**
 * The cross entropy of scores, and whether they should say real (1) or made (0).
 *
 * loss = mean of max(x, 0) - label x + log(1 + exp(-|x|)), which is -log of the probability sigmoid(x) or 1 - sigmoid(x)
 *
 * @param logits scores before the sigmoid, any shape and range.
 * @param label 1 for real, 0 for made, or between for labels that are smoothed: one for all scores, or a tensor of their shape, which
 * is a constant.
 * @returns a scalar >= 0. Differentiable to any order.
 * @throws ArgumentError, ShapeError
 * @example
 * ```ts
 * const loss = binaryCrossEntropy(discriminator.judge(weights, made), 1); // what the generator wants
 * ```
 * Source: Isola et al., Image-to-Image Translation with Conditional Adversarial Networks (arXiv 1611.07004).
 */
export function binaryCrossEntropy(logits: Tensor, label: number | Tensor): Scalar {
  if (typeof label === 'number') checkArgument(label >= 0 && label <= 1, 'binaryCrossEntropy', 'label', 'in [0, 1]', label);
  else checkSameShape(label.shape, logits.shape, 'binaryCrossEntropy', 'label');
  return tidy(() => mean(sub(softplus(logits), mul(label, logits))) as Scalar);
}

/** log(1 + exp(x)), without overflow. */
const softplus = customGrad((...args) => {
  const [x, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
  save([x]);
  const value = add(relu(x), log1p(exp(neg(magnitude(x)))));
  return { value, gradFunc: (dy: Tensor, [at]: Tensor[]) => mul(dy, smoothSigmoid(at)) };
});
