import {
  cast,
  div,
  exp,
  greater,
  lessEqual,
  maximum,
  minimum,
  mul,
  outerProduct,
  sub,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tensor1d,
  tidy,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { gaussianLine, gaussianSize } from '../arrays/gaussian';
import { checkArgument, checkOdd, checkOneOf, checkWhole } from '../check';
import { type AxisMap, applyMaps, bandMap } from './axis-map';
import { squaredDistance } from './distance';
import { checkImage, likeRank, toBatch } from './rank';

/**
 * Makes a square Gaussian kernel.
 *
 * k[i, j] = exp(-((i - c)^2 + (j - c)^2) / (2 sigma^2)) / sum, c = (size - 1) / 2
 *
 * @param size side in pixels, a whole number >= 1.
 * @param sigma standard deviation in pixels, > 0.
 * @returns [size, size], float32; its values sum to 1.
 * @throws ArgumentError
 * @example
 * ```ts
 * const kernel = gaussianKernel(7, 1);
 * ```
 */
export function gaussianKernel(size: number, sigma: number): Tensor2D {
  checkWhole(size, 1, 'gaussianKernel', 'size');
  checkSigma(sigma, 'gaussianKernel');
  return tidy(() => {
    const line = tensor1d(gaussianLine(size, sigma));
    return outerProduct(line, line);
  });
}

/** What {@link gaussianBlur} takes for pixels beyond the border: 0, the border pixel, or the picture mirrored at the border pixel. */
export type BlurBorder = 'zero' | 'replicate' | 'reflect';

/** Options of {@link gaussianBlur}. */
export interface GaussianBlurOptions {
  /** Standard deviation in pixels, > 0. */
  sigma: number;
  /** Side of the kernel in pixels, odd. Default 2 ceil(3 sigma) + 1. */
  size?: number;
  /** What lies beyond the border. Default `'reflect'`. */
  border?: BlurBorder;
}

/**
 * Blurs a picture by a Gaussian, rows and columns one after the other.
 *
 * y = g * (g * x along the rows) along the columns, g[i] = exp(-(i - c)^2 / (2 sigma^2)) / sum
 *
 * Differentiable to any order.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range, finite.
 * @param options sigma, kernel size and border.
 * @returns the blurred picture, of x's shape.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const smooth = gaussianBlur(image, { sigma: 1.5 });
 * ```
 */
export function gaussianBlur<T extends Tensor3D | Tensor4D>(x: T, options: GaussianBlurOptions): T {
  const { sigma, border = 'reflect' } = options;
  checkImage(x, 'gaussianBlur', 'x');
  checkSigma(sigma, 'gaussianBlur');
  const size = options.size ?? gaussianSize(sigma);
  checkOdd(size, 'gaussianBlur', 'size');
  checkOneOf(border, ['zero', 'replicate', 'reflect'], 'gaussianBlur', 'border');
  return tidy(() => {
    const batch = toBatch(cast(x, 'float32'));
    const line = gaussianLine(size, sigma);
    return likeRank(applyMaps(batch, blurMap(batch.shape[1], line, border), blurMap(batch.shape[2], line, border)), x);
  });
}

/**
 * Makes the weights that lay a fill over its picture: 1 in the whole hole, falling smoothly to 0 outside it.
 *
 * w(d) = (exp(-d^2 / (2 s^2)) - e) / (1 - e), s = width / 2.5, e = exp(-width^2 / (2 s^2)), for the Euclidean distance
 * d to the nearest hole pixel; 0 from d = width on
 *
 * The seam lies outside the hole, so that nothing of what is being removed shines through, at the picture's border as
 * little as elsewhere. Weights are exactly 1 in the hole and exactly 0 beyond the seam.
 *
 * @param hole [H, W, 1] or [B, H, W, 1], hole where > 0.
 * @param width width of the seam in pixels, >= 0, may be fractional; 0 gives a hard edge.
 * @returns weights in [0, 1], float32, of the shape of `hole`.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const result = composite(fill, photo, feather(hole, 6));
 * ```
 */
export function feather<T extends Tensor3D | Tensor4D>(hole: T, width: number): T {
  checkImage(hole, 'feather', 'hole', '1');
  checkArgument(Number.isFinite(width) && width >= 0, 'feather', 'width', 'a finite number >= 0', width);
  return tidy(() => {
    if (width === 0) return cast(greater(hole, 0), 'float32') as T;
    const squared = squaredDistance(hole, width);
    const falloff = 2.5 ** 2 / (2 * width * width);
    const end = Math.exp(-(2.5 ** 2) / 2);
    const weight = div(sub(exp(mul(minimum(squared, width * width), -falloff)), end), 1 - end);
    // The two ends are set, not computed: a GPU's exp is a few units off in the last place.
    const inside = cast(lessEqual(squared, 0), 'float32');
    return where(lessEqual(width * width, squared), zerosLike(weight), maximum(weight, inside)) as T;
  });
}

/** Options of {@link featherCra}. */
export interface FeatherCraOptions {
  /** Side of the kernel in pixels, odd. Default 7. */
  size?: number;
  /** Standard deviation in pixels. Default 1. */
  sigma?: number;
}

/**
 * Makes the feather of the CRA reference programs: the hole mask itself, blurred.
 *
 * w = G * hole, with zeros beyond the border
 *
 * Its seam straddles the hole's edge, so about half of the removed object's rim comes through, and the weight drops where
 * a hole touches the picture's border. For agreement with the references only; {@link feather} has neither fault.
 *
 * @param hole [H, W, 1] or [B, H, W, 1], float32 in [0, 1], at the network's resolution.
 * @param options kernel size and sigma.
 * @returns weights in [0, 1], float32, of the shape of `hole`.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const weight = resizeBilinear(featherCra(smallHole), [height, width], { flavour: 'legacy' });
 * ```
 * Source: Yi et al., Contextual Residual Aggregation (arXiv 2005.09704), the authors' inference program.
 */
export function featherCra<T extends Tensor3D | Tensor4D>(hole: T, options: FeatherCraOptions = {}): T {
  checkImage(hole, 'featherCra', 'hole', '1');
  return gaussianBlur(hole, { size: options.size ?? 7, sigma: options.sigma ?? 1, border: 'zero' });
}

function blurMap(length: number, line: number[], border: BlurBorder): AxisMap {
  const radius = (line.length - 1) / 2;
  const first = Array.from({ length }, (_, i) => Math.max(0, i - radius));
  const weights = first.map((start, i) => {
    const row = new Array<number>(Math.min(length - 1, i + radius) - start + 1).fill(0);
    line.forEach((w, k) => {
      const at = withinBorder(i + k - radius, length, border);
      if (at >= 0) row[at - start] += w;
    });
    return row;
  });
  return bandMap(length, first, weights);
}

function withinBorder(index: number, length: number, border: BlurBorder): number {
  if (index >= 0 && index < length) return index;
  if (border === 'zero') return -1;
  if (border === 'replicate' || length === 1) return index < 0 ? 0 : length - 1;
  const period = 2 * (length - 1);
  const folded = ((index % period) + period) % period;
  return folded < length ? folded : period - folded;
}

function checkSigma(sigma: number, op: string): void {
  checkArgument(Number.isFinite(sigma) && sigma > 0, op, 'sigma', 'a finite number > 0', sigma);
}
