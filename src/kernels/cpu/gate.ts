import { getKernel, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { type Activation, leakySlope } from '../activation';

const functions: Record<Activation, (x: number) => number> = {
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  relu: (x) => (x < 0 ? 0 : x),
  'leaky-relu': (x) => (x > 0 ? x : leakySlope * x),
  linear: (x) => x,
  tanh: Math.tanh,
};

/** y = activation(features) * sigmoid(gating) over whole arrays; `channels` features share a gate. */
export function gateArrays(features: Float32Array, gating: Float32Array, channels: number, activation: Activation, out: Float32Array): void {
  const activate = functions[activation];
  for (let g = 0, i = 0; g < gating.length; g++) {
    const open = 1 / (1 + Math.exp(-gating[g]));
    for (const end = i + channels; i < end; i++) out[i] = activate(features[i]) * open;
  }
}

interface CpuBackend {
  readSync(dataId: object): Float32Array;
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): TensorInfo;
}

if (!getKernel('Gate', 'cpu')) {
  registerKernel({
    kernelName: 'Gate',
    backendName: 'cpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { features, gating } = inputs as { features: TensorInfo; gating: TensorInfo };
      const cpu = backend as unknown as CpuBackend;
      const values = cpu.readSync(features.dataId);
      const out = new Float32Array(values.length);
      gateArrays(values, cpu.readSync(gating.dataId), features.shape[3] / gating.shape[3], attrs!.activation as Activation, out);
      return cpu.makeTensorInfo(features.shape, 'float32', out);
    },
  });
}
