/** A rectangle of pixels, the far edges not included. */
export interface Box {
  /** The first row. */
  top: number;
  /** The first column. */
  left: number;
  /** The row after the last. */
  bottom: number;
  /** The column after the last. */
  right: number;
}

export const boxWidth = (box: Box) => box.right - box.left;
export const boxHeight = (box: Box) => box.bottom - box.top;
export const longSide = (box: Box) => Math.max(boxWidth(box), boxHeight(box));

/** The smallest box around two. */
export const union = (a: Box, b: Box): Box => ({
  top: Math.min(a.top, b.top),
  left: Math.min(a.left, b.left),
  bottom: Math.max(a.bottom, b.bottom),
  right: Math.max(a.right, b.right),
});

/** Whether all of `b` lies in `a`. */
export const contains = (a: Box, b: Box) => a.top <= b.top && a.left <= b.left && a.bottom >= b.bottom && a.right >= b.right;

/** Whether two boxes share a pixel. */
export const overlap = (a: Box, b: Box) => a.top < b.bottom && b.top < a.bottom && a.left < b.right && b.left < a.right;

/** A box as seen from another's first pixel. */
export const within = ({ top, left, bottom, right }: Box, outer: Box): Box => ({
  top: top - outer.top,
  left: left - outer.left,
  bottom: bottom - outer.top,
  right: right - outer.left,
});

/** The other way round: a box within another, as seen from where that one is seen. */
export const placed = ({ top, left, bottom, right }: Box, outer: Box): Box => ({
  top: top + outer.top,
  left: left + outer.left,
  bottom: bottom + outer.top,
  right: right + outer.left,
});

/** Whether a pixel lies in a box. */
export const isWithin = ({ top, left, bottom, right }: Box, row: number, column: number) => row >= top && row < bottom && column >= left && column < right;

/** A box with a margin on all sides, as far as there is a picture. */
export const widened = ({ top, left, bottom, right }: Box, by: number, { width, height }: { width: number; height: number }): Box => ({
  top: Math.max(0, top - by),
  left: Math.max(0, left - by),
  bottom: Math.min(height, bottom + by),
  right: Math.min(width, right + by),
});
