import { crc32 } from '../crc';
import { addTensor, damaged, plain, quoted, tensorOf, unreadable } from './parse';
import { addSizes, contentOf, fieldsOf, stringOf } from './protobuf';
import type { WeightArray, WeightDtype, WeightFile } from './weight-file';

// Why no library: we know of none for JavaScript that reads MindSpore's checkpoints.

/** MindSpore's names for the types that are read. */
const DTYPES: ReadonlyMap<string, WeightDtype> = new Map([
  ['Float64', 'float64'],
  ['Float32', 'float32'],
  ['Float16', 'float16'],
  ['BFloat16', 'bfloat16'],
  ['Int64', 'int64'],
  ['Int32', 'int32'],
  ['Int16', 'int16'],
  ['Int8', 'int8'],
  ['UInt64', 'uint64'],
  ['UInt32', 'uint32'],
  ['UInt16', 'uint16'],
  ['UInt8', 'uint8'],
  ['Bool', 'bool'],
]);

/** A parameter, or a slice of one. */
interface Parameter {
  tag: string;
  dims: number[];
  type: string;
  content: Uint8Array;
}

function parameterOf(bytes: Uint8Array): Parameter {
  const parameter: Parameter = { tag: '', dims: [], type: '', content: new Uint8Array(0) };
  let tensor: Uint8Array | undefined;
  for (const field of fieldsOf(bytes, 'a parameter')) {
    if (field.number === 1) parameter.tag = stringOf(field, 'the name of a parameter');
    else if (field.number === 2) tensor = contentOf(field, 'a tensor');
  }
  if (!tensor) throw unreadable(`parameter ${quoted(parameter.tag)} is no tensor`, { actual: parameter.tag });
  for (const field of fieldsOf(tensor, `tensor ${quoted(parameter.tag)}`)) {
    if (field.number === 1) addSizes(parameter.dims, field);
    else if (field.number === 2) parameter.type = stringOf(field, 'the type of a tensor');
    else if (field.number === 3) parameter.content = contentOf(field, 'the values of a tensor');
  }
  return parameter;
}

/** The tensor of a parameter's slices; undefined for text and the state of random operations, which are no numbers. */
function tensorOfSlices(slices: Parameter[]): WeightArray | undefined {
  const [{ tag, dims, type }] = slices;
  if (type === 'str' || tag === 'random_op') return undefined;
  const dtype = DTYPES.get(type);
  if (!dtype) throw unreadable(`tensor ${quoted(tag)} is of MindSpore's type ${quoted(type)}, which is not read`, { actual: type });
  if (slices.some((slice) => slice.type !== type || slice.dims.join() !== dims.join())) throw damaged(`the slices of ${quoted(tag)} disagree`, { actual: tag });
  const length = slices.reduce((sum, { content }) => sum + content.length, 0);
  // MindSpore writes a scalar as of shape [0].
  const shape = dims.length === 1 && dims[0] === 0 && length > 0 ? [] : dims;
  if (slices.length === 1) return tensorOf(tag, dtype, shape, slices[0].content);
  const data = new Uint8Array(length);
  let at = 0;
  for (const { content } of slices) {
    data.set(content, at);
    at += content.length;
  }
  return tensorOf(tag, dtype, shape, data);
}

/** The file without the checksum that newer versions put after it: `crc_num`, then a big-endian number of 10 bytes. */
function withoutChecksum(bytes: Uint8Array): Uint8Array {
  const start = bytes.length - 17;
  if (start < 0 || String.fromCharCode(...bytes.subarray(start, start + 7)) !== 'crc_num') return bytes;
  const file = bytes.subarray(0, start);
  const expected = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0);
  const actual = crc32(file);
  if (actual !== expected) throw damaged('MindSpore checkpoint: its checksum is not that of its bytes', { expected, actual });
  return file;
}

/**
 * Reads a MindSpore checkpoint (`.ckpt`).
 *
 * A parameter that MindSpore has cut into slices is put together again; others are views of `bytes`. Text is left out. The checksum
 * of files saved with `crc_check=True` is checked. Encrypted files and map parameters are not read.
 *
 * @param bytes the whole file
 * @returns the tensors by name
 * @throws WeightsError: `weights-damaged` for a file that is cut short or contradicts itself, `weights-format` for a type that is not read
 * @example
 * const { tensors } = readMindspore(bytes);
 * const kernel = tensors.get('coarse.conv1.weight');
 *
 * Source: MindSpore's `checkpoint.proto`
 */
export function readMindspore(bytes: Uint8Array): WeightFile {
  const tensors = new Map<string, WeightArray>();
  let slices: Parameter[] = [];
  const close = () => {
    const array = slices.length > 0 ? tensorOfSlices(slices) : undefined;
    if (array) addTensor(tensors, slices[0].tag, array);
    slices = [];
  };
  for (const field of fieldsOf(withoutChecksum(plain(bytes)), 'MindSpore checkpoint')) {
    if (field.number !== 1) continue;
    const parameter = parameterOf(contentOf(field, 'a parameter'));
    if (slices.length > 0 && slices[0].tag !== parameter.tag) close();
    slices.push(parameter);
  }
  close();
  return { format: 'mindspore', tensors, metadata: new Map() };
}
