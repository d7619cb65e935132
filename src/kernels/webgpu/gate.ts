import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { GATE, type GateAttributes } from '../gate';
import { registerBackendKernel } from '../register';
import { GateProgram } from './gate-program';

registerBackendKernel<WebGPUBackend, GateAttributes>(GATE, 'webgpu', ({ features, gating }, { activation }, backend) => {
  const program = new GateProgram(features.shape, gating.shape, activation);
  return backend.runWebGPUProgram(program, [features, gating], 'float32', program.uniformValues);
});
