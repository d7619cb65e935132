import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkArgument } from '../check';
import { extractPatches, foldPatches } from './patches';
import { checkImage, likeRank, toBatch } from './rank';

/** Options of {@link attentionTransfer}. */
export interface AttentionTransferOptions {
  /**
   * `true` (default): patches of two cells' side, that overlap and are summed: an inner pixel is the sum of four, as the
   * refinement network of CRA was trained. `false`: patches of one cell's side, laid edge to edge.
   */
  overlap?: boolean;
}

/**
 * Rebuilds a feature map from its own patches by the weights that an attention found at lower resolution.
 *
 * With rate = H / rows: y = sum over q of (sum over r of scores[q, r] * patch of x at r), laid at q, overlaps summed.
 * Patches have side 2 rate (overlapping) or rate, stride rate, and zeros beyond the border. Differentiable with respect
 * to both arguments.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any finite range; H = rate * rows, W = rate * columns, rate a whole number.
 * @param scores [rows, columns, rows * columns] or the same with x's batch in front, as {@link contextualAttention} returns them.
 * @param options see {@link AttentionTransferOptions}.
 * @returns the transferred map, of x's shape.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { scores } = contextualAttention(deep, deep, hole);
 * const detail = attentionTransfer(shallow, scores);
 * ```
 * Source: Yi et al., Contextual Residual Aggregation (arXiv 2005.09704), section 3.3.
 */
export function attentionTransfer<T extends Tensor3D | Tensor4D>(x: T, scores: T, options: AttentionTransferOptions = {}): T {
  const op = 'attentionTransfer';
  const { overlap = true } = options;
  checkImage(x, op, 'x');
  checkImage(scores, op, 'scores');
  const [height, width] = x.shape.slice(-3);
  const [rows, columns, references] = scores.shape.slice(-3);
  const rate = height / rows;
  const batchFits = x.rank === scores.rank && (x.rank === 3 || x.shape[0] === scores.shape[0]);
  checkArgument(
    batchFits && references === rows * columns,
    op,
    'scores',
    `${x.rank === 4 ? `[${x.shape[0]}, ` : '['}rows, columns, rows * columns]`,
    `[${scores.shape.join(', ')}]`,
  );
  checkArgument(
    Number.isInteger(rate) && columns * rate === width,
    op,
    'x',
    `a whole multiple of ${rows} x ${columns}, the scores' rows and columns`,
    `${height} x ${width}`,
  );

  const grid = { size: overlap ? 2 * rate : rate, stride: rate, padding: 'same' as const };
  return tf.tidy(() => {
    const patches = extractPatches(toBatch(x), grid);
    const batch = patches.shape[0];
    const weights = tf.reshape(scores, [batch, references, references]) as Tensor3D;
    const mixed = tf.matMul(weights, tf.reshape(patches, [batch, references, patches.shape[3]]) as Tensor3D);
    return likeRank(foldPatches(tf.reshape(mixed, patches.shape), { ...grid, shape: [height, width] }), x);
  });
}
