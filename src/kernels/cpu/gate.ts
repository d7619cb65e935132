import { type Activation, GATE, type GateAttributes } from '../gate';
import { leakySlope } from '../leaky-relu';
import { registerArrayKernel } from '../register';

const functions: Record<Activation, (x: number) => number> = {
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  relu: (x) => Math.max(0, x),
  'leaky-relu': (x) => (x > 0 ? x : leakySlope * x),
  linear: (x) => x,
  tanh: Math.tanh,
};

// y = activation(features) * sigmoid(gating). Not for wasm and tensorflow, whose own kernels one after the other are faster.
registerArrayKernel<GateAttributes>(GATE, ['cpu'], ({ features, gating }, { activation }) => {
  const activate = functions[activation];
  const out = new Float32Array(features.values.length);
  const channels = out.length / gating.values.length;
  for (let g = 0, i = 0; g < gating.values.length; g++) {
    const open = 1 / (1 + Math.exp(-gating.values[g]));
    for (const end = i + channels; i < end; i++) out[i] = activate(features.values[i]) * open;
  }
  return [{ values: out, shape: features.shape }];
});
