import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { getKernel, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Activation } from '../activation';
import { GateProgram } from './gate-program';

if (!getKernel('Gate', 'webgpu')) {
  registerKernel({
    kernelName: 'Gate',
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { features, gating } = inputs as { features: TensorInfo; gating: TensorInfo };
      const program = new GateProgram(features.shape, gating.shape, attrs!.activation as Activation);
      return (backend as WebGPUBackend).runWebGPUProgram(program, [features, gating], 'float32', program.uniformValues);
    },
  });
}
