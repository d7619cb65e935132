/** The kernel behind the op `leakyRelu`: input x; attribute `limit`, which may be infinite; one output. */
export const LEAKY_RELU = 'CraLeakyRelu';
