import { ShapeError } from '../errors';
import type { Picture } from '../picture';
import { type Box, boxHeight, boxWidth } from './box';

/**
 * Interleaved pixels where they lie in memory: a {@link Picture}, or a box of one, whose rows then stand further apart than
 * they are long. Nothing is copied to look at a part of a photo.
 */
export interface Pixels extends Pick<Picture, 'width' | 'height' | 'channels' | 'data'> {
  /** Where the first pixel begins in `data`. Default 0. */
  readonly offset?: number;
  /** Values from the beginning of a row to that of the next. Default `width * channels`. */
  readonly stride?: number;
}

/** Where a photo's pixels come from, be it memory, a file that is larger than memory, or somewhere else. */
export interface PhotoSource {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** The pixels of a box that lies in the photo: of the box's size, and always of the same number of channels and bits. They are not written to. */
  read(box: Box): Pixels | Promise<Pixels>;
}

/** Where the pixel at a row and column begins in `data`, as `start + row * stride + column * channels`. */
export const layoutOf = ({ width, channels, offset = 0, stride = width * channels }: Pixels) => ({ start: offset, stride });

/**
 * Looks at a part of some pixels; nothing is copied.
 *
 * @param pixels a Picture, or a part of one.
 * @param box in pixels of `pixels`, within it.
 * @returns the part, over the same memory.
 * @throws ShapeError where the box is empty or reaches beyond.
 * @example
 * ```ts
 * const corner = viewOf(photo, { top: 0, left: 0, bottom: 64, right: 64 });
 * ```
 */
export function viewOf(pixels: Pixels, box: Box): Pixels {
  const { width, height, channels, data } = pixels;
  const lies = box.top >= 0 && box.left >= 0 && box.bottom <= height && box.right <= width && box.top < box.bottom && box.left < box.right;
  if (!lies) {
    throw new ShapeError('shape', `viewOf: rows ${box.top} to ${box.bottom}, columns ${box.left} to ${box.right} do not lie in ${width} x ${height}`, {
      expected: { width, height },
      actual: box,
    });
  }
  const { start, stride } = layoutOf(pixels);
  return { width: boxWidth(box), height: boxHeight(box), channels, data, offset: start + box.top * stride + box.left * channels, stride };
}

/**
 * Copies pixels into a Picture of their own.
 *
 * @param pixels a Picture, or a part of one.
 * @returns width, height, channels and kind of values as given, in new memory.
 * @example
 * ```ts
 * const copy = copyOf(viewOf(photo, box));
 * ```
 */
export function copyOf(pixels: Pixels): Picture {
  const { width, height, channels, data } = pixels;
  const { start, stride } = layoutOf(pixels);
  const row = width * channels;
  const copy = emptyLike(data, row * height);
  if (stride === row) copy.set(data.subarray(start, start + row * height));
  else for (let y = 0; y < height; y++) copy.set(data.subarray(start + y * stride, start + y * stride + row), y * row);
  return { width, height, channels, data: copy };
}

/** A photo in memory as a source of pixels. */
export const sourceOf = (picture: Picture): PhotoSource => ({ width: picture.width, height: picture.height, read: (box) => viewOf(picture, box) });

/** Zeros of the same kind, and not a Node Buffer, whose memory is shared with others. */
function emptyLike(data: Picture['data'], length: number): Picture['data'] {
  if (data instanceof Uint16Array) return new Uint16Array(length);
  return data instanceof Uint8ClampedArray ? new Uint8ClampedArray(length) : new Uint8Array(length);
}
