import type { Budget } from './fault';
import type { Spans } from './spans';

/**
 * Covers what lies within half a width of a line: its ends and corners are round.
 *
 * @param points coordinates x, y, x, y, ...; a single point gives a disc
 * @param closed whether the last point is joined to the first
 */
export function addLine(spans: Spans, points: Float64Array, closed: boolean, width: number, budget: Budget, place: string): void {
  const radius = width / 2;
  if (radius === 0 || points.length === 0) return;
  const end = points.length === 2 || closed ? points.length : points.length - 2;
  for (let n = 0; n < end; n += 2) {
    const m = n + 2 >= points.length ? 0 : n + 2;
    addSegment(spans, [points[n], points[n + 1]], [points[m], points[m + 1]], radius, budget, place);
  }
}

type Point = readonly [x: number, y: number];

// Nearer to each other than so many pixels, two points are one: of the least numbers there are, too few bits are left for a direction.
const APART = 1e-9;

/** Two discs and the rectangle between them: their hull, so each row has one stretch of it. */
function addSegment(spans: Spans, a: Point, b: Point, radius: number, budget: Budget, place: string): void {
  const [top, bottom] = [spans.rowFrom(Math.min(a[1], b[1]) - radius), spans.rowFrom(Math.max(a[1], b[1]) + radius)];
  budget.takeCrossings(Math.max(0, bottom - top), place);
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  const [acrossX, acrossY] = length > APART ? [((a[1] - b[1]) / length) * radius, ((b[0] - a[0]) / length) * radius] : [0, 0];
  const corners: Point[] = [
    [a[0] + acrossX, a[1] + acrossY],
    [b[0] + acrossX, b[1] + acrossY],
    [b[0] - acrossX, b[1] - acrossY],
    [a[0] - acrossX, a[1] - acrossY],
  ];
  for (let row = top; row < bottom; row++) {
    const y = row + 0.5;
    let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const widen = (x: number) => {
      left = Math.min(left, x);
      right = Math.max(right, x);
    };
    for (const [x, middle] of [a, b]) {
      const square = radius * radius - (y - middle) * (y - middle);
      if (square < 0) continue;
      widen(x - Math.sqrt(square));
      widen(x + Math.sqrt(square));
    }
    for (let n = 0; n < 4; n++) {
      const [from, to] = [corners[n], corners[(n + 1) % 4]];
      if (from[1] <= y !== to[1] <= y) widen(from[0] + ((y - from[1]) * (to[0] - from[0])) / (to[1] - from[1]));
    }
    spans.add(row, left, right, place);
  }
}
