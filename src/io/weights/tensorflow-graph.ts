import { addTensor, damaged, plain, quoted } from './parse';
import { contentOf, fieldsOf, stringOf } from './protobuf';
import { type Allowance, allowanceOf, readTensorProto } from './tensorflow-tensor';
import type { WeightArray, WeightFile } from './weight-file';

/** The message `value` of a map entry whose key is `key`. */
function attributeOf(entry: Uint8Array, key: string): Uint8Array | undefined {
  let found = '';
  let value: Uint8Array | undefined;
  for (const field of fieldsOf(entry, 'an attribute')) {
    if (field.number === 1) found = stringOf(field, 'the name of an attribute');
    else if (field.number === 2) value = contentOf(field, 'an attribute');
  }
  return found === key ? value : undefined;
}

/** Name and tensor of a node that is a constant of numbers. */
function constantOf(node: Uint8Array, allowance: Allowance): [string, WeightArray] | undefined {
  let name = '';
  let operation = '';
  let value: Uint8Array | undefined;
  for (const field of fieldsOf(node, 'a node')) {
    if (field.number === 1) name = stringOf(field, 'the name of a node');
    else if (field.number === 2) operation = stringOf(field, "a node's operation");
    else if (field.number === 5) value = attributeOf(contentOf(field, 'an attribute'), 'value') ?? value;
  }
  if (operation !== 'Const') return undefined;
  if (!value) throw damaged(`the constant ${quoted(name)} has no value`, { actual: name });
  let tensor: Uint8Array | undefined;
  for (const field of fieldsOf(value, `the value of ${quoted(name)}`)) if (field.number === 8) tensor = contentOf(field, 'a tensor');
  if (!tensor) throw damaged(`the constant ${quoted(name)} has a value that is no tensor`, { actual: name });
  const array = readTensorProto(tensor, name, allowance);
  return array && [name, array];
}

/**
 * Reads the constants of a frozen TensorFlow graph (`.pb`, a GraphDef).
 *
 * Every node `Const` of numbers is a tensor of the node's name: the weights, and also small constants of the graph such as the axes
 * of a transposition. Text is left out, and so are constants within functions. Values may lie there as raw bytes (then tensors are views
 * of `bytes`), as numbers, or as one value for all.
 *
 * @param bytes the whole file
 * @returns the tensors by name
 * @throws WeightsError: `weights-damaged` for a file that is cut short or contradicts itself, `weights-format` for a type that is not read
 * @example
 * const { tensors } = readTensorflowGraph(bytes);
 * const kernel = tensors.get('inpaint_net/conv1/kernel');
 *
 * Source: TensorFlow's `graph.proto`, `node_def.proto`, `attr_value.proto`, `tensor.proto`
 */
export function readTensorflowGraph(bytes: Uint8Array): WeightFile {
  const file = plain(bytes);
  const allowance = allowanceOf(file);
  const tensors = new Map<string, WeightArray>();
  for (const field of fieldsOf(file, 'TensorFlow graph')) {
    const constant = field.number === 1 ? constantOf(contentOf(field, 'a node'), allowance) : undefined;
    if (constant) addTensor(tensors, ...constant);
  }
  return { format: 'tensorflow-graph', tensors, metadata: new Map() };
}
