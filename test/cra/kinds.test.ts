import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';
import { openPhoto, type Photo } from '../../src/cra/kinds';
import type { Picture } from '../../src/picture';
import type { Patch } from '../../src/pixels/window';
import { scene } from './support';

const W = 7;
const H = 5;
await tf.setBackend('cpu');

const patchOf = (picture: Picture, top: number, left: number, weights: number[]): Patch => ({
  top,
  left,
  picture,
  weights: { width: picture.width, height: picture.height, channels: 1, data: Uint8Array.from(weights) },
});

describe('a Picture', () => {
  it('is itself; its copy is another, with what the file carried', async () => {
    const photo: Picture = { ...scene(W, H), metadata: { density: 72 } };
    const { picture, copy } = await openPhoto(photo, 'photo', 'inpaint');
    expect(picture).toBe(photo);
    const { paste, result } = copy();
    paste(patchOf(scene(2, 1, 3, 8, 2), 3, 4, [255, 0]));
    const data = photo.data.slice();
    data.set(scene(2, 1, 3, 8, 2).data.subarray(0, 3), 3 * (3 * W + 4));
    expect(result()).toEqual({ ...photo, data });
    expect(photo.data).toEqual(scene(W, H).data);
  });

  it("may be a Node Buffer's", async () => {
    const photo: Picture = { width: W, height: H, channels: 3, data: Buffer.from(scene(W, H).data as Uint8Array) };
    expect((await openPhoto(photo, 'photo', 'inpaint')).picture).toBe(photo);
  });
});

describe('an ImageData', () => {
  const image = { width: W, height: H, data: new Uint8ClampedArray(scene(W, H, 4).data), colorSpace: 'display-p3' } as ImageData;

  it('is a Picture of four channels over the same bytes', async () => {
    const { picture } = await openPhoto(image, 'photo', 'inpaint');
    expect(picture).toMatchObject({ width: W, height: H, channels: 4 });
    expect(picture.data).toBe(image.data);
  });

  it('comes back with the pixels of the patches and its colour space', async () => {
    const { copy } = await openPhoto(image, 'photo', 'inpaint');
    const { paste, result } = copy();
    const nines: Picture = { width: W, height: H, channels: 4, data: new Uint8ClampedArray(W * H * 4).fill(9) };
    paste(patchOf(nines, 0, 0, new Array(W * H).fill(1)));
    expect(result()).toEqual({ width: W, height: H, data: nines.data, colorSpace: 'display-p3' });
  });

  it('is made by the class where there is one', async () => {
    class Stub {
      constructor(
        readonly data: Uint8ClampedArray,
        readonly width: number,
        readonly height: number,
        readonly settings: object,
      ) {}
    }
    Object.defineProperty(globalThis, 'ImageData', { value: Stub, configurable: true });
    try {
      const { copy } = await openPhoto(image, 'photo', 'inpaint');
      const result = copy().result() as unknown as Stub;
      expect(result).toBeInstanceOf(Stub);
      expect([result.width, result.height, result.settings]).toEqual([W, H, { colorSpace: 'display-p3' }]);
    } finally {
      Reflect.deleteProperty(globalThis, 'ImageData');
    }
  });
});

describe('a tensor', () => {
  const open = async (tensor: tf.Tensor3D) => {
    const opened = await openPhoto(tensor, 'photo', 'inpaint');
    expect(tensor.isDisposed).toBe(false);
    return opened;
  };

  it('of int32 is a Picture of 8 bits, cut off at their range', async () => {
    const tensor = tf.tensor3d([-5, 0, 1, 254, 255, 900], [1, 2, 3], 'int32');
    const { picture } = await open(tensor);
    expect(picture).toMatchObject({ width: 2, height: 1, channels: 3 });
    expect(picture.data).toEqual(new Uint8ClampedArray([0, 0, 1, 254, 255, 255]));
    tensor.dispose();
  });

  it('of float32 is a Picture of 16 bits, rounded and cut off at their range', async () => {
    const tensor = tf.tensor3d([-0.5, 0, 1 / 65535, 0.5, 1, 7], [1, 2, 3]);
    const { picture } = await open(tensor);
    expect(picture.data).toEqual(new Uint16Array([0, 0, 1, 32768, 65535, 65535]));
    tensor.dispose();
  });

  it.each(['int32', 'float32'] as const)('of %s gets back its own bits where nothing weighs, the result where something does', async (dtype) => {
    const before = Array.from({ length: 8 }, (_, i) => (dtype === 'int32' ? 30 * i : i / 7 + 1e-6));
    const tensor = tf.tensor3d(before, [1, 2, 4], dtype);
    const own = Array.from(await tensor.data());
    const { picture, copy } = await open(tensor);
    const { paste, result: finish } = copy();
    paste(patchOf({ ...picture, data: picture.data.map(() => 51) }, 0, 0, [0, 1]));
    const result = finish();
    expect([result.shape, result.dtype]).toEqual([[1, 2, 4], dtype]);
    const level = Math.fround(dtype === 'int32' ? 51 : 51 / 65535);
    // Alpha is never the result's.
    expect(Array.from(await result.data())).toEqual([...own.slice(0, 4), level, level, level, own[7]]);
    expect(Array.from(await tensor.data())).toEqual(own);
    tf.dispose([tensor, result]);
  });

  it('is read while it is there: what the caller does to it afterwards does not matter', async () => {
    const tensor = tf.tensor3d([0.1, 0.2, 0.3], [1, 1, 3]);
    const own = Array.from(await tensor.data());
    const { copy } = await open(tensor);
    tensor.dispose();
    const result = copy().result();
    expect(Array.from(await result.data())).toEqual(own);
    result.dispose();
  });
});

it.each([undefined, null, 1, 'photo.png', true, [], {}, () => 1])('%s is none of them', async (photo) => {
  await expect(openPhoto(photo as unknown as Photo, 'mask', 'inpaint')).rejects.toMatchObject({
    name: 'ArgumentError',
    code: 'argument',
    message: expect.stringContaining('mask'),
  });
});

it('a bool tensor comes back as float32, not cut to zeros and ones', async () => {
  const photo = tf.ones([H, W, 1], 'bool') as tf.Tensor3D;
  const { picture, copy } = await openPhoto(photo, 'photo', 'inpaint');
  const { paste, result: finish } = copy();
  paste(patchOf({ ...picture, data: new Uint16Array(W * H).fill(32768) }, 0, 0, new Array(W * H).fill(0).fill(255, 0, 3)));
  const result = finish();
  expect(result.dtype).toBe('float32');
  const values = await result.data();
  expect(Array.from(values.subarray(0, 5), (v) => Math.round(v * 1000))).toEqual([500, 500, 500, 1000, 1000]);
  tf.dispose([photo, result]);
});

it('a disposed tensor is a typed error', async () => {
  const photo = tf.ones([H, W, 1]) as tf.Tensor3D;
  photo.dispose();
  await expect(openPhoto(photo, 'photo', 'inpaint')).rejects.toMatchObject({ code: 'argument', message: expect.stringContaining('disposed') });
});
