import { describe, expect, it } from 'vitest';
import { readMindspore, readOnnx, readSafetensors, readTensorflowCheckpoint, readTensorflowGraph, toFloat32, type WeightFile } from '../../../src/io/weights';
import { concat, message, onnx } from './build';
import { described, expected, fixture, fixtures } from './support';

const without = (...names: string[]) => new Map([...expected].filter(([name]) => !names.includes(name)));
const tensorflow = without('__proto__');

// Formats order their tensors as they like: compared by name.
const sorted = <T>(map: Map<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
const expectTensors = (file: WeightFile, wanted: Map<string, unknown>) => expect(sorted(described(file))).toEqual(sorted(wanted));

const shards = ['sharded.data-00000-of-00002', 'sharded.data-00001-of-00002'];

describe('every tensor comes out bit for bit, whatever its type', () => {
  it('safetensors', () => {
    const file = readSafetensors(fixture('tensors.safetensors'));
    expectTensors(file, without());
    expect(file.format).toBe('safetensors');
    expect([...file.metadata]).toEqual([['format', 'np']]);
  });

  it('a frozen graph: raw bytes; a text is left out', () => {
    const file = readTensorflowGraph(fixture('graph.pb'));
    expectTensors(file, tensorflow);
    expect(file.format).toBe('tensorflow-graph');
  });

  it('a graph of numbers: packed, one for all, the last repeated, none at all', () => {
    const file = readTensorflowGraph(fixture('graph-values.pb'));
    const repeated = new Map([
      ['one_for_all', { dtype: 'float32', shape: [3, 4], hex: '0000003f'.repeat(12) }],
      ['no_value', { dtype: 'float32', shape: [6], hex: '00000000'.repeat(6) }],
      ['same_end', { dtype: 'int32', shape: [5], hex: `0100000002000000${'03000000'.repeat(3)}` }],
    ]);
    expectTensors(file, new Map<string, unknown>([...tensorflow, ...repeated]));
  });

  it('a checkpoint', () => {
    const file = readTensorflowCheckpoint(fixtures('checkpoint.index', 'checkpoint.data-00000-of-00001'));
    expectTensors(file, tensorflow);
    expect(file.format).toBe('tensorflow-checkpoint');
  });

  it('a checkpoint in two shards, whose names share their beginnings', () => {
    const file = readTensorflowCheckpoint(fixtures('sharded.index', ...shards));
    const blocks = Array.from({ length: 40 }, (_, i): [string, unknown] => {
      const value = Buffer.from(Float32Array.of(i, i).buffer).toString('hex');
      return [`generator/block_${String(i).padStart(2, '0')}/conv/kernel`, { dtype: 'float32', shape: [2], hex: value }];
    });
    expectTensors(file, new Map<string, unknown>([...tensorflow, ...blocks]));
  });

  it('a checkpoint of objects: the graph of objects, a text, is left out', () => {
    const file = readTensorflowCheckpoint(fixtures('objects.index', 'objects.data-00000-of-00001'));
    const name = 'module/kernel/.ATTRIBUTES/VARIABLE_VALUE';
    expect(described(file).get(name)).toEqual(expected.get('conv/kernel'));
    expect([...file.tensors.keys()]).toEqual([name]);
  });

  it.each(['mindspore.ckpt', 'mindspore-sliced.ckpt'])('%s: text left out, scalars of shape []', (name) => {
    const file = readMindspore(fixture(name));
    expectTensors(file, without());
    expect(file.format).toBe('mindspore');
  });

  it.each(['raw.onnx', 'numbers.onnx'])('%s: text left out', (name) => {
    const file = readOnnx(fixture(name));
    expectTensors(file, without());
    expect(file.format).toBe('onnx');
    expect([...file.metadata]).toEqual([['author', 'make.py']]);
  });

  it('numbers one by one, as older writers put them, and in several packs', () => {
    const floats = Float32Array.of(1, -2, 3, -4, 5);
    // Field 4 as four bytes each; field 5 as varints.
    const single = [...floats].map((value) => concat(Uint8Array.of(4 * 8 + 5), new Uint8Array(Float32Array.of(value).buffer)));
    const packs: [number, Uint8Array][] = [0, 2, 4].map((i) => [4, new Uint8Array(floats.slice(i, i + 2).buffer)]);
    const file = readOnnx(
      onnx(
        concat(message([1, 5], [2, 1], [8, 'single']), ...single),
        message([1, 5], [2, 1], [8, 'packs'], ...packs),
        message([1, 4], [2, 5], [8, 'whole'], [5, 7], [5, -1], [5, Uint8Array.of(8, 9)]),
      ),
    );
    expect([...toFloat32(file.tensors.get('single')!)]).toEqual([...floats]);
    expect([...toFloat32(file.tensors.get('packs')!)]).toEqual([...floats]);
    expect([...toFloat32(file.tensors.get('whole')!)]).toEqual([7, -1, 8, 9]);
  });

  it('the values as float32 are the same from every format', () => {
    const wanted = Float32Array.from([0, -0, Infinity, -Infinity, NaN, 1e-40, 65504, 2 ** -24]);
    const files = [
      readSafetensors(fixture('tensors.safetensors')),
      readTensorflowGraph(fixture('graph.pb')),
      readTensorflowGraph(fixture('graph-values.pb')),
      readTensorflowCheckpoint(fixtures('checkpoint.index', 'checkpoint.data-00000-of-00001')),
      readMindspore(fixture('mindspore-sliced.ckpt')),
      readOnnx(fixture('numbers.onnx')),
    ];
    for (const { tensors } of files) {
      expect(toFloat32(tensors.get('special')!)).toEqual(wanted);
      expect([...toFloat32(tensors.get('uint16')!)]).toEqual([0, 65535, 256]);
      expect([...toFloat32(tensors.get('bool')!)]).toEqual([1, 0, 1]);
    }
  });
});

describe('names are keys and nothing else', () => {
  it.each([
    ['safetensors', () => readSafetensors(fixture('tensors.safetensors'))],
    ['MindSpore', () => readMindspore(fixture('mindspore.ckpt'))],
    ['ONNX', () => readOnnx(fixture('raw.onnx'))],
  ])('%s: __proto__ and constructor', (_, read) => {
    const { tensors } = read();
    expect([...toFloat32(tensors.get('__proto__')!)]).toEqual([1.5, -2.5]);
    expect(tensors.get('constructor')!.shape).toEqual([1, 5]);
    expect(tensors.get('toString')).toBeUndefined();
    expect(Object.prototype).not.toHaveProperty('0');
  });
});

describe('nothing is copied that need not be', () => {
  it.each([
    ['safetensors', 'tensors.safetensors', readSafetensors],
    ['graph', 'graph.pb', readTensorflowGraph],
    ['MindSpore', 'mindspore.ckpt', readMindspore],
    ['ONNX', 'raw.onnx', readOnnx],
  ] as const)('%s: tensors are views of the file, of a Buffer too', (_, name, read) => {
    for (const bytes of [fixture(name), Buffer.from(fixture(name))]) {
      const { data } = read(bytes).tensors.get('conv/kernel')!;
      expect(data.buffer).toBe(bytes.buffer);
      expect(data.constructor).toBe(Uint8Array);
    }
  });
});
