import { add, clone, customGrad, elu, exp, leakyRelu, mul, onesLike, relu, sigmoid, square, step, sub, type Tensor, tanh } from '@tensorflow/tfjs-core';
import type { Activation } from '../kernels/gate';
import { leakySlope } from '../kernels/leaky-relu';

export type { Activation };

export const activations: readonly Activation[] = ['elu', 'relu', 'leaky-relu', 'linear', 'tanh'];

type Pointwise = (x: Tensor) => Tensor;

// The gradients of tfjs save outputs or go through ops without a second order; these save the input, and their slopes
// are made of functions of the same kind, so that they are right to any order.
function pointwise(value: Pointwise, slope: Pointwise): Pointwise {
  const withGradient = customGrad((...args) => {
    const [x, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
    save([x]);
    return { value: value(x), gradFunc: (dy: Tensor, saved: Tensor[]) => mul(dy, slope(saved[0])) };
  });
  return (x) => withGradient(x);
}

const smoothExp: Pointwise = pointwise(exp, (x) => smoothExp(x));
const smoothTanh: Pointwise = pointwise(tanh, (x) => sub(1, square(smoothTanh(x))));

/** 1 / (1 + exp(-x)). */
export const smoothSigmoid: Pointwise = pointwise(sigmoid, (x) => {
  const y = smoothSigmoid(x);
  return mul(y, sub(1, y));
});

/** The derivative of each activation. */
export const slopes: Record<Activation, Pointwise> = {
  // x - relu(x) is min(x, 0): 1 above zero, and nothing overflows.
  elu: (x) => smoothExp(sub(x, relu(x))),
  relu: (x) => step(x),
  // On tfjs-node a step is seven operations: one is enough.
  'leaky-relu': (x) => add(mul(step(x), 1 - leakySlope), leakySlope),
  linear: (x) => onesLike(x),
  tanh: (x) => sub(1, square(smoothTanh(x))),
};

/** Each activation, differentiable to any order. */
export const activate: Record<Activation, Pointwise> = {
  elu: pointwise(elu, slopes.elu),
  relu: pointwise(relu, slopes.relu),
  'leaky-relu': pointwise((x) => leakyRelu(x, leakySlope), slopes['leaky-relu']),
  linear: pointwise((x) => clone(x), slopes.linear),
  tanh: smoothTanh,
};
