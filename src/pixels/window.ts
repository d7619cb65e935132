import { checkArgument, checkFinite, checkSameShape, checkWhole } from '../check';
import { ShapeError } from '../errors';
import { checkPicture, type Picture } from '../picture';
import { type Box, boxHeight, boxWidth, within } from './box';
import type { CopyField } from './copy-field';
import { checkBox, checkPixels, checkSource, checkWeights, copyOf, layoutOf, type PhotoSource, type Pixels, viewOf } from './view';

/** One piece of the work: holes that are filled together, and the surroundings that they are filled from. */
export interface Window {
  /** What is looked at. */
  view: Box;
  /** What is written: the holes of the group with their seams. */
  target: Box;
  /** Whether its hole is thin, and to be healed at full size by {@link heal}. Default false. */
  thin?: boolean;
  /** The size of the low-resolution picture of the view. Of a thin one it is the view's own. */
  low: {
    /** Pixels in a row. */
    width: number;
    /** Rows. */
    height: number;
  };
  /** Whether a pixel of the target, by the photo's rows and columns, is this window's to write. No pixel is that of two. */
  owns(row: number, column: number): boolean;
}

/** What comes of a window: the pixels of the photo that change, and no others. */
export interface Patch {
  /** The row of the photo that the patch's first row is laid on. */
  top: number;
  /** The column of the photo that the patch's first column is laid on. */
  left: number;
  /** The retouched pixels, seam and all: of the photo's channels and kind of values, and its own where nothing changes. */
  picture: Picture;
  /** One channel, of the picture's size: 255 in the hole, falling to 0 across its seam; 0 where the pixel is not this patch's to change. */
  weights: Picture;
}

/** A window at work: the pixels that are looked at, and the patch that is being made of them. */
export interface Retouch {
  /** The photo within the window's view. */
  photo: Pixels;
  /** The weights of {@link seamWeights} within the view, those of other windows' holes among them. */
  weights: Pixels;
  /**
   * One channel, of the view's size: {@link HOLE} where nothing may be copied from, which is the hole and whatever else is to be looked at only.
   * Default: the weights; all that is known may be copied.
   */
  barred?: Pixels;
  /** The window's target, in pixels of the view. */
  target: Box;
  /** Of the target's size; begins as the photo. */
  patch: Patch;
}

/** A small picture of a part of the photo. */
export interface LowResolution {
  /** Pixels in a row. */
  width: number;
  /** Rows. */
  height: number;
  /** [height, width, 3] in [-1, 1], the mean of the known pixels; 0 where there is none. */
  colours: Float32Array;
  /** [height, width], 1 where any of the pixels beneath is unknown. */
  hole: Float32Array;
  /** [height, width], 1 where any of the pixels beneath must not be copied, the hole's among them. Default: the hole alone. */
  barred?: Float32Array;
}

/** Soft attention as the detail stage wants it: the grid of cells lies over the picture that the generator was given. */
export interface CellScores {
  /** Cells in a column of the grid. */
  rows: number;
  /** Cells in a row of the grid. */
  columns: number;
  /** Height of the generator's picture in low-resolution pixels: the window's, widened to the generator's multiple. */
  height: number;
  /** Width of the generator's picture, likewise. */
  width: number;
  /** [rows * columns, rows * columns], for each cell, the weight of every other. */
  weights: Float32Array;
}

/** A low-resolution fill, ready to be given the photo's own detail. */
export interface FilledWindow {
  /** Pixels in a row of the low-resolution picture. */
  width: number;
  /** Its rows. */
  height: number;
  /** [height, width, 3] in [-1, 1]: the low-resolution picture with its hole filled; smoothed, where copies are aligned. */
  base: Float32Array;
  /** [height, width, 3] in [-1, 1]: the known low-resolution picture, smoothed alike, over known pixels only. */
  knownBase: Float32Array;
  /** Where each pixel's look is copied from; none where there are scores, or where no detail is wanted. */
  copies?: CopyField;
  /** How much of each cell's look goes to each other cell, where the generator attends softly. */
  scores?: CellScores;
}

/**
 * Reads what a window looks at, and begins its patch.
 *
 * @param photo where the pixels come from; only the window's view is read, once.
 * @param weights one channel, of the photo's size, from {@link seamWeights}.
 * @param window from {@link planWindows}.
 * @returns the window at work.
 * @throws ShapeError where weights, window, or the pixels that are read are not of the size that they should be; ArgumentError where the
 * pixels are none, or of the wrong type; and what the source's `read` throws.
 * @example
 * ```ts
 * const retouch = await openWindow(sourceOf(photo), weights, window);
 * ```
 */
