import { pauseFor, throwIfAborted } from '../abort';
import { onBackend, requireBackend } from '../backend';
import { checkArgument, checkSameShape, checkWhole } from '../check';
import { MaskError } from '../errors';
import { exemplar } from '../generators/exemplar';
import { withinMemory } from '../memory';
import type { Picture } from '../picture';
import { aggregateCells } from '../pixels/aggregate-cells';
import { aggregateRows } from '../pixels/aggregate-field';
import { alignField, FINEST } from '../pixels/align-field';
import { lowResolution } from '../pixels/average';
import { planWindows } from '../pixels/plan';
import { seamWeights, unknownTest } from '../pixels/seam';
import { boxHeight, boxWidth, type Window } from '../pixels/window';
import { toConsole } from '../warning';
import { fillWindow } from './fill';
import { openPhoto, type Photo } from './kinds';
import { HOLE_COLOURS, maskContents } from './mask-contents';
import type { InpaintOptions, Stage } from './options';
import { sketchLines } from './sketch';

/**
 * Fills the hole that a mask marks in a photo, at the photo's full resolution.
 *
 * 1. plan: holes are grouped, each group gets a context window;
 * 2. low resolution: the window is brought down to the generator's size by averaging known pixels only;
 * 3. fill: the generator fills the small picture and says where its look comes from;
 * 4. detail: the photo's own residual is carried over from there, at full resolution (contextual residual aggregation);
 * 5. composite: the fill fades into the photo across a seam just outside the hole.
 *
 * Pixels beyond the seam, alpha, size and metadata come back as they were, bit for bit.
 *
 * @param photo a Picture, an ImageData, or a tensor [H, W, 1 to 4] (int32 0..255 or float32 [0, 1]); it is not changed.
 * @param mask of the photo's size and any of these kinds; which of its colours is the hole says `options.hole`.
 * @returns the filled photo, of the photo's kind.
 * @throws ShapeError, ArgumentError, MaskError (`mask-size`, `mask-full`), AbortError, BackendError, MemoryError. A mask that marks
 * nothing is no error: the photo comes back unchanged, and `onWarning` is told.
 * @example
 * ```ts
 * const photo = await readPicture('beach.jpg');
 * const mask = await readMask('people.png');
 * await writePicture(await inpaint(photo, mask), 'empty-beach.jpg');
 * ```
 * Source: Yi et al., Contextual Residual Aggregation for Ultra High-Resolution Image Inpainting, CVPR 2020.
 */
export function inpaint<T extends Photo>(photo: T, mask: Photo, options: InpaintOptions = {}): Promise<T> {
  return withinMemory('inpaint', () => inpaintPhoto(photo, mask, options));
}

