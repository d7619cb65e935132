import { isList } from './basic';
import { type Context, checkSides } from './context';
import { fault } from './fault';
import { fitted } from './fit';
import type { RleShape } from './shapes';
import { Numbers } from './spans';

/** Covers what runs of a mask mark. @throws MaskError where they are none, or don't make up their size */
export function addRle({ spans, budget, fit }: Context, { size, counts }: RleShape, place: string): void {
  if (!Array.isArray(size) || size.length !== 2) throw fault(`${place}.size`, 'a height and a width', size);
  const [height, width] = size;
  checkSides({ width, height }, `${place}.size`);
  const [scaleX, , , scaleY] = fitted({ width, height }, spans, fit, place);
  // Rows where runs begin or end, of the given size, and those that they are stretched over. The mask's own size does not bound them.
  const pass = (rows: number) => budget.takeCrossings(rows, place);
  const found = (row: number, start: number, end: number) => {
    const [top, bottom] = [spans.rowFrom(row * scaleY), spans.rowFrom((row + 1) * scaleY)];
    pass(bottom - top);
    for (let y = top; y < bottom; y++) spans.add(y, start * scaleX, end * scaleX, place);
  };
  eachRun(countsOf(counts, width * height, `${place}.counts`), height, pass, found);
}

function countsOf(given: unknown, total: number, place: string): Float64Array {
  if (typeof given !== 'string' && !isList(given)) throw fault(place, "a list of numbers, or pycocotools' text", given);
  const counts = typeof given === 'string' ? unpacked(given, place) : (given as ArrayLike<number>);
  const checked = new Float64Array(counts.length);
  let sum = 0;
  for (let n = 0; n < counts.length; n++) {
    if (!Number.isInteger(counts[n]) || counts[n] < 0) throw fault(`${place}[${n}]`, 'a whole number of pixels', counts[n]);
    sum += counts[n];
    if (sum > total) throw fault(`${place}[${n}]`, `at most ${total - sum + counts[n]}, which the size has left`, counts[n]);
    checked[n] = counts[n];
  }
  if (sum !== total) throw fault(place, `numbers that add up to the size, ${total}`, sum);
  return checked;
}

/**
 * The numbers of pycocotools' text: five bits a character, from '0' on, the lowest first, a sixth that says that more come, and the fifth of the
 * last for the sign; from the fourth number on, what is written is the difference to the one but one before.
 */
function unpacked(text: string, place: string): Float64Array {
  const counts = new Float64Array(text.length);
  let count = 0;
  for (let at = 0; at < text.length; count++) {
    const began = at;
    let value = 0;
    for (let power = 1, more = true; more; power *= 32) {
      const bits = text.charCodeAt(at) - 48;
      // The end gives NaN. No number of a mask takes more than eight characters.
      if (!(bits >= 0 && bits < 64) || at - began === 8) throw fault(`${place}, at character ${at}`, "one of pycocotools' text", text[at] ?? 'the end');
      at++;
      more = bits >= 32;
      value += (bits & 31) * power;
      if (!more && bits & 16) value -= 32 * power;
    }
    counts[count] = value + (count > 2 ? counts[count - 2] : 0);
  }
  return counts.subarray(0, count);
}

/** The runs of the rows of what is counted along columns. They come by the columns that they end before, not by rows. */
function eachRun(counts: Float64Array, height: number, pass: (rows: number) => void, found: (row: number, start: number, end: number) => void): void {
  // For each row, the column behind the one that its open run began in; 0 where none is open.
  const open = new Uint32Array(height);
  // Rows where zeros and ones meet, in this column and the one before: a row's run begins or ends where just one of the two is 1.
  let [before, now] = [new Numbers(), new Numbers()];
  let [column, row] = [0, 0];
  const turnPage = () => {
    const [a, b] = [before.values, now.values];
    const lowest = (n: number, m: number) => m === b.length || a[n] <= b[m];
    for (let n = 0, m = 0; n + m < a.length + b.length; ) {
      const from = n < a.length && lowest(n, m) ? a[n++] : b[m++];
      const to = n < a.length && lowest(n, m) ? a[n++] : b[m++];
      pass(to - from);
      for (let y = from; y < to; y++) {
        if (open[y] > 0) found(y, open[y] - 1, column);
        open[y] = open[y] > 0 ? 0 : column + 1;
      }
    }
    [before, now] = [now, before];
    now.length = 0;
    column++;
    row = 0;
  };
  for (let n = 0; n < counts.length; n++) {
    for (let left = counts[n]; left > 0; ) {
      const part = Math.min(left, height - row);
      if (n % 2 === 1) {
        now.add(row);
        now.add(row + part);
      }
      row += part;
      left -= part;
      if (row === height) turnPage();
    }
  }
  turnPage();
}
