import { numbersOf } from './numbers';
import { addTensor, damaged, plain, quoted, tensorOf, unreadable } from './parse';
import { addSizes, contentOf, fieldsOf, stringOf, wholeOf } from './protobuf';
import type { WeightArray, WeightDtype, WeightFile } from './weight-file';

// Why no library: onnxruntime runs graphs, and does not give their weights out; onnx-proto stands on protobufjs (see protobuf.ts).

/** ONNX's numbers for the types that are read, and the field that holds values which are not raw bytes. */
const TYPES: Readonly<Record<number, readonly [WeightDtype, number]>> = {
  1: ['float32', 4],
  2: ['uint8', 5],
  3: ['int8', 5],
  4: ['uint16', 5],
  5: ['int16', 5],
  6: ['int32', 5],
  7: ['int64', 7],
  9: ['bool', 5],
  10: ['float16', 5],
  11: ['float64', 10],
  12: ['uint32', 11],
  13: ['uint64', 11],
  16: ['bfloat16', 5],
};
const STRING = 8;

/** Name and tensor of an initialiser; no tensor for text. */
function initialiserOf(bytes: Uint8Array): [string, WeightArray | undefined] {
  const shape: number[] = [];
  let [name, code, external] = ['', 0, false];
  let raw: Uint8Array | undefined;
  for (const field of fieldsOf(bytes, 'an initialiser')) {
    if (field.number === 1) addSizes(shape, field);
    else if (field.number === 2) code = wholeOf(field, 'the type of an initialiser');
    else if (field.number === 8) name = stringOf(field, 'the name of an initialiser');
    else if (field.number === 9) raw = contentOf(field, 'the values of an initialiser');
    else if (field.number === 13 || (field.number === 14 && wholeOf(field, 'data_location') === 1)) external = true;
  }
  if (external) throw unreadable(`the values of ${quoted(name)} lie in a file beside the ONNX file: save it with all values inside`, { actual: name });
  if (code === STRING) return [name, undefined];
  const type = TYPES[code];
  if (!type) throw unreadable(`initialiser ${quoted(name)} has ONNX's type ${code}, which is not read`, { actual: code });
  const [dtype, values] = type;
  if (raw && raw.length > 0) return [name, tensorOf(name, dtype, shape, raw)];
  const numbers = numbersOf(dtype, `initialiser ${quoted(name)}`);
  for (const field of fieldsOf(bytes, 'an initialiser')) if (field.number === values) numbers.add(field);
  return [name, tensorOf(name, dtype, shape, numbers.bytes)];
}

/** Key and value of a StringStringEntryProto. */
function propertyOf(bytes: Uint8Array): [string, string] {
  let [key, value] = ['', ''];
  for (const field of fieldsOf(bytes, 'metadata')) {
    if (field.number === 1) key = stringOf(field, 'the key of metadata');
    else if (field.number === 2) value = stringOf(field, 'the value of metadata');
  }
  return [key, value];
}

/**
 * Reads the initialisers of an ONNX model.
 *
 * Values may lie there as raw bytes (then tensors are views of `bytes`) or as numbers, half floats among int32 included. Text is left
 * out, and so are constants that are nodes or belong to inner graphs. Values in files beside the model, and sparse ones, are not read.
 *
 * @param bytes the whole file
 * @returns the tensors by name, and the model's `metadata_props`
 * @throws WeightsError: `weights-damaged` for a file that is cut short or contradicts itself, `weights-format` for what is not read
 * @example
 * const { tensors } = readOnnx(bytes);
 * const kernel = tensors.get('encoder.conv1.weight');
 *
 * Source: ONNX's `onnx.proto`
 */
export function readOnnx(bytes: Uint8Array): WeightFile {
  const tensors = new Map<string, WeightArray>();
  const metadata = new Map<string, string>();
  let graphs = 0;
  for (const field of fieldsOf(plain(bytes), 'ONNX model')) {
    if (field.number === 14) metadata.set(...propertyOf(contentOf(field, 'metadata')));
    if (field.number !== 7) continue;
    graphs++;
    for (const part of fieldsOf(contentOf(field, 'ONNX graph'), 'ONNX graph')) {
      if (part.number === 15) throw unreadable('ONNX graph: sparse initialisers are not read');
      if (part.number !== 5) continue;
      const [name, array] = initialiserOf(contentOf(part, 'an initialiser'));
      if (array) addTensor(tensors, name, array);
    }
  }
  if (graphs !== 1) throw damaged(`ONNX model: expected one graph, found ${graphs}`, { expected: 1, actual: graphs });
  return { format: 'onnx', tensors, metadata };
}
