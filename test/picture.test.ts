import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { checkArgument, kindOf } from '../src/check';
import { ArgumentError, InpaintError, ShapeError } from '../src/errors';
import { encodePicture, fitMask, readMask, readPicture } from '../src/io/node';
import { readWeights } from '../src/io/weights';
import { checkPicture, type Picture } from '../src/picture';

const TYPES = 'a Uint8Array or Uint8ClampedArray (0..255) or a Uint16Array (0..65535)';

function refused(picture: object): InpaintError {
  try {
    checkPicture(picture as Picture, 'photo');
  } catch (error) {
    expect(error).toBeInstanceOf(InpaintError);
    return error as InpaintError;
  }
  throw new Error('was taken');
}

const size = { width: 4, height: 3, channels: 3 };

describe('a picture whose pixels are of a wrong type says which it was given and which are right', () => {
  it.each<[string, unknown, string]>([
    ['floats', new Float32Array(36), 'a Float32Array'],
    ['doubles', new Float64Array(36), 'a Float64Array'],
    ['signed bytes', new Int8Array(36), 'an Int8Array'],
    ['32 bits', new Uint32Array(36), 'a Uint32Array'],
    ['bare memory', new ArrayBuffer(36), 'an ArrayBuffer'],
    ['a view of it', new DataView(new ArrayBuffer(36)), 'a DataView'],
    ['a plain array', new Array(36).fill(0), 'an Array'],
    ['a string', 'x'.repeat(36), 'a string'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', { length: 36 }, 'an Object'],
    ['a Map', new Map(), 'a Map'],
  ])('%s', (_, data, kind) => {
    const error = refused({ ...size, data });
    expect(error).toBeInstanceOf(ArgumentError);
    expect([error.code, error.message, error.expected, error.actual]).toEqual(['argument', `photo: data must be ${TYPES}, got ${kind}`, TYPES, kind]);
  });

  it('also half floats, as from a canvas of float16, with what helps', () => {
    // Node has the class from version 24 on.
    const data = Object.defineProperty({ length: 48 }, Symbol.toStringTag, { value: 'Float16Array' });
    expect(refused({ ...size, channels: 4, data }).message).toBe(
      `photo: data must be ${TYPES}, got a Float16Array: getImageData() with pixelFormat 'rgba-unorm8' gives bytes`,
    );
  });

  it('and an array of another context, whose class has the same name', () => {
    const { message } = refused({ ...size, data: runInNewContext('new Uint8Array(36)') });
    expect(message).toBe(`photo: data must be ${TYPES}, got a Uint8Array of another frame or context: copy it into one of this one's`);
  });

  it('whatever is asked of it', async () => {
    const floats = { ...size, data: new Float32Array(36) } as unknown as Picture;
    await expect(encodePicture(floats)).rejects.toThrow(/^picture: data must be .* got a Float32Array$/);
    expect(() => fitMask(floats, 2, 2)).toThrow(/^mask: data must be .* got a Float32Array$/);
  });
});

describe('a picture whose pixels are of a right type but of another number says how many, and what they would fit', () => {
  it.each<[string, object, string]>([
    ['one too few', { ...size, data: new Uint8Array(35) }, '4 x 3 x 3 channels take 36 values, got 35'],
    ['a Buffer', { ...size, data: Buffer.alloc(37) }, '4 x 3 x 3 channels take 36 values, got 37'],
    ['RGBA said to be RGB', { ...size, data: new Uint8ClampedArray(48) }, '4 x 3 x 3 channels take 36 values, got 48, which would be 4 channels'],
    ['16 bits in bytes', { ...size, data: Buffer.alloc(72) }, '4 x 3 x 3 channels take 36 values, got 72: values of 16 bits belong in a Uint16Array'],
    [
      'no channels',
      { ...size, channels: undefined, data: new Uint8Array(36) },
      'expected a width and height of whole pixels and 1 to 4 channels, got 4 x 3 x undefined',
    ],
    ['no width', { ...size, width: 0, data: new Uint8Array(0) }, 'expected a width and height of whole pixels and 1 to 4 channels, got 0 x 3 x 3'],
  ])('%s', (_, picture, message) => {
    const error = refused(picture);
    expect(error).toBeInstanceOf(ShapeError);
    expect([error.code, error.message]).toEqual(['shape', `photo: ${message}`]);
  });

  it.each([1, 2, 3, 4])('%d channels of each right type are taken', (channels) => {
    for (const type of [Uint8Array, Uint8ClampedArray, Uint16Array]) checkPicture({ ...size, channels, data: new type(12 * channels) } as Picture, 'photo');
    checkPicture({ ...size, channels, data: Buffer.alloc(12 * channels) } as Picture, 'photo');
  });
});

describe('sources of a wrong type are named, not printed', () => {
  const many = new Float32Array(100_000);
  it.each([
    ['readPicture', readPicture],
    ['readMask', readMask],
  ])('%s', async (_, read) => {
    await expect(read(many as unknown as Uint8Array)).rejects.toThrow(/^readPicture: source must be .*, got a Float32Array$/);
    await expect(read(null as unknown as Uint8Array)).rejects.toThrow(/got null$/);
  });

  it('readWeights', async () => {
    await expect(readWeights(many as unknown as Uint8Array)).rejects.toThrow(/^readWeights: source must be .*, got a Float32Array$/);
    await expect(readWeights({ w: many } as unknown as Uint8Array)).rejects.toThrow(/source\["w"\] must be a Uint8Array, got a Float32Array$/);
  });

  it('any argument: neither numbers by the thousand nor the text of a function', () => {
    const said = (value: unknown) => {
      try {
        checkArgument(false, 'op', 'x', 'right', value);
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(said(many)).toBe('op: x must be right, got a Float32Array');
    expect(said(said)).toBe('op: x must be right, got a function');
    expect(said([1, 2])).toBe('op: x must be right, got 1,2');
    expect(said(new Array(9).fill(1))).toBe('op: x must be right, got an Array');
    expect(said(Object.create(null))).toBe('op: x must be right, got an Object');
    expect(said(1.5)).toBe('op: x must be right, got 1.5');
    expect(kindOf(new (class Tensor {})())).toBe('a Tensor');
  });
});
