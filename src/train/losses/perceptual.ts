import { add, div, matMul, mean, reshape, type Scalar, sub, type Tensor, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape } from '../../check';
import { magnitude } from './magnitude';

/**
 * Turns pictures [B, H, W, 3] in [-1, 1], in the colour order of the run, into feature maps [B, h, w, C], one for each layer
 * that is compared: as a rule those of a network that was trained to tell what is in a picture. Must be differentiable.
 */
export type FeatureExtractor = (image: Tensor4D) => Tensor4D[];

/**
 * The mean absolute difference of features.
 *
 * loss = sum over layers of mean |features - target|
 *
 * @param features what a {@link FeatureExtractor} makes of a fill: [B, h, w, C] each.
 * @param target what it makes of the picture: the same shapes.
 * @returns a scalar >= 0. Differentiable.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const loss = perceptualLoss(extract(fill), extract(photo));
 * ```
 * Source: Johnson et al. (arXiv 1603.08155); Liu et al. (arXiv 1804.07723), L_perceptual.
 */
export function perceptualLoss(features: readonly Tensor4D[], target: readonly Tensor4D[]): Scalar {
  return compared(features, target, 'perceptualLoss', (x) => x);
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

function compared(features: readonly Tensor4D[], target: readonly Tensor4D[], owner: string, of: (x: Tensor4D) => Tensor): Scalar {
  checkArgument(features.length > 0 && features.length === target.length, owner, 'features', 'as many as target, at least one', features.length);
  for (const [n, layer] of features.entries()) checkSameShape(target[n].shape, layer.shape, owner, `target[${n}]`);
  return tidy(() => features.map((layer, n) => mean(magnitude(sub(of(layer), of(target[n]))))).reduce((a, b) => add(a, b)) as Scalar);
}
