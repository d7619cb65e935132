import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkArgument, checkOdd, checkOneOf, checkSameShape, checkWhole } from '../check';
import { poolMask } from './mask';
import { extractPatches, foldPatches } from './patches';
import { checkImage, likeRank, toBatch } from './rank';
import { resizeNearest } from './resize';

/** Options of {@link contextualAttention}; the defaults are those of the CRA networks. */
export interface ContextualAttentionOptions {
  /** Side of the patches that are compared, in cells; odd. Default 3. */
  patchSize?: number;
  /** Pixels per cell: the features are compared on every rate-th row and column. Default 2. */
  rate?: number;
  /** Which pixel stands for its cell: the `'first'` one (default, CRA) or the one that nearest align-corners resizing takes (DeepFill v2). */
  pick?: 'first' | 'align-corners';
  /** Whether scores are fused along diagonals, so that neighbours prefer neighbouring references. Default true. */
  fuse?: boolean;
  /** Number of neighbours that are summed in fusing; odd. Default 3. */
  fuseSize?: number;
  /** `'soft'` (default): softmax. `'hard'`: the best reference alone, weighted by (score / best unmasked score) squared. */
  mode?: 'soft' | 'hard';
  /** What scores are multiplied by before the softmax. Default 10. */
  softmaxScale?: number;
  /**
   * How references in the hole are kept out. `'zero-logit'` (default, as the published networks were trained): their score is
   * 0, and so is their weight afterwards; they still count in the softmax's sum, so that weights sum to less than 1.
   * `'exclude'`: they never compete, and weights sum to 1.
   */
  masking?: 'zero-logit' | 'exclude';
  /** The least norm that a reference patch is divided by. Default 1e-8; DeepFill v2 has 1e-4. */
  normEpsilon?: number;
  /** How many cells the hole is grown by before references are kept out. Default floor(patchSize / 2): no reference patch touches the hole. */
  dilate?: number;
  /** Side of the patches that are pasted, in pixels. Default 2 rate - 1 (1 for rate 1); DeepFill v2 has 2 rate. */
  pasteSize?: number;
  /** What the pasted sum is multiplied by. Default 1; DeepFill v2 has 1/4. */
  pasteScale?: number;
}

/** What {@link contextualAttention} returns: tensors of the rank of its query, to be disposed by the caller. */
export interface ContextualAttention<T extends Tensor3D | Tensor4D = Tensor3D | Tensor4D> {
  /** `[.., rows, columns, reference rows * reference columns]`, float32 >= 0: each query cell's weights, references row-major. */
  scores: T;
  /** `[.., height, width, reference channels]`: the references pasted by these weights. */
  output: T;
  /** `[.., rows, columns, 2]`, int32: row and column of the best reference cell, less the query cell's own. */
  offsets: T;
}

// Far below any score, and finite: infinities would make NaN where every reference is kept out.
const farBelow = 1e30;

/**
 * Looks up, for each cell of a feature map, the valid cells that resemble it, and pastes their features.
 *
 * With q and r the query's and reference's cells (every rate-th pixel), P their patches and V the valid references:
 *
 * 1. s[q, r] = P[q] · P[r] / max(|P[r]|, normEpsilon)
 * 2. fused: s[q, r] <- sum over d in {-1, 0, 1} of s[q + d, r + d] on row-major indices, then the same on column-major ones;
 *    indices beyond the ends count 0, and rows of cells run into each other
 * 3. scores[q, r] = softmax over r of (softmaxScale s[q, r] V[r]) * V[r]; see `masking` and `mode`
 * 4. output = pasteScale * sum over q of (sum over r of scores[q, r] * patch of the reference at r), laid at q, overlaps summed
 *
 * Queries in the hole and outside are all answered. Where every reference is kept out, all scores and the output are 0.
 * Differentiable with respect to query and reference.
 *
 * @param query [H, W, C] or [B, H, W, C], float32, any finite range.
 * @param reference the same with any height and width, or the query itself.
 * @param hole of the reference: [H', W', 1] or [B or 1, H', W', 1], hole = 1, where H' and W' are k >= 1 times the reference's rows
 *   and columns of cells (its own size, the picture's or the cells'); a cell is hole if any of its pixels is. `undefined`: all valid.
 * @param options see {@link ContextualAttentionOptions}.
 * @returns scores, output and offsets.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { output, scores } = contextualAttention(features, features, hole, { masking: 'exclude' });
 * ```
 * Source: Yi et al., Contextual Residual Aggregation (arXiv 2005.09704); Yu et al., DeepFill (arXiv 1801.07892, 1806.03589).
 */
