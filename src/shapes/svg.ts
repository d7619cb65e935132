import { type Element, elementsOf } from '../io/xmp/xml';
import { type Affine, combined, IDENTITY, scaleOf } from './affine';
import { addArea, type FillRule } from './area';
import type { Context } from './context';
import { fault } from './fault';
import { type Size, sizeFault } from './fit';
import { addLine } from './line';
import { drawPath } from './path';
import { type Line, Pen } from './pen';
import { BETWEEN, TextReader } from './reader';
import { lengthOf, type Paint, paintOf, type Style, styleOf } from './svg-style';

const LONGEST = 2 ** 24;
// They draw nothing by themselves, and what would refer to them is refused.
const SKIPPED = new Set(['title', 'desc', 'metadata', 'defs', 'filter', 'linearGradient', 'radialGradient', 'pattern', 'marker', 'symbol', 'clipPath', 'mask']);
const GROUPS = new Set(['g', 'a']);

/** Something that is painted, in pixels of the photo. */
interface Painted {
  lines: Line[];
  paint: Paint;
  rule: FillRule;
  /** Of a line; an area has none. */
  width?: number;
  place: string;
}

/**
 * Covers what an SVG file paints, the way a mask is painted: black covers what other colours marked before. A shape whose colour is not said,
 * or is anything but nearly black, marks; where all is black, black marks. Strokes have round ends and corners.
 *
 * Nothing but shapes is read: no script, style sheet, text, picture, animation, reference or entity, and nothing is ever fetched.
 *
 * @throws MaskError where it is no SVG, or has what is not read; it says in which line
 */
export function addSvg(context: Context, text: unknown, place: string): void {
  if (typeof text !== 'string') throw fault(place, 'the text of an SVG file', text);
  const root = rootOf(text, place);
  const drawing = new Drawing(context, text, place, root.name.slice(0, -'svg'.length));
  drawing.draw(root);
  const { spans, budget } = context;
  const inColour = drawing.painted.some(({ paint }) => paint === 'colour');
  for (const { lines, paint, rule, width, place } of drawing.painted) {
    spans.marking = paint === 'colour' || !inColour;
    if (width === undefined)
      addArea(
        spans,
        lines.map(({ points }) => points),
        rule,
        budget,
        place,
      );
    else for (const { points, closed } of lines) addLine(spans, points, closed, width, budget, place);
  }
  spans.marking = true;
}

const lineAt = (text: string, at: number) => text.slice(0, at).split('\n').length;

function rootOf(text: string, place: string): Element {
  if (text.length > LONGEST) throw fault(place, `a text of at most ${LONGEST} characters`, text.length);
  const declared = /<!(?:DOCTYPE|ENTITY)/i.exec(text);
  if (declared) throw fault(`${place}, line ${lineAt(text, declared.index)}`, 'without a document type: entities are not read');
  let wrongAt = 0;
  const all = elementsOf(text, (at) => {
    wrongAt = at;
  });
  if (!all) throw fault(`${place}, line ${lineAt(text, wrongAt)}`, 'well-formed XML, at most 100 elements deep and of at most 200000 elements and attributes');
  const [root, ...more] = all.children;
  if (root.local !== 'svg') throw fault(place, 'a drawing in an <svg>', `<${root.local}>`);
  if (more.length > 0) throw fault(`${place}, line ${lineAt(text, more[0].start)}`, 'the end, behind </svg>', `<${more[0].name}>`);
  return root;
}

/** Numbers and words of one element. */
type Attributes = ReadonlyMap<string, string>;

const attributesOf = (element: Element): Attributes => new Map(element.attributes.map(({ name, value }) => [name, value]));

class Drawing {
  readonly painted: Painted[] = [];
  /** What per cent are of. */
  #view: Size;

  constructor(
    private readonly context: Context,
    private readonly text: string,
    private readonly place: string,
    /** Before the names of SVG's elements, with its colon. */
    private readonly prefix: string,
  ) {
    this.#view = context.spans;
  }

