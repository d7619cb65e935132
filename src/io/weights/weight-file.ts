import { fromBfloat16, fromFloat16 } from '../../arrays/half';
import { checkArgument } from '../../check';

export { toFloat16 } from '../../arrays/half';

/** What the values of a tensor are in the file. */
export type WeightDtype =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'uint8'
  | 'bool';

/** One tensor of a file of weights. */
export interface WeightArray {
  /** Size of each axis; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** What the values are in the file. */
  readonly dtype: WeightDtype;
  /** The values, row by row, little-endian: a view of the file where possible, so not to be written to. */
  readonly data: Uint8Array;
}

/** The formats that are read. */
export type WeightFormat = 'safetensors' | 'tensorflow-graph' | 'tensorflow-checkpoint' | 'mindspore' | 'onnx';

/** What a file of weights holds. */
export interface WeightFile {
  /** The format that the bytes were recognised as. */
  readonly format: WeightFormat;
  /** The tensors by name, in the order of the file. A name is any text: `__proto__` is one like others. */
  readonly tensors: ReadonlyMap<string, WeightArray>;
  /** Text that the file carries beside the tensors; mostly empty. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Bytes that one value takes. */
export const BYTES: Readonly<Record<WeightDtype, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** The number of values of a shape; NaN if a size is negative or no whole number, or the product too large to be one. */
export function countOf(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return Number.NaN;
    count *= size;
    if (count > Number.MAX_SAFE_INTEGER) return Number.NaN;
  }
  return count;
}

/** The same bytes at a place where an array of wider values may start: copied only where they lie askew. */
const aligned = (data: Uint8Array, width: number): Uint8Array => (data.byteOffset % width === 0 ? data : new Uint8Array(data));

function fromInt64(values: BigInt64Array | BigUint64Array): Float32Array {
  const numbers = new Float32Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    const number = Number(values[i]);
    checkArgument(Number.isSafeInteger(number), 'toFloat32', 'each value', 'a whole number within 2^53', values[i]);
    numbers[i] = number;
  }
  return numbers;
}

/**
 * A tensor's values as float32, whatever the file holds.
 *
 * float16 and bfloat16 are widened exactly; float64 and integers become the nearest float32; false and true 0 and 1.
 *
 * @param array a tensor as a reader returned it
 * @returns `shape`'s product of values; of a float32 tensor a view of the file where alignment allows, so not to be written to
 * @throws ArgumentError if shape and data disagree, or a 64-bit integer lies beyond 2^53
 * @example
 * toFloat32({ shape: [2], dtype: 'float16', data: Uint8Array.of(0x00, 0x3c, 0x00, 0xc0) }); // Float32Array [1, -2]
 */
export function toFloat32({ shape, dtype, data }: WeightArray): Float32Array {
  const width = BYTES[dtype];
  checkArgument(width > 0, 'toFloat32', 'dtype', `one of ${Object.keys(BYTES).join(', ')}`, dtype);
  const count = countOf(shape);
  checkArgument(count * width === data.length, 'toFloat32', 'data', `${count * width} bytes for ${dtype} [${shape.join(', ')}]`, data.length);
  const { buffer, byteOffset } = aligned(data, width);
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float16':
      return fromFloat16(new Uint16Array(buffer, byteOffset, count));
    case 'bfloat16':
      return fromBfloat16(new Uint16Array(buffer, byteOffset, count));
    case 'float64':
      return new Float32Array(new Float64Array(buffer, byteOffset, count));
    case 'int64':
      return fromInt64(new BigInt64Array(buffer, byteOffset, count));
    case 'uint64':
      return fromInt64(new BigUint64Array(buffer, byteOffset, count));
    case 'int32':
      return new Float32Array(new Int32Array(buffer, byteOffset, count));
    case 'int16':
      return new Float32Array(new Int16Array(buffer, byteOffset, count));
    case 'int8':
      return new Float32Array(new Int8Array(buffer, byteOffset, count));
    case 'uint32':
      return new Float32Array(new Uint32Array(buffer, byteOffset, count));
    case 'uint16':
      return new Float32Array(new Uint16Array(buffer, byteOffset, count));
    case 'uint8':
      return new Float32Array(data);
    case 'bool':
      return new Float32Array(data.map((value) => (value === 0 ? 0 : 1)));
  }
}
