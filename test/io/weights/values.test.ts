import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { toBfloat16 } from '../../../src/arrays/half';
import { ArgumentError } from '../../../src/errors';
import { toFloat16, toFloat32, type WeightArray, type WeightDtype } from '../../../src/io/weights';

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);
const array = (dtype: WeightDtype, data: ArrayBufferView & { length: number }): WeightArray => ({ shape: [data.length], dtype, data: bytesOf(data) });
const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);
const all = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** A half's value by the definition of IEEE 754: sign, five bits of exponent, ten of mantissa. */
function valueOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

describe('halves', () => {
  it('all 65536 widen to what they are', () => {
    expect(toFloat32(array('float16', all))).toEqual(Float32Array.from(all, valueOfHalf));
  });

  it('all 65536 come back, NaNs with their payloads', () => {
    expect(toFloat16(toFloat32(array('float16', all)))).toEqual(all);
  });

  it('between two halves the nearer one, halfway the even one', () => {
    const up = new Float32Array(1);
    for (const sign of [1, -1]) {
      // The last step is from the largest half to what would come next: from halfway on it is infinity.
      for (let half = 0; half < 0x7c00; half++) {
        const low = valueOfHalf(half);
        const high = half + 1 === 0x7c00 ? 65536 : valueOfHalf(half + 1);
        const middle = Float32Array.of((low + high) / 2, 0, 0);
        up[0] = middle[0];
        bitsOf(middle)[1] = bitsOf(up)[0] - 1;
        bitsOf(middle)[2] = bitsOf(up)[0] + 1;
        const bits = sign < 0 ? 0x8000 : 0;
        const rounded = toFloat16(middle.map((value) => sign * value));
        const expected = [half + (half & 1), half, half + 1].map((value) => value | bits);
        if (rounded.join() !== expected.join()) expect([sign * low, ...rounded]).toEqual([sign * low, ...expected]);
      }
    }
  });

  it('infinities, zeros, what is too large and too small keep their signs', () => {
    expect([...toFloat16(Float32Array.of(Infinity, -Infinity, 0, -0, 1e38, -65520, 65519, 2 ** -25, -(2 ** -26), 1e-45))]).toEqual([
      0x7c00, 0xfc00, 0, 0x8000, 0x7c00, 0xfc00, 0x7bff, 0, 0x8000, 0,
    ]);
  });

  it('a NaN whose payload lies in the lower bits stays one', () => {
    const values = new Float32Array(2);
    bitsOf(values).set([0x7f800001, 0xff800001]);
    expect([...toFloat16(values)]).toEqual([0x7e00, 0xfe00]);
  });

  it('values that begin in the middle of a buffer', () => {
    expect([...toFloat16(Float32Array.of(9, 1, 2).subarray(1))]).toEqual([0x3c00, 0x4000]);
  });
});

describe('bfloat16', () => {
  it('all 65536 come back', () => {
    const widened = toFloat32(array('bfloat16', all));
    expect(bitsOf(widened)).toEqual(Uint32Array.from(all, (bits) => bits * 65536));
    // NaNs are made quiet.
    expect(toBfloat16(widened)).toEqual(all.map((bits) => ((bits & 0x7fff) > 0x7f80 ? bits | 0x40 : bits)));
  });

  test.prop([fc.float({ noNaN: true })])('the nearest', (value) => {
    const [bits] = toBfloat16(Float32Array.of(value));
    const at = (code: number) => toFloat32(array('bfloat16', Uint16Array.of(code)))[0];
    const error = Math.abs(at(bits) - value);
    // Past the largest comes infinity.
    if (Number.isFinite(value) && Number.isFinite(at(bits))) {
      for (const other of [bits - 1, bits + 1]) if (other >= 0 && Number.isFinite(at(other))) expect(error).toBeLessThanOrEqual(Math.abs(at(other) - value));
    }
  });
});

describe('toFloat32', () => {
  it.each<[WeightDtype, ArrayBufferView & { length: number }, number[]]>([
    ['float64', Float64Array.of(0.1, -1e300, 1e-320), [Math.fround(0.1), -Infinity, 0]],
    ['int64', BigInt64Array.of(-1n, 2n ** 53n - 1n), [-1, 2 ** 53]],
    ['uint64', BigUint64Array.of(0n, 2n ** 24n + 1n), [0, 2 ** 24]],
    ['int32', Int32Array.of(-1, 2 ** 31 - 1), [-1, 2 ** 31]],
    ['int16', Int16Array.of(-32768, 7), [-32768, 7]],
    ['int8', Int8Array.of(-128, 7), [-128, 7]],
    ['uint32', Uint32Array.of(2 ** 32 - 1, 0), [2 ** 32, 0]],
    ['uint16', Uint16Array.of(65535, 0), [65535, 0]],
    ['uint8', Uint8Array.of(255, 0), [255, 0]],
    ['bool', Uint8Array.of(2, 0, 1), [1, 0, 1]],
  ])('%s', (dtype, data, expected) => {
    expect([...toFloat32(array(dtype, data))]).toEqual(expected);
  });

  it('float32 is a view, unless it lies askew', () => {
    const memory = new Uint8Array(12);
    new Float32Array(memory.buffer).set([1, 2, 3]);
    const view = toFloat32({ shape: [2], dtype: 'float32', data: memory.subarray(4) });
    expect(view.buffer).toBe(memory.buffer);
    expect([...view]).toEqual([2, 3]);
    const shifted = new Uint8Array(13);
    shifted.set(memory, 1);
    for (const data of [shifted.subarray(1), Buffer.from(shifted.buffer, 1)]) expect([...toFloat32({ shape: [3], dtype: 'float32', data })]).toEqual([1, 2, 3]);
  });

  it('a scalar, and nothing', () => {
    expect([...toFloat32({ shape: [], dtype: 'uint8', data: Uint8Array.of(7) })]).toEqual([7]);
    expect(toFloat32({ shape: [0, 5], dtype: 'int64', data: new Uint8Array(0) }).length).toBe(0);
  });

  it.each<[string, WeightArray]>([
    ['too few bytes', { shape: [2], dtype: 'float32', data: new Uint8Array(7) }],
    ['too many', { shape: [2], dtype: 'float32', data: new Uint8Array(12) }],
    ['a negative size', { shape: [-1], dtype: 'float32', data: new Uint8Array(4) }],
    ['a 64-bit integer beyond 2^53', array('int64', BigInt64Array.of(2n ** 53n))],
    ['a negative one', array('int64', BigInt64Array.of(-(2n ** 63n)))],
    ['an unsigned one', array('uint64', BigUint64Array.of(2n ** 64n - 1n))],
    ['an unknown type', { shape: [1], dtype: 'complex64' as WeightDtype, data: new Uint8Array(8) }],
  ])('%s: argument', (_, value) => {
    expect(() => toFloat32(value)).toThrow(ArgumentError);
  });
});
