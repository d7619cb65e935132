import { kindOf } from '../check';
import { MaskError } from '../errors';

/** What is wrong with shapes, and where: `maskFrom: shapes[2].polygon[7] must be a number ..., got NaN`. */
export function fault(place: string, expected: string, actual?: unknown): MaskError {
  const got = actual === undefined ? '' : `, got ${shown(actual)}`;
  return new MaskError('mask-shapes', `${place} must be ${expected}${got}`, { expected, actual });
}

/** A value in a few characters: a text from a file may be as long as the file. */
function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}...` : value}'`;
  return kindOf(value);
}

// Far outside any photo, and near enough for single pixels to be told apart.
const FURTHEST = 10_000_000;

/** A number of pixels from the photo's upper left corner, which may lie outside the photo. @throws MaskError */
export function coordinate(value: unknown, place: string): number {
  if (typeof value === 'number' && Math.abs(value) <= FURTHEST) return value;
  throw fault(place, `a number from -${FURTHEST} to ${FURTHEST}`, value);
}

/** A size in pixels. @throws MaskError */
export function extent(value: unknown, place: string): number {
  if (typeof value === 'number' && value >= 0 && value <= FURTHEST) return value;
  throw fault(place, `a number from 0 to ${FURTHEST}`, value);
}

/** What a call may still take, lest shapes of a few bytes or of a large file keep it busy for minutes, or fill the memory. */
export class Budget {
  #points = 2 ** 20;
  #crossings = 2 ** 26;

  /** @throws MaskError where shapes have too many points */
  takePoints(count: number, place: string): void {
    this.#points -= count;
    if (this.#points < 0) throw fault(place, 'the end: all shapes together may have 1048576 points, those of curves included');
  }

  /** Rows that lines pass through. @throws MaskError where there are too many */
  takeCrossings(count: number, place: string): void {
    this.#crossings -= count;
    if (this.#crossings < 0) throw fault(place, 'the end: the lines of all shapes together may pass through 67108864 rows');
  }
}
