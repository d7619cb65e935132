/** A square that holes are drawn on: 1 is hole, row by row. Lengths are in pixels; the centre of the first pixel is at (0.5, 0.5). */
export interface MaskCanvas {
  /** Its side. */
  readonly size: number;
  /** `size * size` values of 0 or 1. */
  readonly data: Uint8Array;
}

/** A canvas without a hole. */
export const emptyCanvas = (size: number): MaskCanvas => ({ size, data: new Uint8Array(size * size) });

/** A point: x to the right, y down. */
export type Point = readonly [number, number];

/** The whole numbers i in 0 .. size - 1 whose centres i + 0.5 lie in [from, to], as [first, behind the last]. */
const span = (from: number, to: number, size: number): [number, number] => [Math.max(0, Math.ceil(from - 0.5)), Math.min(size, Math.floor(to - 0.5) + 1)];

/** Makes a hole of a line with round ends whose radius changes evenly from one to the other. */
export function drawLine({ size, data }: MaskCanvas, [x0, y0]: Point, [x1, y1]: Point, radius0: number, radius1 = radius0): void {
  const reach = Math.max(radius0, radius1);
  const [left, right] = span(Math.min(x0, x1) - reach, Math.max(x0, x1) + reach, size);
  const [top, bottom] = span(Math.min(y0, y1) - reach, Math.max(y0, y1) + reach, size);
  const [dx, dy] = [x1 - x0, y1 - y0];
  const squared = dx * dx + dy * dy;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const along = squared > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / squared)) : 0;
      const [away, wide] = [(px - along * dx) ** 2 + (py - along * dy) ** 2, radius0 + (radius1 - radius0) * along];
      if (away <= wide * wide) data[y * size + x] = 1;
    }
  }
}

/** Makes a hole of a polygon's inside; what it goes round twice is inside, too. */
export function drawPolygon({ size, data }: MaskCanvas, points: readonly Point[]): void {
  const heights = points.map(([, y]) => y);
  const [top, bottom] = span(Math.min(...heights), Math.max(...heights), size);
  const rows: [number, number][][] = Array.from({ length: Math.max(0, bottom - top) }, () => []);
  points.forEach(([x0, y0], i) => {
    const [x1, y1] = points[(i + 1) % points.length];
    const [low, high, winds] = y0 < y1 ? [y0, y1, 1] : [y1, y0, -1];
    for (let y = Math.max(top, Math.ceil(low - 0.5)); y < bottom && y + 0.5 < high; y++) {
      rows[y - top].push([x0 + ((y + 0.5 - y0) / (y1 - y0)) * (x1 - x0), winds]);
    }
  });
  rows.forEach((crossings, row) => {
    crossings.sort((a, b) => a[0] - b[0]);
    const start = (top + row) * size;
    let winding = 0;
    for (let i = 0; i + 1 < crossings.length; i++) {
      winding += crossings[i][1];
      if (winding === 0) continue;
      const [from, to] = span(crossings[i][0], crossings[i + 1][0], size);
      if (to > from) data.fill(1, start + from, start + to);
    }
  });
}

/** Adds another's holes. */
export function mergeInto({ data }: MaskCanvas, other: MaskCanvas): void {
  for (let i = 0; i < data.length; i++) data[i] |= other.data[i];
}

/** The share of the canvas that is hole. */
export function coverageOf({ data }: MaskCanvas): number {
  let count = 0;
  for (let i = 0; i < data.length; i++) count += data[i];
  return count / data.length;
}
