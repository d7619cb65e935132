import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { getKernel, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { GATE, type GateAttributes } from '../gate';
import { GateProgram } from './gate-program';

if (!getKernel(GATE, 'webgpu')) {
  registerKernel({
    kernelName: GATE,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { features, gating } = inputs as { features: TensorInfo; gating: TensorInfo };
      const program = new GateProgram(features.shape, gating.shape, (attrs as GateAttributes).activation);
      return (backend as WebGPUBackend).runWebGPUProgram(program, [features, gating], 'float32', program.uniformValues);
    },
  });
}
