import { getKernel, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { LEAKY_RELU, type LeakyReluAttributes, leakySlope } from '../leaky-relu';
import { constant, free, run } from './backend';

// The backend's LeakyRelu goes value by value; its Prelu and ClipByValue are vectorised and ten times as fast.
if (!getKernel(LEAKY_RELU, 'wasm')) {
  registerKernel({
    kernelName: LEAKY_RELU,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const x = inputs.x as TensorInfo;
      const { limit } = attrs as LeakyReluAttributes;
      const channels = x.shape[x.shape.length - 1];
      const alpha = constant(backend, new Float32Array(channels).fill(leakySlope), [channels]);
      const y = run(backend, 'Prelu', { x, alpha });
      const clipped = limit < Number.POSITIVE_INFINITY ? run(backend, 'ClipByValue', { x: y }, { clipValueMin: -limit, clipValueMax: limit }) : y;
      free(backend, alpha, ...(clipped === y ? [] : [y]));
      return clipped;
    },
  });
}
