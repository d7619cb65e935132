/** The kernel behind the op `leakyRelu`: input x; one output. */
export const LEAKY_RELU = 'CraLeakyRelu';

/** Its attributes: where the values are cut off, which may be at infinity. */
export type LeakyReluAttributes = { limit: number };

/** The slope of the leaky ReLU below 0. */
export const leakySlope = 0.2;
