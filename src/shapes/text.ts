import { fault } from './fault';
import type { Size } from './fit';
import { TextReader } from './reader';

const UNIT = /%|px/y;
const BETWEEN = /\s*,\s*|\s+/y;

/**
 * Reads coordinates from a text: numbers of pixels, with `px` behind or not, or per cent, parted by commas or spaces: `10,20,30%,40%`. In turn
 * they lie along the width and the height.
 * @throws MaskError where the text is none
 */
export function coordinatesOf(text: string, { width, height }: Size, place: string): Float64Array {
  const reader = new TextReader(text.trim(), place);
  // A number takes two characters at least, with what parts it from the next.
  const values = new Float64Array((reader.text.length + 1) >> 1);
  let count = 0;
  while (!reader.isAtEnd) {
    if (count > 0 && reader.match(BETWEEN) === undefined) throw reader.wrong('a comma or a space, then a number of pixels (10, 10px) or per cent (10%)');
    const value = reader.number();
    values[count] = reader.match(UNIT) === '%' ? (value / 100) * (count % 2 === 0 ? width : height) : value;
    count++;
  }
  if (count === 0) throw fault(place, 'numbers of pixels or per cent', text);
  return values.subarray(0, count);
}
