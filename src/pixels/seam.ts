import { checkArgument, checkOneOf, checkSameShape, checkWhole } from '../check';
import { checkPicture, hasAlpha, type Picture } from '../picture';
import { type Box, union, widened } from './box';
import { type Growth, growthByOutline, growthByThickness } from './grow';
import { paintGrown } from './paint';
import { type Run, runsOf, runsOfLevels } from './runs';
import { atOnce, type Steps } from './steps';
import { checkPixels, checkSource, checkWeights, layoutOf, type PhotoSource, type Pixels } from './view';

/** Which of the mask's colours marks the hole; `'alpha'` is what is transparent, `'opaque'` what is not. */
export type HoleColour = 'white' | 'black' | 'alpha' | 'opaque';

/** All that may mark a hole. */
export const HOLE_COLOURS: readonly HoleColour[] = ['white', 'black', 'alpha', 'opaque'];

/** A hole pixel in {@link seamWeights}: replaced by the fill altogether. */
export const HOLE = 255;

// How far a mask pixel may be from the hole's colour and still be hole, as a share of the range: what is not clearly to
// be kept goes. Masks saved as JPEG have grey rims, and a rim kept is a rim of the object kept.
const TOLERANCE = 0.75;

/** How far from the other end of the range a mask pixel is still kept, as a share of the range. */
export const KEPT_WITHIN = 1 - TOLERANCE;

/** Whether a pixel of the mask is hole, by one of its colours. */
export function holeTest({ channels, data }: Picture, colour: HoleColour): (pixel: number) => boolean {
  const maximum = data instanceof Uint16Array ? 65535 : 255;
  const limit = maximum * TOLERANCE;
  if (colour === 'alpha') return (pixel) => data[pixel * channels + channels - 1] < limit;
  if (colour === 'opaque') return (pixel) => maximum - data[pixel * channels + channels - 1] < limit;
  if (channels < 3) return colour === 'black' ? (pixel) => data[pixel * channels] < limit : (pixel) => maximum - data[pixel * channels] < limit;
  const sum = (pixel: number) => data[pixel * channels] + data[pixel * channels + 1] + data[pixel * channels + 2];
  return colour === 'black' ? (pixel) => sum(pixel) < 3 * limit : (pixel) => 3 * maximum - sum(pixel) < 3 * limit;
}

/** Checks that a mask whose alpha marks the hole has any. @throws ArgumentError */
export function checkHasAlpha({ channels }: Pick<Picture, 'channels'>, hole: HoleColour, op: string): void {
  const byAlpha = hole === 'alpha' || hole === 'opaque';
  checkArgument(!byAlpha || channels % 2 === 0, op, 'mask', `of 2 or 4 channels, one of them alpha, for hole: '${hole}'`, channels);
}

/** Where a mask says hole, row by row; the mask may be a stretch of rows of a larger one, from row `first` on. */
export function holeRuns(mask: Picture, colour: HoleColour, first = 0): Run[] {
  const { channels, data } = mask;
  if (channels > 1 || data instanceof Uint16Array) return runsOf(mask, holeTest(mask, colour), first);
  const isHole = holeTest({ ...mask, data: Uint8Array.from({ length: 256 }, (_, level) => level) }, colour);
  return runsOfLevels({ ...mask, data: new Uint8Array(data.buffer, data.byteOffset, data.length) }, isHole, first);
}

/** How {@link seamWeights} marks the hole. */
export interface SeamOptions {
  /** Which of the mask's colours is the hole. Default `'white'`. */
  hole?: HoleColour;
  /**
   * Pixels that the hole is widened by, a whole number >= 0; `'auto'`: each hole by 5 % of its own thickness, from 1 pixel
   * to 0.4 % of the short side, or as {@link seamWeightsOf} says. Default 0.
   */
  grow?: number | 'auto';
  /** Pixels of the seam outside the widened hole, a whole number >= 0. Default 0: a hard edge. */
  feather?: number;
}

/** What {@link seamWeights} gives. */
export interface SeamWeights {
  /** One channel, of the mask's size: {@link HOLE} in the grown hole, falling to 0 across the seam outside it, 0 where nothing changes. */
  weights: Picture;
  /** How many pixels the grown hole has. */
  holePixels: number;
  /** A box around all that is not 0. Absent where there is nothing. */
  box?: Box;
}

/**
 * How much of the fill each pixel takes, in 255ths: all of it in the hole widened by `grow` pixels, less and less across
 * the next `feather` pixels, nothing beyond. The seam lies outside the hole, so nothing of the removed object shows through.
 *
 * w(d) = 255 (1 + cos(pi d / (feather + 1))) / 2 for the whole distance d to the grown hole, rounded, 1 to 254
 *
 * Its twins are `normalizeMask`, `growMask` and `feather`. The hole is the same where the mask is black and white. It differs on
 * purpose where the mask is grey: by one threshold for the mean of the colours, lenient enough for a JPEG's rims. The seam falls
 * by half a cosine, which reaches 0 with no slope, in whole steps of a byte; `feather` falls by a Gaussian in float32.
 *
 * @param mask of the photo's size, 1 to 4 channels.
 * @param options which colour is the hole, and the widths of rim and seam.
 * @returns the weights, and how many pixels the grown hole has.
 * @throws ArgumentError, ShapeError
 * @example
 * ```ts
 * const { weights } = seamWeights(mask, { grow: 4, feather: 2 });
 * ```
 */
export function seamWeights(mask: Picture, options: SeamOptions = {}): SeamWeights {
  const { runs, grow, feather } = checkedSeam(mask, options, 'seamWeights');
  return atOnce(weightsOfGrowth(mask, grow === 'auto' ? growthByThickness(runs, Math.min(mask.width, mask.height)) : new Map([[grow, runs]]), feather));
}

