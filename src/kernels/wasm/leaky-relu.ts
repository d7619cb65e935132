import { LEAKY_RELU, type LeakyReluAttributes, leakySlope } from '../leaky-relu';
import { registerBackendKernel } from '../register';
import { constant, free, run } from './backend';

// The backend's LeakyRelu goes value by value; its Prelu and ClipByValue are vectorised and ten times as fast.
registerBackendKernel<object, LeakyReluAttributes>(LEAKY_RELU, 'wasm', ({ x }, { limit }, backend) => {
  const channels = x.shape[x.shape.length - 1];
  const alpha = constant(backend, new Float32Array(channels).fill(leakySlope), [channels]);
  const y = run(backend, 'Prelu', { x, alpha });
  const clipped = limit < Number.POSITIVE_INFINITY ? run(backend, 'ClipByValue', { x: y }, { clipValueMin: -limit, clipValueMax: limit }) : y;
  free(backend, alpha, ...(clipped === y ? [] : [y]));
  return clipped;
});
