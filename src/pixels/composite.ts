import { channelMaximum } from '../picture';
import { HOLE } from './seam';
import { checkPatch, type Patch } from './window';

/**
 * Writes values of the fill, in the photo's levels, into a patch that still holds the photo there: as much of each as its
 * pixel's weight says, the rest the photo's own; clipped and rounded. To be called once for each value.
 *
 * y = value w + photo (1 - w), w = weight / 255
 *
 * Its twin is `composite`, and agrees with it to half a level.
 *
 * @param patch its picture is written to.
 * @returns a function of the pixel's place in the patch (row * width + column), the channel and the value.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * compositor(retouch.patch)(0, 2, 127.4);
 * ```
 */
export function compositor(patch: Patch): (pixel: number, channel: number, value: number) => void {
  const composition = compositionOf(patch);
  return (pixel, channel, value) => compose(composition, pixel, channel, value);
}

/** What {@link compose} writes by. */
export interface Composition {
  channels: number;
  data: Patch['picture']['data'];
  shares: Patch['weights']['data'];
  maximum: number;
  /** What a value is rounded by. */
  half: number;
}

/** Checks a patch, and has ready what is asked for at each of its values. @throws ShapeError, ArgumentError */
export function compositionOf(patch: Patch): Composition {
  checkPatch(patch, 'compositor');
  const { picture, weights } = patch;
  const { channels, data } = picture;
  // Plain arrays of whole numbers cut the fraction off; a clamped one rounds by itself.
  return { channels, data, shares: weights.data, maximum: channelMaximum(picture), half: data instanceof Uint8ClampedArray ? 0 : 0.5 };
}

/** As a {@link compositor} does. */
export function compose({ channels, data, shares, maximum, half }: Composition, pixel: number, channel: number, value: number): void {
  const at = pixel * channels + channel;
  const weight = shares[pixel];
  if (weight < HOLE) {
    const share = weight / HOLE;
    value = value * share + data[at] * (1 - share);
  }
  data[at] = value <= 0 ? 0 : value >= maximum ? maximum : value + half;
}
