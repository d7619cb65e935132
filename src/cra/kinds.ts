import { Tensor, type Tensor3D, tensor3d } from '@tensorflow/tfjs-core';
import { checkArgument, kindOf } from '../check';
import { ArgumentError, ShapeError } from '../errors';
import { checkPicture, type Picture } from '../picture';
import { copyOf } from '../pixels/view';
import { type Patch, pastePatch } from '../pixels/window';

/**
 * What {@link inpaint} takes and gives back: a {@link Picture}, a browser's ImageData, or a tensor [H, W, 1 to 4], int32
 * in 0..255 or float32 in [0, 1], as for `tf.browser.toPixels`.
 */
export type Photo = Picture | ImageData | Tensor3D;

/** A photo as a Picture, and the way back to its own kind. */
export interface Opened<T extends Photo> {
  picture: Picture;
  /** Begins a copy of the photo in the caller's own kind. */
  copy(): PhotoCopy<T>;
}

/** A copy of a photo that is being changed. What no patch writes stays the caller's, bit for bit. */
interface PhotoCopy<T extends Photo> {
  paste(patch: Patch): void;
  /** The copy, once all patches are in it. */
  result(): T;
}

/** Opens a photo or mask of any kind. */
export async function openPhoto<T extends Photo>(photo: T, name: string, op: string): Promise<Opened<T>> {
  if (photo instanceof Tensor) return (await openTensor(photo as Tensor3D, name, op)) as unknown as Opened<T>;
  if (photo === null || typeof photo !== 'object' || !('data' in photo)) {
    const hint = typeof photo === 'string' ? ": readPicture() of 'cra-inpaint/node' reads files" : '';
    throw new ArgumentError('argument', `${op}: ${name} must be a Picture, an ImageData or a Tensor3D, got ${kindOf(photo)}${hint}`, {
      expected: 'Picture, ImageData or Tensor3D',
      actual: photo,
    });
  }
  if ('channels' in photo) {
    checkPicture(photo, `${op}: ${name}`);
    return opened(photo, (result) => result as unknown as T);
  }
  const image = photo as ImageData;
  const picture: Picture = { width: image.width, height: image.height, channels: 4, data: image.data };
  checkPicture(picture, `${op}: ${name}`);
  return opened(picture, (result) => imageData(result, image) as unknown as T);
}

function opened<T extends Photo>(picture: Picture, back: (result: Picture) => T): Opened<T> {
  return {
    picture,
    copy() {
      const copy = { ...picture, ...copyOf(picture) };
      return { paste: (patch) => pastePatch(patch, copy), result: () => back(copy) };
    },
  };
}

/** An ImageData like `like`; where there is no such class, as in Node, a plain object with its fields. */
function imageData({ width, height, data }: Picture, like: ImageData): ImageData {
  const pixels = data as Uint8ClampedArray<ArrayBuffer>;
  const { colorSpace } = like;
  return typeof ImageData === 'undefined' ? ({ width, height, data: pixels, colorSpace } as ImageData) : new ImageData(pixels, width, height, { colorSpace });
}

async function openTensor(tensor: Tensor3D, name: string, op: string): Promise<Opened<Tensor3D>> {
  const channels = tensor.shape[2];
  if (tensor.shape.length !== 3 || channels < 1 || channels > 4) {
    throw new ShapeError('shape', `${op}: ${name} must be [H, W, 1 to 4], got [${tensor.shape.join(', ')}]`, {
      expected: '[H, W, 1 to 4]',
      actual: tensor.shape.slice(),
    });
  }
  checkArgument(tensor.dtype === 'int32' || tensor.dtype === 'float32' || tensor.dtype === 'bool', op, `${name}'s dtype`, 'int32 or float32', tensor.dtype);
  checkArgument(!tensor.isDisposed, op, name, 'a tensor that is not disposed', 'a disposed one');
  const values = await tensor.data();
  const whole = tensor.dtype === 'int32';
  const scale = whole ? 1 : 65535;
  const data = whole ? new Uint8ClampedArray(values.length) : new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!Number.isFinite(v)) throw new ArgumentError('not-finite', `${op}: ${name} holds ${v} at index ${i}`, { expected: 'finite values', actual: v });
    data[i] = Math.min(Math.max(v * scale, 0), whole ? 255 : 65535) + (whole ? 0 : 0.5);
  }
  const [height, width] = tensor.shape;
  const picture: Picture = { width, height, channels: channels as Picture['channels'], data };
  return { picture, copy: () => copyOfTensor(tensor, values as Int32Array | Float32Array, scale) };
}

function copyOfTensor({ shape, dtype }: Tensor3D, values: Int32Array | Float32Array, scale: number): PhotoCopy<Tensor3D> {
  const [, width, channels] = shape;
  const colours = channels < 3 ? 1 : 3;
  const whole = dtype === 'int32';
  const out = whole ? values.slice() : new Float32Array(values);
  return {
    paste({ top, left, picture, weights }) {
      for (let y = 0, p = 0; y < picture.height; y++) {
        for (let x = 0; x < picture.width; x++, p++) {
          if (weights.data[p] === 0) continue;
          const to = ((top + y) * width + left + x) * channels;
          for (let c = 0; c < colours; c++) out[to + c] = picture.data[p * channels + c] / scale;
        }
      }
    },
    result: () => tensor3d(out, shape, whole ? 'int32' : 'float32'),
  };
}
