import {
  avgPool,
  cast,
  div,
  gather,
  greater,
  maximum,
  mul,
  type Tensor3D,
  type Tensor4D,
  tensor1d,
  image as tfImage,
  tidy,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { checkArgument, checkOneOf, checkSameShape, checkWhole } from '../check';
import { type AxisMap, applyMaps, bandMap, linear, transposeMap } from './axis-map';
import { checkImage, likeRank, toBatch } from './rank';

/**
 * Where an output pixel i looks in the input, for `scale` = input size / output size:
 *
 * | flavour | source position | used by |
 * |---|---|---|
 * | `'legacy'` | i * scale | TensorFlow 1 and the networks trained on it |
 * | `'half-pixel'` | (i + 0.5) * scale - 0.5 | OpenCV, PyTorch, TensorFlow 2 |
 * | `'align-corners'` | i * (input - 1) / (output - 1) | corner pixels stay in the corners |
 */
export type ResizeFlavour = 'legacy' | 'half-pixel' | 'align-corners';

/** Options of {@link resizeBilinear} and {@link resizeNearest}. */
export interface ResizeOptions {
  /** Where output pixels look in the input. */
  flavour?: ResizeFlavour;
}

/**
 * Resizes by exact area averaging: each output pixel is the mean of the input rectangle that it covers, fractions of
 * pixels counted by their area.
 *
 * y[i, j] = sum over (p, q) of |cell(i, j) ∩ pixel(p, q)| x[p, q] / |cell(i, j)|
 *
 * Any ratio, down (its use) or up; the mean of the picture is kept. Differentiable to any order.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range, finite.
 * @param size [height, width] of the result, in pixels.
 * @returns the resized picture, of x's rank.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const small = resizeArea(photo, [384, 512]);
 * ```
 */
export function resizeArea<T extends Tensor3D | Tensor4D>(x: T, size: [number, number]): T {
  checkImage(x, 'resizeArea', 'x');
  checkSize(size, 'resizeArea');
  return tidy(() => likeRank(area(toBatch(cast(x, 'float32')), size), x));
}

/**
 * Resizes by linear interpolation between the four nearest pixels; pixels beyond the border are the border's.
 *
 * y[i, j] = sum over the four neighbours of (1 - |dy|) (1 - |dx|) x, at the source position that `flavour` says
 *
 * The gradient is the exact adjoint on every backend (that of `tf.image.resizeBilinear` is wrong for half-pixel centres).
 * Does not average when it shrinks: use {@link resizeArea} for that.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @param size [height, width] of the result, in pixels.
 * @param options `flavour`, default `'half-pixel'`.
 * @returns the resized picture, of x's rank.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const large = resizeBilinear(small, [1080, 1920]);
 * ```
 */
export function resizeBilinear<T extends Tensor3D | Tensor4D>(x: T, size: [number, number], options: ResizeOptions = {}): T {
  const flavour = options.flavour ?? 'half-pixel';
  checkImage(x, 'resizeBilinear', 'x');
  checkSize(size, 'resizeBilinear');
  checkFlavour(flavour, 'resizeBilinear');
  return tidy(() => {
    const batch = toBatch(cast(x, 'float32'));
    const y = linear(
      batch,
      (t) => tfImage.resizeBilinear(t, size, flavour === 'align-corners', flavour === 'half-pixel'),
      (dy) => applyMaps(dy, transposeMap(bilinearMap(batch.shape[1], size[0], flavour)), transposeMap(bilinearMap(batch.shape[2], size[1], flavour))),
    );
    return likeRank(y, x);
  });
}

/**
 * Resizes by copying the nearest pixel.
 *
 * y[i, j] = x[p(i), q(j)], where p and q are floor(i * scale) (`'legacy'`), floor((i + 0.5) * scale) (`'half-pixel'`)
 * or round(i * (input - 1) / (output - 1)) (`'align-corners'`), worked out in float32 as TensorFlow does
 *
 * Values are copied bit for bit. The gradient is the exact adjoint on every backend.
 *
 * @param x [H, W, C] or [B, H, W, C], any range and dtype.
 * @param size [height, width] of the result, in pixels.
 * @param options `flavour`, default `'half-pixel'`.
 * @returns the resized picture, of x's rank and dtype.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const mask = resizeNearest(hole, [512, 512]);
 * ```
 */
export function resizeNearest<T extends Tensor3D | Tensor4D>(x: T, size: [number, number], options: ResizeOptions = {}): T {
  const flavour = options.flavour ?? 'half-pixel';
  checkImage(x, 'resizeNearest', 'x');
  checkSize(size, 'resizeNearest');
  checkFlavour(flavour, 'resizeNearest');
  return tidy(() => {
    const batch = toBatch(x);
    const rows = nearestIndices(batch.shape[1], size[0], flavour);
    const columns = nearestIndices(batch.shape[2], size[1], flavour);
    const y = linear(
      batch,
      (t) => gather(gather(t, tensor1d(rows, 'int32'), 1), tensor1d(columns, 'int32'), 2),
      (dy) => applyMaps(dy, transposeMap(pickMap(batch.shape[1], rows)), transposeMap(pickMap(batch.shape[2], columns))),
    );
    return likeRank(y, x);
  });
}

/** What {@link resizeValid} returns. */
export interface ValidResize<T extends Tensor3D | Tensor4D = Tensor3D | Tensor4D> {
  /** The resized picture: means over valid pixels, 0 where there are none. */
  image: T;
  /** [.., 1], float32 in [0, 1]: the share of each pixel's area that was valid. */
  valid: T;
}

/**
 * Shrinks a picture by averaging its valid pixels only, so that nothing of a hole gets into the result.
 *
 * image = area(x v) / area(v), 0 where area(v) = 0; valid = area(v), with area as in {@link resizeArea}
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range; whatever stands where `valid` is 0 (NaN too) is not read.
 * @param valid [.., 1] of x's size, float32 in [0, 1], valid = 1, hole = 0.
 * @param size [height, width] of the result, in pixels.
 * @returns the resized picture and the valid share, both of x's rank.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { image, valid } = resizeValid(photo, tf.sub(1, hole), [384, 512]);
 * const smallHole = tf.cast(tf.less(valid, 1), 'float32');
 * ```
 */
export function resizeValid<T extends Tensor3D | Tensor4D>(x: T, valid: T, size: [number, number]): ValidResize<T> {
  checkImage(x, 'resizeValid', 'x');
  checkSameShape(valid.shape, [...x.shape.slice(0, -1), 1], 'resizeValid', 'valid');
  checkSize(size, 'resizeValid');
  return tidy(() => {
    const v = toBatch(cast(valid, 'float32'));
    const batch = toBatch(cast(x, 'float32'));
    const known = where(greater(v, 0), batch, zerosLike(batch));
    const share = area(v, size);
    const sum = area(mul(known, v), size);
    // Where the share is 0 the sum is exactly 0 too, and 0 / 1e-12 is 0 without a NaN in the gradient.
    return { image: likeRank(div(sum, maximum(share, 1e-12)), x), valid: likeRank(share, x) };
  });
}

function area(x: Tensor4D, size: [number, number]): Tensor4D {
  const [, height, width] = x.shape;
  const [rows, columns] = [areaMap(height, size[0]), areaMap(width, size[1])];
  const cell: [number, number] = [height / size[0], width / size[1]];
  if (!cell.every(Number.isInteger)) return applyMaps(x, rows, columns);
  // A mean pool where cells are whole pixels: several times as fast.
  return linear(
    x,
    (t) => avgPool(t, cell, cell, 'valid'),
    (dy) => applyMaps(dy, transposeMap(rows), transposeMap(columns)),
  );
}

// In units of 1 / (input * output), where every border of a pixel and of a cell is a whole number.
function areaMap(input: number, output: number): AxisMap {
  const first = Array.from({ length: output }, (_, i) => Math.floor((i * input) / output));
  const weights = first.map((start, i) => {
    const [low, high] = [i * input, (i + 1) * input];
    const row: number[] = [];
    for (let p = start; p * output < high; p++) row.push((Math.min(high, (p + 1) * output) - Math.max(low, p * output)) / input);
    return row;
  });
  return bandMap(input, first, weights);
}

function bilinearMap(input: number, output: number, flavour: ResizeFlavour): AxisMap {
  const scale = scaleOf(input, output, flavour);
  const sources = Array.from({ length: output }, (_, i) => Math.min(input - 1, Math.max(0, flavour === 'half-pixel' ? (i + 0.5) * scale - 0.5 : i * scale)));
  const first = sources.map(Math.floor);
  const weights = sources.map((source, i) => (first[i] === input - 1 ? [1] : [1 - (source - first[i]), source - first[i]]));
  return bandMap(input, first, weights);
}

const pickMap = (input: number, indices: number[]): AxisMap => ({ size: input, indices: indices.map((i) => [i]), weights: indices.map(() => [1]) });

function nearestIndices(input: number, output: number, flavour: ResizeFlavour): number[] {
  const scale = Math.fround(scaleOf(input, output, flavour));
  return Array.from({ length: output }, (_, i) => {
    const source = Math.fround((flavour === 'half-pixel' ? i + 0.5 : i) * scale);
    return Math.min(input - 1, flavour === 'align-corners' ? Math.round(source) : Math.floor(source));
  });
}

const scaleOf = (input: number, output: number, flavour: ResizeFlavour) =>
  flavour === 'align-corners' && output > 1 ? (input - 1) / (output - 1) : input / output;

function checkSize(size: [number, number], op: string): void {
  checkArgument(Array.isArray(size) && size.length === 2, op, 'size', '[height, width]', size);
  checkWhole(size[0], 1, op, 'size[0]');
  checkWhole(size[1], 1, op, 'size[1]');
}

function checkFlavour(flavour: ResizeFlavour, op: string): void {
  checkOneOf(flavour, ['legacy', 'half-pixel', 'align-corners'], op, 'flavour');
}
