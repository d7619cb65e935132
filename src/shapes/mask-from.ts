import { checkArgument, checkWhole } from '../check';
import type { Picture } from '../picture';
import { paintGrown } from '../pixels/paint';
import { type Run, runsOfValue } from '../pixels/runs';
import { HOLE, weightsOfGrowth } from '../pixels/seam';
import { atOnce } from '../pixels/steps';
import { addBox, addEllipseShape, addPath, addPolygon, addStroke } from './basic';
import { addAnnotation, addDataset } from './coco';
import { type Context, LONGEST_SIDE } from './context';
import { Budget, fault } from './fault';
import { addRle } from './rle';
import { maskOfRuns, type RunMask, whiteRuns } from './run-mask';
import type { MaskShapes, Shape, Shapes } from './shapes';
import { Numbers, Spans } from './spans';
import { addSvg } from './svg';

/** Options of {@link maskFrom}: the size, and those of {@link MaskShapes}. */
export interface MaskFromOptions extends Omit<MaskShapes, 'shapes'> {
  /** The photo's width in pixels. */
  width: number;
  /** The photo's height in pixels. */
  height: number;
}

/**
 * Makes a mask of shapes: boxes, polygons, ellipses, strokes of a brush, SVG paths and drawings, and what COCO's annotations hold. It is 255
 * where any of them covers the photo, 0 elsewhere.
 *
 * A pixel is covered where its centre is: the pixel in row r and column c where (c + 1/2, r + 1/2) lies in the shape, or on its left or upper
 * edge. A box `[10, 20, 30, 40]` covers columns 10 to 39 and rows 20 to 59. Coordinates are in pixels from the photo's upper left corner, and
 * may lie outside it. Curves become chords that stay within 1/64 pixel.
 *
 * With a hard edge it is held in runs, and its `data` are made only where somebody asks for them: `inpaint()` does not. A mask of 16384 x 16384
 * pixels with some boxes on it takes kilobytes.
 *
 * @param shapes a shape or several, as data; or a text, which is a box in pixels or per cent.
 * @param options `width` and `height` of the photo, which may be given itself; `grow` and `soft`, whole pixels; `fit`, `image`.
 * @returns a mask for {@link inpaint} and whatever else takes a Picture of a channel.
 * @throws MaskError: `mask-shapes` for shapes that are none, or more than is taken (2^20 points, 2^24 stretches of rows), with the place in
 * them; `mask-size` for what was drawn for another size, without `fit`; `mask-missing` for an `image` that the data set does not have.
 * ArgumentError for options. MemoryError for soft edges where there is no memory for a byte a pixel.
 * @example
 * ```ts
 * const mask = maskFrom([{ box: [10, 20, 30, 40] }, { stroke: [[5, 5], [60, 40]], width: 8 }], photo);
 * const result = await inpaint(photo, mask);
 * ```
 */
export function maskFrom(shapes: Shapes, options: MaskFromOptions & { soft?: 0 }): RunMask;
export function maskFrom(shapes: Shapes, options: MaskFromOptions): Picture;
export function maskFrom(shapes: Shapes, options: MaskFromOptions): Picture {
  return drawnMask((context) => addShapes(context, shapes, 'maskFrom: shapes'), options);
}

/** The mask that shapes make for a photo. */
export const maskOfShapes = ({ shapes, ...options }: MaskShapes, { width, height }: { width: number; height: number }): Picture =>
  maskFrom(shapes, { ...options, width, height });

/** A mask of whatever is drawn; else as {@link maskFrom}. */
export function drawnMask(draw: (context: Context) => void, options: MaskFromOptions): Picture {
  const { width, height, grow = 0, soft = 0, fit = false, image } = options;
  const op = 'maskFrom';
  for (const [side, name] of [
    [width, 'width'],
    [height, 'height'],
  ] as const) {
    checkWhole(side, 1, op, name);
    checkArgument(side <= LONGEST_SIDE, op, name, `at most ${LONGEST_SIDE} pixels`, side);
  }
  for (const [reach, name] of [
    [grow, 'grow'],
    [soft, 'soft'],
  ] as const) {
    checkWhole(reach, 0, op, name);
    checkArgument(reach <= Math.max(width, height), op, name, "at most the long side's pixels", reach);
  }
  const spans = new Spans(width, height);
  draw({ spans, budget: new Budget(), fit, image });
  const mask = maskOfRuns(width, height, spans.runs());
  if (soft > 0) return atOnce(weightsOfGrowth(mask, new Map([[grow, whiteRuns(mask)]]), soft)).weights;
  return grow > 0 ? grown(mask, grow) : mask;
}

/** Adds all shapes. @throws MaskError, with their place */
export function addShapes(context: Context, shapes: Shapes, place: string): void {
  if (Array.isArray(shapes)) for (const [n, shape] of shapes.entries()) addShape(context, shape, `${place}[${n}]`);
  else addShape(context, shapes as Shape, place);
}

/** By what it has, each kind of shape. */
const KINDS: { [key: string]: (context: Context, shape: never, place: string) => void } = {
  box: (context, { box }: { box: unknown }, place) => addBox(context, box, `${place}.box`),
  polygon: addPolygon,
  ellipse: addEllipseShape,
  stroke: addStroke,
  path: addPath,
  svg: (context, { svg }: { svg: unknown }, place) => addSvg(context, svg, `${place}.svg`),
  counts: addRle,
  annotations: addDataset,
  segmentation: addAnnotation,
  bbox: addAnnotation,
};

function addShape(context: Context, shape: Shape, place: string): void {
  if (typeof shape === 'string') {
    addBox(context, shape, place);
    return;
  }
  const kind = typeof shape === 'object' && shape !== null ? Object.keys(KINDS).find((key) => Object.hasOwn(shape, key)) : undefined;
  if (kind === undefined) throw fault(place, `a shape: a text, or an object with one of ${Object.keys(KINDS).join(', ')}`, shape);
  KINDS[kind](context, shape as never, place);
}

// Pixels that are painted together.
const BAND = 2 ** 24;

/** A mask widened by a disc of so many pixels: painted band by band, so that it never is as large as the photo. */
function grown(mask: RunMask, grow: number): RunMask {
  const { width, height } = mask;
  const all = whiteRuns(mask);
  const rows = Math.max(1, 2 * grow, Math.floor(BAND / width));
  const found = new Numbers();
  let first = 0;
  for (let top = 0; top < height; top += rows) {
    const bottom = Math.min(height, top + rows);
    const [from, to] = [Math.max(0, top - grow), Math.min(height, bottom + grow)];
    while (first < all.length && all[first].row < from) first++;
    const near: Run[] = [];
    for (let n = first; n < all.length && all[n].row < to; n++) near.push({ ...all[n], row: all[n].row - from });
    if (near.length === 0) continue;
    const band = new Uint8Array(width * (to - from));
    atOnce(paintGrown(band, width, to - from, new Map([[grow, near]]), Uint8Array.of(HOLE)));
    const own = { width, height: bottom - top, channels: 1 as const, data: band, offset: (top - from) * width, stride: width };
    for (const { row, start, end } of runsOfValue(own, HOLE, top)) {
      found.add(row);
      found.add(start);
      found.add(end);
    }
  }
  return maskOfRuns(width, height, found.values.slice());
}
