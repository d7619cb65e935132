import type { Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkArgument } from '../check';
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

  return tf.tidy(() => {
    const batch = toBatch(x);
    const weights = tf.reshape(scores, [batch.shape[0], rows, columns, rows, columns]) as Tensor5D;
    return likeRank(overlap ? transferOverlapping(batch, weights, rate) : transferCells(batch, weights, rate), x);
  });
}

/** Each cell becomes the weighted sum of all cells: patches that are laid edge to edge. */
function transferCells(x: Tensor4D, weights: Tensor5D, rate: number): Tensor4D {
  const [batch, rows, columns] = weights.shape;
  const channels = x.shape[3];
  const split = tf.reshape(x, [batch, rows, rate, columns, rate, channels]);
  const cells = tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4, 5]), [batch, rows * columns, rate * rate * channels]) as Tensor3D;
  const mixed = tf.matMul(tf.reshape(weights, [batch, rows * columns, rows * columns]) as Tensor3D, cells);
  const laid = tf.transpose(tf.reshape(mixed, [batch, rows, columns, rate, rate, channels]), [0, 1, 3, 2, 4, 5]);
  return tf.reshape(laid, [batch, rows * rate, columns * rate, channels]);
}

/**
 * A patch of two cells' side is two by two cells of a grid that lies half a cell further up and left, and that has one
 * more row and column. What such a cell gets from another is the sum over the up to four patches that hold both in the
 * same corner. So it is the weights that are summed, and a quarter of the products is left.
 */
function transferOverlapping(x: Tensor4D, weights: Tensor5D, rate: number): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const [, rows, columns] = weights.shape;
  const before = Math.floor(rate / 2);
  const none: [number, number] = [0, 0];
  const around: [number, number] = [before, rate - before];
  // Axes are joined because tfjs pads four at most on WebGPU: a row of references more is that many columns more.
  const byRow = tf.reshape(weights, [batch, rows, columns, rows * columns]) as Tensor4D;
  const paddedRows = (end: 0 | 1) => tf.pad(byRow, [none, [1 - end, end], none, [(1 - end) * columns, end * columns]]);
  const byColumn = tf.reshape(tf.add(paddedRows(1), paddedRows(0)), [batch * (rows + 1), columns, rows + 1, columns]) as Tensor4D;
  const paddedColumns = (end: 0 | 1) => tf.pad(byColumn, [none, [1 - end, end], none, [1 - end, end]]);
  const summed = tf.reshape(tf.add(paddedColumns(1), paddedColumns(0)), [batch, rows + 1, columns + 1, rows + 1, columns + 1]) as Tensor5D;
  const laid = transferCells(tf.pad(x, [none, around, around, none]), summed, rate);
  return tf.slice(laid, [0, before, before, 0], [laid.shape[0], height, width, channels]);
}
