import type { Budget } from './fault';
import type { Spans } from './spans';

/** An ellipse in pixels: its centre, its half axes, and by how many degrees it is turned clockwise. */
export interface Ellipse {
  x: number;
  y: number;
  rx: number;
  ry: number;
  angle: number;
}

/**
 * Covers an ellipse: where u = dx cos a + dy sin a and v = dy cos a - dx sin a, what has (u / rx)^2 + (v / ry)^2 <= 1. On a row that is a
 * quadratic in dx, and what lies between its roots.
 */
export function addEllipse(spans: Spans, { x, y, rx, ry, angle }: Ellipse, budget: Budget, place: string): void {
  if (rx === 0 || ry === 0) return;
  const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const reach = Math.hypot(rx * sin, ry * cos);
  const [top, bottom] = [spans.rowFrom(y - reach), spans.rowFrom(y + reach)];
  budget.takeCrossings(Math.max(0, bottom - top), place);
  const a = (cos / rx) ** 2 + (sin / ry) ** 2;
  const b = 2 * cos * sin * (1 / rx ** 2 - 1 / ry ** 2);
  const c = (sin / rx) ** 2 + (cos / ry) ** 2;
  for (let row = top; row < bottom; row++) {
    const dy = row + 0.5 - y;
    const square = (b * dy) ** 2 - 4 * a * (c * dy * dy - 1);
    if (square < 0) continue;
    const root = Math.sqrt(square);
    spans.add(row, x + (-b * dy - root) / (2 * a), x + (-b * dy + root) / (2 * a), place);
  }
}
