/** The kernel behind the op `gate`: inputs features, gating; one output. */
export const GATE = 'CraGate';

/** Activation functions: elu (alpha 1), relu, leaky-relu (slope 0.2), tanh, and linear, which is none. */
export type Activation = 'elu' | 'relu' | 'leaky-relu' | 'linear' | 'tanh';

/** Its attributes. */
export type GateAttributes = { activation: Activation };
