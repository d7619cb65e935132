import type { Pen } from './pen';
import { BETWEEN, TextReader } from './reader';

// Why no library: those that are kept up (svg-pathdata, svg-path-commander) ask for a newer Node or bring editing, measuring and a matrix
// class along, none makes chords, and where a path breaks off they draw what there is. Here a path is refused, and the place told.

/** How many numbers each command takes. */
const COUNTS: Record<string, number> = { M: 2, L: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, T: 2, A: 7, Z: 0 };
// In these places of an arc a single character is a number, which the next may follow at once.
const FLAGS = new Set([3, 4]);

/**
 * Draws SVG path data: M, L, H, V, C, S, Q, T, A and Z, absolute and relative.
 * @throws MaskError where the text is no path, or ends too soon; it says at which character
 */
export function drawPath(text: string, pen: Pen, place: string): void {
  const reader = new TextReader(text, place);
  // The last control point, which the smooth commands mirror.
  let control: { of: string; x: number; y: number } | undefined;
  reader.skipSpace();
  for (let first = true; !reader.isAtEnd; first = false) {
    const letter = reader.text[reader.at];
    let command = letter.toUpperCase();
    if (first && command !== 'M') throw reader.wrong('M, which paths begin with');
    if (!Object.hasOwn(COUNTS, command)) throw reader.wrong('one of the commands M, L, H, V, C, S, Q, T, A, Z');
    reader.at++;
    reader.skipSpace();
    const relative = letter !== command;
    do {
      const values = numbersOf(reader, command);
      const [fromX, fromY] = relative ? [pen.x, pen.y] : [0, 0];
      control = draw(pen, command, values, fromX, fromY, control);
      // What follows a first point are lines.
      if (command === 'M') command = 'L';
    } while (command !== 'Z' && isNumberNext(reader));
  }
  pen.end();
}

function isNumberNext(reader: TextReader): boolean {
  const before = reader.at;
  const between = reader.match(BETWEEN) ?? '';
  if (/[-+.\d]/.test(reader.text[reader.at] ?? '')) return true;
  // A comma promises one.
  if (between.includes(',')) throw reader.wrong('a number');
  reader.at = before + between.length;
  return false;
}

function numbersOf(reader: TextReader, command: string): Float64Array {
  const values = new Float64Array(COUNTS[command]);
  for (let n = 0; n < values.length; n++) {
    if (n > 0) reader.match(BETWEEN);
    if (command === 'A' && FLAGS.has(n)) {
      const flag = reader.text[reader.at];
      if (flag !== '0' && flag !== '1') throw reader.wrong('0 or 1');
      values[n] = Number(flag);
      reader.at++;
    } else values[n] = reader.number();
  }
  if (command === 'Z') reader.skipSpace();
  return values;
}

/** Draws one command, and says which control point it leaves. */
function draw(pen: Pen, command: string, v: Float64Array, fromX: number, fromY: number, control?: { of: string; x: number; y: number }) {
  const mirrored = (of: string) => (control?.of === of ? [2 * pen.x - control.x, 2 * pen.y - control.y] : [pen.x, pen.y]);
  const x = (n: number) => v[n] + fromX;
  const y = (n: number) => v[n] + fromY;
  switch (command) {
    case 'M':
      pen.moveTo(x(0), y(1));
      return undefined;
    case 'L':
      pen.lineTo(x(0), y(1));
      return undefined;
    case 'H':
      pen.lineTo(x(0), pen.y);
      return undefined;
    case 'V':
      pen.lineTo(pen.x, y(0));
      return undefined;
    case 'C':
      pen.cubicTo(x(0), y(1), x(2), y(3), x(4), y(5));
      return { of: 'cubic', x: x(2), y: y(3) };
    case 'S': {
      const [x1, y1] = mirrored('cubic');
      pen.cubicTo(x1, y1, x(0), y(1), x(2), y(3));
      return { of: 'cubic', x: x(0), y: y(1) };
    }
    case 'Q':
      pen.quadraticTo(x(0), y(1), x(2), y(3));
      return { of: 'quadratic', x: x(0), y: y(1) };
    case 'T': {
      const [x1, y1] = mirrored('quadratic');
      pen.quadraticTo(x1, y1, x(0), y(1));
      return { of: 'quadratic', x: x1, y: y1 };
    }
    case 'A':
      pen.arcTo(v[0], v[1], v[2], v[3] === 1, v[4] === 1, x(5), y(6));
      return undefined;
    default:
      pen.close();
      return undefined;
  }
}
