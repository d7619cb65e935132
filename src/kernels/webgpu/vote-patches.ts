import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { registerBackendKernel } from '../register';
import { VOTE_PATCHES, type VotePatchesAttributes } from '../vote-patches';
import { votePatchesProgram } from './vote-patches-program';

registerBackendKernel<WebGPUBackend, VotePatchesAttributes>(VOTE_PATCHES, 'webgpu', (inputs, { patchSize }, backend) => {
  const { features, offsets, weights, hole } = inputs;
  const program = votePatchesProgram(features.shape);
  return backend.runWebGPUProgram(program, [features, offsets, weights, hole], 'float32', [{ type: 'int32', data: [patchSize >> 1] }]);
});
