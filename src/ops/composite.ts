import {
  add,
  cast,
  clipByValue,
  concat,
  customGrad,
  greaterEqual,
  lessEqual,
  mul,
  sub,
  sum,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tidy,
  where,
} from '@tensorflow/tfjs-core';
import { checkArgument, checkSameShape } from '../check';
import { checkImage, likeRank, toBatch } from './rank';

/**
 * Lays a fill over a picture by weights.
 *
 * y = fill w + image (1 - w); exactly `image` where w <= 0 and exactly `fill` where w >= 1, whatever the other holds (NaN too)
 *
 * Differentiable in all three.
 *
 * @param fill [H, W, C] or [B, H, W, C], float32, any range.
 * @param image of fill's shape.
 * @param weight of fill's shape, or with a single channel for all; float32 in [0, 1].
 * @returns the blend, of fill's shape.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const result = composite(fill, photo, feather(hole, 6));
 * ```
 */
export function composite<T extends Tensor3D | Tensor4D>(fill: T, image: T, weight: T): T {
  checkImage(fill, 'composite', 'fill');
  checkSameShape(image.shape, fill.shape, 'composite', 'image');
  const channels = weight.shape[weight.rank - 1];
  checkArgument(channels === 1 || channels === fill.shape[fill.rank - 1], 'composite', 'weight', "of 1 channel or fill's number", channels);
  checkSameShape(weight.shape, [...fill.shape.slice(0, -1), channels], 'composite', 'weight');
  return tidy(() => likeRank(blend(toBatch(cast(fill, 'float32')), toBatch(cast(image, 'float32')), toBatch(cast(weight, 'float32'))) as Tensor4D, fill));
}

// A gradient of its own, because tfjs has none for the comparisons.
const blend = customGrad((...args) => {
  const [fill, image, given, save] = args as unknown as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
  save([fill, image, given]);
  // One weight for all channels is spread out first: on wasm and cpu, broadcasting is many times slower.
  const channels = fill.shape[3] as number;
  const weight = given.shape[3] === channels ? given : concat(new Array(channels).fill(given), 3);
  const none = lessEqual(weight, 0);
  const full = greaterEqual(weight, 1);
  const mixed = add(mul(fill, weight), mul(image, sub(1, weight)));
  const gradFunc = (dy: Tensor, saved: Tensor[]) => {
    const [f, i, w] = saved;
    const share = clipByValue(w, 0, 1);
    const slope = mul(dy, sub(f, i));
    return [mul(dy, share), mul(dy, sub(1, share)), w.shape[3] === f.shape[3] ? slope : sum(slope, 3, true)];
  };
  return { value: where(none, image, where(full, fill, mixed)), gradFunc };
});