  draw(root: Element): void {
    const place = this.#placeOf(root);
    const attributes = attributesOf(root);
    const style = styleOf(attributes, undefined, place);
    const affine = combined(this.#rootAffine(attributes, place), transformOf(attributes.get('transform'), place));
    for (const child of root.children) this.#element(child, affine, style);
  }

  #placeOf = (element: Element) => `${this.place}: <${element.name}> in line ${lineAt(this.text, element.start)}`;

  /** From the drawing's units to the photo's pixels. */
  #rootAffine(attributes: Attributes, place: string): Affine {
    const { spans, fit } = this.context;
    const box = viewBoxOf(attributes.get('viewBox'), place);
    const side = (name: 'width' | 'height') => {
      const text = attributes.get(name);
      return text === undefined || /%\s*$|^\s*auto\s*$/.test(text) ? undefined : lengthOf(text, 0, `${place}: ${name}`);
    };
    const [width, height] = [side('width'), side('height')];
    const port = width && height ? { width, height } : box && { width: box[2], height: box[3] };
    if (!port) return IDENTITY;
    const align = attributes.get('preserveAspectRatio') ?? '';
    // One in a hundred is how a small drawing of a large photo may be rounded.
    const isAlike = Math.abs(port.width * spans.height - port.height * spans.width) <= 0.01 * port.width * spans.height;
    if (!fit && !isAlike && !/^\s*none/.test(align)) throw sizeFault(port, spans, this.place);
    this.#view = box ? { width: box[2], height: box[3] } : port;
    const stretch: Affine = [spans.width / port.width, 0, 0, spans.height / port.height, 0, 0];
    return box ? combined(stretch, inPort(box, port, align)) : stretch;
  }

  #element(element: Element, affine: Affine, outer: Style): void {
    if (!element.name.startsWith(this.prefix) || element.name.slice(this.prefix.length).includes(':')) return;
    const name = element.name.slice(this.prefix.length);
    if (SKIPPED.has(name)) return;
    const place = this.#placeOf(element);
    const draw = Object.hasOwn(SHAPES, name) ? SHAPES[name] : undefined;
    if (!draw && !GROUPS.has(name))
      throw fault(place, 'left out: shapes are read (rect, circle, ellipse, line, polyline, polygon, path), and groups of them (g)', `<${name}>`);
    const attributes = attributesOf(element);
    const style = styleOf(attributes, outer, place);
    if (!style.displayed) return;
    const inner = combined(affine, transformOf(attributes.get('transform'), place));
    if (!draw) for (const child of element.children) this.#element(child, inner, style);
    else this.#paint(draw, attributes, inner, style, place, name === 'line');
  }

  #paint(draw: Draw, attributes: Attributes, affine: Affine, style: Style, place: string, isLine: boolean): void {
    if (!style.visible) return;
    const pen = new Pen(place, this.context.budget, affine);
    const { width, height } = this.#view;
    const diagonal = Math.hypot(width, height) / Math.SQRT2;
    draw(pen, {
      text: (name) => attributes.get(name) ?? '',
      length: (name, along, least = Number.NEGATIVE_INFINITY) => {
        const text = attributes.get(name);
        if (text === undefined || text.trim() === 'auto') return undefined;
        const value = lengthOf(text, { x: width, y: height, both: diagonal }[along], `${place}: ${name}`);
        if (value < least) throw fault(`${place}: ${name}`, 'not negative', value);
        return value;
      },
      place,
    });
    pen.end();
    const { lines } = pen;
    if (lines.length === 0) return;
    const { rule } = style;
    const fill = isLine ? undefined : paintOf(style, 'fill', `${place}: fill`);
    if (fill) this.painted.push({ lines, paint: fill, rule, place });
    const stroke = paintOf(style, 'stroke', `${place}: stroke`);
    const strokeWidth = lengthOf(style.strokeWidth, diagonal, `${place}: stroke-width`) * scaleOf(affine);
    if (strokeWidth < 0) throw fault(`${place}: stroke-width`, 'not negative', strokeWidth);
    if (stroke) this.painted.push({ lines, paint: stroke, rule, width: strokeWidth, place });
  }
}

