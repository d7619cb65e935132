import { channelMaximum, colourChannels } from '../picture';
import { boxHeight, boxWidth } from './box';
import { compositor } from './composite';
import { type CopyField, checkField } from './copy-field';
import { colourUpsampler } from './sample';
import { unknownTest } from './seam';
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
  const { channels, data, height, width } = photo;
  const { start, stride } = layoutOf(photo);
  const isUnknown = unknownTest(photo, weights);
  const isBarred = barred ? unknownTest(photo, barred) : isUnknown;
  const colours = colourChannels(photo);
  const half = channelMaximum(photo) / 2;
  const down = field ? height / field.height : 1;
  const across = field ? width / field.width : 1;
  const sample = colourUpsampler(low, height, width);
  const [values, known] = [new Float64Array(3), new Float64Array(3)];
  const compose = compositor(patch);
  const shares = patch.weights.data;

  // The copies around the pixel at hand, at most four, equal ones joined.
  const copies = { count: 0, y: new Int32Array(4), x: new Int32Array(4), weight: new Float64Array(4) };
  const addSource = (sy: number, sx: number, weight: number, test = isBarred) => {
    for (let i = 0; i < copies.count; i++) {
      if (copies.y[i] === sy && copies.x[i] === sx) {
        copies.weight[i] += weight;
        return;
      }
    }
    if (sy < 0 || sx < 0 || sy >= height || sx >= width || test(sy, sx)) return;
    copies.y[copies.count] = sy;
    copies.x[copies.count] = sx;
    copies.weight[copies.count++] = weight;
  };
  const addCopy = ({ top, left, rows, columns, covered, offsets }: CopyField, row: number, column: number, weight: number, y: number, x: number) => {
    if (weight <= 0) return;
    const r = row - top;
    const c = column - left;
    const at = r * columns + c;
    if (r < 0 || c < 0 || r >= rows || c >= columns || !covered[at]) addSource(y, x, weight, isUnknown);
    else addSource(y + Math.round(offsets[2 * at] * down), x + Math.round(offsets[2 * at + 1] * across), weight);
  };

  // What copies each pixel of a row is a function without pauses: the compiler takes it whole.
  const aggregateRow = (row: number) => {
    const y = target.top + row;
    const fy = (y + 0.5) / down - 0.5;
    const y0 = Math.floor(fy);
    const wy = fy - y0;
    for (let column = 0, pixel = row * boxWidth(target); column < boxWidth(target); column++, pixel++) {
      if (shares[pixel] === 0) continue;
      const x = target.left + column;
      const fx = (x + 0.5) / across - 0.5;
      const x0 = Math.floor(fx);
      const wx = fx - x0;
      copies.count = 0;
      if (field) {
        const inside = insideCopy(field, y0, x0);
        if (inside !== undefined) {
          addSource(y + Math.round(field.offsets[2 * inside] * down), x + Math.round(field.offsets[2 * inside + 1] * across), 1);
        } else {
          addCopy(field, y0, x0, (1 - wy) * (1 - wx), y, x);
          addCopy(field, y0, x0 + 1, (1 - wy) * wx, y, x);
          addCopy(field, y0 + 1, x0, wy * (1 - wx), y, x);
          addCopy(field, y0 + 1, x0 + 1, wy * wx, y, x);
        }
        if (copies.count === 0) addSource(y, x, 1, isUnknown);
      }
      let total = 0;
      for (let i = 0; i < copies.count; i++) total += copies.weight[i];
      sample(base, y, x, values);
      for (let c = 0; c < colours; c++) values[c] = (values[c] + 1) * half;
      for (let i = 0; i < copies.count; i++) {
        const from = start + copies.y[i] * stride + copies.x[i] * channels;
        const share = copies.weight[i] / total;
        sample(knownBase, copies.y[i], copies.x[i], known);
        for (let c = 0; c < colours; c++) values[c] += share * (data[from + c] - (known[c] + 1) * half);
      }
      for (let c = 0; c < colours; c++) compose(pixel, c, values[c]);
    }
  };
  for (let row = 0; row < boxHeight(target); row++) {
    aggregateRow(row);
    await pause();
  }
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
