import { boxSums } from '../../arrays/box-sums';
import { gaussianBlurred } from '../../arrays/gaussian';
import { placesOf } from '../../arrays/places';
import type { Matcher, MatchOptions } from './matcher';
import type { Level } from './pyramid';

// Half the side of the square that is judged as one, in pixels of the coarsest level, where the hole is some 40 pixels thick.
const RADIUS = 5;
// What a network painted is doubtful where it is so many times as far from the photo's patches as an own fill is. (In mean squares of patches'
// distances, to each of which ALLOWED is added: what is so near to the photo needs no other.)
const TIMES = 6;
const ALLOWED = 0.005;
// Patches are compared after a blur by so many pixels, without their texture: that a network paints softly, and without grain, is no reason for doubt.
const SIGMA = 0.7;

/** A picture at the coarsest level, [height, width, 3] in [-1, 1], and who looks for its patches. */
export interface Doubting extends MatchOptions {
  level: Level;
  matcher: Matcher;
}

/**
 * How far a picture's hole is from the photo: the mean square of the distances of its patches from their nearest ones, around each of its pixels.
 * @param picture [height, width, 3] in [-1, 1]: the photo, its hole filled.
 * @returns [height, width], 0 outside the hole
 */
export async function farFromPhoto(picture: Float32Array, { level, matcher, ...options }: Doubting): Promise<Float32Array> {
  const { height, width, hole } = level;
  const pixels = height * width;
  const smooth = gaussianBlurred(picture, height, width, SIGMA);
  const { distances } = await matcher.match(level, smooth, new Int32Array(2 * pixels), options);
  const inHole = new Float32Array(pixels);
  const squares = new Float32Array(pixels);
  const places = placesOf(hole);
  for (const p of places) {
    inHole[p] = 1;
    squares[p] = distances[p] * distances[p];
  }
  const sums = boxSums(squares, height, width, RADIUS);
  const counts = boxSums(inHole, height, width, RADIUS);
  const out = new Float32Array(pixels);
  for (const p of places) out[p] = sums[p] / counts[p];
  return out;
}

/** Whether a network's hole is anywhere so far from the photo that an own fill, be it the photo's own patches, could leave it in doubt. */
export const mayBeDoubtful = (network: Float32Array): boolean => network.some((far) => isDoubtful(far, 0));

/** Whether it is to be doubted where it is so far from the photo, and an own fill so far. */
export const isDoubtful = (network: number, own: number): boolean => network + ALLOWED > TIMES * (own + ALLOWED);
