import { add, div, matMul, mean, reshape, type Scalar, square, sub, type Tensor, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkOneOf, checkSameShape } from '../../check';
import { magnitude } from './magnitude';

/**
 * Turns pictures [B, H, W, 3] in [-1, 1], in the colour order of the run, into feature maps [B, h, w, C], one for each layer
 * that is compared: as a rule those of a network that was trained to tell what is in a picture. Must be differentiable.
 */
export type FeatureExtractor = (image: Tensor4D) => Tensor4D[];

/** Options of {@link perceptualLoss}. */
export interface PerceptualOptions {
  /** What the mean is of: `'absolute'` differences (default), or `'squared'` ones. */
  difference?: 'absolute' | 'squared';
}

/**
 * The mean difference of features.
 *
 * loss = sum over layers of mean |features - target|, or of mean (features - target)^2
 *
 * @param features what a {@link FeatureExtractor} makes of a fill: [B, h, w, C] each.
 * @param target what it makes of the picture: the same shapes.
 * @param options absolute or squared differences.
 * @returns a scalar >= 0. Differentiable.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const loss = perceptualLoss(extract(fill), extract(photo));
 * ```
 * Source: Johnson et al. (arXiv 1603.08155); Liu et al. (arXiv 1804.07723), L_perceptual. Squared: Suvorov et al. (arXiv 2109.07161), L_HRFPL.
 */
export function perceptualLoss(features: readonly Tensor4D[], target: readonly Tensor4D[], { difference = 'absolute' }: PerceptualOptions = {}): Scalar {
  checkOneOf(difference, ['absolute', 'squared'], 'perceptualLoss', 'difference');
  return compared(features, target, 'perceptualLoss', undefined, difference);
}

/**
 * The mean absolute difference of Gram matrices, which tell of textures apart from where they are.
 *
 * loss = sum over layers of mean |G(features) - G(target)|, G(F) = F' F / (h w C), F' F = sum over pixels of F[p, c] F[p, d]
 *
 * @param features what a {@link FeatureExtractor} makes of a fill: [B, h, w, C] each.
 * @param target what it makes of the picture: the same shapes.
 * @returns a scalar >= 0. Differentiable.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const loss = tf.mul(120, styleLoss(extract(fill), extract(photo)));
 * ```
 * Source: Gatys et al. (arXiv 1508.06576); Liu et al. (arXiv 1804.07723), L_style.
 */
export function styleLoss(features: readonly Tensor4D[], target: readonly Tensor4D[]): Scalar {
  return compared(features, target, 'styleLoss', gram);
}

/** How channels go together: [B, C, C]. */
function gram(features: Tensor4D): Tensor3D {
  const [batch, height, width, channels] = features.shape;
  const flat = reshape(features, [batch, height * width, channels]) as Tensor3D;
  return div(matMul(flat, flat, true, false), height * width * channels) as Tensor3D;
}

/** The sum over layers of the mean difference of what is made of them; `owner` is who is told of in errors. */
export function compared(
  features: readonly Tensor4D[],
  target: readonly Tensor4D[],
  owner: string,
  of: (x: Tensor4D) => Tensor = (x) => x,
  difference: Required<PerceptualOptions>['difference'] = 'absolute',
): Scalar {
  checkArgument(features.length > 0 && features.length === target.length, owner, 'features', 'as many as target, at least one', features.length);
  for (const [n, layer] of features.entries()) checkSameShape(target[n].shape, layer.shape, owner, `target[${n}]`);
  const sizeOf = difference === 'absolute' ? magnitude : square;
  return tidy(() => features.map((layer, n) => mean(sizeOf(sub(of(layer), of(target[n]))))).reduce((a, b) => add(a, b)) as Scalar);
}
