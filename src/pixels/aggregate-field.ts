import { channelMaximum, colourChannels } from '../picture';
import { boxHeight, boxWidth } from './box';
import { type Composition, compose, compositionOf } from './composite';
import { type CopyField, checkField } from './copy-field';
import { sampleColours, type Upsampling, upsampling } from './sample';
import { isMarked, type UnknownMarks, unknownMarks } from './seam';
import { layoutOf } from './view';
import { checkFilled, checkRetouch, type FilledWindow, type Retouch } from './window';

/** How {@link aggregateField} works. */
export interface AggregateFieldOptions {
  /** Where looks are copied from, from {@link alignField}. Default: from nowhere, and nothing gets detail. */
  field?: CopyField;
  /** Awaited after each row: to give way, or to throw so as to stop. Default: neither. */
  pause?: () => Promise<void>;
}

/**
 * Adds the aggregated residual to the upsampled fill and lays the result into the patch, row by row of the hole and its
 * seam: contextual residual aggregation with a field of copies.
 *
 * result(p) = up(base)(p) + sum over the offsets o around p of w_o [photo(p + o) - up(knownBase)(p + o)]
 *
 * The offsets are those of the four pixels of the field around p, w their bilinear shares; equal copies are joined, so inside
 * a copy nothing is blended. Copies of unknown or barred pixels, and of such as lie beyond the view, take no part, and the others share
 * their weight. A pixel of the field that is not covered stands for the pixel itself (o = 0), as does p where no copy is left:
 * a wide seam without any detail would show as a soft ring. Where p is unknown too, nothing is added.
 *
 * Its twin is `aggregateResidual` with `crossFade`. They agree where all four copies are known pixels of the view. They differ on
 * purpose where a copy is not: the twin clips places to the border and takes unknown residuals for 0. And its fields have
 * no pixel that stands for itself beside others that do not.
 *
 * Each row reads the photo's own 8 or 16 bits and writes the patch's, so nothing of the photo's size is allocated.
 *
 * @param retouch the photo within the window, its hole, and the patch that is written.
 * @param filled the low-resolution fill of the view.
 * @param options the field, and pauses.
 * @throws ShapeError, ArgumentError (`argument`, `not-finite`), before anything is written.
 * @example
 * ```ts
 * await aggregateField(retouch, filled, { field: await alignField(retouch, filled.copies) });
 * ```
 * Source: Yi et al., Contextual Residual Aggregation (arXiv 2005.09704), section 3.2.
 */
export async function aggregateField(
  retouch: Retouch,
  filled: FilledWindow,
  { field, pause = () => Promise.resolve() }: AggregateFieldOptions = {},
): Promise<void> {
  checkRetouch(retouch, 'aggregateField');
  checkFilled(filled, 'aggregateField');
  if (field) checkField(field, 'aggregateField', 'field');
  const { photo, weights, barred, target, patch } = retouch;
  const { base, knownBase, ...low } = filled;
  const unknown = unknownMarks(photo, weights);
  const aggregation: Aggregation = {
    photo,
    target,
    field,
    base,
    knownBase,
    sampling: upsampling(low, photo.height, photo.width),
    composition: compositionOf(patch),
    unknown,
    barred: barred ? unknownMarks(photo, barred) : unknown,
    copies: { count: 0, y: new Int32Array(4), x: new Int32Array(4), weight: new Float64Array(4) },
    colours: { filled: new Float64Array(3), known: new Float64Array(3) },
  };
  for (let row = 0; row < boxHeight(target); row++) {
    aggregateRow(aggregation, row);
    await pause();
  }
}

/** All that is aggregated, and room for a pixel's. */
interface Aggregation extends Pick<Retouch, 'photo' | 'target'>, Pick<FilledWindow, 'base' | 'knownBase'> {
  field: CopyField | undefined;
  sampling: Upsampling;
  composition: Composition;
  unknown: UnknownMarks;
  barred: UnknownMarks;
  copies: Copies;
  colours: { filled: Float64Array; known: Float64Array };
}

/** The copies around the pixel at hand, at most four, equal ones joined. */
interface Copies {
  count: number;
  y: Int32Array;
  x: Int32Array;
  weight: Float64Array;
}

