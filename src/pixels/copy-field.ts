import { checkArgument, checkSameShape, checkWhole } from '../check';

/** A field of copies over a rectangle of a picture: for each pixel, how far away its look is taken from. */
export interface CopyField {
  /** Rows of the picture. */
  height: number;
  /** Pixels in a row of the picture. */
  width: number;
  /** The first row of the rectangle that the field is for. */
  top: number;
  /** Its first column. */
  left: number;
  /** Its rows. */
  rows: number;
  /** Its columns. */
  columns: number;
  /** [rows, columns, 2], row and column offsets, in pixels of this picture. */
  offsets: Int32Array;
  /** [rows, columns], 1 where the field means something. */
  covered: Uint8Array;
}

/**
 * A field over a whole picture; an offset of 0, 0 means nothing.
 *
 * @param offsets [height, width, 2], as a generator gives them.
 * @param size of the picture.
 * @throws ArgumentError, ShapeError
 * @example
 * ```ts
 * const copies = copyField((await fill.correspondence.offsets.data()) as Int32Array, low);
 * ```
 */
export function copyField(offsets: Int32Array, { height, width }: { height: number; width: number }): CopyField {
  checkWhole(height, 1, 'copyField', 'height');
  checkWhole(width, 1, 'copyField', 'width');
  checkSameShape([offsets.length], [height * width * 2], 'copyField', 'offsets');
  const covered = new Uint8Array(height * width);
  for (let p = 0; p < covered.length; p++) if (offsets[2 * p] !== 0 || offsets[2 * p + 1] !== 0) covered[p] = 1;
  return { height, width, top: 0, left: 0, rows: height, columns: width, offsets, covered };
}

/** Checks that a field's rectangle lies in its picture, and has an entry for each pixel. @throws ArgumentError, ShapeError */
export function checkField({ height, width, top, left, rows, columns, offsets, covered }: CopyField, op: string, argument: string): void {
  checkWhole(height, 1, op, `${argument}.height`);
  checkWhole(width, 1, op, `${argument}.width`);
  const lies = [top, left, rows, columns].every((n) => Number.isInteger(n) && n >= 0) && top + rows <= height && left + columns <= width;
  checkArgument(lies, op, argument, `a rectangle in ${height} x ${width}`, `${rows} x ${columns} from ${top}, ${left}`);
  checkSameShape([offsets.length], [rows * columns * 2], op, `${argument}.offsets`);
  checkSameShape([covered.length], [rows * columns], op, `${argument}.covered`);
}
