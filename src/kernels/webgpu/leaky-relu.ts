import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { util } from '@tensorflow/tfjs-core';
import { LEAKY_RELU, type LeakyReluAttributes } from '../leaky-relu';
import { registerBackendKernel } from '../register';
import { uniformValues } from './flat-program';
import { leakyReluProgram, leakyReluUniforms } from './leaky-relu-program';

registerBackendKernel<WebGPUBackend, LeakyReluAttributes>(LEAKY_RELU, 'webgpu', ({ x }, { limit }, backend) => {
  const program = leakyReluProgram(x.shape, util.sizeFromShape(x.shape) % 4 === 0 ? 4 : 1);
  // WGSL has no infinity.
  const values = uniformValues(leakyReluUniforms, { limit: Math.min(limit, 3.4e38) });
  return backend.runWebGPUProgram(program, [x], 'float32', values);
});
