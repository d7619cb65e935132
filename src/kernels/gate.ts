/** The kernel behind the op `gate`: inputs features, gating; attribute activation; one output. */
export const GATE = 'CraGate';
