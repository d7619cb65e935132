/** Activation functions: elu (alpha 1), relu, leaky-relu (slope 0.2), tanh, and linear, which is none. */
export type Activation = 'elu' | 'relu' | 'leaky-relu' | 'linear' | 'tanh';

/** The slope of the leaky ReLU below 0. */
export const leakySlope = 0.2;
