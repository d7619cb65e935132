import { div, mul, type Tensor1D, type Tensor3D, type Tensor4D, maximum as tfMaximum, mean as tfMean, sum as tfSum } from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape } from '../../check';
import { checkImage, toBatch } from '../../ops/rank';

/** Options of the metrics that compare pictures value by value. */
export interface WithinOptions {
  /** [B, H, W, 1] or [H, W, 1], 0 or 1: only pixels where it is 1 count. Default: all. */
  within?: Tensor3D | Tensor4D;
}

/** Options of the metrics that depend on how far values can be apart. */
export interface RangeOptions {
  /** The least and the largest value that a picture can have. Default [-1, 1]. */
  range?: readonly [number, number];
}

/** Two pictures to compare, with a batch axis, after checking that they are of one shape. */
export function pairOf(a: Tensor3D | Tensor4D, b: Tensor3D | Tensor4D, op: string): [Tensor4D, Tensor4D] {
  checkImage(a, op, 'a');
  checkSameShape(b.shape, a.shape, op, 'b');
  return [toBatch(a), toBatch(b)];
}

/** How far values can be apart. */
export function checkedRange(range: readonly [number, number], op: string): number {
  checkArgument(range.length === 2 && range[1] > range[0] && Number.isFinite(range[1] - range[0]), op, 'range', 'two finite numbers, the lesser first', range);
  return range[1] - range[0];
}

/** The mean of each picture's values, [B]; where only part of it counts, of those. A picture of which nothing counts has 0. */
export function meanWithin(x: Tensor4D, within: Tensor3D | Tensor4D | undefined, op: string): Tensor1D {
  if (!within) return tfMean(x, [1, 2, 3]);
  const mask = toBatch(within);
  const [batch, height, width, channels] = x.shape;
  checkSameShape(mask.shape, [batch, height, width, 1], op, 'within');
  const count = mul(tfSum(mask, [1, 2, 3]), channels);
  return div(tfSum(mul(tfSum(x, 3, true), mask), [1, 2, 3]), tfMaximum(count, 1));
}
