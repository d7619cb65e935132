import { checkArgument, checkSameShape, checkWhole } from '../check';
import { ShapeError } from '../errors';
import { checkKind, checkPicture, type Picture } from '../picture';
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
 * Checks that pixels lie in their array as they say.
 * @throws ArgumentError where they are none or of the wrong type, ShapeError where they don't fit their size.
 */
export function checkPixels(pixels: Pixels, op: string, argument: string): void {
  checkArgument(typeof pixels === 'object' && pixels !== null, op, argument, 'a Picture, or a part of one', pixels);
  const { width, height, channels, data, offset, stride } = pixels;
  const name = `${op}: ${argument}`;
  if (offset === undefined && stride === undefined) checkPicture(pixels, name);
  else checkKind(pixels, name);
  const { start, stride: row } = layoutOf(pixels);
  const end = start + (height - 1) * row + width * channels;
  if (!Number.isInteger(start) || !Number.isInteger(row) || start < 0 || row < width * channels || end > data.length) {
    throw new ShapeError(
      'shape',
      `${name}: ${width} x ${height} x ${channels} channels, from ${start} on, a row each ${row}, do not lie in ${data.length} values`,
      {
        expected: 'an offset and a stride by which all rows lie in data',
        actual: { width, height, channels, offset: start, stride: row, values: data.length },
      },
    );
  }
}

/** Checks what marks the hole of pixels of a size: one byte for each. */
export function checkWeights(weights: Pixels, { width, height }: { width: number; height: number }, op: string, argument: string): void {
  checkPixels(weights, op, argument);
  const bits = 8 * weights.data.BYTES_PER_ELEMENT;
  checkArgument(weights.channels === 1 && bits === 8, op, argument, 'of 1 channel of 8 bits', `${weights.channels} of ${bits}`);
  checkSameShape([weights.height, weights.width], [height, width], op, argument);
}

/** Checks that a source says how large it is, and can be read. */
export function checkSource(photo: PhotoSource, op: string, argument: string): void {
  checkArgument(typeof photo?.read === 'function', op, argument, 'a source, with a read method', photo);
  checkWhole(photo.width, 1, op, `${argument}'s width`);
  checkWhole(photo.height, 1, op, `${argument}'s height`);
}

/** Checks for a box of whole pixels within a size. */
export function checkBox({ top, left, bottom, right }: Box, { width, height }: { width: number; height: number }, op: string, argument: string): void {
  const lies = top >= 0 && left >= 0 && bottom <= height && right <= width && top < bottom && left < right;
  if (lies && [top, left, bottom, right].every(Number.isInteger)) return;
  throw new ShapeError(
    'shape',
    `${op}: ${argument}, rows ${top} to ${bottom} and columns ${left} to ${right}, must be a box of pixels in ${width} x ${height}`,
    {
      expected: { width, height },
      actual: { top, left, bottom, right },
    },
  );
}

/**
 * Looks at a part of some pixels; nothing is copied.
 *
 * @param pixels a Picture, or a part of one.
 * @param box in pixels of `pixels`, within it.
 * @returns the part, over the same memory.
 * @throws ShapeError where the box is empty, reaches beyond or is not of whole pixels, or the pixels don't fit their size; ArgumentError
 * where they are of the wrong type.
 * @example
 * ```ts
 * const corner = viewOf(photo, { top: 0, left: 0, bottom: 64, right: 64 });
 * ```
 */
export function viewOf(pixels: Pixels, box: Box): Pixels {
  checkPixels(pixels, 'viewOf', 'pixels');
  checkBox(box, pixels, 'viewOf', 'the box');
  const { channels, data } = pixels;
  const { start, stride } = layoutOf(pixels);
  return { width: boxWidth(box), height: boxHeight(box), channels, data, offset: start + box.top * stride + box.left * channels, stride };
}

/**
 * Copies pixels into a Picture of their own.
 *
 * @param pixels a Picture, or a part of one.
 * @returns width, height, channels and kind of values as given, in new memory; neither offset nor stride, nor metadata.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const copy = copyOf(viewOf(photo, box));
 * ```
 */
export function copyOf(pixels: Pixels): Picture {
  checkPixels(pixels, 'copyOf', 'pixels');
  const { width, height, channels, data } = pixels;
  const { start, stride } = layoutOf(pixels);
  const row = width * channels;
  const copy = emptyLike(data, row * height);
  if (stride === row) copy.set(data.subarray(start, start + row * height));
  else for (let y = 0; y < height; y++) copy.set(data.subarray(start + y * stride, start + y * stride + row), y * row);
  return { width, height, channels, data: copy };
}

/**
 * A photo in memory as a source of pixels. They are read where they are: what is written to the photo meanwhile is read too.
 *
 * @param photo a Picture, or a part of one.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const retouch = await openWindow(sourceOf(photo), weights, window);
 * ```
 */
export function sourceOf(photo: Pixels): PhotoSource {
  checkPixels(photo, 'sourceOf', 'photo');
  return { width: photo.width, height: photo.height, read: (box) => viewOf(photo, box) };
}

/** Zeros of the same kind, and not a Node Buffer, whose memory is shared with others. */
function emptyLike(data: Picture['data'], length: number): Picture['data'] {
  if (data instanceof Uint16Array) return new Uint16Array(length);
  return data instanceof Uint8ClampedArray ? new Uint8ClampedArray(length) : new Uint8Array(length);
}
