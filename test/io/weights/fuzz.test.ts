import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeightsError } from '../../../src/errors';
import { maskedCrc32c } from '../../../src/io/crc';
import { readMindspore, readOnnx, readSafetensors, readTensorflowCheckpoint, readTensorflowGraph, readWeights, type WeightFile } from '../../../src/io/weights';
import { fixture } from './support';

const RUNS = 10_000;

/** One way to spoil a file. Places are parts of its length, so that they shrink well. */
type Change =
  | { kind: 'flip'; at: number; bits: number }
  | { kind: 'set'; at: number; byte: number }
  | { kind: 'cut'; at: number }
  | { kind: 'drop'; at: number; length: number }
  | { kind: 'copy'; from: number; at: number; length: number }
  | { kind: 'insert'; at: number; bytes: Uint8Array };

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const length = fc.integer({ min: 1, max: 64 });
// What turns up in lengths and sizes: ends of ranges, small numbers, continuation bits.
const byte = fc.oneof(fc.constantFrom(0, 1, 2, 8, 10, 18, 127, 128, 254, 255), fc.integer({ min: 0, max: 255 }));
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bits: fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 128) }),
  fc.record({ kind: fc.constant('set' as const), at: place, byte }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constant('drop' as const), at: place, length }),
  fc.record({ kind: fc.constant('copy' as const), from: place, at: place, length }),
  fc.record({ kind: fc.constant('insert' as const), at: place, bytes: fc.uint8Array({ maxLength: 16 }) }),
);

function changed(file: Uint8Array, { kind, at, ...how }: Change & Record<string, unknown>): Uint8Array {
  const start = Math.floor(at * file.length);
  const replaced = (removed: number, ...added: Uint8Array[]) =>
    Uint8Array.from(Buffer.concat([file.subarray(0, start), ...added, file.subarray(start + removed)]));
  switch (kind) {
    case 'flip':
      return file.map((value, i) => (i === start ? value ^ (how.bits as number) : value));
    case 'set':
      return file.map((value, i) => (i === start ? (how.byte as number) : value));
    case 'cut':
      return file.slice(0, start);
    case 'drop':
      return replaced(how.length as number);
    case 'insert':
      return replaced(0, how.bytes as Uint8Array);
    case 'copy': {
      const from = Math.floor((how.from as number) * file.length);
      return replaced(0, file.subarray(from, from + (how.length as number)));
    }
  }
}

const headers = [
  'tensors.safetensors',
  'graph.pb',
  'graph-values.pb',
  'mindspore.ckpt',
  'mindspore-sliced.ckpt',
  'raw.onnx',
  'numbers.onnx',
  'checkpoint.index',
  'sharded.index',
];
const files = new Map(headers.map((name) => [name, fixture(name)]));

/** Files that are nearly right, two spliced together, and nothing but noise. */
function spoiled(...names: string[]): fc.Arbitrary<Uint8Array> {
  const own = fc.constantFrom(...names.map((name) => files.get(name)!));
  const mutated = fc
    .tuple(own, fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([file, changes]) => changes.reduce((bytes, one) => changed(bytes, one as Change & Record<string, unknown>), file));
  const spliced = fc
    .tuple(own, fc.constantFrom(...files.values()), place, place)
    .map(([a, b, i, j]) => Uint8Array.from(Buffer.concat([a.subarray(0, Math.floor(i * a.length)), b.subarray(Math.floor(j * b.length))])));
  return fc.oneof({ weight: 8, arbitrary: mutated }, { weight: 2, arbitrary: spliced }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) });
}

/** What became of so many files. */
interface Tally {
  read: number;
  refused: number;
}

/** Reads, and holds what comes against what there was: whole tensors, and no more memory than the file allows for. */
function attempt(bytes: Uint8Array, read: (bytes: Uint8Array) => WeightFile, tally: Tally): void {
  let file: WeightFile;
  const start = performance.now();
  const before = process.memoryUsage().arrayBuffers;
  try {
    file = read(bytes);
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    expect(['weights-format', 'weights-damaged']).toContain(error.code);
    expect(error.message.length).toBeLessThan(5000);
    tally.refused++;
    return;
  } finally {
    // Collecting garbage can only make this smaller.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThanOrEqual(100 * bytes.length + 2 ** 22);
    // A file of a few kilobytes takes far less than a millisecond; a quarter of a minute would be a loop.
    expect(performance.now() - start).toBeLessThan(15_000);
  }
  tally.read++;
  let copied = 0;
  for (const { shape, data } of file.tensors.values()) {
    expect(shape.every((size) => Number.isSafeInteger(size) && size >= 0)).toBe(true);
    if (data.buffer !== bytes.buffer) copied += data.byteLength;
  }
  expect(copied).toBeLessThanOrEqual(16 * bytes.length + 2 ** 20);
}

