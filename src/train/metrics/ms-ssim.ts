import { avgPool, concat, mean, mul, pow, relu, type Scalar, slice, sub, type Tensor2D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { checkArgument } from '../../check';
import { checkedRange, pairOf, type RangeOptions } from './pair';
import { similarity, WINDOW } from './similarity';

/** What each scale counts for, the finest first. */
const WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/**
 * Structural similarity on several scales (MS-SSIM), higher is better.
 *
 * y = mean over pictures and channels of max(0, s[n])^w[n] prod over i < n of max(0, cs[i])^w[i]; cs[i] = contrast and structure, s = SSIM, each
 * on pictures halved i times by averaging 2 x 2 pixels; w = 0.0448, 0.2856, 0.3001, 0.2363, 0.1333. As `tf.image.ssim_multiscale`.
 *
 * Five scales need 161 pixels. Smaller pictures are compared on as many as have 11 pixels left (81: 4, 41: 3, 21: 2, 11: 1), by the weights of
 * these, scaled to add up to 1: compare such numbers only with those of pictures of the same size.
 *
 * @param a [B, H, W, C] or [H, W, C], in the range; H and W at least 11.
 * @param b the same shape.
 * @param options the range of values.
 * @returns a scalar in [0, 1], 1 where the pictures are equal.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const likeness = msSsim(composite, truth);
 * ```
 * Source: Wang et al., Multiscale Structural Similarity for Image Quality Assessment (2003).
 */
export function msSsim(a: Tensor3D | Tensor4D, b: Tensor3D | Tensor4D, options: RangeOptions = {}): Scalar {
  const { range = [-1, 1] } = options;
  const length = checkedRange(range, 'msSsim');
  return tidy(() => {
    let [x, y] = pairOf(a, b, 'msSsim');
    const side = Math.min(x.shape[1], x.shape[2]);
    checkArgument(side >= WINDOW, 'msSsim', 'a', `at least ${WINDOW} pixels high and wide`, side);
    [x, y] = [sub(x, range[0]), sub(y, range[0])];
    const weights = WEIGHTS.filter((_, i) => Math.ceil(side / 2 ** i) >= WINDOW);
    const total = weights.reduce((sum, weight) => sum + weight);
    let result: Tensor2D | undefined;
    weights.forEach((weight, i) => {
      if (i > 0) [x, y] = [halved(x), halved(y)];
      const { whole, structure } = similarity(x, y, length);
      const factor = pow(relu(i === weights.length - 1 ? whole : structure), weight / total) as Tensor2D;
      result = result ? mul<Tensor2D>(result, factor) : factor;
    });
    return mean(result!);
  });
}

/** Averages of 2 x 2 pixels; an odd row or column at the end is doubled first. */
export function halved(x: Tensor4D): Tensor4D {
  for (const axis of [1, 2]) {
    const size = x.shape[axis];
    if (size % 2 === 0) continue;
    const begin = [0, 0, 0, 0];
    const shape = x.shape.slice();
    begin[axis] = size - 1;
    shape[axis] = 1;
    x = concat([x, slice(x, begin, shape) as Tensor4D], axis);
  }
  return avgPool(x, 2, 2, 'valid');
}
