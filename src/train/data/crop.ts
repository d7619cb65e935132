import type { Sharp } from 'sharp';
import { PictureError } from '../../errors';
import { checkedHeader, decoded } from '../../io/read';
import { loadSharp } from '../../io/sharp';
import { checkPicture, type Picture } from '../../picture';
import { type Random, wholeBetween } from './random';

/** What of a picture is taken: its size after scaling, the crop's corner in that, and whether left and right change places. */
export interface Crop {
  /** The scaled picture's width. */
  width: number;
  /** The scaled picture's height. */
  height: number;
  /** The crop's first column. */
  left: number;
  /** The crop's first row. */
  top: number;
  /** Whether the crop is mirrored. */
  flip: boolean;
}

/** What one crop is drawn from. */
export interface CropOptions {
  /** The crop's side. */
  size: number;
  /** Range of the scaled picture's short side, in crops. */
  scale: readonly [number, number];
  /** Whether every other crop is mirrored. */
  flip: boolean;
}

/** The most values that a picture may take up once scaled: 2^28 pixels. */
const LARGEST = 2 ** 28;

/** Draws a crop. It takes four numbers from `random` whatever the picture's size, so that two pictures of one size get the same. */
export function drawCrop(width: number, height: number, { size, scale, flip }: CropOptions, random: Random): Crop {
  const crops = scale[0] + (scale[1] - scale[0]) * random();
  // Enlarged only where the picture is smaller than the crop: made-up pixels teach nothing.
  const fitting = size / Math.min(width, height);
  const factor = Math.max(fitting, Math.min(1, crops * fitting));
  const [scaledWidth, scaledHeight] = [width, height].map((side) => Math.max(size, Math.round(side * factor)));
  return {
    width: scaledWidth,
    height: scaledHeight,
    left: wholeBetween(random, 0, scaledWidth - size),
    top: wholeBetween(random, 0, scaledHeight - size),
    flip: random() < 0.5 && flip,
  };
}

/** A picture whose size is known and whose pixels are not decoded yet. */
export interface OpenedPicture {
  /** For messages. */
  name: string;
  /** Its width the right way up. */
  width: number;
  /** Its height the right way up. */
  height: number;
  /** What will decode it. */
  pipeline: Sharp;
}

/**
 * Reads a file's header, or takes a picture in memory by the name it is given.
 * @throws PictureError, ShapeError
 */
export async function openPicture(source: string | Picture, name: string): Promise<OpenedPicture> {
  if (typeof source !== 'string') {
    checkPicture(source, name);
    const sharp = await loadSharp();
    const { width, height, channels, data } = source;
    const bytes = data instanceof Uint16Array ? new Uint8Array(data.map((value) => value >> 8)) : data;
    return { name, width, height, pipeline: sharp(bytes, { raw: { width, height, channels }, limitInputPixels: false }) };
  }
  const { sharp, input, settings, metadata } = await checkedHeader(source, {});
  const { width, height, orientation = 1, space } = metadata;
  const pipeline = sharp(input, { ...settings, ignoreIcc: space !== 'cmyk', autoOrient: true });
  return orientation < 5 ? { name: source, width, height, pipeline } : { name: source, width: height, height: width, pipeline };
}

/**
 * Decodes one crop of a picture: [size, size, 3] in [-1, 1]. Grey becomes three equal channels, transparency white.
 *
 * The whole picture is decoded, in sharp's threads, and cropped afterwards: whether a file is damaged must not depend on which
 * part of it is looked at.
 *
 * @throws PictureError (`damaged`, `pixel-limit`)
 */
export async function decodeCrop(picture: OpenedPicture, crop: Crop, size: number, order: 'rgb' | 'bgr'): Promise<Float32Array> {
  const { width, height, left, top, flip } = crop;
  if (width * height > LARGEST) {
    throw new PictureError('pixel-limit', `${picture.name} would have ${width} x ${height} pixels, more than the limit of ${LARGEST}`, {
      expected: LARGEST,
      actual: { width, height },
    });
  }
  const scaled = width === picture.width && height === picture.height ? picture.pipeline : picture.pipeline.resize(width, height, { fit: 'fill' });
  const pixels = scaled.flatten({ background: '#fff' }).toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { data, info } = await decoded(picture.name, pixels);
  const values = new Float32Array(size * size * 3);
  const channels = order === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  for (let y = 0, to = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = ((top + y) * width + left + (flip ? size - 1 - x : x)) * info.channels;
      for (const channel of channels) values[to++] = data[from + (info.channels < 3 ? 0 : channel)] / 127.5 - 1;
    }
  }
  return values;
}
