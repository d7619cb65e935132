import { type Element, elementsOf } from '../io/xmp/xml';
import { type Affine, combined, IDENTITY, scaleOf } from './affine';
import { addArea, type FillRule } from './area';
import type { Context } from './context';
import { extent, fault } from './fault';
import { type Size, sizeFault } from './fit';
import { addLine } from './line';
import { type Line, Pen } from './pen';
import { type Draw, SHAPES } from './svg-shapes';
import { lengthOf, type Paint, paintOf, type Style, styleOf } from './svg-style';
import { inPort, transformOf, viewBoxOf } from './svg-transform';

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

const lineAt = (text: string, at: number) => linesFrom(text, 0, at) + 1;

/** How many lines end between two places of a text. */
function linesFrom(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (text.charCodeAt(at) === 10) count++;
  return count;
}

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
  /** The line of the element at hand, and where that begins. */
  #line = 1;
  #counted = 0;

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

  /** Elements come one behind the other: what lies before the last one is not counted again. */
  #placeOf({ name, start }: Element): string {
    this.#line += linesFrom(this.text, this.#counted, start);
    this.#counted = start;
    return `${this.place}: <${name}> in line ${this.#line}`;
  }

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
    if (stroke) this.painted.push({ lines, paint: stroke, rule, width: extent(strokeWidth, `${place}: stroke-width`), place });
  }
}
