import { type Tensor, type Tensor1D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkOneOf } from '../check';
import { type GatedConvOptions, gatedConv2d } from '../ops/gated-conv2d';
import { BatchNorm } from './batch-norm';
import type { Conv2dOptions } from './conv2d';
import { truncatedNormal, zeros } from './initializers';
import { Layer, type Mode, type WeightSpecifications, type Weights } from './layer';

/** How a gate is computed: see {@link gatedConv2d}. `'split'` is a full gate whose kernel is one with the features'. */
export type GateKind = 'full' | 'split' | 'single-channel' | 'pixelwise' | 'depth-separable';

const GATE_KINDS: GateKind[] = ['full', 'split', 'single-channel', 'pixelwise', 'depth-separable'];

/** What a {@link GatedConv2d} is made of. */
export interface GatedConv2dOptions extends Omit<Conv2dOptions, 'bias'>, Pick<GatedConvOptions, 'upsample'> {
  /** How the gate is computed. */
  gate: GateKind;
  /** Whether a {@link BatchNorm} follows, `NAME.norm`. Default false. */
  batchNorm?: boolean;
}

/**
 * A gated convolution with weights `NAME.weights` and `NAME.bias` for the features, `NAME.gate_weights` and
 * `NAME.gate_bias` for the gate, and `NAME.gate_depthwise` for a depth-separable one; see the op {@link gatedConv2d}.
 *
 * @example
 * ```ts
 * const layer = new GatedConv2d('down', { input: 4, output: 32, size: 5, stride: 2, gate: 'single-channel' });
 * const y = layer.apply(x, weights);
 * ```
 */
export class GatedConv2d extends Layer {
  readonly weights: WeightSpecifications;
  private readonly norm?: BatchNorm;

  /**
   * @param name what the names of its weights begin with.
   * @param options sizes, the kind of gate, and what {@link gatedConv2d} takes.
   */
  constructor(
    name: string,
    readonly options: GatedConv2dOptions,
  ) {
    super(name);
    const { input, output, size, gate, initializer = truncatedNormal(0.05) } = options;
    checkOneOf(gate, GATE_KINDS, 'GatedConv2d', 'gate');
    if (options.batchNorm) this.norm = new BatchNorm(`${name}.norm`, output);
    const all = gate === 'split' ? 2 * output : output;
    const gateSize = gate === 'pixelwise' || gate === 'depth-separable' ? 1 : size;
    const gateOutput = gate === 'single-channel' ? 1 : output;
    const kernel = 'convolution' as const;
    this.weights = {
      [`${name}.weights`]: { shape: [size, size, input, all], kernel, initializer },
      [`${name}.bias`]: { shape: [all], initializer: zeros },
      ...(gate === 'depth-separable' && { [`${name}.gate_depthwise`]: { shape: [size, size, input, 1], kernel: 'depthwise' as const, initializer } }),
      ...(gate !== 'split' && {
        [`${name}.gate_weights`]: { shape: [gateSize, gateSize, input, gateOutput], kernel, initializer },
        [`${name}.gate_bias`]: { shape: [gateOutput], initializer: zeros },
      }),
      ...this.norm?.weights,
    };
  }

  /**
   * Convolves and gates.
   * @param x [H, W, input] or [B, H, W, input].
   * @param weights tensors of the names that `this.weights` tells.
   */
  apply<T extends Tensor3D | Tensor4D>(x: T, weights: Weights, mode?: Mode): T {
    const { gate, stride, dilation, padding, activation, upsample } = this.options;
    const own = <W extends Tensor>(part: string) => this.own<W>(weights, part);
    const gateOwn = <W extends Tensor>(part: string) => (gate === 'split' ? undefined : own<W>(part));
    return tidy(() => {
      const y = gatedConv2d(x, own<Tensor4D>('weights'), gateOwn<Tensor4D>('gate_weights'), {
        bias: own<Tensor1D>('bias'),
        gateBias: gateOwn<Tensor1D>('gate_bias'),
        gateDepthwise: gate === 'depth-separable' ? own<Tensor4D>('gate_depthwise') : undefined,
        stride,
        dilation,
        padding,
        activation,
        upsample,
      });
      return this.norm ? this.norm.apply(y, weights, mode) : y;
    });
  }
}
