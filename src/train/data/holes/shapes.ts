import { between, normalFrom, type Random } from '../random';
import type { Point } from './canvas';

/** A closed outline about a point: a circle whose radius swings by a few waves. `roughness` 0 is an ellipse of the given stretch. */
export function blob(random: Random, [x, y]: Point, radius: number, roughness: number, stretch = 1): Point[] {
  const waves = [2, 3, 4, 5, 7].map((count) => ({ count, height: (roughness * normalFrom(random)) / count, phase: between(random, 0, 2 * Math.PI) }));
  const turn = between(random, 0, 2 * Math.PI);
  const points = Math.min(96, Math.max(12, Math.round(radius * 2)));
  return Array.from({ length: points }, (_, i) => {
    const angle = (2 * Math.PI * i) / points;
    const swing = waves.reduce((sum, { count, height, phase }) => sum + height * Math.cos(count * angle + phase), 1);
    const [u, v] = [Math.max(0.2, swing) * radius * stretch * Math.cos(angle), (Math.max(0.2, swing) * radius * Math.sin(angle)) / stretch];
    return [x + u * Math.cos(turn) - v * Math.sin(turn), y + u * Math.sin(turn) + v * Math.cos(turn)];
  });
}

/**
 * A line from one point to another that is broken again and again: the middle of each piece is moved sideways by up to `roughness` of the
 * piece's length (midpoint displacement).
 */
export function roughLine(random: Random, from: Point, to: Point, roughness: number, shortest = 3): Point[] {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (length <= shortest) return [from, to];
  const aside = roughness * between(random, -1, 1);
  const middle: Point = [(from[0] + to[0]) / 2 - aside * (to[1] - from[1]), (from[1] + to[1]) / 2 + aside * (to[0] - from[0])];
  return [...roughLine(random, from, middle, roughness, shortest), ...roughLine(random, middle, to, roughness, shortest).slice(1)];
}

/** A point on the border, at `along` in [0, 4): the top's length, then right, bottom and left, clockwise from the top left corner. */
export function borderPoint(size: number, along: number): Point {
  const [side, share] = [Math.floor(along) % 4, along - Math.floor(along)];
  return [
    [share * size, 0],
    [size, share * size],
    [size - share * size, size],
    [0, size - share * size],
  ][side] as unknown as Point;
}
