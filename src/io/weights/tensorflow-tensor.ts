import { numbersOf } from './numbers';
import { bytesOf, damaged, quoted, tensorOf, unreadable } from './parse';
import { addSize, contentOf, fieldsOf, wholeOf } from './protobuf';
import { BYTES, type WeightArray, type WeightDtype } from './weight-file';

/** TensorFlow's numbers for the types that are read (types.proto). */
const DTYPES: Readonly<Record<number, WeightDtype>> = {
  1: 'float32',
  2: 'float64',
  3: 'int32',
  4: 'uint8',
  5: 'int16',
  6: 'int8',
  9: 'int64',
  10: 'bool',
  14: 'bfloat16',
  17: 'uint16',
  19: 'float16',
  22: 'uint32',
  23: 'uint64',
};

/** Which field of a TensorProto holds values of a type, where they are not raw bytes. */
const VALUE_FIELD: Readonly<Record<WeightDtype, number>> = {
  float32: 5,
  float64: 6,
  int32: 7,
  int16: 7,
  int8: 7,
  uint16: 7,
  uint8: 7,
  int64: 10,
  bool: 11,
  float16: 13,
  bfloat16: 13,
  uint32: 16,
  uint64: 17,
};

/** Text, resources and variants: no numbers, so no weights. */
const NO_NUMBERS = new Set([7, 20, 21]);

/** The type for a TensorFlow number; undefined for what holds no numbers. */
export function dtypeOf(code: number, name: string): WeightDtype | undefined {
  const dtype = DTYPES[code];
  if (!dtype && !NO_NUMBERS.has(code)) throw unreadable(`tensor ${quoted(name)} has TensorFlow's type ${code}, which is not read`, { actual: code });
  return dtype;
}

/** The sizes of a TensorShapeProto. */
export function shapeOf(bytes: Uint8Array, name: string): number[] {
  const shape: number[] = [];
  for (const field of fieldsOf(bytes, `the shape of ${quoted(name)}`)) {
    if (field.number === 3 && wholeOf(field, 'unknown_rank') !== 0) throw damaged(`tensor ${quoted(name)} has no shape`);
    if (field.number !== 2) continue;
    let size = 0;
    for (const part of fieldsOf(contentOf(field, 'an axis'), 'an axis')) if (part.number === 1) size = wholeOf(part, 'the size of an axis');
    addSize(shape, size);
  }
  return shape;
}

/** How many bytes a file's tensors may take that the file states as one value for all: so much, and no bomb. */
export interface Allowance {
  left: number;
}

/** The allowance of a file. */
export const allowanceOf = (file: Uint8Array): Allowance => ({ left: 16 * file.length + 2 ** 20 });

/** A tensor whose values are those given, the last one repeated as often as the shape wants; zeros where none is given. */
function repeated(name: string, dtype: WeightDtype, shape: number[], given: Uint8Array, allowance: Allowance): WeightArray {
  const length = bytesOf(name, dtype, shape);
  if (given.length >= length) return tensorOf(name, dtype, shape, given);
  if (length > allowance.left) {
    throw damaged(`tensor ${quoted(name)}: one value stands for ${length} bytes, too many for a file of this size`, {
      expected: allowance.left,
      actual: length,
    });
  }
  allowance.left -= length;
  const width = BYTES[dtype];
  if (given.length % width !== 0) throw damaged(`tensor ${quoted(name)}: its values end within one`, { actual: given.length });
  const data = new Uint8Array(length);
  data.set(given);
  if (given.length > 0) for (let i = given.length; i < length; i++) data[i] = data[i - width];
  return { shape, dtype, data };
}

/** The tensor of a TensorProto; undefined for text and the like. */
export function readTensorProto(bytes: Uint8Array, name: string, allowance: Allowance): WeightArray | undefined {
  const what = `tensor ${quoted(name)}`;
  let code = 0;
  let shape: number[] = [];
  let content: Uint8Array | undefined;
  for (const field of fieldsOf(bytes, what)) {
    if (field.number === 1) code = wholeOf(field, `the type of ${quoted(name)}`);
    else if (field.number === 2) shape = shapeOf(contentOf(field, `the shape of ${quoted(name)}`), name);
    else if (field.number === 4) content = contentOf(field, `the values of ${quoted(name)}`);
  }
  const dtype = dtypeOf(code, name);
  if (!dtype) return undefined;
  if (content && content.length > 0) return tensorOf(name, dtype, shape, content);
  const numbers = numbersOf(dtype, what);
  for (const field of fieldsOf(bytes, what)) if (field.number === VALUE_FIELD[dtype]) numbers.add(field);
  return repeated(name, dtype, shape, numbers.bytes, allowance);
}
