import { throwIfAborted } from '../../abort';
import { checkArgument } from '../../check';
import { WeightsError } from '../../errors';
import { withinMemory } from '../../memory';
import { detectFormat } from './detect-format';
import { readMindspore } from './mindspore';
import { readOnnx } from './onnx';
import { readSafetensors } from './safetensors';
import { type Origin, originOf, type ReadWeightsOptions, type WeightSource } from './source';
import { neededShards, readCheckpointIndex, shardSuffix, tensorsOfCheckpoint } from './tensorflow-checkpoint';
import { readTensorflowGraph } from './tensorflow-graph';
import type { WeightFile, WeightFormat } from './weight-file';

const READERS: Readonly<Record<Exclude<WeightFormat, 'tensorflow-checkpoint'>, (bytes: Uint8Array) => WeightFile>> = {
  safetensors: readSafetensors,
  'tensorflow-graph': readTensorflowGraph,
  mindspore: readMindspore,
  onnx: readOnnx,
};

async function readCheckpoint({ bytes, beside }: Origin): Promise<WeightFile> {
  const index = readCheckpointIndex(bytes);
  const files = new Map<number, Uint8Array>();
  for (const shard of neededShards(index)) {
    const file = await beside(shardSuffix(shard, index.shards));
    if (file) files.set(shard, file);
  }
  return tensorsOfCheckpoint(index, files);
}

async function parsed(origin: Origin): Promise<WeightFile> {
  const { name, bytes } = origin;
  try {
    const format = detectFormat(bytes);
    return format === 'tensorflow-checkpoint' ? await readCheckpoint(origin) : READERS[format](bytes);
  } catch (cause) {
    // What was fetched or read from a file beside says so itself.
    if (!(cause instanceof WeightsError) || name === '' || cause.code === 'weights-fetch' || cause.code === 'file-read') throw cause;
    throw new WeightsError(cause.code, `${name}: ${cause.message}`, { expected: cause.expected, actual: cause.actual, cause: cause.cause });
  }
}

/**
 * Reads a file of weights: safetensors, a frozen TensorFlow graph, a TensorFlow checkpoint, a MindSpore checkpoint, or ONNX.
 *
 * The format is told by the content, never by the name. Downloads are checked and, by default, kept for the next time: a file that
 * is cut short, is a web page, has another SHA-256 or can't be parsed is refused and not kept. A kept file is not asked for again.
 *
 * @param source a file's bytes; in Node a path or `file:` URL; a URL (in browsers any text is one); or a checkpoint's files by name.
 * A checkpoint is named by its `.index`, in Node also by what comes before that; its values are found beside it.
 * @param options `signal`, `onProgress`, `sha256`, `cache`, `fetch`: see {@link ReadWeightsOptions}
 * @returns the tensors by name, as the file has them; {@link toFloat32} gives their values
 * @throws WeightsError: `file-read` for a path that can't be read, `weights-format` for what is not read (the message says what it is
 * and how to convert it), `weights-damaged` for a file that is cut short or contradicts itself, `weights-fetch` for a failed download.
 * AbortError. ArgumentError for options out of range. MemoryError (`out-of-memory`).
 * @example
 * const { tensors } = await readWeights('https://example.com/hifill.safetensors', { onProgress: ({ loaded }) => console.log(loaded) });
 */
export function readWeights(source: WeightSource, options: ReadWeightsOptions = {}): Promise<WeightFile> {
  return withinMemory("the weights can't be read", () => fileFrom(source, options));
}

async function fileFrom(source: WeightSource, options: ReadWeightsOptions): Promise<WeightFile> {
  const { signal, sha256, cache } = options;
  checkArgument(sha256 === undefined || /^[0-9a-f]{64}$/i.test(sha256), 'readWeights', 'sha256', '64 hexadecimal digits', sha256);
  checkArgument(cache === undefined || typeof cache === 'boolean' || typeof cache === 'string', 'readWeights', 'cache', 'true, false or a name', cache);
  throwIfAborted(signal);
  const origin = await originOf(source, { ...options, sha256: sha256?.toLowerCase() });
  throwIfAborted(signal);
  const file = await parsed(origin);
  await origin.keep();
  return file;
}