export function contextualAttention<T extends Tensor3D | Tensor4D>(
  query: T,
  reference: T,
  hole?: Tensor3D | Tensor4D,
  options: ContextualAttentionOptions = {},
): ContextualAttention<T> {
  const op = 'contextualAttention';
  const { patchSize = 3, rate = 2, pick = 'first', fuse = true, fuseSize = 3, mode = 'soft', softmaxScale = 10, masking = 'zero-logit' } = options;
  const { normEpsilon = 1e-8, dilate = Math.floor(patchSize / 2), pasteSize = Math.max(1, 2 * rate - 1), pasteScale = 1 } = options;
  checkImage(query, op, 'query');
  checkImage(reference, op, 'reference');
  const depth = query.shape[query.rank - 1];
  const width = reference.shape[reference.rank - 1];
  checkArgument(
    query.rank === reference.rank && depth === width,
    op,
    'reference',
    `of rank ${query.rank} with ${depth} channels`,
    `[${reference.shape.join(', ')}]`,
  );
  if (query.rank === 4) checkArgument(query.shape[0] === reference.shape[0], op, 'reference', `of batch ${query.shape[0]}`, reference.shape[0]);
  checkOdd(patchSize, op, 'patchSize');
  checkOdd(fuseSize, op, 'fuseSize');
  checkWhole(rate, 1, op, 'rate');
  checkWhole(dilate, 0, op, 'dilate');
  checkWhole(pasteSize, 1, op, 'pasteSize');
  checkOneOf(pick, ['first', 'align-corners'], op, 'pick');
  checkOneOf(mode, ['soft', 'hard'], op, 'mode');
  checkOneOf(masking, ['zero-logit', 'exclude'], op, 'masking');
  checkArgument(normEpsilon > 0, op, 'normEpsilon', '> 0', normEpsilon);

  return tf.tidy(() => {
    const queryMap = toBatch(query);
    const referenceMap = toBatch(reference);
    const queryCells = cellsOf(queryMap, rate, pick);
    const referenceCells = queryMap === referenceMap ? queryCells : cellsOf(referenceMap, rate, pick);
    const [batch, rows, columns] = queryCells.shape;
    const [, referenceRows, referenceColumns] = referenceCells.shape;
    const valid = validReferences(hole, referenceCells.shape, dilate, op);

    let scores = similarity(queryCells, referenceCells, patchSize, normEpsilon);
    if (fuse) scores = fused(scores, [rows, columns], [referenceRows, referenceColumns], fuseSize);
    const weights = mode === 'soft' ? softWeights(scores, valid, softmaxScale, masking) : hardWeights(scores, valid, masking);

    const patches = extractPatches(referenceMap, { size: pasteSize, stride: rate, padding: 'same' });
    const mixed = tf.matMul(weights, tf.reshape(patches, [batch, -1, patches.shape[3]]) as Tensor3D);
    const laid = foldPatches(tf.reshape(mixed, [batch, rows, columns, patches.shape[3]]) as Tensor4D, {
      size: pasteSize,
      stride: rate,
      padding: 'same',
      shape: [queryMap.shape[1], queryMap.shape[2]],
    });
    return {
      scores: likeRank(tf.reshape(weights, [batch, rows, columns, weights.shape[2]]) as Tensor4D, query),
      output: likeRank(pasteScale === 1 ? laid : (tf.mul(laid, pasteScale) as Tensor4D), query),
      offsets: likeRank(bestOffsets(weights, rows, columns, referenceColumns), query),
    };
  }) as unknown as ContextualAttention<T>;
}

/** The pixels that stand for their cells: [B, ceil(H / rate), ceil(W / rate), C]. */
function cellsOf(x: Tensor4D, rate: number, pick: 'first' | 'align-corners'): Tensor4D {
  if (pick === 'first') return extractPatches(x, { size: 1, stride: rate, padding: 'same' });
  return resizeNearest(x, [Math.ceil(x.shape[1] / rate), Math.ceil(x.shape[2] / rate)], { flavour: 'align-corners' });
}

