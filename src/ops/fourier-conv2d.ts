import { add, type Tensor1D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkOdd, checkOneOf, checkSameShape, checkShape } from '../check';
import { type Activation, activate, activations } from './activation';
import { conv2d } from './conv2d';
import { checkImage, likeRank, toBatch } from './rank';
import { reflectPad } from './reflect-pad';
import { type SpectralTransformOptions, type SpectralTransformWeights, spectralTransform } from './spectral-transform';

/** Features in two parts: those that see their neighbourhood, and, where there are some, those that see the whole picture. */
export interface FourierFeatures<T extends Tensor3D | Tensor4D = Tensor3D | Tensor4D> {
  /** [H, W, L] or [B, H, W, L]. */
  local: T;
  /** [H, W, G] or [B, H, W, G], of the same size. */
  global?: T;
}

/** The kernels of {@link fourierConv2d}, each [k, k, input, output] with an odd k; the parts that are not there have none. */
export interface FourierConvWeights {
  /** Local features of local ones. */
  localToLocal: Tensor4D;
  /** Global features of local ones. */
  localToGlobal?: Tensor4D;
  /** Local features of global ones. */
  globalToLocal?: Tensor4D;
  /** Global features of global ones: kernels of a {@link spectralTransform}. */
  globalToGlobal?: SpectralTransformWeights;
}

/** Options of {@link fourierConv2d}. */
export interface FourierConvOptions {
  /** [local outputs], added before the activation. */
  localBias?: Tensor1D;
  /** [global outputs], added before the activation. */
  globalBias?: Tensor1D;
  /** Of the spectral transform: its biases and normalisations. */
  spectral?: Omit<SpectralTransformOptions, 'stride' | 'expandBias'>;
  /** 1 (default) or 2: step between windows in pixels. */
  stride?: 1 | 2;
  /** What both parts go through in the end. Default `'linear'`. */
  activation?: Activation;
}

/**
 * The fast Fourier convolution: features in two parts, of which one sees the whole picture at every layer.
 *
 * local' = activation(conv(local, localToLocal) + conv(global, globalToLocal) + localBias); global' = activation(conv(local,
 * localToGlobal) + spectralTransform(global) + globalBias)
 *
 * The picture is mirrored at its borders ({@link reflectPad}), so that with a stride of 1 its size is kept; with a stride of 2
 * the window of output i has its middle at pixel 2 i.
 *
 * @param x local features, and global ones if there are any: rank 3 or 4, float32, any range.
 * @param weights the kernels between the parts that there are, in and out.
 * @param options biases, the spectral transform's options, stride, activation.
 * @returns the same two parts, ceil(H / stride) rows and ceil(W / stride) columns (with global input and a stride of 2 from even
 * sizes only); `global` where there are kernels to it. Differentiable in everything.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { local, global } = fourierConv2d({ local: x }, { localToLocal, localToGlobal }, { stride: 2, activation: 'relu' });
 * ```
 * Source: Chi et al., Fast Fourier Convolution (NeurIPS 2020); Suvorov et al., Resolution-robust Large Mask Inpainting with
 * Fourier Convolutions (arXiv 2109.07161).
 */
export function fourierConv2d<T extends Tensor3D | Tensor4D>(
  x: FourierFeatures<T>,
  weights: FourierConvWeights,
  options: FourierConvOptions = {},
): FourierFeatures<T> {
  const { localBias, globalBias, spectral, stride = 1, activation = 'linear' } = options;
  const { localToLocal, localToGlobal, globalToLocal, globalToGlobal } = weights;
  const { local, global } = x;
  checkImage(local, 'fourierConv2d', 'x.local');
  checkShape(localToLocal, 'KKLO', 'fourierConv2d', 'weights.localToLocal');
  const [size] = localToLocal.shape;
  checkOdd(size, 'fourierConv2d', 'the side of weights.localToLocal');
  if (global) checkSameShape(global.shape.slice(0, -1), local.shape.slice(0, -1), 'fourierConv2d', 'all of x.global but its channels');
  if (localToGlobal) checkArgument(localToGlobal.shape[0] === size, 'fourierConv2d', 'weights.localToGlobal', `of side ${size}`, localToGlobal.shape);
  if (globalToLocal) checkArgument(globalToLocal.shape[0] === size, 'fourierConv2d', 'weights.globalToLocal', `of side ${size}`, globalToLocal.shape);
  const partsFit = !globalToLocal === !global && !globalToGlobal === !(global && localToGlobal);
  checkArgument(partsFit, 'fourierConv2d', 'weights', 'kernels between the parts that there are', Object.keys(weights));
  checkArgument(stride === 1 || stride === 2, 'fourierConv2d', 'stride', '1 or 2', stride);
  checkOneOf(activation, activations, 'fourierConv2d', 'activation');
  // Halved by its windows an odd side is rounded up, by its spectrum down.
  const halves = stride === 1 || !globalToGlobal || local.shape.slice(-3, -1).every((side) => side % 2 === 0);
  checkArgument(halves, 'fourierConv2d', 'x', 'of even sides at stride 2', local.shape);
  return tidy(() => {
    const margin = (size - 1) / 2;
    const around = reflectPad(toBatch(local), margin);
    const convolved = (padded: Tensor4D, kernel: Tensor4D, more: { bias?: Tensor1D; activation?: Activation } = {}) =>
      conv2d(padded, kernel, { padding: 'valid', stride, ...more });
    /** What is made of local features alone goes through the activation at once. */
    const joined = (kernel: Tensor4D, bias: Tensor1D | undefined, other: () => Tensor4D | undefined): T => {
      const rest = other();
      if (!rest) return likeRank(convolved(around, kernel, { bias, activation }), local);
      return likeRank(activate[activation](add(convolved(around, kernel, { bias }), rest)) as Tensor4D, local);
    };
    const toLocal = () => globalToLocal && convolved(reflectPad(toBatch(global as T), margin), globalToLocal);
    const toGlobal = () => globalToGlobal && spectralTransform(toBatch(global as T), globalToGlobal, { ...spectral, stride });
    return { local: joined(localToLocal, localBias, toLocal), ...(localToGlobal && { global: joined(localToGlobal, globalBias, toGlobal) }) };
  });
}
