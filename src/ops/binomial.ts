import {
  engine,
  expandDims,
  getBackend,
  getKernel,
  mul,
  ones,
  outerProduct,
  pad,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
  tensor1d,
  tidy,
  tile,
} from '@tensorflow/tfjs-core';
import { checkArgument } from '../check';
import { BINOMIAL, DOWNSAMPLE_BINOMIAL } from '../kernels/downsample-binomial';
import '../kernels/wasm/downsample-binomial';
import { depthwiseConv2d } from './depthwise-conv2d';
import { checkImage, likeRank, toBatch } from './rank';
import { resizeBilinear } from './resize';

/**
 * Halves a picture with the filter [1, 3, 3, 1] / 8 along each axis; what lies beyond the border counts as 0.
 *
 * y[i, j] = sum over p, q in 0..3 of f[p] f[q] x[2i + p - 1, 2j + q - 1], f = [1, 3, 3, 1] / 8
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range; H and W even.
 * @returns [.., H / 2, W / 2, C]. Differentiable.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const half = downsampleBinomial(x);
 * ```
 * Source: Karras et al., Analyzing and Improving the Image Quality of StyleGAN (arXiv 1912.04958).
 */
export function downsampleBinomial<T extends Tensor3D | Tensor4D>(x: T): T {
  checkImage(x, 'downsampleBinomial', 'x');
  const [height, width] = x.shape.slice(-3);
  checkArgument(height % 2 === 0 && width % 2 === 0, 'downsampleBinomial', 'x', 'of even height and width', `${height} x ${width}`);
  return tidy(() => {
    const batch = toBatch(x);
    const hasKernel = engine().state.gradientDepth === 0 && getKernel(DOWNSAMPLE_BINOMIAL, getBackend());
    return likeRank(hasKernel ? (engine().runKernel(DOWNSAMPLE_BINOMIAL, { x: batch }) as Tensor4D) : composedDownsampleBinomial(batch), x);
  });
}

/** The same in plain tfjs: what runs where there is no kernel, and what the kernel is tested against. */
export function composedDownsampleBinomial(x: Tensor4D): Tensor4D {
  const taps = tensor1d([...BINOMIAL]);
  const filter = expandDims<Tensor4D>(expandDims(outerProduct(taps, taps), 2), 3);
  return depthwiseConv2d(x, tile(filter, [1, 1, x.shape[3], 1]), 2);
}

/**
 * Doubles a picture with the filter [1, 3, 3, 1] / 4 along each axis, every other value being put between zeros; what lies
 * beyond the border counts as 0.
 *
 * Along one axis y[2i] = (x[i - 1] + 3 x[i]) / 4 and y[2i + 1] = (3 x[i] + x[i + 1]) / 4: linear interpolation about pixel
 * centres, darkened by 3/4 in the outermost rows and columns.
 *
 * @param x [H, W, C] or [B, H, W, C], float32, any range.
 * @returns [.., 2H, 2W, C]. Differentiable.
 * @throws ShapeError
 * @example
 * ```ts
 * const twice = upsampleBinomial(x);
 * ```
 * Source: Karras et al., Analyzing and Improving the Image Quality of StyleGAN (arXiv 1912.04958).
 */
export function upsampleBinomial<T extends Tensor3D | Tensor4D>(x: T): T {
  checkImage(x, 'upsampleBinomial', 'x');
  return tidy(() => {
    const batch = toBatch(x);
    const [, height, width] = batch.shape;
    // Interpolation repeats the border's pixels where the filter meets zeros: there a quarter of the value is missing.
    const fade = (size: number) => pad<Tensor1D>(ones([2 * size - 2]), [[1, 1]], 0.75);
    const border = expandDims<Tensor3D>(outerProduct(fade(height), fade(width)), 2);
    return likeRank(mul(resizeBilinear(batch, [2 * height, 2 * width]), border) as Tensor4D, x);
  });
}
