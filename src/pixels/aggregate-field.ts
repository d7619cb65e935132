import { channelMaximum, colourChannels, type Picture } from '../picture';
import type { CopyField } from './refine-field';
import { composer, upsampler } from './sample';
import { boxHeight, boxWidth, type FilledWindow } from './window';

/**
 * Adds the aggregated residual to the upsampled fill and lays the result into the photo, row by row of the hole and its
 * seam: contextual residual aggregation with a field of copies.
 *
 * result(p) = up(base)(p) + sum over the offsets o around p of w_o [photo(p + o) - up(knownBase)(p + o)]
 *
 * A known pixel that the field does not reach, as in a wide seam, keeps its own detail (o = 0): without any it would show
 * as a soft ring. Without a field nothing gets detail.
 *
 * Each row reads the photo's own pixels and writes the result's, so nothing of the photo's size is allocated.
 */
export async function aggregateRows(
  photo: Picture,
  result: Picture,
  weights: Uint8Array,
  isUnknown: (pixel: number) => boolean,
  filled: FilledWindow,
  field: CopyField | undefined,
  pause: () => Promise<void>,
): Promise<void> {
  const { window, low, base, knownBase } = filled;
  const { view, target } = window;
  const { channels, data } = photo;
  const colours = colourChannels(photo);
  const half = channelMaximum(photo) / 2;
  const height = boxHeight(view);
  const width = boxWidth(view);
  const down = field ? height / field.height : 1;
  const across = field ? width / field.width : 1;
  const sample = upsampler(low, height, width);
  const compose = composer(photo, result, weights);

  // The copies around the pixel at hand, at most four, equal ones joined.
  const copies = { count: 0, y: new Int32Array(4), x: new Int32Array(4), weight: new Float64Array(4) };
  const addSource = (sy: number, sx: number, weight: number) => {
    for (let i = 0; i < copies.count; i++) {
      if (copies.y[i] === sy && copies.x[i] === sx) {
        copies.weight[i] += weight;
        return;
      }
    }
    if (sy < 0 || sx < 0 || sy >= height || sx >= width || isUnknown((sy + view.top) * photo.width + sx + view.left)) return;
    copies.y[copies.count] = sy;
    copies.x[copies.count] = sx;
    copies.weight[copies.count++] = weight;
  };
  const addCopy = ({ top, left, rows, columns, covered, offsets }: CopyField, row: number, column: number, weight: number, y: number, x: number) => {
    if (weight <= 0) return;
    const r = row - top;
    const c = column - left;
    const at = r * columns + c;
    if (r < 0 || c < 0 || r >= rows || c >= columns || !covered[at]) addSource(y, x, weight);
    else addSource(y + Math.round(offsets[2 * at] * down), x + Math.round(offsets[2 * at + 1] * across), weight);
  };

  for (let row = target.top; row < target.bottom; row++) {
    const y = row - view.top;
    const fy = (y + 0.5) / down - 0.5;
    const y0 = Math.floor(fy);
    const wy = fy - y0;
    for (let column = target.left; column < target.right; column++) {
      const pixel = row * photo.width + column;
      if (weights[pixel] === 0 || !window.owns(row, column)) continue;
      const x = column - view.left;
      const fx = (x + 0.5) / across - 0.5;
      const x0 = Math.floor(fx);
      const wx = fx - x0;
      copies.count = 0;
      if (field) {
        addCopy(field, y0, x0, (1 - wy) * (1 - wx), y, x);
        addCopy(field, y0, x0 + 1, (1 - wy) * wx, y, x);
        addCopy(field, y0 + 1, x0, wy * (1 - wx), y, x);
        addCopy(field, y0 + 1, x0 + 1, wy * wx, y, x);
        if (copies.count === 0) addSource(y, x, 1);
      }
      let total = 0;
      for (let i = 0; i < copies.count; i++) total += copies.weight[i];
      for (let c = 0; c < colours; c++) {
        let value = (sample(base, y, x, c) + 1) * half;
        for (let i = 0; i < copies.count; i++) {
          const sy = copies.y[i];
          const sx = copies.x[i];
          const residual = data[((sy + view.top) * photo.width + sx + view.left) * channels + c] - (sample(knownBase, sy, sx, c) + 1) * half;
          value += (copies.weight[i] / total) * residual;
        }
        compose(pixel, c, value);
      }
    }
    await pause();
  }
}
