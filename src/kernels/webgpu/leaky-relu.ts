import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { getKernel, registerKernel, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { LEAKY_RELU, type LeakyReluAttributes } from '../leaky-relu';
import { uniformValues } from './flat-program';
import { leakyReluProgram, leakyReluUniforms } from './leaky-relu-program';

if (!getKernel(LEAKY_RELU, 'webgpu')) {
  registerKernel({
    kernelName: LEAKY_RELU,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const x = inputs.x as TensorInfo;
      const program = leakyReluProgram(x.shape, util.sizeFromShape(x.shape) % 4 === 0 ? 4 : 1);
      // WGSL has no infinity.
      const values = uniformValues(leakyReluUniforms, { limit: Math.min((attrs as LeakyReluAttributes).limit, 3.4e38) });
      return (backend as WebGPUBackend).runWebGPUProgram(program, [x], 'float32', values);
    },
  });
}
