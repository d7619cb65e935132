import { maskedCrc32c } from '../crc';
import { tableEntries } from './level-table';
import { addTensor, damaged, plain, quoted, tensorOf, textOf, unreadable } from './parse';
import { contentOf, fieldsOf, wholeOf } from './protobuf';
import { dtypeOf, shapeOf } from './tensorflow-tensor';
import type { WeightArray, WeightDtype, WeightFile } from './weight-file';

// Why no library: tfjs-node loads SavedModels, no bare checkpoints, and a browser has neither.

/** What the index says of a tensor. */
export interface CheckpointEntry {
  name: string;
  dtype: WeightDtype;
  shape: number[];
  shard: number;
  offset: number;
  size: number;
  checksum: number;
}

/** What a checkpoint's index says. */
export interface CheckpointIndex {
  shards: number;
  entries: CheckpointEntry[];
}

function shardsOf(header: Uint8Array): number {
  let shards = 0;
  let endianness = 0;
  for (const field of fieldsOf(header, 'checkpoint index')) {
    if (field.number === 1 && field.wire === 2) throw unreadable('checkpoint index: this is a V1 checkpoint; save it in the V2 format');
    if (field.number === 1) shards = wholeOf(field, 'the number of shards');
    else if (field.number === 2) endianness = wholeOf(field, 'endianness');
  }
  if (endianness !== 0) throw unreadable('checkpoint index: the values are big-endian, which is not read', { expected: 'little-endian' });
  if (shards < 1) throw damaged(`checkpoint index: there can't be ${shards} shards`, { actual: shards });
  return shards;
}

/** An entry of the index; undefined for text and the like. */
function entryOf(name: string, bytes: Uint8Array): CheckpointEntry | undefined {
  const what = `the entry of ${quoted(name)}`;
  let [code, shard, offset, size, checksum] = [0, 0, 0, 0, 0];
  let shape: number[] = [];
  for (const field of fieldsOf(bytes, what)) {
    if (field.number === 1) code = wholeOf(field, what);
    else if (field.number === 2) shape = shapeOf(contentOf(field, what), name);
    else if (field.number === 3) shard = wholeOf(field, what);
    else if (field.number === 4) offset = wholeOf(field, what);
    else if (field.number === 5) size = wholeOf(field, what);
    else if (field.number === 6 && field.wire === 5) checksum = new DataView(field.bytes.buffer, field.bytes.byteOffset, 4).getUint32(0, true);
    else if (field.number === 7) throw unreadable(`variable ${quoted(name)} is stored in slices, which is not read: save it unpartitioned`, { actual: name });
  }
  const dtype = dtypeOf(code, name);
  return dtype && { name, dtype, shape, shard, offset, size, checksum };
}

/** Reads a checkpoint's index (`.index`). */
export function readCheckpointIndex(bytes: Uint8Array): CheckpointIndex {
  let shards = 0;
  const entries: CheckpointEntry[] = [];
  for (const [key, value] of tableEntries(plain(bytes))) {
    if (shards === 0) {
      if (key.length > 0) throw damaged('checkpoint index: it has no header');
      shards = shardsOf(value);
      continue;
    }
    // A slice of a partitioned variable. The variable's own entry comes later, and is refused.
    if (key[0] === 0) continue;
    const entry = entryOf(textOf(key, 'checkpoint index: a name'), value);
    if (entry) entries.push(entry);
  }
  if (shards === 0) throw damaged('checkpoint index: it has no header');
  for (const { name, shard } of entries) {
    if (shard < 0 || shard >= shards) throw damaged(`tensor ${quoted(name)} lies in shard ${shard} of ${shards}`, { expected: shards, actual: shard });
  }
  return { shards, entries };
}

/** What follows a checkpoint's name in the name of a shard. */
export const shardSuffix = (shard: number, shards: number): string => `.data-${String(shard).padStart(5, '0')}-of-${String(shards).padStart(5, '0')}`;

/** The shards that hold tensors. */
export const neededShards = ({ entries }: CheckpointIndex): number[] => [...new Set(entries.map(({ shard }) => shard))].sort((a, b) => a - b);

/** The tensors of a checkpoint, whose shards are given by their numbers. */
export function tensorsOfCheckpoint({ shards, entries }: CheckpointIndex, files: ReadonlyMap<number, Uint8Array>): WeightFile {
  const tensors = new Map<string, WeightArray>();
  const unread = new Map([...files].map(([shard, { length }]) => [shard, length]));
  for (const { name, dtype, shape, shard, offset, size, checksum } of entries) {
    const file = files.get(shard);
    if (!file) throw damaged(`the checkpoint's file *${shardSuffix(shard, shards)} is missing`, { expected: shardSuffix(shard, shards) });
    // Tensors don't share bytes: together they can't be longer than their file.
    const left = unread.get(shard)! - size;
    if (offset < 0 || size < 0 || offset + size > file.length || left < 0) {
      throw damaged(`tensor ${quoted(name)} lies at ${offset} to ${offset + size} of *${shardSuffix(shard, shards)}, which has ${file.length} bytes`, {
        expected: offset + size,
        actual: file.length,
      });
    }
    unread.set(shard, left);
    const array = tensorOf(name, dtype, shape, plain(file.subarray(offset, offset + size)));
    const actual = maskedCrc32c(array.data);
    if (actual !== checksum) throw damaged(`tensor ${quoted(name)}: its checksum is not that of its bytes`, { expected: checksum, actual });
    addTensor(tensors, name, array);
  }
  return { format: 'tensorflow-checkpoint', tensors, metadata: new Map() };
}

/**
 * Reads a TensorFlow checkpoint (V2): an index and its files of values.
 *
 * Tensors are views of `files`; text, such as an object graph, is left out. Every checksum is checked. A partitioned variable, stored
 * in slices, is not read.
 *
 * @param files the bytes of `<name>.index` and of each `<name>.data-00000-of-00001`, by name
 * @returns the tensors by name
 * @throws WeightsError: `weights-damaged` for files that are cut short, missing or contradict themselves, `weights-format` for what is not read
 * @example
 * const { tensors } = readTensorflowCheckpoint({ 'model.index': index, 'model.data-00000-of-00001': data });
 *
 * Source: TensorFlow's `tensor_bundle.proto`, and LevelDB's description of its table format
 */
export function readTensorflowCheckpoint(files: Readonly<Record<string, Uint8Array>>): WeightFile {
  const names = Object.keys(files);
  const indices = names.filter((name) => name.endsWith('.index'));
  if (indices.length !== 1) throw unreadable(`checkpoint: expected one file *.index, got ${names.map(quoted).join(', ') || 'none'}`, { actual: names });
  const index = readCheckpointIndex(files[indices[0]]);
  const prefix = indices[0].slice(0, -'.index'.length);
  const shards = neededShards(index).flatMap((shard): [number, Uint8Array][] => {
    const name = prefix + shardSuffix(shard, index.shards);
    return Object.hasOwn(files, name) ? [[shard, files[name]]] : [];
  });
  return tensorsOfCheckpoint(index, new Map(shards));
}
