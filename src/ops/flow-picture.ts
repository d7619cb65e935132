import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkArgument } from '../check';
import { checkImage, likeRank, toBatch } from './rank';

/** Options of {@link flowPicture}. */
export interface FlowPictureOptions {
  /** The offset length that is painted in full colour; longer ones are darkened. Default: the longest offset of the same field. */
  longest?: number;
}

/**
 * Paints offsets as colours, to look at where an attention or a nearest field points: hue for direction, saturation for length.
 *
 * With a = atan2(-column, -row) and r = length / longest: y = 1 - r (1 - wheel(a)) for r <= 1, else 0.75 wheel(a); no offset is white.
 * The wheel runs red, yellow, green, cyan, blue, magenta in steps of unequal number, as the eye tells them apart. Not differentiable.
 *
 * @param offsets [H, W, 2] or [B, H, W, 2], int32 or float32: row and column offsets, in any unit.
 * @param options see {@link FlowPictureOptions}.
 * @returns [.., 3], float32 RGB in [0, 1].
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const { offsets } = contextualAttention(features, features, hole);
 * const picture = flowPicture(offsets);
 * ```
 * Source: Baker et al., A Database and Evaluation Methodology for Optical Flow, IJCV 2011.
 */
export function flowPicture<T extends Tensor3D | Tensor4D>(offsets: T, options: FlowPictureOptions = {}): T {
  const { longest } = options;
  checkImage(offsets, 'flowPicture', 'offsets', '2');
  checkArgument(longest === undefined || longest > 0, 'flowPicture', 'longest', '> 0', longest);
  return tf.tidy(() => {
    const [row, column] = tf.split(tf.cast(toBatch(offsets), 'float32'), 2, 3);
    const length = tf.sqrt(tf.add(tf.square(row), tf.square(column)));
    const ratio = tf.divNoNan(length, longest ?? tf.max(length, [1, 2, 3], true));
    const turn = tf.div(tf.add(tf.div(tf.atan2(tf.sub(0, column), tf.sub(0, row)), Math.PI), 1), 2);
    // Differences, because of WebGPU's atan2 of -0. Straight down lies on the seam, at pi: that is the wheel's start.
    const place = tf.mul(tf.mul(turn, tf.cast(tf.less(turn, 1 - 1e-5), 'float32')), wheel.length - 1);
    const before = tf.floor(place);
    // The last colour's neighbour is the first.
    const colours = tf.tensor2d([...wheel, wheel[0]]);
    const colourAt = (index: tf.Tensor) => tf.gather(colours, tf.cast(tf.squeeze(index, [3]), 'int32'));
    const way = tf.sub(place, before);
    const colour = tf.add(tf.mul(colourAt(before), tf.sub(1, way)), tf.mul(colourAt(tf.add(before, 1)), way));
    const near = tf.sub(1, tf.mul(ratio, tf.sub(1, colour)));
    // Rounding must not darken the longest of all.
    const inside = tf.cast(tf.lessEqual(ratio, 1 + 1e-5), 'float32');
    return likeRank(tf.add(tf.mul(near, inside), tf.mul(tf.mul(colour, 0.75), tf.sub(1, inside))) as Tensor4D, offsets);
  });
}

/** 55 colours round the wheel: from each corner to the next, so many steps. */
const wheel: number[][] = (
  [
    [15, [1, 0, 0], [1, 1, 0]],
    [6, [1, 1, 0], [0, 1, 0]],
    [4, [0, 1, 0], [0, 1, 1]],
    [11, [0, 1, 1], [0, 0, 1]],
    [13, [0, 0, 1], [1, 0, 1]],
    [6, [1, 0, 1], [1, 0, 0]],
  ] as [number, number[], number[]][]
).flatMap(([steps, from, to]) =>
  // In bytes: a channel that rises is rounded down, one that falls is rounded up.
  Array.from({ length: steps }, (_, k) => from.map((v, c) => (255 * v + (to[c] - v) * Math.floor((255 * k) / steps)) / 255)),
);
