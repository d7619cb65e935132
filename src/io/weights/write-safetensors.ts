import { toBfloat16, toFloat16 } from '../../arrays/half';
import { checkArgument, checkOneOf } from '../../check';
import { SAFETENSORS_DTYPES } from './safetensors';
import { BYTES, countOf, toFloat32, type WeightArray, type WeightDtype } from './weight-file';

/** Values in an array of their own type, as {@link writeSafetensors} takes them beside {@link WeightArray}. */
export interface TypedWeights {
  /** Size of each axis; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** The values, row by row. */
  readonly data: Float32Array | Float64Array | BigInt64Array | BigUint64Array | Int32Array | Int16Array | Int8Array | Uint32Array | Uint16Array | Uint8Array;
}

/** Options of {@link writeSafetensors}. */
export interface WriteSafetensorsOptions {
  /** Text to carry along. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Write all floating-point tensors as this type, rounded to the nearest, ties to even. Default: each as it is. */
  readonly dtype?: 'float32' | 'float16' | 'bfloat16';
}

/** The widest type first, so that every tensor lies where its values are aligned; the order of the format's own writer. */
const ORDER: readonly WeightDtype[] = [
  'uint64',
  'int64',
  'float64',
  'float32',
  'uint32',
  'int32',
  'bfloat16',
  'float16',
  'uint16',
  'int16',
  'int8',
  'uint8',
  'bool',
];
const CODES = new Map([...SAFETENSORS_DTYPES].map(([code, dtype]) => [dtype, code]));
const NARROW: readonly Required<WriteSafetensorsOptions>['dtype'][] = ['float32', 'float16', 'bfloat16'];
const FLOATING = new Set<WeightDtype>(['float64', 'float32', 'float16', 'bfloat16']);

const bytesOfArray = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

function dtypeOfArray(data: TypedWeights['data']): WeightDtype {
  const name = data[Symbol.toStringTag].replace('Array', '').replace('Big', '').toLowerCase();
  return name as WeightDtype;
}

function narrowed(array: WeightArray, dtype: WriteSafetensorsOptions['dtype']): WeightArray {
  if (!dtype || dtype === array.dtype || !FLOATING.has(array.dtype)) return array;
  const values = toFloat32(array);
  const data = dtype === 'float32' ? values : dtype === 'float16' ? toFloat16(values) : toBfloat16(values);
  return { shape: array.shape, dtype, data: bytesOfArray(data) };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

function checked(name: string, value: WeightArray | TypedWeights, dtype: WriteSafetensorsOptions['dtype']): WeightArray {
  checkArgument(name !== '__metadata__', 'writeSafetensors', 'a name', "another than '__metadata__', which the format keeps for itself", name);
  checkArgument(ArrayBuffer.isView(value?.data), 'writeSafetensors', `data of ${name}`, 'a typed array', value?.data);
  checkArgument(Array.isArray(value.shape), 'writeSafetensors', `shape of ${name}`, 'an array of sizes', value.shape);
  const array = 'dtype' in value ? value : { shape: value.shape, dtype: dtypeOfArray(value.data), data: bytesOfArray(value.data) };
  checkArgument(CODES.has(array.dtype), 'writeSafetensors', `dtype of ${name}`, `one of ${ORDER.join(', ')}`, array.dtype);
  const length = countOf(array.shape) * BYTES[array.dtype];
  checkArgument(array.data.length === length, 'writeSafetensors', `data of ${name}`, `${length} bytes for [${array.shape.join(', ')}]`, array.data.length);
  return narrowed(array, dtype);
}

const isMap = (tensors: object): tensors is ReadonlyMap<string, WeightArray | TypedWeights> => tensors instanceof Map;

/**
 * Writes tensors as a safetensors file.
 *
 * The result is byte for byte what the format's own writer makes of the same tensors: the widest types first, then by name.
 *
 * @param tensors by name: tensors as a reader returns them, or typed arrays with their shapes
 * @returns the whole file
 * @throws ArgumentError if shape and data of a tensor disagree, or its name or type, or metadata, can't be written
 * @example
 * const file = writeSafetensors({ 'conv1.weight': { shape: [2], data: Float32Array.of(1, 2) } }, { dtype: 'float16' });
 *
 * Source: https://github.com/huggingface/safetensors (the format's description in its README)
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, WeightArray | TypedWeights> | Readonly<Record<string, WeightArray | TypedWeights>>,
  options: WriteSafetensorsOptions = {},
): Uint8Array {
  const { metadata, dtype } = options;
  if (dtype !== undefined) checkOneOf(dtype, NARROW, 'writeSafetensors', 'dtype');
  for (const [key, text] of Object.entries(metadata ?? {})) checkArgument(typeof text === 'string', 'writeSafetensors', `metadata ${key}`, 'a text', text);
  const named = isMap(tensors) ? [...tensors] : Object.entries(tensors);
  const utf8 = new TextEncoder();
  const arrays = named
    .map(([name, value]) => ({ name, key: utf8.encode(name), array: checked(name, value, dtype) }))
    .sort((a, b) => ORDER.indexOf(a.array.dtype) - ORDER.indexOf(b.array.dtype) || compareBytes(a.key, b.key));

  let end = 0;
  const entries = arrays.map(({ name, array: { shape, dtype: type, data } }) => {
    const start = end;
    end += data.length;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype: CODES.get(type), shape, data_offsets: [start, end] })}`;
  });
  if (metadata && Object.keys(metadata).length > 0) entries.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  const text = utf8.encode(`{${entries.join(',')}}`);
  // Spaces up to a multiple of 8.
  const header = Math.ceil(text.length / 8) * 8;

  const file = new Uint8Array(8 + header + end);
  new DataView(file.buffer).setUint32(0, header, true);
  file.fill(0x20, 8, 8 + header).set(text, 8);
  let at = 8 + header;
  for (const { array } of arrays) {
    file.set(array.data, at);
    at += array.data.length;
  }
  return file;
}
