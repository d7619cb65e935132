import { drawPath } from './path';
import type { Pen } from './pen';
import { BETWEEN, TextReader } from './reader';

/** What a shape's attributes say. */
export interface Given {
  text(name: string): string;
  /** In units of the drawing. */
  length(name: string, along: 'x' | 'y' | 'both', least?: number): number | undefined;
  place: string;
}

/** Draws one. */
export type Draw = (pen: Pen, given: Given) => void;

/** By its name, each shape that is read. */
export const SHAPES: Record<string, Draw> = {
  path: (pen, { text, place }) => drawPath(text('d'), pen, `${place}: d`),
  line(pen, { length }) {
    pen.moveTo(length('x1', 'x') ?? 0, length('y1', 'y') ?? 0);
    pen.lineTo(length('x2', 'x') ?? 0, length('y2', 'y') ?? 0);
  },
  polyline: (pen, given) => drawPoints(pen, given),
  polygon(pen, given) {
    if (drawPoints(pen, given)) pen.close();
  },
  rect(pen, { length }) {
    const [x, y] = [length('x', 'x') ?? 0, length('y', 'y') ?? 0];
    const [width, height] = [length('width', 'x', 0) ?? 0, length('height', 'y', 0) ?? 0];
    if (width === 0 || height === 0) return;
    const [givenX, givenY] = [length('rx', 'x', 0), length('ry', 'y', 0)];
    const rx = Math.min(givenX ?? givenY ?? 0, width / 2);
    const ry = Math.min(givenY ?? givenX ?? 0, height / 2);
    const [right, bottom] = [x + width, y + height];
    const corner = (toX: number, toY: number) => {
      if (rx > 0 && ry > 0) pen.arcTo(rx, ry, 0, false, true, toX, toY);
    };
    const isRound = rx > 0 && ry > 0;
    const [dx, dy] = isRound ? [rx, ry] : [0, 0];
    pen.moveTo(x + dx, y);
    pen.lineTo(right - dx, y);
    corner(right, y + dy);
    pen.lineTo(right, bottom - dy);
    corner(right - dx, bottom);
    pen.lineTo(x + dx, bottom);
    corner(x, bottom - dy);
    pen.lineTo(x, y + dy);
    corner(x + dx, y);
    pen.close();
  },
  circle(pen, { length }) {
    const radius = length('r', 'both', 0) ?? 0;
    drawEllipse(pen, length('cx', 'x') ?? 0, length('cy', 'y') ?? 0, radius, radius);
  },
  ellipse(pen, { length }) {
    const [rx, ry] = [length('rx', 'x', 0), length('ry', 'y', 0)];
    drawEllipse(pen, length('cx', 'x') ?? 0, length('cy', 'y') ?? 0, rx ?? ry ?? 0, ry ?? rx ?? 0);
  },
};

function drawEllipse(pen: Pen, x: number, y: number, rx: number, ry: number): void {
  if (rx === 0 || ry === 0) return;
  pen.moveTo(x - rx, y);
  pen.arcTo(rx, ry, 0, false, true, x + rx, y);
  pen.arcTo(rx, ry, 0, false, true, x - rx, y);
  pen.close();
}

/** Whether there were any. */
function drawPoints(pen: Pen, { text, place }: Given): boolean {
  const reader = new TextReader(text('points').trim(), `${place}: points`);
  let any = false;
  while (!reader.isAtEnd) {
    const x = reader.number();
    reader.match(BETWEEN);
    const y = reader.number();
    reader.match(BETWEEN);
    if (any) pen.lineTo(x, y);
    else pen.moveTo(x, y);
    any = true;
  }
  return any;
}