/** Puts the checksums of a table's blocks right where they are, so that what the blocks say is parsed. */
function withChecksums(table: Uint8Array): Uint8Array {
  const fixed = table.slice();
  const view = new DataView(fixed.buffer);
  const varint = (at: number): [number, number] => {
    let [value, i] = [0, at];
    for (let factor = 1; i < fixed.length && factor < 2 ** 35; factor *= 128) {
      value += (fixed[i] & 127) * factor;
      if (fixed[i++] < 128) break;
    }
    return [value, i];
  };
  const fix = (offset: number, size: number) => {
    if (offset + size + 5 <= fixed.length - 48) view.setUint32(offset + size + 1, maskedCrc32c(fixed.subarray(offset, offset + size + 1)), true);
  };
  if (fixed.length < 60) return fixed;
  const footer = fixed.length - 48;
  const [offset, next] = varint(varint(varint(footer)[1])[1]);
  const [size] = varint(next);
  if (offset + size + 5 <= footer) {
    const [, second] = varint(offset);
    const [added, third] = varint(second);
    const [, key] = varint(third);
    const [block, place] = varint(key + added);
    fix(block, varint(place)[0]);
  }
  fix(offset, size);
  return fixed;
}

const check = (bytes: fc.Arbitrary<Uint8Array>, read: (bytes: Uint8Array) => WeightFile): Tally => {
  const tally = { read: 0, refused: 0 };
  fc.assert(
    fc.property(bytes, (file) => attempt(file, read, tally)),
    { numRuns: RUNS, seed: 7, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
  );
  return tally;
};

describe(`${RUNS} spoiled files: read, or refused with a typed error; bounded time and memory`, () => {
  const shards = { 'm.data-00000-of-00001': fixture('checkpoint.data-00000-of-00001') };
  const checkpoint = (index: Uint8Array) => readTensorflowCheckpoint({ 'm.index': index, ...shards });
  it.each<[string, fc.Arbitrary<Uint8Array>, (bytes: Uint8Array) => WeightFile]>([
    ['safetensors', spoiled('tensors.safetensors'), readSafetensors],
    ['TensorFlow graph', spoiled('graph.pb', 'graph-values.pb'), readTensorflowGraph],
    ['TensorFlow checkpoint, its checksums made right', spoiled('checkpoint.index', 'sharded.index').map(withChecksums), checkpoint],
    ['MindSpore checkpoint', spoiled('mindspore.ckpt', 'mindspore-sliced.ckpt'), readMindspore],
    ['ONNX model', spoiled('raw.onnx', 'numbers.onnx'), readOnnx],
  ])('%s', (_, bytes, read) => {
    const { read: parsed, refused } = check(bytes, read);
    expect(parsed + refused).toBe(RUNS);
    // Both ways out are taken: nothing here is refused for a trifle that hides the rest.
    expect(parsed).toBeGreaterThan(RUNS / 100);
    expect(refused).toBeGreaterThan(RUNS / 100);
  });

  it('TensorFlow checkpoint, with its checksums as they come', () => {
    expect(check(spoiled('checkpoint.index', 'sharded.index'), checkpoint).refused).toBeGreaterThan(RUNS / 2);
  });

  it('a file of whatever format', async () => {
    const tally = { read: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(spoiled(...headers), async (bytes) => {
        const outcome = await readWeights(bytes).then(
          (file) => () => file,
          (error) => () => {
            throw error;
          },
        );
        attempt(bytes, outcome, tally);
      }),
      { numRuns: RUNS, seed: 7, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
    );
    expect(tally.read).toBeGreaterThan(RUNS / 100);
    expect(tally.refused).toBeGreaterThan(RUNS / 100);
  });
});