/** What a shape's attributes say. */
interface Given {
  text(name: string): string;
  /** In units of the drawing. */
  length(name: string, along: 'x' | 'y' | 'both', least?: number): number | undefined;
  place: string;
}

type Draw = (pen: Pen, given: Given) => void;

const SHAPES: Record<string, Draw> = {
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

function viewBoxOf(text: string | undefined, place: string): Float64Array | undefined {
  if (text === undefined) return undefined;
  const reader = new TextReader(text.trim(), `${place}: viewBox`);
  const box = new Float64Array(4);
  for (let n = 0; n < 4; n++) {
    if (n > 0) reader.match(BETWEEN);
    box[n] = reader.number();
  }
  if (!reader.isAtEnd) throw reader.wrong('four numbers');
  if (!(box[2] > 0 && box[3] > 0)) throw fault(`${place}: viewBox`, 'of a width and height above 0', text);
  return box;
}

/** Lays a view box into a port, as preserveAspectRatio says. */
function inPort([x, y, width, height]: Float64Array, port: Size, align: string): Affine {
  const [scaleX, scaleY] = [port.width / width, port.height / height];
  if (/^\s*none/.test(align)) return [scaleX, 0, 0, scaleY, -x * scaleX, -y * scaleY];
  const scale = /\bslice\b/.test(align) ? Math.max(scaleX, scaleY) : Math.min(scaleX, scaleY);
  const share = (axis: string) => ({ Min: 0, Max: 1 })[new RegExp(`${axis}(Min|Max)`).exec(align)?.[1] ?? ''] ?? 0.5;
  const at = (from: number, size: number, whole: number, axis: string) => (whole - size * scale) * share(axis) - from * scale;
  return [scale, 0, 0, scale, at(x, width, port.width, 'x'), at(y, height, port.height, 'Y')];
}

const FUNCTION = /(matrix|translate|scale|rotate|skewX|skewY)\s*\(\s*/y;
const CLOSE = /\s*\)\s*,?\s*/y;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** What each function of a transform takes, and the matrix that it means. */
const TRANSFORMS: Record<string, { counts: readonly number[]; affine: (v: Float64Array, count: number) => Affine }> = {
  matrix: { counts: [6], affine: ([a, b, c, d, e, f]) => [a, b, c, d, e, f] },
  translate: { counts: [1, 2], affine: ([x, y]) => [1, 0, 0, 1, x, y] },
  scale: { counts: [1, 2], affine: ([x, y], count) => [x, 0, 0, count === 1 ? x : y, 0, 0] },
  rotate: {
    counts: [1, 3],
    affine([angle, x, y]) {
      const [cos, sin] = [Math.cos(radians(angle)), Math.sin(radians(angle))];
      return combined([cos, sin, -sin, cos, x, y], [1, 0, 0, 1, -x, -y]);
    },
  },
  skewX: { counts: [1], affine: ([angle]) => [1, 0, Math.tan(radians(angle)), 1, 0, 0] },
  skewY: { counts: [1], affine: ([angle]) => [1, Math.tan(radians(angle)), 0, 1, 0, 0] },
};

function transformOf(text: string | undefined, place: string): Affine {
  if (text === undefined || text.trim() === 'none') return IDENTITY;
  const reader = new TextReader(text.trim(), `${place}: transform`);
  let affine = IDENTITY;
  while (!reader.isAtEnd) {
    const name = reader.match(FUNCTION)?.match(/\w+/)?.[0];
    if (name === undefined) throw reader.wrong('matrix(, translate(, scale(, rotate(, skewX( or skewY(');
    const values = new Float64Array(6);
    let count = 0;
    while (count < 6 && reader.text[reader.at] !== ')') {
      values[count++] = reader.number();
      reader.match(BETWEEN);
    }
    if (!TRANSFORMS[name].counts.includes(count)) throw reader.wrong(`${TRANSFORMS[name].counts.join(' or ')} numbers in ${name}()`);
    if (reader.match(CLOSE) === undefined) throw reader.wrong(')');
    affine = combined(affine, TRANSFORMS[name].affine(values, count));
  }
  return affine;
}