/** Aggregates a row of the target: without pauses, and no closure of a window's own, so that the compiler takes it whole and once for all of them. */
function aggregateRow(aggregation: Aggregation, row: number): void {
  const { photo, target, field, base, knownBase, sampling, composition, copies, colours } = aggregation;
  const { channels, data } = photo;
  const { start, stride } = layoutOf(photo);
  const { shares } = composition;
  const { filled, known } = colours;
  const channelCount = colourChannels(photo);
  const half = channelMaximum(photo) / 2;
  const down = field ? photo.height / field.height : 1;
  const across = field ? photo.width / field.width : 1;
  const y = target.top + row;
  const fy = (y + 0.5) / down - 0.5;
  const y0 = Math.floor(fy);
  const wy = fy - y0;
  const columns = boxWidth(target);
  for (let column = 0, pixel = row * columns; column < columns; column++, pixel++) {
    if (shares[pixel] === 0) continue;
    const x = target.left + column;
    copies.count = 0;
    if (field) {
      const fx = (x + 0.5) / across - 0.5;
      const x0 = Math.floor(fx);
      const wx = fx - x0;
      const inside = insideCopy(field, y0, x0);
      if (inside !== undefined) {
        addSource(aggregation, y + Math.round(field.offsets[2 * inside] * down), x + Math.round(field.offsets[2 * inside + 1] * across), 1);
      } else {
        addCopy(aggregation, field, y0, x0, (1 - wy) * (1 - wx), y, x);
        addCopy(aggregation, field, y0, x0 + 1, (1 - wy) * wx, y, x);
        addCopy(aggregation, field, y0 + 1, x0, wy * (1 - wx), y, x);
        addCopy(aggregation, field, y0 + 1, x0 + 1, wy * wx, y, x);
      }
      if (copies.count === 0) addItself(aggregation, y, x, 1);
    }
    let total = 0;
    for (let i = 0; i < copies.count; i++) total += copies.weight[i];
    sampleColours(sampling, base, y, x, filled);
    for (let c = 0; c < channelCount; c++) filled[c] = (filled[c] + 1) * half;
    for (let i = 0; i < copies.count; i++) {
      const from = start + copies.y[i] * stride + copies.x[i] * channels;
      const share = copies.weight[i] / total;
      sampleColours(sampling, knownBase, copies.y[i], copies.x[i], known);
      for (let c = 0; c < channelCount; c++) filled[c] += share * (data[from + c] - (known[c] + 1) * half);
    }
    for (let c = 0; c < channelCount; c++) compose(composition, pixel, c, filled[c]);
  }
}

/** Adds what a pixel of the field says: a copy, or the pixel itself where it is not covered. */
function addCopy(aggregation: Aggregation, field: CopyField, row: number, column: number, weight: number, y: number, x: number): void {
  if (weight <= 0) return;
  const { photo } = aggregation;
  const r = row - field.top;
  const c = column - field.left;
  const at = r * field.columns + c;
  if (r < 0 || c < 0 || r >= field.rows || c >= field.columns || !field.covered[at]) {
    addItself(aggregation, y, x, weight);
    return;
  }
  const down = Math.round(field.offsets[2 * at] * (photo.height / field.height));
  const across = Math.round(field.offsets[2 * at + 1] * (photo.width / field.width));
  addSource(aggregation, y + down, x + across, weight);
}

/** Adds a copy, unless it lies beyond the view or may not be copied. */
function addSource({ photo, barred, copies }: Aggregation, y: number, x: number, weight: number): void {
  if (joined(copies, y, x, weight) || y < 0 || x < 0 || y >= photo.height || x >= photo.width || isMarked(barred, y, x)) return;
  add(copies, y, x, weight);
}

/** Adds the pixel that is asked for, if it is known. */
function addItself({ unknown, copies }: Aggregation, y: number, x: number, weight: number): void {
  if (joined(copies, y, x, weight) || isMarked(unknown, y, x)) return;
  add(copies, y, x, weight);
}

/** Whether a copy is there already; then it gets the weight as well. */
function joined(copies: Copies, y: number, x: number, weight: number): boolean {
  for (let i = 0; i < copies.count; i++) {
    if (copies.y[i] !== y || copies.x[i] !== x) continue;
    copies.weight[i] += weight;
    return true;
  }
  return false;
}

function add(copies: Copies, y: number, x: number, weight: number): void {
  copies.y[copies.count] = y;
  copies.x[copies.count] = x;
  copies.weight[copies.count++] = weight;
}

/** The index of a pixel of a field, if those to its right, below and in between go the same way: as most do. */
function insideCopy({ top, left, rows, columns, covered, offsets }: CopyField, row: number, column: number): number | undefined {
  const r = row - top;
  const c = column - left;
  if (r < 0 || c < 0 || r + 1 >= rows || c + 1 >= columns) return undefined;
  const at = r * columns + c;
  const below = at + columns;
  if (!covered[at] || !covered[at + 1] || !covered[below] || !covered[below + 1]) return undefined;
  const down = offsets[2 * at];
  const across = offsets[2 * at + 1];
  const isSame = (other: number) => offsets[2 * other] === down && offsets[2 * other + 1] === across;
  return isSame(at + 1) && isSame(below) && isSame(below + 1) ? at : undefined;
}
