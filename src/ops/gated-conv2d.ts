import { split, type Tensor1D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkOneOf, checkSameShape, checkShape } from '../check';
import { type ConvOptions, conv2d } from './conv2d';
import { depthwiseConv2d } from './depthwise-conv2d';
import { gate } from './gate';
import { checkImage, likeRank, toBatch } from './rank';
import { resizeBilinear, resizeNearest } from './resize';

/** How a picture is enlarged twofold before a convolution: `'bilinear'` as TensorFlow 1 does (legacy corners), or `'nearest'`. */
export type Upsampling = 'bilinear' | 'nearest';

/** Options of {@link gatedConv2d}. */
export interface GatedConvOptions extends ConvOptions {
  /** [gate channels], added to the gate before its sigmoid. Where the gate is split off `weights`, so is its bias off `bias`. */
  gateBias?: Tensor1D;
  /** [k, k, C, 1], for a depth-separable gate: convolves each channel by itself before `gateWeights` mix them. */
  gateDepthwise?: Tensor4D;
  /** Enlarges the picture twofold first. Default: not. */
  upsample?: Upsampling;
}

/**
 * Convolves features and a gate, and lets each feature through as far as its gate is open.
 *
 * y = activation(conv(x, weights) + bias) * sigmoid(gate(x) + gateBias)
 *
 * | gate | `gateWeights` | used by |
 * |---|---|---|
 * | full | [k, k, C, O], or none: `weights` is [k, k, C, 2 O] and is split | DeepFill v2 |
 * | single-channel | [k, k, C, 1] | CRA, coarse network (LWGC-sc) |
 * | pixelwise | [1, 1, C, O]; strided like the features, never dilated | CRA, refinement as released (LWGC-pw) |
 * | depth-separable | [1, 1, C, O] after `gateDepthwise` [k, k, C, 1] | CRA, refinement as in the paper (LWGC-ds) |
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @param weights [k, k, C, O], float32.
 * @param gateWeights see above.
 * @param options biases, stride, dilation, padding, activation (default `'elu'`), upsampling.
 * @returns [.., rows, columns, O]. Differentiable in everything.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const y = gatedConv2d(x, w, wGate, { bias, gateBias, stride: 2 });
 * ```
 * Source: Yu et al. (arXiv 1806.03589); light-weight gates: Yi et al. (arXiv 2005.09704), section 3.4.
 */
export function gatedConv2d<T extends Tensor3D | Tensor4D>(x: T, weights: Tensor4D, gateWeights: Tensor4D | undefined, options: GatedConvOptions = {}): T {
  const { bias, gateBias, gateDepthwise, upsample, activation = 'elu', ...conv } = options;
  checkImage(x, 'gatedConv2d', 'x');
  checkShape(weights, 'KKCO', 'gatedConv2d', 'weights');
  const [size, , , output] = weights.shape;
  const channels = x.shape[x.rank - 1];
  checkSameShape(weights.shape, [size, size, channels, output], 'gatedConv2d', 'weights');
  if (bias) checkSameShape(bias.shape, [output], 'gatedConv2d', 'bias');
  if (upsample !== undefined) checkOneOf(upsample, ['bilinear', 'nearest'], 'gatedConv2d', 'upsample');
  if (gateWeights) {
    const pointwise = gateDepthwise !== undefined || gateWeights.shape[0] === 1;
    const side = pointwise ? 1 : size;
    checkSameShape(gateWeights.shape, [side, side, channels, gateWeights.shape[3] === 1 ? 1 : output], 'gatedConv2d', 'gateWeights');
    if (gateDepthwise) checkSameShape(gateDepthwise.shape, [size, size, channels, 1], 'gatedConv2d', 'gateDepthwise');
    if (gateBias) checkSameShape(gateBias.shape, [gateWeights.shape[3]], 'gatedConv2d', 'gateBias');
  } else {
    checkArgument(output % 2 === 0, 'gatedConv2d', 'weights', 'of an even number of outputs where there are no gateWeights', output);
    checkArgument(!gateBias && !gateDepthwise, 'gatedConv2d', 'gateWeights', 'there where a gateBias or gateDepthwise is', gateWeights);
  }

  return tidy(() => {
    let batch = toBatch(x);
    if (upsample) batch = twofold(batch, upsample);
    // Two convolutions, also where one of all the outputs would do: taking its result apart costs more than it saves.
    const [own, forGate] = gateWeights ? [weights, gateWeights] : (split(weights, 2, 3) as [Tensor4D, Tensor4D]);
    const [ownBias, biasOfGate] = gateWeights || !bias ? [bias, gateBias] : (split(bias, 2) as [Tensor1D, Tensor1D]);
    const features = conv2d(batch, own, { ...conv, bias: ownBias });
    let gating: Tensor4D;
    if (gateDepthwise) {
      const spread = depthwiseConv2d(batch, gateDepthwise, conv.stride, conv.dilation);
      gating = conv2d(spread, forGate, { bias: biasOfGate });
    } else if (forGate.shape[0] === 1 && size > 1) {
      gating = conv2d(batch, forGate, { bias: biasOfGate, stride: conv.stride });
    } else {
      gating = conv2d(batch, forGate, { ...conv, bias: biasOfGate });
    }
    return likeRank(gate(features, gating, { activation }), x);
  });
}

/** A picture enlarged twofold. */
export function twofold(x: Tensor4D, upsampling: Upsampling): Tensor4D {
  const size: [number, number] = [2 * x.shape[1], 2 * x.shape[2]];
  return upsampling === 'nearest' ? resizeNearest(x, size, { flavour: 'legacy' }) : resizeBilinear(x, size, { flavour: 'legacy' });
}
