import { expandDims, squeeze, type Tensor, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { checkShape } from '../check';

/** Checks for a picture tensor, [H, W, C] or [B, H, W, C]; `channels` is a digit where their number is fixed. */
export function checkImage(x: Tensor, op: string, argument: string, channels = 'C'): void {
  checkShape(x, x.shape.length === 3 ? `HW${channels}` : `BHW${channels}`, op, argument);
}

/** A picture tensor with a batch axis. */
export const toBatch = (x: Tensor3D | Tensor4D): Tensor4D => (x.rank === 3 ? expandDims<Tensor4D>(x, 0) : (x as Tensor4D));

/** Takes the batch axis off again where `like` has none. */
export const likeRank = <T extends Tensor3D | Tensor4D>(y: Tensor4D, like: T): T => (like.rank === 3 ? squeeze(y, [0]) : y) as T;