/** [B or 1, 1, references]: 1 where a reference may be used. */
function validReferences(hole: Tensor3D | Tensor4D | undefined, [batch, rows, columns]: number[], dilate: number, op: string): Tensor3D {
  if (!hole) return tf.ones([1, 1, rows * columns]);
  checkImage(hole, op, 'hole', '1');
  const mask = toBatch(hole);
  const cell = Math.max(1, Math.floor(mask.shape[1] / rows));
  checkSameShape(mask.shape, [mask.shape[0] === 1 ? 1 : batch, rows * cell, columns * cell, 1], op, 'hole');
  const cells = poolMask(mask, cell, { dilate });
  return tf.reshape(tf.sub(1, cells), [mask.shape[0], 1, rows * columns]) as Tensor3D;
}

/** [B, queries, references]: patches against patches of length 1. */
function similarity(query: Tensor4D, reference: Tensor4D, patchSize: number, epsilon: number): Tensor3D {
  const patches = (x: Tensor4D) => tf.reshape(extractPatches(x, { size: patchSize, padding: 'same' }), [x.shape[0], x.shape[1] * x.shape[2], -1]) as Tensor3D;
  const references = patches(reference);
  // The root of the larger, not the larger of the roots: the root's slope at 0 is infinite, and times 0 it is NaN.
  const norms = tf.sqrt(tf.maximum(tf.sum(tf.square(references), 2, true), epsilon * epsilon));
  // Turned by itself: tfjs's wasm kernel for a transposed second matrix is many times slower.
  return tf.matMul(query === reference ? references : patches(query), tf.transpose(tf.div(references, norms), [0, 2, 1]) as Tensor3D);
}

/** s[q, r] <- the sum of s[q + d, r + d], for |d| <= reach, 0 beyond the ends. */
function diagonalSum(s: Tensor3D, reach: number): Tensor3D {
  const [batch, queries, references] = s.shape;
  const padded = tf.pad(s, [
    [0, 0],
    [reach, reach],
    [reach, reach],
  ]);
  let sum: Tensor3D = tf.slice(padded, [0, 0, 0], [batch, queries, references]);
  for (let d = 1; d <= 2 * reach; d++) {
    sum = tf.add(sum, tf.slice(padded, [0, d, d], [batch, queries, references]));
  }
  return sum;
}

/** Row-major indices on both sides turned into column-major ones. */
const turned = (s: Tensor3D, [rows, columns]: [number, number], [referenceRows, referenceColumns]: [number, number]): Tensor3D =>
  tf.reshape(tf.transpose(tf.reshape(s, [s.shape[0], rows, columns, referenceRows, referenceColumns]), [0, 2, 1, 4, 3]), s.shape);

function fused(s: Tensor3D, query: [number, number], reference: [number, number], size: number): Tensor3D {
  const reach = (size - 1) / 2;
  const across = turned(diagonalSum(s, reach), query, reference);
  return turned(diagonalSum(across, reach), [query[1], query[0]], [reference[1], reference[0]]);
}

function softWeights(s: Tensor3D, valid: Tensor3D, scale: number, masking: 'zero-logit' | 'exclude'): Tensor3D {
  const logits = tf.mul(tf.mul(s, valid), scale) as Tensor3D;
  const masked = masking === 'exclude' ? tf.add(logits, tf.mul(tf.sub(valid, 1), farBelow)) : logits;
  return tf.mul(tf.softmax(masked, 2), valid);
}

function hardWeights(s: Tensor3D, valid: Tensor3D, masking: 'zero-logit' | 'exclude'): Tensor3D {
  const top = tf.max(s, 2, true);
  const masked = tf.mul(s, valid) as Tensor3D;
  const ranked = masking === 'exclude' ? tf.add(masked, tf.mul(tf.sub(valid, 1), farBelow)) : masked;
  const isBest = tf.cast(tf.greaterEqual(ranked, tf.max(ranked, 2, true)), 'float32');
  return tf.square(tf.div(tf.mul(masked, isBest), tf.add(top, 1e-4))) as Tensor3D;
}

/** [B, rows, columns, 2], int32. */
function bestOffsets(weights: Tensor3D, rows: number, columns: number, referenceColumns: number): Tensor4D {
  const best = tf.reshape(tf.argMax(weights, 2), [weights.shape[0], rows, columns]);
  const row = tf.cast(tf.floor(tf.div(tf.add(tf.cast(best, 'float32'), 0.5), referenceColumns)), 'int32');
  const column = tf.sub(best, tf.mul(row, tf.scalar(referenceColumns, 'int32')));
  const own = (size: number, shape: number[]): Tensor => tf.reshape(tf.range(0, size, 1, 'int32'), shape);
  return tf.stack([tf.sub(row, own(rows, [1, rows, 1])), tf.sub(column, own(columns, [1, 1, columns]))], 3) as Tensor4D;
}
