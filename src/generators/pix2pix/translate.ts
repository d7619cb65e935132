import { dispose, gather, slice, Tensor, type Tensor3D, tensor1d, tensor3d, tidy, zeros } from '@tensorflow/tfjs-core';
import { onBackend, requireBackend, type Watched } from '../../backend';
import { checkArgument, checkFinite, checkShape } from '../../check';
import { withinMemory } from '../../memory';
import { channelMaximum, checkPicture, hasAlpha, type Picture, type PictureMetadata } from '../../picture';
import type { Generator } from '../generator';

/** Options of `translate`. */
export interface TranslateOptions {
  /** Aborts between two levels. */
  signal?: AbortSignal;
  /** Called after each level with a fraction in [0, 1]. */
  onProgress?: (fraction: number) => void;
}

/** Has a generator make over a whole picture, of any size: a fill without a hole. */
export async function translate<T extends Tensor3D | Picture>(generator: Generator, image: T, options: TranslateOptions = {}): Promise<T> {
  const owner = `${generator.name}.translate`;
  const { signal } = options;
  if (image instanceof Tensor) {
    return onBackend((watched) => translateTensor(generator, image as Tensor3D, owner, options, watched), signal) as unknown as Promise<T>;
  }
  checkArgument(image !== null && typeof image === 'object', owner, 'image', 'a Picture or a tensor [H, W, 3]', image);
  checkPicture(image as Picture, owner);
  return withinMemory(owner, async () => {
    await requireBackend();
    const values = await onBackend((watched) => translatedValues(generator, image as Picture, owner, options, watched), signal);
    return pictureOf(values, image as Picture);
  }) as unknown as Promise<T>;
}

async function translatedValues(generator: Generator, image: Picture, owner: string, options: TranslateOptions, watched: Watched): Promise<Float32Array> {
  const given = tensorOf(image);
  let made: Tensor3D | undefined;
  try {
    made = await translateTensor(generator, given, owner, options, watched);
    const values = await made.data<'float32'>();
    checkFinite(values, owner, 'what the network made');
    return values;
  } finally {
    dispose(made ? [given, made] : given);
  }
}

async function translateTensor(
  generator: Generator,
  image: Tensor3D,
  owner: string,
  { signal, onProgress }: TranslateOptions,
  { finished }: Watched,
): Promise<Tensor3D> {
  checkShape(image, 'HW3', owner, 'image');
  checkArgument(image.dtype === 'float32', owner, "image's dtype", 'float32', image.dtype);
  const [height, width] = image.shape;
  checkArgument(height > 0 && width > 0, owner, 'image', 'of at least one pixel', `${height} x ${width}`);
  const { multiple } = generator;
  const padded = (n: number) => Math.ceil(n / multiple) * multiple;
  const whole = tidy(() => mirrored(mirrored(image, 0, padded(height)), 1, padded(width)));
  const hole = zeros([whole.shape[0], whole.shape[1], 1]) as Tensor3D;
  let cropped: Tensor3D | undefined;
  try {
    const { image: made } = await generator.fill({ image: whole, hole, seed: 0, signal, onProgress });
    try {
      cropped = slice(made, [0, 0, 0], [height, width, 3]);
    } finally {
      made.dispose();
    }
    await finished();
    return cropped;
  } catch (error) {
    cropped?.dispose();
    throw error;
  } finally {
    dispose([whole, hole]);
  }
}

/** A picture that goes on as its own mirror image, border pixel first, up to a size. */
function mirrored(x: Tensor3D, axis: 0 | 1, size: number): Tensor3D {
  const length = x.shape[axis];
  const places = Array.from({ length: size }, (_, i) => {
    const turn = i % (2 * length);
    return turn < length ? turn : 2 * length - 1 - turn;
  });
  return gather(x, tensor1d(places, 'int32'), axis);
}

function tensorOf(picture: Picture): Tensor3D {
  const { width, height, channels, data } = picture;
  const half = channelMaximum(picture) / 2;
  const isGrey = channels < 3;
  const values = new Float32Array(width * height * 3);
  for (let p = 0; p < width * height; p++) for (let c = 0; c < 3; c++) values[3 * p + c] = data[p * channels + (isGrey ? 0 : c)] / half - 1;
  return tensor3d(values, [height, width, 3]);
}

function pictureOf(values: Float32Array, like: Picture): Picture {
  const { width, height } = like;
  const maximum = channelMaximum(like);
  const channels = hasAlpha(like) ? 4 : 3;
  const data = maximum === 65535 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) data[p * channels + c] = Math.min(Math.max(((values[3 * p + c] + 1) / 2) * maximum, 0), maximum) + 0.5;
    if (channels === 4) data[p * channels + 3] = like.data[(p + 1) * like.channels - 1];
  }
  return { width, height, channels, data, ...(like.metadata ? { metadata: inColour(like.metadata, like.channels < 3) } : {}) };
}

/** What a file carried, without what holds for grey levels or a palette only. */
function inColour({ grey, paletteBitDepth, icc, ...rest }: PictureMetadata, wasGrey: boolean): PictureMetadata {
  return icc && !wasGrey ? { ...rest, icc } : rest;
}