export async function openWindow(photo: PhotoSource, weights: Pixels, { view, target, owns }: Window): Promise<Retouch> {
  checkSource(photo, 'openWindow', 'photo');
  checkWeights(weights, photo, 'openWindow', 'weights');
  checkBox(view, photo, 'openWindow', "the window's view");
  const inside = within(target, view);
  checkBox(inside, { width: boxWidth(view), height: boxHeight(view) }, 'openWindow', "the window's target, as seen from its view");
  checkArgument(typeof owns === 'function', 'openWindow', "the window's owns", 'a function', owns);
  const pixels = await readView(photo, view);
  const own = copyOf(viewOf(weights, target));
  leaveToOthers(own, target, owns);
  const patch = { top: target.top, left: target.left, picture: copyOf(viewOf(pixels, inside)), weights: own };
  return { photo: pixels, weights: viewOf(weights, view), target: inside, patch };
}

/** Takes the weight of pixels that are another window's. */
function leaveToOthers({ width, height, data }: Picture, { top, left }: Box, owns: Window['owns']): void {
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) if (data[p] > 0 && !owns(top + y, left + x)) data[p] = 0;
  }
}

/** The pixels of a window's view, if they are what was asked for. @throws ShapeError, ArgumentError, and what the source's `read` throws */
export async function readView(photo: PhotoSource, view: Box): Promise<Pixels> {
  const pixels = await photo.read(view);
  checkPixels(pixels, "the photo's read()", 'pixels');
  if (pixels.width !== boxWidth(view) || pixels.height !== boxHeight(view)) {
    throw new ShapeError('shape', `the photo's read() gave ${pixels.width} x ${pixels.height} pixels for a box of ${boxWidth(view)} x ${boxHeight(view)}`, {
      expected: { width: boxWidth(view), height: boxHeight(view) },
      actual: { width: pixels.width, height: pixels.height },
    });
  }
  return pixels;
}

/** Checks that the parts of a window at work belong together. @throws ShapeError, ArgumentError */
export function checkRetouch({ photo, weights, barred, target, patch }: Retouch, op: string): void {
  checkPixels(photo, op, 'photo');
  checkWeights(weights, photo, op, 'weights');
  if (barred) checkWeights(barred, photo, op, 'barred');
  checkBox(target, photo, op, 'the target');
  checkPatch(patch, op);
  const { height, width, channels, data } = patch.picture;
  checkSameShape([height, width, channels], [boxHeight(target), boxWidth(target), photo.channels], op, "the patch's picture");
  const bits = (values: Picture['data']) => 8 * values.BYTES_PER_ELEMENT;
  checkArgument(bits(data) === bits(photo.data), op, "the patch's picture", `of the photo's ${bits(photo.data)} bits`, bits(data));
}

/** Checks that a fill is of the size that it says, and holds numbers. @throws ShapeError, ArgumentError (`argument`, `not-finite`) */
export function checkFilled({ width, height, base, knownBase }: FilledWindow, op: string): void {
  checkWhole(width, 1, op, "the fill's width");
  checkWhole(height, 1, op, "the fill's height");
  for (const [name, values] of Object.entries({ base, knownBase })) {
    checkSameShape([values.length], [height * width * 3], op, name);
    checkFinite(values, op, name);
  }
}

/** Checks that a patch's pixels and weights belong together. @throws ShapeError, ArgumentError */
export function checkPatch({ picture, weights }: Patch, op: string): void {
  checkPicture(picture, `${op}: the patch's picture`);
  checkPicture(weights, `${op}: the patch's weights`);
  checkWeights(weights, picture, op, "the patch's weights");
}

/**
 * Lays a patch into its photo. Pixels with no weight are not written, so patches may come in any order.
 *
 * @param patch from `fillPatches()`, or a finished {@link Retouch}'s.
 * @param into what is to be changed: its pixels are written to. Of the patch's channels and bits. Not the photo that the next patches
 * are still made from: they would see the seams of this one.
 * @throws ShapeError where the patch reaches beyond the picture or its pixels are of another kind; ArgumentError. Nothing is written then.
 * @example
 * ```ts
 * const result = { ...photo, ...copyOf(photo) };
 * for await (const patch of fillPatches(photo, mask)) pastePatch(patch, result);
 * ```
 */
export function pastePatch(patch: Patch, into: Pixels): void {
  checkPatch(patch, 'pastePatch');
  checkPixels(into, 'pastePatch', 'into');
  const { top, left, picture, weights } = patch;
  const { channels } = picture;
  const box = { top, left, bottom: top + picture.height, right: left + picture.width };
  checkBox(box, into, 'pastePatch', 'the patch');
  const view = viewOf(into, box);
  if (channels !== into.channels || picture.data.BYTES_PER_ELEMENT !== into.data.BYTES_PER_ELEMENT) {
    throw new ShapeError('shape', 'pastePatch: the patch and the picture have different channels or bits', {
      expected: { channels: into.channels, bytes: into.data.BYTES_PER_ELEMENT },
      actual: { channels, bytes: picture.data.BYTES_PER_ELEMENT },
    });
  }
  const { start, stride } = layoutOf(view);
  for (let y = 0, p = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++, p++) {
      if (weights.data[p] === 0) continue;
      const to = start + y * stride + x * channels;
      for (let c = 0; c < channels; c++) view.data[to + c] = picture.data[p * channels + c];
    }
  }
}
