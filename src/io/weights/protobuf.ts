import { damaged, textOf } from './parse';

// Protocol buffers as they lie in the file: a field is a number, a wire type and bytes. Messages inside are walked only where a
// reader asks for them, so nothing here recurs, and nothing is copied.
//
// Why no library: where a file is cut, pbf returns fewer bytes than a field says, and goes on. protobufjs checks, but makes JavaScript
// arrays of repeated numbers, of as many as a network has weights.

/** A field of a message. */
export interface Field {
  /** The field's number in its message. */
  readonly number: number;
  /** How it is laid out: 0 a varint, 1 eight bytes, 2 a length and that many bytes, 5 four bytes. */
  readonly wire: 0 | 1 | 2 | 5;
  /** Its content; of a varint the bytes that make it up. A repeated number thus looks the same whether packed or not. */
  readonly bytes: Uint8Array;
}

/** The place after the varint that starts at `start`. */
function endOfVarint(bytes: Uint8Array, start: number, what: string): number {
  for (let i = start; i < start + 10 && i < bytes.length; i++) if (bytes[i] < 128) return i + 1;
  throw damaged(`${what}: ${bytes.length - start < 10 ? 'the bytes end within a number' : 'a number is longer than 64 bits'}`);
}

/** Calls back with the lower and upper 32 bits of each varint. */
export function eachVarint(bytes: Uint8Array, what: string, callback: (low: number, high: number) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const end = endOfVarint(bytes, at, what);
    let low = 0;
    let high = 0;
    for (let shift = 0; at < end; at++, shift += 7) {
      const bits = bytes[at] & 127;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >>> 4;
      else if (shift > 28) high |= bits << (shift - 32);
    }
    callback(low >>> 0, high >>> 0);
  }
}

/** How many varints the bytes hold. */
export function countVarints(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] < 128) count++;
  return count;
}

/** Calls `use` with each signed 64-bit integer of a field, packed or not. What a float64 can't tell from its neighbours is an error. */
function eachWhole({ wire, bytes }: Field, what: string, use: (value: number) => void): void {
  if (wire !== 0 && wire !== 2) throw damaged(`${what} is no integer`);
  eachVarint(bytes, what, (low, high) => {
    const value = (high | 0) * 2 ** 32 + low;
    if (!Number.isSafeInteger(value)) throw damaged(`${what} is ${value}, which no size or place can be`, { actual: value });
    use(value);
  });
}

// No tensor has more axes; a broken file may claim as many as it has bytes.
const MOST_AXES = 64;

/** Puts a size at the end of a shape. */
export function addSize(shape: number[], size: number): void {
  if (shape.length === MOST_AXES) throw damaged(`a tensor has more than ${MOST_AXES} axes`, { expected: MOST_AXES });
  shape.push(size);
}

/** Puts the integers of a field, packed or not, at the end of a shape. */
export const addSizes = (shape: number[], field: Field): void => eachWhole(field, 'the size of an axis', (size) => addSize(shape, size));

/** The signed integer of a field. */
export function wholeOf(field: Field, what: string): number {
  if (field.wire !== 0) throw damaged(`${what} is no integer`);
  let whole = 0;
  eachWhole(field, what, (value) => {
    whole = value;
  });
  return whole;
}

/** The bytes, or the message, of a field. */
export function contentOf({ wire, bytes }: Field, what: string): Uint8Array {
  if (wire !== 2) throw damaged(`${what} has no content`);
  return bytes;
}

/** The text of a field. */
export const stringOf = (field: Field, what: string): string => textOf(contentOf(field, what), what);

/**
 * Walks the fields of a message. The error for bytes that end too soon comes where they do, after the fields before; with `cut` a
 * field that goes beyond the end is the last, as far as it goes.
 */
export function* fieldsOf(bytes: Uint8Array, what: string, cut = false): Generator<Field, void, void> {
  let at = 0;
  const varint = (): number => {
    const start = at;
    at = endOfVarint(bytes, start, what);
    // Tags have 32 bits, and no length is beyond 2^35: five bytes tell.
    if (at - start > 5) throw damaged(`${what}: a field claims more than there is`);
    let value = 0;
    for (let i = at - 1; i >= start; i--) value = value * 128 + (bytes[i] & 127);
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0 || (wire !== 0 && wire !== 1 && wire !== 2 && wire !== 5)) {
      throw damaged(`${what}: there is no field ${number} of wire type ${wire}`, { actual: { number, wire } });
    }
    const length = wire === 0 ? endOfVarint(bytes, at, what) - at : wire === 1 ? 8 : wire === 5 ? 4 : varint();
    if (length > bytes.length - at && !cut) {
      throw damaged(`${what}: field ${number} takes ${length} bytes, ${bytes.length - at} are left`, { expected: length, actual: bytes.length - at });
    }
    yield { number, wire, bytes: bytes.subarray(at, at + length) };
    at += length;
  }
}
