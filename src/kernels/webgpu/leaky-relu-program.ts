import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import { leakySlope } from '../leaky-relu';
import { flatProgram } from './flat-program';

/** The uniforms of {@link leakyReluProgram}. */
export const leakyReluUniforms = { limit: 'f32' } as const;

/** A leaky ReLU cut off at -limit and limit, in one pass. */
export const leakyReluProgram = (shape: number[], components: 1 | 4): WebGPUProgram => {
  const type = components === 4 ? 'vec4<f32>' : 'f32';
  return flatProgram({
    key: `leakyRelu_${components}`,
    shape,
    inputs: { x: components },
    components,
    uniforms: leakyReluUniforms,
    main: `
      let value = x[index];
      result[index] = clamp(select(value * ${leakySlope}, value, value > ${type}(0.0)), ${type}(-uniforms.limit), ${type}(uniforms.limit));`,
  });
};
