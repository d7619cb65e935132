/** Where the pixel of a stored picture belongs once its EXIF orientation is applied: `x' = a x + b y + c`, and the same for y. */
export interface Orientation {
  /** Pixels in an upright row. */
  width: number;
  /** Upright rows. */
  height: number;
  /** The upright pixel's number for the stored pixel (0, 0). */
  first: number;
  /** What it grows by from one stored pixel to the next in its row. */
  across: number;
  /** What it grows by from one stored row to the next. */
  down: number;
}

/** How the pixels of a stored picture of `width` x `height` are to be laid out for an EXIF orientation from 1 to 8. */
export function orientationOf(orientation: number, width: number, height: number): Orientation {
  if (orientation < 5) {
    const fromRight = orientation === 2 || orientation === 3;
    const fromBottom = orientation === 3 || orientation === 4;
    const first = (fromRight ? width - 1 : 0) + (fromBottom ? (height - 1) * width : 0);
    return { width, height, first, across: fromRight ? -1 : 1, down: fromBottom ? -width : width };
  }
  // Rows become columns, from the right in 6 and 7, and from the bottom up in 7 and 8.
  const fromRight = orientation === 6 || orientation === 7;
  const fromBottom = orientation === 7 || orientation === 8;
  const first = (fromRight ? height - 1 : 0) + (fromBottom ? (width - 1) * height : 0);
  return { width: height, height: width, first, across: fromBottom ? -height : height, down: fromRight ? -1 : 1 };
}
