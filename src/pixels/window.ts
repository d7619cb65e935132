/** A rectangle of pixels, the far edges not included. */
export interface Box {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export const boxWidth = (box: Box) => box.right - box.left;
export const boxHeight = (box: Box) => box.bottom - box.top;

/** One piece of the work: holes that are filled together, and the surroundings that they are filled from. */
export interface Window {
  /** What is looked at. */
  view: Box;
  /** What is written: the holes of the group with their seams. */
  target: Box;
  /** The size of the low-resolution picture of the view. */
  low: { width: number; height: number };
  /** Whether a pixel of the target may be written: it belongs to a hole of the group or to its seam, by whole cells. */
  owns(row: number, column: number): boolean;
}

/** A small picture of a part of the photo. */
export interface LowResolution {
  width: number;
  height: number;
  /** [height, width, 3] in [-1, 1]: the mean of the known pixels; 0 where there is none. */
  colours: Float32Array;
  /** [height, width]: 1 where any of the pixels beneath is unknown. */
  hole: Float32Array;
}

/** A field of copies over a low-resolution picture. */
export interface LowField {
  /** [height, width, 2]: row and column offset of each pixel's source. */
  offsets: Int32Array;
  /** [height, width]: 1 where `offsets` mean something. */
  covered: Uint8Array;
}

/** Soft attention as the detail stage wants it: the grid of cells lies over the picture that the generator was given. */
export interface CellScores {
  rows: number;
  columns: number;
  /** Size of the generator's picture in low-resolution pixels: the window's, widened to the generator's multiple. */
  height: number;
  width: number;
  /** [rows * columns, rows * columns]: for each cell, the weight of every other. */
  weights: Float32Array;
}

/** A low-resolution fill, ready to be given the photo's own detail. */
export interface FilledWindow {
  window: Window;
  low: LowResolution;
  /** [height, width, 3] in [-1, 1]: the low-resolution picture with its hole filled, smoothed. */
  base: Float32Array;
  /** [height, width, 3] in [-1, 1]: the known low-resolution picture, smoothed over known pixels only. */
  knownBase: Float32Array;
  /** Where each pixel's look is copied from; none where there are scores, or where no detail is wanted. */
  copies?: LowField;
  /** How much of each cell's look goes to each other cell, where the generator attends softly. */
  scores?: CellScores;
}