async function inpaintPhoto<T extends Photo>(photo: T, mask: Photo, options: InpaintOptions): Promise<T> {
  const { generator = exemplar(), hole = 'white', seed = 0, detail = true, memory = 512 * 2 ** 20, signal } = options;
  throwIfAborted(signal);
  const { picture, finish } = await onBackend(() => openPhoto(photo, 'photo'));
  const { picture: marks } = await onBackend(() => openPhoto(mask, 'mask'));
  const { width, height } = picture;
  const lines = options.sketch && sketchLines((await onBackend(() => openPhoto(options.sketch as Photo, 'sketch'))).picture);
  const workingSize = options.workingSize ?? generator?.workingSize ?? 512;
  const { grow, feather } = seamWidths(options, Math.max(width, height));
  checkArgument(HOLE_COLOURS.includes(hole), 'inpaint', 'hole', "'white', 'black', 'alpha' or 'opaque'", hole);
  const byAlpha = hole === 'alpha' || hole === 'opaque';
  checkArgument(!byAlpha || marks.channels % 2 === 0, 'inpaint', 'mask', `of 2 or 4 channels, one of them alpha, for hole: '${hole}'`, marks.channels);
  checkWhole(workingSize, 16, 'inpaint', 'workingSize');
  checkWhole(seed, 0, 'inpaint', 'seed');
  checkArgument(typeof generator?.fill === 'function', 'inpaint', 'generator', 'an object with a fill method', generator);
  checkWhole(generator.multiple, 1, 'inpaint', "generator's multiple");
  checkArgument(!lines || generator.takesSketch === true, 'inpaint', 'sketch', `left out: ${generator.name} takes none`, 'a sketch');
  checkArgument(typeof detail === 'boolean' || detail === 'residual', 'inpaint', 'detail', "true, false or 'residual'", detail);
  checkArgument(memory > 0, 'inpaint', 'memory', '> 0 bytes', memory);
  if (marks.width !== width || marks.height !== height) {
    throw new MaskError('mask-size', `inpaint: the mask is ${marks.width} x ${marks.height}, the photo ${width} x ${height}`, {
      expected: { width, height },
      actual: { width: marks.width, height: marks.height },
    });
  }
  if (lines) checkSameShape([lines.height, lines.width], [height, width], 'inpaint', 'sketch');

  const warn = options.onWarning ?? toConsole;
  const { weights, holePixels } = seamWeights(marks, hole, grow, feather);
  if (holePixels === width * height) {
    throw new MaskError('mask-full', `inpaint: the whole picture is hole, nothing is left to fill it from: ${maskContents(marks, hole, holePixels)}`, {
      expected: `fewer than ${width * height} pixels`,
      actual: holePixels,
    });
  }
  if (holePixels > (width * height) / 2) {
    const share = Math.round((100 * holePixels) / (width * height));
    warn({
      code: 'mask-mostly-hole',
      message:
        `the mask marks ${share} % of the photo as hole (its ${hole === 'alpha' ? 'transparent' : hole} pixels): is that meant? ${maskContents(marks, hole, holePixels)}`.trimEnd(),
    });
  }
  const result: Picture = { ...picture, data: copyOf(picture.data) };
  if (holePixels === 0) {
    warn({ code: 'mask-without-hole', message: `the mask marks no hole, the photo comes back unchanged: ${maskContents(marks, hole, holePixels)}` });
    return finish(result, weights);
  }
  await requireBackend();
  await onBackend(async ({ throwIfFailed }) => {
    const report = (stage: Stage, done: number, total: number) => options.onProgress?.({ stage, done, total });
    const giveWay = pauseFor(signal);
    const pause = async () => {
      await giveWay();
      throwIfFailed();
    };
    const isUnknown = unknownTest(picture, weights);
    const windows = planWindows({ width, height, weights, workingSize, feather });
    report('plan', 1, 1);

    for (const [n, window] of windows.entries()) {
      await pause();
      const low = lowResolution(picture, isUnknown, window.view, window.low.width, window.low.height);
      report('low-resolution', n + 1, windows.length);
      await pause();
      const onProgress = (fraction: number) => report('fill', n + fraction, windows.length);
      const filled = await fillWindow(window, low, { generator, lines, detail, seed, signal, onProgress });
      report('fill', n + 1, windows.length);
      await pause();
      if (filled.scores) {
        await aggregateCells(picture, result, weights, isUnknown, filled, filled.scores, memory, pause);
        report('detail', n + 1, windows.length);
      } else {
        const field = filled.copies && (await alignField(picture, isUnknown, filled, filled.copies, finestWithin(window, memory), seed, pause));
        report('detail', n + 1, windows.length);
        await pause();
        await aggregateRows(picture, result, weights, isUnknown, filled, field, pause);
      }
      report('composite', n + 1, windows.length);
    }
    throwIfAborted(signal);
  }, signal);
  return finish(result, weights);
}

/** A copy with its own memory, which a Node Buffer's slice() would not have. */
function copyOf(data: Picture['data']): Picture['data'] {
  if (data instanceof Uint16Array) return new Uint16Array(data);
  return data instanceof Uint8ClampedArray ? new Uint8ClampedArray(data) : new Uint8Array(data);
}

/** The widths of the seam in whole pixels, worked out from the photo's size where they are left to us. */
function seamWidths({ grow = 'auto', feather = 'auto' }: InpaintOptions, longSide: number): { grow: number; feather: number } {
  const width = (value: number | 'auto', automatic: number, name: string) => {
    if (value === 'auto') return automatic;
    checkArgument(Number.isFinite(value) && value >= 0 && value <= longSide, 'inpaint', name, "'auto' or 0 to the photo's long side, in pixels", value);
    return Math.round(value);
  };
  return {
    grow: width(grow, Math.round(0.004 * longSide), 'grow'),
    feather: width(feather, Math.min(Math.max(2, Math.round(0.001 * longSide)), 8), 'feather'),
  };
}

/** The finest size at which a window's copies can be aligned within the memory budget, as a divisor of full size. */
function finestWithin({ view, target }: Window, memory: number): number {
  // Bytes a pixel: colours, hole and patch centres of the view; offsets, estimate, cover and list of the target.
  const bytes = 6 * boxWidth(view) * boxHeight(view) + 18 * boxWidth(target) * boxHeight(target);
  let finest = FINEST;
  while (bytes / (finest * finest) > memory) finest *= 2;
  return finest;
}
