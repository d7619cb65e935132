import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { getKernel, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { VOTE_PATCHES, type VotePatchesAttributes } from '../vote-patches';
import { votePatchesProgram } from './vote-patches-program';

if (!getKernel(VOTE_PATCHES, 'webgpu')) {
  registerKernel({
    kernelName: VOTE_PATCHES,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { features, offsets, weights, hole } = inputs as Record<string, TensorInfo>;
      const margin = (attrs as VotePatchesAttributes).patchSize >> 1;
      const program = votePatchesProgram(features.shape);
      return (backend as WebGPUBackend).runWebGPUProgram(program, [features, offsets, weights, hole], 'float32', [{ type: 'int32', data: [margin] }]);
    },
  });
}