/**
 * {@link seamWeights} whose automatic `grow` looks at the photo, as `inpaint()` does: by a pixel, past the outline
 * of an object that shows just outside it by up to 10 % of its thickness and 0.8 % of the photo's short side, and over what hangs on it and has
 * colours that nothing further out has, by up to 16 % and 1.2 %. The hole's own pixels are not looked at.
 *
 * @param photo of which boxes beside the hole's rim are read, one at a time.
 * @param mask of the photo's size, 1 to 4 channels.
 * @param options as of {@link seamWeights}; `grow` is `'auto'` by default.
 * @returns the weights, and how many pixels the grown hole has.
 * @throws ArgumentError, ShapeError; and what the source's `read` throws.
 * @example
 * ```ts
 * const { weights } = await seamWeightsOf(sourceOf(photo), mask, { feather: 2 });
 * ```
 */
export async function seamWeightsOf(photo: PhotoSource, mask: Picture, options: SeamOptions = {}): Promise<SeamWeights> {
  const op = 'seamWeightsOf';
  const { runs, grow, feather } = checkedSeam(mask, { grow: 'auto', ...options }, op);
  checkSource(photo, op, 'photo');
  checkSameShape([mask.height, mask.width], [photo.height, photo.width], op, 'mask');
  return atOnce(weightsOfGrowth(mask, grow === 'auto' ? await growthByOutline(photo, runs) : new Map([[grow, runs]]), feather));
}

function checkedSeam(mask: Picture, { hole = 'white', grow = 0, feather = 0 }: SeamOptions, op: string) {
  checkPicture(mask, `${op}: mask`);
  checkOneOf(hole, HOLE_COLOURS, op, 'hole');
  checkHasAlpha(mask, hole, op);
  if (grow !== 'auto') checkWhole(grow, 0, op, 'grow');
  checkWhole(feather, 0, op, 'feather');
  return { runs: holeRuns(mask, hole), grow, feather };
}

/** {@link seamWeights} of runs of hole pixels, by how many pixels each of them grows. */
export function* weightsOfGrowth({ width, height }: { width: number; height: number }, growth: Growth, feather: number): Steps<SeamWeights> {
  const data = new Uint8Array(width * height);
  // No pixel is further from another.
  const levels = Uint8Array.from({ length: Math.min(feather, width + height) + 1 }, (_, distance) => {
    const share = 0.5 + 0.5 * Math.cos((Math.PI * distance) / (feather + 1));
    return distance === 0 ? HOLE : Math.min(Math.max(Math.round(share * 255), 1), 254);
  });
  yield* paintGrown(data, width, height, growth, levels);
  const box = boxOf(growth, levels.length - 1, { width, height });
  const weights: Picture = { width, height, channels: 1, data };
  let holePixels = 0;
  if (!box) return { weights, holePixels };
  for (let row = box.top; row < box.bottom; row++) {
    for (let p = row * width + box.left; p < row * width + box.right; p++) if (data[p] === HOLE) holePixels++;
    yield;
  }
  return { weights, holePixels, box };
}

/** Around all runs, each widened by what it grows and by its seam: of a speck in a large photo nothing else need be looked at. */
function boxOf(growth: Growth, feather: number, size: { width: number; height: number }): Box | undefined {
  let box: Box | undefined;
  for (const [grow, runs] of growth) {
    for (const { row, start, end } of runs) {
      const around = widened({ top: row, left: start, bottom: row + 1, right: end }, grow + feather, size);
      box = box ? union(box, around) : around;
    }
  }
  return box;
}

/**
 * Whether a pixel's colour means nothing to its surroundings: it is hole, or wholly transparent.
 *
 * @param photo the pixels, 1 to 4 channels.
 * @param weights one channel, of the same size, from {@link seamWeights}.
 * @returns a test by row and column.
 * @throws ShapeError, ArgumentError
 * @example
 * ```ts
 * const isUnknown = unknownTest(retouch.photo, retouch.weights);
 * ```
 */
export function unknownTest(photo: Pixels, weights: Pixels): (y: number, x: number) => boolean {
  checkPixels(photo, 'unknownTest', 'photo');
  checkWeights(weights, photo, 'unknownTest', 'weights');
  return uncheckedUnknownTest(photo, weights);
}

/** {@link unknownTest} of pixels that need not all be there. */
export function uncheckedUnknownTest(photo: Pixels, weights: Pixels): (y: number, x: number) => boolean {
  const marks = unknownMarks(photo, weights);
  return (y, x) => isMarked(marks, y, x);
}

/** What tells unknown pixels: where their weights are, and their alpha, if any. */
export interface UnknownMarks {
  weights: Pixels['data'];
  start: number;
  stride: number;
  /** The photo's own values, with the place of the first alpha. */
  alpha: { data: Pixels['data']; start: number; stride: number; channels: number } | undefined;
}

/** What {@link isMarked} looks at. */
export function unknownMarks(photo: Pixels, weights: Pixels): UnknownMarks {
  const { channels, data } = photo;
  const { start, stride } = layoutOf(photo);
  const alpha = hasAlpha(photo) ? { data, start: start + channels - 1, stride, channels } : undefined;
  const own = layoutOf(weights);
  return { weights: weights.data, start: own.start, stride: own.stride, alpha };
}

/**
 * What a {@link unknownTest} asks. In the innermost loops better than one, which is a function of its photo's own: what is compiled with it is
 * thrown away with the photo.
 */
export function isMarked({ weights, start, stride, alpha }: UnknownMarks, y: number, x: number): boolean {
  if (weights[start + y * stride + x] === HOLE) return true;
  return alpha !== undefined && alpha.data[alpha.start + y * alpha.stride + x * alpha.channels] === 0;
}
