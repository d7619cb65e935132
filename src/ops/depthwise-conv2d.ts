import {
  add,
  engine,
  getBackend,
  getKernel,
  mul,
  reshape,
  split,
  type Tensor,
  type Tensor4D,
  depthwiseConv2d as tfDepthwiseConv2d,
  tidy,
} from '@tensorflow/tfjs-core';
import { extractPatches } from './patches';

/**
 * Convolves each channel by itself with a square kernel [k, k, C, 1], zeros laid around as TensorFlow does ('same'). Unlike
 * tfjs's own it has a gradient for every dilation and on every backend.
 */
export function depthwiseConv2d(x: Tensor4D, weights: Tensor4D, stride = 1, dilation = 1): Tensor4D {
  const hasGradient = dilation === 1 && getKernel('DepthwiseConv2dNativeBackpropFilter', getBackend()) !== undefined;
  const fits = stride === 1 || dilation === 1;
  if (fits && (hasGradient || engine().state.gradientDepth === 0)) return tfDepthwiseConv2d(x, weights, stride, 'same', 'NHWC', dilation);
  const [size, , channels] = weights.shape;
  return tidy(() => {
    const patches = extractPatches(x, { size, stride, rate: dilation, padding: 'same' });
    const parts: Tensor[] = split(mul(patches, reshape(weights, [size * size * channels])), size * size, 3);
    // Not tf.addN, which on WebGPU binds a buffer for each: more than most GPUs take, and then silently gives something else.
    return parts.reduce((a, b) => add(a, b)) as Tensor4D;
  });
}
