import { cast, customGrad, engine, getBackend, getKernel, mul, sub, sum, type Tensor, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkOneOf, checkSameShape } from '../check';
import '../kernels/cpu/gate';
import { GATE, type GateAttributes } from '../kernels/gate';
import '../kernels/webgpu/gate';
import { type Activation, activate, activations, slopes, smoothSigmoid } from './activation';
import { checkImage, likeRank, toBatch } from './rank';

/** Options of {@link gate}. */
export interface GateOptions {
  /** What the features go through. Default `'elu'`. */
  activation?: Activation;
}

/**
 * Gates features: each value is let through as far as its gate is open.
 *
 * y = activation(features) * sigmoid(gating)
 *
 * One pass over memory where there is a kernel for it (WebGPU, cpu), else a composition of tfjs ops. Differentiable to any order.
 *
 * @param features [H, W, C] or [B, H, W, C], float32, any range.
 * @param gating of the features' shape, or with a single channel for all; float32, any range (logits).
 * @param options the activation: `'elu'`, `'relu'`, `'leaky-relu'` (slope 0.2), `'linear'` or `'tanh'`.
 * @returns the gated features, of the features' shape.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const y = gate(tf.conv2d(x, w, 1, 'same'), tf.conv2d(x, wGate, 1, 'same'), { activation: 'elu' });
 * ```
 * Source: Yu et al., Free-Form Image Inpainting with Gated Convolution (arXiv 1806.03589); single-channel gates: Yi et al. (arXiv 2005.09704).
 */
export function gate<T extends Tensor3D | Tensor4D>(features: T, gating: T, options: GateOptions = {}): T {
  const activation = options.activation ?? 'elu';
  checkImage(features, 'gate', 'features');
  const channels = gating.shape[gating.rank - 1];
  checkArgument(channels === 1 || channels === features.shape[features.rank - 1], 'gate', 'gating', "of 1 channel or the features' number", channels);
  checkSameShape(gating.shape, [...features.shape.slice(0, -1), channels], 'gate', 'gating');
  checkOneOf(activation, activations, 'gate', 'activation');
  return tidy(() => likeRank(gated(toBatch(cast(features, 'float32')), toBatch(cast(gating, 'float32')), activation), features));
}

/** The gate as a composition of tfjs ops: what runs where there is no kernel, and what the kernels are tested against. */
export const composedGate = (features: Tensor, gating: Tensor, activation: Activation): Tensor => mul(activate[activation](features), smoothSigmoid(gating));

function gated(features: Tensor4D, gating: Tensor4D, activation: Activation): Tensor4D {
  if (!getKernel(GATE, getBackend())) return composedGate(features, gating, activation) as Tensor4D;
  return customGrad((...args) => {
    const [f, g, save] = args as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void];
    save([f, g]);
    const value = engine().runKernel(GATE, { features: f, gating: g }, { activation } satisfies GateAttributes) as Tensor;
    const gradFunc = (dy: Tensor, saved: Tensor[]) => {
      const open = smoothSigmoid(saved[1]);
      const all = mul(mul(dy, activate[activation](saved[0])), mul(open, sub(1, open)));
      return [mul(mul(dy, slopes[activation](saved[0])), open), saved[1].shape[3] === dy.shape[3] ? all : sum(all, 3, true)];
    };
    return { value, gradFunc };
  })(features, gating) as Tensor4D;
}
