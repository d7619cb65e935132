import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import { util } from '@tensorflow/tfjs-core';
import type { Activation } from '../gate';
import { leakySlope } from '../leaky-relu';

// min(x, 0) keeps the branch that select() throws away from overflowing.
const formulas: Record<Activation, string> = {
  elu: 'select(exp(min(x, T(0.0))) - T(1.0), x, x > T(0.0))',
  relu: 'max(x, T(0.0))',
  'leaky-relu': `select(x * ${leakySlope}, x, x > T(0.0))`,
  linear: 'x',
  // tanh(x) overflows to NaN on some drivers where |x| is large; it is 1 to the last bit from 10 on.
  tanh: 'tanh(clamp(x, T(-15.0), T(15.0)))',
};

/** y = activation(features) * sigmoid(gating), four values a thread where the channels allow it. */
export class GateProgram implements WebGPUProgram {
  readonly variableNames = ['features', 'gating'];
  readonly workgroupSize: [number, number, number] = [64, 1, 1];
  readonly size = true;
  readonly uniforms = 'channels : i32,';
  readonly outputShape: number[];
  readonly outputComponent: number;
  readonly variableComponents: number[];
  readonly dispatchLayout: { x: number[] };
  readonly uniformValues: { type: string; data: number[] }[];
  dispatch: [number, number, number];
  shaderKey: string;

  constructor(
    shape: number[],
    gatingShape: number[],
    private readonly activation: Activation,
  ) {
    const channels = shape[shape.length - 1];
    const single = gatingShape[gatingShape.length - 1] !== channels;
    const values = util.sizeFromShape(shape);
    const component = (single ? channels : values) % 4 === 0 ? 4 : 1;
    this.outputShape = shape;
    this.outputComponent = component;
    this.variableComponents = [component, single ? 1 : component];
    this.dispatchLayout = { x: shape.map((_, axis) => axis) };
    this.dispatch = [Math.ceil(values / (component * this.workgroupSize[0])), 1, 1];
    this.uniformValues = [{ type: 'int32', data: [single ? channels / component : 1] }];
    this.shaderKey = `craGate_${activation}_${this.variableComponents.join('_')}`;
  }

  getUserCode(): string {
    const type = this.outputComponent === 4 ? 'vec4<f32>' : 'f32';
    return `
      fn activation(x : ${type}) -> ${type} { return ${formulas[this.activation].replaceAll('T(', `${type}(`)}; }
      fn gate(x : ${type}) -> ${type} {
        let e = exp(-abs(x));
        return select(e, ${type}(1.0), x >= ${type}(0.0)) / (${type}(1.0) + e);
      }
      fn main(index : i32) {
        if (index < uniforms.size) {
          setOutputAtIndex(index, activation(features[index]) * gate(${type}(gating[index / uniforms.channels])));
        }
      }`;
  }
}
