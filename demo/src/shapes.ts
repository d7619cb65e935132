import { type Box, boxAround, type Point } from './box';

/** What a tool paints: for each row of its box the runs of pixels `[from, to)` whose centres lie in it. */
export interface Shape {
  box: Box;
  row(y: number, run: (from: number, to: number) => void): void;
}

/** From the first pixel whose centre is not before `left` to the last whose centre is before `right`. */
const centresWithin = (left: number, right: number, run: (from: number, to: number) => void) => run(Math.ceil(left - 0.5), Math.floor(right - 0.5) + 1);

// Nearer to each other than so many pixels, two points are one: of the least numbers there are, too few bits are left for a direction.
const APART = 1e-9;

/** A stroke of a round brush from `a` to `b`. It is convex, so each row is one run. */
export function capsule(a: Point, b: Point, radius: number): Shape {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const across = length > APART ? { x: (-(b.y - a.y) / length) * radius, y: ((b.x - a.x) / length) * radius } : { x: 0, y: 0 };
  const body = [
    { x: a.x + across.x, y: a.y + across.y },
    { x: b.x + across.x, y: b.y + across.y },
    { x: b.x - across.x, y: b.y - across.y },
    { x: a.x - across.x, y: a.y - across.y },
  ];
  return {
    box: boxAround([a, b], radius),
    row(y, run) {
      const middle = y + 0.5;
      let left = Infinity;
      let right = -Infinity;
      const include = (x: number) => {
        left = Math.min(left, x);
        right = Math.max(right, x);
      };
      for (const end of [a, b]) {
        const half = radius * radius - (middle - end.y) ** 2;
        if (half < 0) continue;
        include(end.x - Math.sqrt(half));
        include(end.x + Math.sqrt(half));
      }
      for (const { x } of crossings(body, middle)) include(x);
      if (left <= right) centresWithin(left, right, run);
    },
  };
}

/** A closed outline, filled wherever it winds around a pixel at all, so that a lasso that crosses itself has no gaps. */
export function polygon(points: readonly Point[]): Shape {
  return {
    box: boxAround(points),
    row(y, run) {
      const found = crossings(points, y + 0.5).sort((one, other) => one.x - other.x);
      let winding = 0;
      for (let i = 0; i + 1 < found.length; i++) {
        winding += found[i].winding;
        if (winding !== 0) centresWithin(found[i].x, found[i + 1].x, run);
      }
    },
  };
}

/** The rectangle between two corners. */
export function rectangle(a: Point, b: Point): Shape {
  const [left, right] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
  const [top, bottom] = [Math.min(a.y, b.y), Math.max(a.y, b.y)];
  return {
    box: boxAround([a, b]),
    row(y, run) {
      if (y + 0.5 >= top && y + 0.5 <= bottom) centresWithin(left, right, run);
    },
  };
}

/** Where the edges of an outline cross a row, and whether downwards (1) or upwards (-1). */
function crossings(points: readonly Point[], y: number): { x: number; winding: number }[] {
  const found = [];
  for (let i = 0; i < points.length; i++) {
    const a = points[i];
    const b = points[(i + 1) % points.length];
    if (a.y <= y === b.y <= y) continue;
    found.push({ x: a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x), winding: a.y <= y ? 1 : -1 });
  }
  return found;
}
