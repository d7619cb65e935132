import { Tensor, type Tensor3D, tensor3d } from '@tensorflow/tfjs-core';
import { checkArgument, kindOf } from '../check';
import { ArgumentError, ShapeError } from '../errors';
import { checkPicture, colourChannels, type Picture } from '../picture';

/**
 * What {@link inpaint} takes and gives back: a {@link Picture}, a browser's ImageData, or a tensor [H, W, 1 to 4], int32
 * in 0..255 or float32 in [0, 1], as for `tf.browser.toPixels`.
 */
export type Photo = Picture | ImageData | Tensor3D;

/** A photo as a Picture, and the way back to its own kind. */
export interface Opened<T extends Photo> {
  picture: Picture;
  /** The result in the caller's own kind; pixels with no weight are the caller's, bit for bit. */
  finish(result: Picture, weights: Uint8Array): T;
}

/** Opens a photo or mask of any kind. */
export async function openPhoto<T extends Photo>(photo: T, name: string): Promise<Opened<T>> {
  if (photo instanceof Tensor) return (await openTensor(photo as Tensor3D, name)) as unknown as Opened<T>;
  if (photo === null || typeof photo !== 'object' || !('data' in photo)) {
    const hint = typeof photo === 'string' ? ": readPicture() of 'cra-inpaint/node' reads files" : '';
    throw new ArgumentError('argument', `inpaint: ${name} must be a Picture, an ImageData or a Tensor3D, got ${kindOf(photo)}${hint}`, {
      expected: 'Picture, ImageData or Tensor3D',
      actual: photo,
    });
  }
  if ('channels' in photo) {
    checkPicture(photo, `inpaint: ${name}`);
    return { picture: photo, finish: (result) => result as unknown as T };
  }
  const image = photo as ImageData;
  const picture: Picture = { width: image.width, height: image.height, channels: 4, data: image.data };
  checkPicture(picture, `inpaint: ${name}`);
  return { picture, finish: (result) => imageData(result, image) as unknown as T };
}

/** An ImageData like `like`; where there is no such class, as in Node, a plain object with its fields. */
function imageData({ width, height, data }: Picture, like: ImageData): ImageData {
  const pixels = data as Uint8ClampedArray<ArrayBuffer>;
  const { colorSpace } = like;
  return typeof ImageData === 'undefined' ? ({ width, height, data: pixels, colorSpace } as ImageData) : new ImageData(pixels, width, height, { colorSpace });
}

async function openTensor(tensor: Tensor3D, name: string): Promise<Opened<Tensor3D>> {
  const channels = tensor.shape[2];
  if (tensor.shape.length !== 3 || channels < 1 || channels > 4) {
    throw new ShapeError('shape', `inpaint: ${name} must be [H, W, 1 to 4], got [${tensor.shape.join(', ')}]`, {
      expected: '[H, W, 1 to 4]',
      actual: tensor.shape.slice(),
    });
  }
  checkArgument(
    tensor.dtype === 'int32' || tensor.dtype === 'float32' || tensor.dtype === 'bool',
    'inpaint',
    `${name}'s dtype`,
    'int32 or float32',
    tensor.dtype,
  );
  checkArgument(!tensor.isDisposed, 'inpaint', name, 'a tensor that is not disposed', 'a disposed one');
  const values = await tensor.data();
  const whole = tensor.dtype === 'int32';
  const scale = whole ? 1 : 65535;
  const data = whole ? new Uint8ClampedArray(values.length) : new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!Number.isFinite(v)) throw new ArgumentError('not-finite', `inpaint: ${name} holds ${v} at index ${i}`, { expected: 'finite values', actual: v });
    data[i] = Math.min(Math.max(v * scale, 0), whole ? 255 : 65535) + (whole ? 0 : 0.5);
  }
  const [height, width] = tensor.shape;
  const picture: Picture = { width, height, channels: channels as Picture['channels'], data };
  const finish = (result: Picture, weights: Uint8Array) => {
    const out = whole ? values.slice() : new Float32Array(values);
    const colours = colourChannels(picture);
    for (let p = 0; p < weights.length; p++) {
      if (weights[p] === 0) continue;
      for (let c = 0; c < colours; c++) out[p * channels + c] = result.data[p * channels + c] / scale;
    }
    return tensor3d(out, tensor.shape, whole ? 'int32' : 'float32');
  };
  return { picture, finish };
}
