import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { getKernel, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { WIDEN_HALF, type WidenHalfAttributes } from '../widen-half';
import { widenHalfProgram } from './widen-half-program';

if (!getKernel(WIDEN_HALF, 'webgpu')) {
  registerKernel({
    kernelName: WIDEN_HALF,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { packed } = inputs as { packed: TensorInfo };
      return (backend as WebGPUBackend).runWebGPUProgram(widenHalfProgram((attrs as WidenHalfAttributes).shape), [packed], 'float32');
    },
  });
}
