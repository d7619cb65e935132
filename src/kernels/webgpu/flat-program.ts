import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import { util } from '@tensorflow/tfjs-core';

/** A value of the struct `uniforms`, as the backend takes it. */
export interface Uniform {
  type: 'int32' | 'uint32' | 'float32';
  data: number[];
}

/** What a program of one thread for each output element is made of. */
export interface FlatProgram {
  /** Names the WGSL: the same key, the same code. */
  key: string;
  shape: number[];
  /** The inputs' names in the code, with how many values an element has: 4 for `array<vec4<..>>`. */
  inputs: Record<string, 1 | 4>;
  /** How many values an element of the output has. */
  components?: 1 | 4;
  /** The names and types of our own uniforms, in order, all of them scalars. */
  uniforms?: Record<string, 'i32' | 'u32' | 'f32'>;
  /** Functions that the main one needs. */
  functions?: string;
  /** The body of the main function: sets `result[index]`. */
  main: string;
}

const WORKGROUP = 64;

/** Makes the program object that `backend.runWebGPUProgram` wants. */
export function flatProgram({ key, shape, inputs, components = 1, uniforms = {}, functions = '', main }: FlatProgram): WebGPUProgram {
  const declared = Object.entries(uniforms);
  return {
    variableNames: Object.keys(inputs),
    variableComponents: Object.values(inputs),
    outputShape: shape,
    outputComponent: components,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: shape.map((_, axis) => axis) },
    dispatch: [Math.ceil(util.sizeFromShape(shape) / (components * WORKGROUP)), 1, 1],
    size: true,
    uniforms: declared.map(([name, type]) => `${name} : ${type},`).join(' '),
    shaderKey: `cra_${key}`,
    getUserCode: () => `
      ${functions}
      fn main(index : i32) {
        if (index >= uniforms.size) { return; }
        ${main}
      }`,
  };
}

const TYPES = { i32: 'int32', u32: 'uint32', f32: 'float32' } as const;

/** The uniforms' values in the order in which they were declared. */
export const uniformValues = (types: NonNullable<FlatProgram['uniforms']>, values: Record<string, number>): Uniform[] =>
  Object.entries(types).map(([name, type]) => ({ type: TYPES[type], data: [values[name]] }));
