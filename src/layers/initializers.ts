/** How a weight starts out. Values beyond a limit are drawn again. */
export type Initializer = ConstantInitializer | NormalInitializer | IdentityInitializer;

/** All values the same. */
export interface ConstantInitializer {
  /** Tells it from others. */
  readonly kind: 'constant';
  /** That value. */
  readonly value: number;
}

/** Normal values. */
export interface NormalInitializer {
  /** Tells it from others. */
  readonly kind: 'normal';
  /** Default 0. */
  readonly mean?: number;
  /** Their standard deviation. */
  readonly deviation: number;
  /** How many deviations from the mean they may lie, > 0. Default: any. */
  readonly limit?: number;
}

/** A convolution's kernel that hands its input on, channel by channel, with normal values on top. */
export interface IdentityInitializer {
  /** Tells it from others. */
  readonly kind: 'identity';
  /** What the input is multiplied by. */
  readonly gain: number;
  /** The standard deviation of the normal values. */
  readonly deviation: number;
}

/** All values 0. */
export const zeros: Initializer = { kind: 'constant', value: 0 };
/** All values 1. */
export const ones: Initializer = { kind: 'constant', value: 1 };
/** Normal values about 0, none further out than two deviations: how TensorFlow 1 networks start out. */
export const truncatedNormal = (deviation: number): Initializer => ({ kind: 'normal', deviation, limit: 2 });
/** Normal values. */
export const normal = (deviation: number, mean = 0): Initializer => ({ kind: 'normal', mean, deviation });
/** Normal values of deviation sqrt(gain^2 / fan in): keeps the scale of activations through a deep network (He et al. 2015). */
export const kaiming = (fanIn: number, gain = Math.SQRT2): Initializer => ({ kind: 'normal', deviation: gain / Math.sqrt(fanIn) });
/**
 * The identity times a gain, plus normal values: each output starts out as the input of the same number, as far as there is
 * one. What goes in at the top of a deep stack of convolutions so arrives at its end, and learning starts from there. For
 * kernels [rows, columns, input, output] (Xiao et al. 2018 look at such kernels, with any orthogonal matrix for the identity).
 */
export const identity = (gain: number, deviation: number): Initializer => ({ kind: 'identity', gain, deviation });
