import type { Tensor3D } from '@tensorflow/tfjs-core';
import { checkOneOf, checkWhole } from '../../check';
import type { WeightFile } from '../../io/weights/weight-file';
import type { Normalization } from '../../layers/unet-block';
import type { Picture } from '../../picture';
import { type NetworkGenerator, type NetworkOptions, networkGenerator } from '../network/network-generator';
import { pix2pixNetwork } from './network';
import { type TranslateOptions, translate } from './translate';

export type { TranslateOptions } from './translate';

/** Options of {@link pix2pix}. */
export interface Pix2pixOptions extends NetworkOptions {
  /** Channels of the first level (the authors' `ngf`). Default 64. */
  baseWidth?: number;
  /** What follows convolutions. Default `'batch'`. Where it is none or each picture's own, all convolutions have a bias. */
  normalization?: Normalization;
  /**
   * What batch normalisation goes by: the running statistics stored with the weights (default), or the picture's own. The
   * authors' test program goes by the picture's own, and drops values at random too, unless it is run with `--eval`;
   * `'batch'` gives its result without that randomness.
   */
  statistics?: 'stored' | 'batch';
}

/** What {@link pix2pix} makes: a fill, and an image-to-image generator in its own right. */
export interface Pix2pixGenerator extends NetworkGenerator {
  /**
   * Turns a picture into what the network was trained to make of it: edges into a photo, a map into a satellite picture.
   *
   * @param image a Picture of any kind (grey becomes colour, alpha and bit depth are kept), or a tensor [H, W, 3], float32 in
   * [-1, 1]. Of any size: it goes on as its own mirror image, right and below, up to a multiple of 256.
   * @param options signal and progress.
   * @returns a picture of the same kind and size; a tensor is the caller's to dispose.
   * @throws ShapeError, ArgumentError; WeightsError `weights-missing`; AbortError; BackendError; MemoryError
   */
  translate<T extends Tensor3D | Picture>(image: T, options?: TranslateOptions): Promise<T>;
}

/**
 * pix2pix, U-Net-256: translates pictures into pictures. As a fill it is given the photo with its hole at mid grey.
 *
 * 54,413,955 parameters. Takes pictures whose sides are multiples of 256; trained at 256 x 256. A network that was trained
 * to fill holes fills them; one that was trained for something else is for `translate`.
 *
 * @param weights read by `readWeights`: those of the authors' PyTorch program (`unet_256`) as safetensors or ONNX, with or
 * without the prefix `module.`, or a file of our own. Without any, `load` them later.
 * @param options width, normalisation, statistics and precision.
 * @throws ArgumentError; WeightsError `weights-mismatch`
 * @example
 * ```ts
 * const generator = pix2pix(await readWeights('facades.safetensors'), { statistics: 'batch' });
 * const photo = await generator.translate(await readPicture('labels.png'));
 * generator.dispose();
 * ```
 * Source: Isola et al., Image-to-Image Translation with Conditional Adversarial Networks (arXiv 1611.07004).
 */
export function pix2pix(
  weights?: WeightFile,
  { baseWidth = 64, normalization = 'batch', statistics = 'stored', ...options }: Pix2pixOptions = {},
): Pix2pixGenerator {
  checkWhole(baseWidth, 1, 'pix2pix', 'baseWidth');
  checkOneOf(statistics, ['stored', 'batch'], 'pix2pix', 'statistics');
  const generator = networkGenerator(pix2pixNetwork({ baseWidth, normalization, statistics }), weights, options);
  // Its getters must go on being asked, so that it is added to, not copied.
  return Object.assign(generator, {
    translate: <T extends Tensor3D | Picture>(image: T, translateOptions?: TranslateOptions) => translate(generator, image, translateOptions),
  });
}
