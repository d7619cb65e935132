import { abs, customGrad, mul, sign, type Tensor } from '@tensorflow/tfjs-core';

/** |x| with the slope 0 at 0, where that of `tf.abs` is -1: what already fits is left alone. */
export const magnitude = <T extends Tensor>(x: T): T => withSlope(x) as T;

const withSlope = customGrad((...args) => {
  const [x, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
  save([x]);
  return { value: abs(x), gradFunc: (dy: Tensor, [at]: Tensor[]) => mul(dy, sign(at)) };
});
