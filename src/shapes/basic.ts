import { addArea, type FillRule } from './area';
import type { Context } from './context';
import { addEllipse } from './ellipse';
import { coordinate, extent, fault } from './fault';
import { addLine } from './line';
import { drawPath } from './path';
import { Pen } from './pen';
import type { EllipseShape, PathShape, Points, PolygonShape, StrokeShape } from './shapes';
import { coordinatesOf } from './text';

/** @throws MaskError where it is no box */
export function addBox({ spans, budget }: Context, box: unknown, place: string, [scaleX, scaleY] = [1, 1]): void {
  const [x, y, width, height] = fourOf(box, spans, place);
  const [left, top] = [coordinate(x, `${place}[0]`) * scaleX, coordinate(y, `${place}[1]`) * scaleY];
  const [right, bottom] = [left + extent(width, `${place}[2]`) * scaleX, top + extent(height, `${place}[3]`) * scaleY];
  addArea(spans, [Float64Array.of(left, top, right, top, right, bottom, left, bottom)], 'nonzero', budget, place);
}

/** @throws MaskError where it is no polygon */
export function addPolygon(context: Context, { polygon, holes = [], rule = 'evenodd' }: PolygonShape, place: string): void {
  if (!Array.isArray(holes)) throw fault(`${place}.holes`, 'a list of outlines', holes);
  const rings = [ringOf(polygon, context, `${place}.polygon`), ...holes.map((hole, n) => ringOf(hole, context, `${place}.holes[${n}]`))];
  addArea(context.spans, rings, checkedRule(rule, place), context.budget, place);
}

/** @throws MaskError where it is no ellipse */
export function addEllipseShape({ spans, budget }: Context, { ellipse, angle = 0 }: EllipseShape, place: string): void {
  const here = `${place}.ellipse`;
  const [x, y, rx, ry] = fourOf(ellipse, spans, here);
  const centre = { x: coordinate(x, `${here}[0]`), y: coordinate(y, `${here}[1]`) };
  const axes = { rx: extent(rx, `${here}[2]`), ry: extent(ry, `${here}[3]`) };
  addEllipse(spans, { ...centre, ...axes, angle: coordinate(angle, `${place}.angle`) }, budget, place);
}

/** @throws MaskError where it is no stroke */
export function addStroke(context: Context, { stroke, width }: StrokeShape, place: string): void {
  const points = pointsOf(stroke, context, `${place}.stroke`);
  if (points.length === 0) throw fault(`${place}.stroke`, 'a point at least');
  addLine(context.spans, points, false, extent(width, `${place}.width`), context.budget, place);
}

/** @throws MaskError where it is no path */
export function addPath({ spans, budget }: Context, { path, rule = 'nonzero', width }: PathShape, place: string): void {
  const here = `${place}.path`;
  if (typeof path !== 'string') throw fault(here, 'the text of an SVG path', path);
  const pen = new Pen(here, budget);
  drawPath(path, pen, here);
  if (width === undefined) addArea(spans, pen.rings, checkedRule(rule, place), budget, here);
  else for (const { points, closed } of pen.lines) addLine(spans, points, closed, extent(width, `${place}.width`), budget, here);
}

function checkedRule(rule: FillRule, place: string): FillRule {
  if (rule !== 'evenodd' && rule !== 'nonzero') throw fault(`${place}.rule`, "'evenodd' or 'nonzero'", rule);
  return rule;
}

/** Four numbers, not yet looked at, or a text of them. */
function fourOf(given: unknown, size: Context['spans'], place: string): ArrayLike<unknown> & Iterable<unknown> {
  const values = typeof given === 'string' ? coordinatesOf(given, size, place) : given;
  if (!isList(values) || values.length !== 4) throw fault(place, 'four numbers', isList(values) ? values.length : given);
  return values as unknown as ArrayLike<unknown> & Iterable<unknown>;
}

/** Whether it is an array of any kind: what merely has a length may claim any. */
export const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);

/** The corners of a polygon: three at least. @throws MaskError */
export function ringOf(given: Points | ArrayLike<number>, context: Context, place: string): Float64Array {
  const points = pointsOf(given, context, place);
  if (points.length < 6) throw fault(place, 'three points at least', points.length / 2);
  return points;
}

/** Points as x, y, x, y, ... @throws MaskError */
function pointsOf(given: Points | ArrayLike<number>, { spans, budget }: Context, place: string): Float64Array {
  const list: ArrayLike<unknown> = typeof given === 'string' ? coordinatesOf(given, spans, place) : (given as ArrayLike<unknown>);
  if (!isList(list)) throw fault(place, 'a list of points', given);
  const isPairs = isList(list[0]);
  const length = isPairs ? 2 * list.length : list.length;
  if (length % 2 !== 0) throw fault(place, 'x and y of each point: an even number of numbers', length);
  budget.takePoints(length / 2, place);
  const points = new Float64Array(length);
  for (let n = 0; n < list.length; n++) {
    if (!isPairs) {
      points[n] = coordinate(list[n], `${place}[${n}]`);
      continue;
    }
    const pair = list[n];
    if (!isList(pair) || pair.length !== 2) throw fault(`${place}[${n}]`, 'x and y', pair);
    points[2 * n] = coordinate(pair[0], `${place}[${n}][0]`);
    points[2 * n + 1] = coordinate(pair[1], `${place}[${n}][1]`);
  }
  return points;
}
