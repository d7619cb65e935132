import { isTable } from './level-table';
import { unreadable } from './parse';
import { type Field, fieldsOf } from './protobuf';
import type { WeightFormat } from './weight-file';

const FORMATS: readonly WeightFormat[] = ['safetensors', 'tensorflow-graph', 'tensorflow-checkpoint', 'mindspore', 'onnx'];

const startsWith = (bytes: Uint8Array, ...start: number[]): boolean => bytes.length >= start.length && start.every((byte, i) => bytes[i] === byte);
const asciiAt = (bytes: Uint8Array, start: number, text: string): boolean => [...text].every((character, i) => bytes[start + i] === character.charCodeAt(0));

const CONVERT_TORCH =
  "convert it in Python: state = torch.load('model.pth', map_location='cpu', weights_only=True); safetensors.torch.save_file(state, 'model.safetensors')";

/** What files that are no weights of a readable format begin with, and what can be done about them. */
const OTHERS: readonly (readonly [(bytes: Uint8Array) => boolean, string])[] = [
  [(bytes) => bytes.length === 0, 'an empty file'],
  [
    (bytes) => asciiAt(bytes, 0, 'version https://git-lfs.github.com/'),
    "a Git LFS pointer, which stands for the file: fetch the file itself ('git lfs pull', or the host's download link)",
  ],
  [(bytes) => startsWith(bytes, 0x50, 0x4b, 3, 4), `a zip archive, as PyTorch's .pth and .pt are: ${CONVERT_TORCH}`],
  [(bytes) => bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5, `a Python pickle, as old .pth files are: ${CONVERT_TORCH}`],
  [
    (bytes) => startsWith(bytes, 0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a),
    "HDF5, as Keras writes it: convert it in Python: tf.train.Checkpoint(model=tf.keras.models.load_model('model.h5')).write('model'), then read model.index",
  ],
  [(bytes) => startsWith(bytes, 0x1f, 0x8b), 'compressed with gzip: unpack it first'],
  [(bytes) => asciiAt(bytes, 4, 'TFL3'), 'a TensorFlow Lite model: use the graph or checkpoint that it was made of'],
  [(bytes) => bytes[0] === 0x7b, 'JSON, as a TensorFlow.js model.json is, whose values lie in files beside it: use the model that it was made of'],
  [(bytes) => asciiAt(bytes, 257, 'ustar'), 'a tar archive: unpack it first'],
  [(bytes) => /^\s*<[!?a-z]/i.test(String.fromCharCode(...bytes.subarray(0, 64))), 'an HTML or XML page'],
];

/** What is said of a SavedModel. */
export const SAVED_MODEL = 'a SavedModel, whose values lie in the folder variables/ beside it: read variables/variables.index';
const META_GRAPH = "a TensorFlow MetaGraph (.meta), which holds no values: read the checkpoint's .index beside it";

/** The first field of each number in a protocol buffer, as far as it can be read. */
function firstFields(bytes: Uint8Array): Map<number, Field> {
  const fields = new Map<number, Field>();
  try {
    for (const field of fieldsOf(bytes, 'the file', true)) {
      if (!fields.has(field.number)) fields.set(field.number, field);
    }
  } catch {
    // Cut short: what came before tells enough.
  }
  return fields;
}

/** Tells messages apart by what their fields are: GraphDef, Checkpoint, ModelProto; or says which other it is. */
function protobufFormat(bytes: Uint8Array): WeightFormat | string | undefined {
  const fields = firstFields(bytes);
  const first = fields.get(1);
  const isContent = (number: number): boolean => fields.get(number)?.wire === 2;
  if (first?.wire === 0) {
    if (isContent(7)) return 'onnx';
    return isContent(2) && first.bytes[0] === 1 ? SAVED_MODEL : undefined;
  }
  if (first?.wire !== 2) return undefined;
  const inner = firstFields(first.bytes);
  const second = inner.get(2);
  if (second?.wire === 2) {
    // The operation of a node: a capital letter or an underscore, then letters, digits and a few signs.
    if (/^[A-Z_][A-Za-z0-9_>./-]*$/.test(String.fromCharCode(...second.bytes.subarray(0, 200)))) return 'tensorflow-graph';
    if (inner.get(1)?.wire === 2 && [1, 2].some((number) => firstFields(second.bytes).has(number)) && !isContent(2)) return 'mindspore';
  }
  return isContent(2) ? META_GRAPH : undefined;
}

/**
 * The format of a file of weights, told by its bytes alone.
 *
 * @throws WeightsError (`weights-format`) that says what the file is, where that is known, and how to convert it
 */
export function detectFormat(bytes: Uint8Array): WeightFormat {
  // The length of a header below 4 GiB, and the header's first brace.
  if (bytes.length > 8 && bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0)) return 'safetensors';
  // An index, whole; or the beginning of one, which is an entry with an empty name.
  if (isTable(bytes) || (startsWith(bytes, 0, 0) && bytes[3] === 0x08)) return 'tensorflow-checkpoint';
  const other = OTHERS.find(([is]) => is(bytes))?.[1] ?? protobufFormat(bytes);
  const format = FORMATS.find((name) => name === other);
  if (format) return format;
  throw unreadable(`this is ${other ?? 'no file of weights in a known format'}`, { expected: FORMATS, actual: other });
}
