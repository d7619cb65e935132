import { contentOf, countVarints, eachVarint, type Field } from './protobuf';
import { BYTES, type WeightDtype } from './weight-file';

/** Bytes that come in pieces. A single piece stays a view. */
class Pieces {
  #bytes: Uint8Array = new Uint8Array(0);
  #room = 0;
  #length = 0;

  add(piece: Uint8Array): void {
    if (this.#length === 0) {
      this.#bytes = piece;
      this.#length = piece.length;
      return;
    }
    const length = this.#length + piece.length;
    if (length > this.#room) {
      const larger = new Uint8Array(Math.max(length, this.#length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
      this.#room = larger.length;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  get joined(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Varints as little-endian values of a type; what is beyond its width is cut off, as protocol buffers do. */
function valuesOfVarints(bytes: Uint8Array, dtype: WeightDtype, what: string): Uint8Array {
  const width = BYTES[dtype];
  const values = new Uint8Array(countVarints(bytes) * width);
  let at = 0;
  eachVarint(bytes, what, (low, high) => {
    if (dtype === 'bool') values[at] = low === 0 && high === 0 ? 0 : 1;
    else for (let i = 0; i < width; i++) values[at + i] = (i < 4 ? low >>> (8 * i) : high >>> (8 * (i - 4))) & 255;
    at += width;
  });
  return values;
}

/** A collector of a repeated field of numbers, packed or one by one, as little-endian values of a type. */
export function numbersOf(dtype: WeightDtype, what: string): { add: (field: Field) => void; readonly bytes: Uint8Array } {
  const pieces = new Pieces();
  const fixed = dtype === 'float32' ? 5 : dtype === 'float64' ? 1 : undefined;
  return {
    add(field) {
      if (fixed !== undefined) pieces.add(field.wire === fixed ? field.bytes : contentOf(field, what));
      else pieces.add(valuesOfVarints(field.wire === 0 ? field.bytes : contentOf(field, what), dtype, what));
    },
    get bytes() {
      return pieces.joined;
    },
  };
}
