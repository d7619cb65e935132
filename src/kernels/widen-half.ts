/** The kernel behind the op `widenHalf`: input `packed`, int32, two halves each; one output. */
export const WIDEN_HALF = 'CraWidenHalf';

/** Its attributes: the output's shape. */
export type WidenHalfAttributes = { shape: number[] };
