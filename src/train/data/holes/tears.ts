import { between, type Random, wholeBetween } from '../random';
import { drawPolygon, emptyCanvas, type MaskCanvas, type Point } from './canvas';
import { borderPoint, roughLine } from './shapes';

/** Tears of an old print: ragged gaps that run in from the border, some right across, and corners torn off. */
export function paintTears(random: Random, size: number): MaskCanvas {
  const canvas = emptyCanvas(size);
  const tears = wholeBetween(random, 1, 2);
  for (let tear = 0; tear < tears; tear++) {
    if (random() < 0.3) tearCorner(random, canvas);
    else tearAcross(random, canvas);
  }
  return canvas;
}

/** Two ragged edges that part from one rough line: widest where the tear begins, and closed where it ends inside the picture. */
function tearAcross(random: Random, canvas: MaskCanvas): void {
  const { size } = canvas;
  const start = between(random, 0, 4);
  const from = borderPoint(size, start);
  const far = borderPoint(size, start + between(random, 1.2, 2.8));
  const through = random() < 0.5 ? 1 : between(random, 0.35, 0.9);
  const to: Point = [from[0] + through * (far[0] - from[0]), from[1] + through * (far[1] - from[1])];
  const line = roughLine(random, from, to, 0.24, Math.max(2, size / 64));
  const widest = size * between(random, 0.012, 0.045);
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  const edge = (side: 1 | -1): Point[] => {
    let wander = 0;
    return line.map(([x, y], i) => {
      const along = i / (line.length - 1);
      wander = 0.93 * wander + 0.22 * between(random, -1, 1);
      const narrowing = through === 1 ? 1 - 0.4 * along : Math.sqrt(1 - along);
      const wide = widest * Math.max(0.15, 0.6 + wander) * narrowing + 0.6;
      return [x - (side * wide * dy) / length, y + (side * wide * dx) / length];
    });
  };
  // Both ends go a little beyond the border, so that no sliver of paper is left there.
  const beyond = (points: Point[]): Point[] => {
    const out = (point: Point, by: number): Point => [point[0] + (by * dx) / length, point[1] + (by * dy) / length];
    return [out(points[0], -2 * widest), ...points, ...(through === 1 ? [out(points[points.length - 1], 2 * widest)] : [])];
  };
  drawPolygon(canvas, [...beyond(edge(1)), ...beyond(edge(-1)).reverse()]);
}

/** What lies beyond a rough line between two neighbouring sides. */
function tearCorner(random: Random, canvas: MaskCanvas): void {
  const { size } = canvas;
  const corner = wholeBetween(random, 0, 3);
  const from = borderPoint(size, corner + 4 - between(random, 0.12, 0.5));
  const to = borderPoint(size, corner + between(random, 0.12, 0.5));
  const [x, y] = borderPoint(size, corner);
  const [outX, outY] = [x === 0 ? -size : 2 * size, y === 0 ? -size : 2 * size];
  const line = roughLine(random, from, to, 0.22, Math.max(2, size / 96));
  // Along the border the polygon runs outside of it: from the end of the line, round the corner, back to its start.
  const aside = ([px, py]: Point): Point => (px === 0 || px === size ? [outX, py] : [px, outY]);
  drawPolygon(canvas, [...line, aside(to), [outX, outY], aside(from)]);
}
