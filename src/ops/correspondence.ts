import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

/** Scores of every cell against every cell of a grid, as contextual attention gives them. */
export interface SoftAttention {
  /** Tells it from a {@link NearestField}. */
  readonly kind: 'soft-attention';
  /** `[rows, columns, rows * columns]`: for each cell, the weight of every other, row-major. */
  scores: Tensor3D;
}

/** For each pixel, where in the same picture its look is taken from. */
export interface NearestField {
  /** Tells it from {@link SoftAttention}. */
  readonly kind: 'nearest-field';
  /** [height, width, 2], int32: row and column offset from a pixel to its correspondent; 0, 0 where there is none. A rim around
   * the hole may have one as well: the seam is made of it. */
  offsets: Tensor3D;
  /** [height, width], float32: mean squared difference of the two patches (image units squared); 0 outside the hole. */
  distances?: Tensor2D;
}

/** Which valid place each hole place resembles. */
export type Correspondence = SoftAttention | NearestField;
