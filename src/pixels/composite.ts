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
  checkPatch(patch, 'compositor');
  const { picture, weights } = patch;
  const { channels, data } = picture;
  const shares = weights.data;
  const maximum = channelMaximum(picture);
  // Plain arrays of whole numbers cut the fraction off; a clamped one rounds by itself.
  const half = data instanceof Uint8ClampedArray ? 0 : 0.5;
  return (pixel, channel, value) => {
    const at = pixel * channels + channel;
    const weight = shares[pixel];
    if (weight < HOLE) {
      const share = weight / HOLE;
      value = value * share + data[at] * (1 - share);
    }
    data[at] = value <= 0 ? 0 : value >= maximum ? maximum : value + half;
  };
}
