import { addTensor, damaged, plain, quoted, tensorOf, textOf, unreadable } from './parse';
import { parseJson } from './strict-json';
import type { WeightArray, WeightDtype, WeightFile } from './weight-file';

// Why no library: the package safetensors takes header and offsets as they come; files from anywhere need lengths, shapes, gaps and
// overlaps checked.

/** The names that safetensors has for the types that are read. */
export const SAFETENSORS_DTYPES: ReadonlyMap<string, WeightDtype> = new Map([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U64', 'uint64'],
  ['U32', 'uint32'],
  ['U16', 'uint16'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
]);

/** The limit of the format itself, in bytes. */
const LONGEST_HEADER = 100_000_000;

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const isSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isEntry = (value: unknown): value is Entry =>
  isRecord(value) && typeof value.dtype === 'string' && isSizes(value.shape) && isSizes(value.data_offsets) && value.data_offsets.length === 2;

function headerOf(bytes: Uint8Array): { header: [string, unknown][]; values: Uint8Array } {
  if (bytes.length < 8) throw damaged(`safetensors: ${bytes.length} bytes are too few to hold a header`, { expected: 8, actual: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > LONGEST_HEADER)
    throw damaged(`safetensors: a header of ${length} bytes is beyond the format's limit`, { expected: LONGEST_HEADER, actual: length });
  if (length > bytes.length - 8)
    throw damaged(`safetensors: the header takes ${length} bytes, the file has ${bytes.length - 8}`, { expected: length, actual: bytes.length - 8 });
  const text = textOf(bytes.subarray(8, 8 + length), "safetensors: the header's text");
  const header = parseJson(text, 3, 'safetensors: the header');
  if (!isRecord(header)) throw damaged('safetensors: the header is no JSON object');
  return { header: Object.entries(header), values: bytes.subarray(8 + length) };
}

function metadataOf(value: unknown): Map<string, string> {
  if (!isRecord(value)) throw damaged('safetensors: __metadata__ must be an object of texts');
  return new Map(
    Object.entries(value).map(([key, text]) => {
      if (typeof text !== 'string') throw damaged(`safetensors: __metadata__ ${quoted(key)} must be a text`, { actual: text });
      return [key, text];
    }),
  );
}

/**
 * Reads a safetensors file.
 *
 * All types of the format but 8-bit and smaller floats and complex numbers. Tensors are views of `bytes`, in the order in which they
 * lie there; they must cover the file's values without gap or overlap, as the format demands.
 *
 * @param bytes the whole file
 * @returns the tensors by name, and `__metadata__`
 * @throws WeightsError: `weights-damaged` for a file that is cut short or contradicts itself, `weights-format` for a type that is not read
 * @example
 * const { tensors } = readSafetensors(bytes);
 * const kernel = tensors.get('conv1.weight'); // { shape, dtype, data }
 *
 * Source: https://github.com/huggingface/safetensors (the format's description in its README)
 */
export function readSafetensors(bytes: Uint8Array): WeightFile {
  const { header, values } = headerOf(plain(bytes));
  const entries: [string, Entry][] = [];
  let metadata = new Map<string, string>();
  for (const [name, value] of header) {
    if (name === '__metadata__') metadata = metadataOf(value);
    else if (isEntry(value)) entries.push([name, value]);
    else throw damaged(`safetensors: the entry of ${quoted(name)} must have dtype, shape and data_offsets`);
  }
  entries.sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1]);

  const tensors = new Map<string, WeightArray>();
  let end = 0;
  for (const [name, { dtype: code, shape, data_offsets: offsets }] of entries) {
    const dtype = SAFETENSORS_DTYPES.get(code);
    if (!dtype) throw unreadable(`safetensors: tensor ${quoted(name)} is of type ${quoted(code)}, which is not read`, { actual: code });
    if (offsets[0] !== end || offsets[1] < end || offsets[1] > values.length) {
      throw damaged(`safetensors: tensor ${quoted(name)} lies at ${offsets[0]} to ${offsets[1]}: expected from ${end}, within ${values.length}`, {
        expected: end,
        actual: offsets,
      });
    }
    end = offsets[1];
    addTensor(tensors, name, tensorOf(name, dtype, shape, values.subarray(offsets[0], end)));
  }
  if (end !== values.length) throw damaged(`safetensors: the tensors end at ${end}, the file at ${values.length}`, { expected: values.length, actual: end });
  return { format: 'safetensors', tensors, metadata };
}
