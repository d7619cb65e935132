/** The kernel behind the op `widenHalf`: input `packed`, int32, two halves each; attribute `shape`; one output. */
export const WIDEN_HALF = 'CraWidenHalf';
