/** The kernel behind the op `squaredDistance`: input hole, [B, H, W]; one output of its shape. */
export const SQUARED_DISTANCE = 'CraSquaredDistance';

/** Its attributes. */
export type SquaredDistanceAttributes = { reach: number };
