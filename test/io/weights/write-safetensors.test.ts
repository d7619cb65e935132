import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../../src/errors';
import { readSafetensors, toFloat32, type WeightArray, type WeightDtype, writeSafetensors } from '../../../src/io/weights';
import { described, fixture } from './support';

const source = () => readSafetensors(fixture('tensors.safetensors')).tensors;
const some = () => new Map(['int32', 'empty', 'special', 'conv/kernel', 'scalar', 'conv/bias'].map((name) => [name, source().get(name)!]));

describe("byte for byte what the format's own writer makes", () => {
  it('F32 and I32, with metadata', () => {
    expect(writeSafetensors(some(), { metadata: { origin: 'cra-inpaint' } })).toEqual(fixture('written-float32.safetensors'));
  });

  it.each(['float16', 'bfloat16'] as const)('floats as %s, integers as they are', (dtype) => {
    expect(writeSafetensors(some(), { dtype })).toEqual(fixture(`written-${dtype}.safetensors`));
  });

  it('all types', () => {
    expect(writeSafetensors(source(), { metadata: { format: 'np' } })).toEqual(fixture('tensors.safetensors'));
  });
});

describe('what is written is read back', () => {
  it('typed arrays by their types, with their shapes; names that are special elsewhere', () => {
    const data = [
      Float32Array.of(1, 2),
      Float64Array.of(3, 4),
      BigInt64Array.of(-5n, 5n),
      BigUint64Array.of(6n, 7n),
      Int32Array.of(-8, 8),
      Int16Array.of(-9, 9),
      Int8Array.of(-10, 10),
      Uint32Array.of(11, 12),
      Uint16Array.of(13, 14),
      Uint8Array.of(15, 16),
    ];
    const types: WeightDtype[] = ['float32', 'float64', 'int64', 'uint64', 'int32', 'int16', 'int8', 'uint32', 'uint16', 'uint8'];
    const names = ['__proto__', 'constructor', '', '"\\', 'ä😀', '\n', '0', '-1', 'a/b:0', '~'];
    const { tensors } = readSafetensors(writeSafetensors(new Map(data.map((values, i) => [names[i], { shape: [1, 2], data: values }]))));
    data.forEach((values, i) => {
      const array = tensors.get(names[i])!;
      expect([names[i], array.dtype, array.shape]).toEqual([names[i], types[i], [1, 2]]);
      expect([...toFloat32(array)]).toEqual([...values].map(Number));
    });
    expect(tensors.size).toBe(data.length);
  });

  it('a part of a larger buffer', () => {
    const { tensors } = readSafetensors(writeSafetensors({ w: { shape: [2], data: Float32Array.of(1, 2, 3).subarray(1) } }));
    expect([...toFloat32(tensors.get('w')!)]).toEqual([2, 3]);
  });

  it('nothing', () => {
    const file = writeSafetensors({});
    expect(readSafetensors(file).tensors.size).toBe(0);
    expect(file.length % 8).toBe(0);
  });

  it('floats narrowed from any float, and widened', () => {
    const wide = readSafetensors(writeSafetensors(source(), { dtype: 'float32' }));
    for (const name of ['double', 'half', 'brain', 'conv/kernel']) {
      expect(wide.tensors.get(name)!.dtype).toBe('float32');
      expect(toFloat32(wide.tensors.get(name)!)).toEqual(toFloat32(source().get(name)!));
    }
    // A half is not rounded on its way to being a half, NaNs included.
    const halves = described(readSafetensors(writeSafetensors(source(), { dtype: 'float16' })));
    expect(halves.get('half')).toEqual(described(readSafetensors(fixture('tensors.safetensors'))).get('half'));
    expect(halves.get('int64')!.dtype).toBe('int64');
  });

  test.prop([
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__'),
      fc.float32Array({ maxLength: 9 }),
    ),
    fc.dictionary(fc.string(), fc.string()),
  ])('any names, values and metadata', (values, metadata) => {
    const named = Object.entries(values).map(([name, data]): [string, { shape: number[]; data: Float32Array }] => [name, { shape: [data.length], data }]);
    const file = readSafetensors(writeSafetensors(new Map(named), { metadata }));
    expect(new Map([...file.tensors].map(([name, array]) => [name, toFloat32(array)]))).toEqual(new Map(named.map(([name, { data }]) => [name, data])));
    expect(new Map(file.metadata)).toEqual(new Map(Object.entries(metadata)));
  });
});

describe('what can not be written', () => {
  it.each<[string, Record<string, WeightArray>]>([
    ['a shape that is not the data', { w: { shape: [3], dtype: 'float32', data: new Uint8Array(8) } }],
    ['a negative size', { w: { shape: [-2], dtype: 'float32', data: new Uint8Array(8) } }],
    ['a type of none', { w: { shape: [1], dtype: 'complex64' as WeightDtype, data: new Uint8Array(8) } }],
    ['clamped bytes, which have no type', { w: { shape: [1], data: new Uint8ClampedArray(1) } as unknown as WeightArray }],
    ['a list of numbers', { w: { shape: [1], data: [1] } as unknown as WeightArray }],
    ['a size, not sizes', { w: { shape: 1, data: Float32Array.of(1) } as unknown as WeightArray }],
    ['nothing', { w: undefined as unknown as WeightArray }],
    ['the name of the metadata', { __metadata__: { shape: [1], dtype: 'uint8', data: new Uint8Array(1) } }],
  ])('%s: argument', (_, tensors) => {
    expect(() => writeSafetensors(tensors)).toThrow(ArgumentError);
  });
  it('metadata that is no text, and types that are not written: argument', () => {
    expect(() => writeSafetensors({}, { metadata: { step: 7 as unknown as string } })).toThrow(/writeSafetensors: metadata step must be a text, got 7/);
    const tensors = { w: { shape: [1], data: Float32Array.of(1) } };
    expect(() => writeSafetensors(tensors, { dtype: 'int8' as 'float16' })).toThrow(
      /writeSafetensors: dtype must be 'float32', 'float16' or 'bfloat16', got int8/,
    );
  });
});
