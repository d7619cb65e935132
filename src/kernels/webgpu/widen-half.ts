import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { registerBackendKernel } from '../register';
import { WIDEN_HALF, type WidenHalfAttributes } from '../widen-half';
import { widenHalfProgram } from './widen-half-program';

registerBackendKernel<WebGPUBackend, WidenHalfAttributes>(WIDEN_HALF, 'webgpu', ({ packed }, { shape }, backend) =>
  backend.runWebGPUProgram(widenHalfProgram(shape), [packed], 'float32'),
);
