import type { FillRule } from './area';
import { fault } from './fault';

/** What is painted: black, which covers what was marked, or another colour, which marks. */
export type Paint = 'black' | 'colour';

/** How an element is painted. */
export interface Style {
  /** Undefined where none was said. */
  fill?: string;
  stroke?: string;
  strokeWidth: string;
  rule: FillRule;
  fillOpacity: number;
  strokeOpacity: number;
  /** Of the element and all around it. */
  opacity: number;
  visible: boolean;
  displayed: boolean;
}

const DEFAULT: Style = { strokeWidth: '1', rule: 'nonzero', fillOpacity: 1, strokeOpacity: 1, opacity: 1, visible: true, displayed: true };

/** An element's style: its attributes, `style` before them, and what it takes over from around it. @throws MaskError */
export function styleOf(attributes: ReadonlyMap<string, string>, outer: Style = DEFAULT, place: string): Style {
  const declared = new Map<string, string>();
  for (const declaration of (attributes.get('style') ?? '').split(';')) {
    const colon = declaration.indexOf(':');
    if (colon > 0) declared.set(declaration.slice(0, colon).trim().toLowerCase(), declaration.slice(colon + 1).replace(/!\s*important/, ''));
  }
  const said = (name: string) => {
    const text = (declared.get(name) ?? attributes.get(name))?.trim();
    return text === undefined || text === '' || text === 'inherit' ? undefined : text;
  };
  for (const name of ['clip-path', 'mask']) {
    if ((said(name) ?? 'none') !== 'none') throw fault(`${place}: ${name}`, 'left out: what cuts shapes is not read', said(name));
  }
  const opacity = (name: string) => {
    const text = said(name);
    if (text === undefined) return undefined;
    const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
    if (!Number.isFinite(value)) throw fault(`${place}: ${name}`, 'a number from 0 to 1', text);
    return value;
  };
  const visibility = said('visibility');
  const rule = said('fill-rule');
  return {
    fill: said('fill') ?? outer.fill,
    stroke: said('stroke') ?? outer.stroke,
    strokeWidth: said('stroke-width') ?? outer.strokeWidth,
    rule: rule === 'evenodd' || rule === 'nonzero' ? rule : outer.rule,
    fillOpacity: opacity('fill-opacity') ?? outer.fillOpacity,
    strokeOpacity: opacity('stroke-opacity') ?? outer.strokeOpacity,
    opacity: (opacity('opacity') ?? 1) * outer.opacity,
    visible: visibility === undefined ? outer.visible : visibility === 'visible',
    displayed: said('display') !== 'none',
  };
}

// As in a mask: what is not clearly kept goes.
const LEAST = 0.25;

/** What fills or strokes an element; undefined for nothing. @throws MaskError for what lies elsewhere */
export function paintOf(style: Style, of: 'fill' | 'stroke', place: string): Paint | undefined {
  const text = (style[of] ?? (of === 'fill' ? 'white' : 'none')).toLowerCase();
  if (style[of === 'fill' ? 'fillOpacity' : 'strokeOpacity'] * style.opacity < LEAST || text === 'none' || text === 'transparent') return undefined;
  if (/url\(\s*["']?(?!#)/.test(text) && !/url\(\s*["']?#/.test(text)) throw fault(place, 'a colour, or of the drawing itself: nothing is fetched', text);
  const [red, green, blue, alpha] = channelsOf(text);
  if (alpha < LEAST) return undefined;
  return Math.max(red, green, blue) < LEAST ? 'black' : 'colour';
}

type Channels = readonly [red: number, green: number, blue: number, alpha: number];

/** From 0 to 1. What is no number is some colour: of the names, black alone is nearly black in each channel. */
function channelsOf(text: string): Channels {
  const digits = /^#([\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/.exec(text)?.[1];
  if (digits !== undefined) {
    const size = digits.length < 6 ? 1 : 2;
    const channel = (n: number) => (n * size < digits.length ? Number.parseInt(digits.slice(n * size, (n + 1) * size), 16) / (16 ** size - 1) : 1);
    return [channel(0), channel(1), channel(2), channel(3)];
  }
  const numbers = /^rgba?\(([^)]*)\)$/
    .exec(text)?.[1]
    .trim()
    .split(/[\s,/]+/);
  if (numbers !== undefined && numbers.length >= 3) {
    const channel = (n: number, whole: number) => {
      const number = numbers[n];
      if (!number) return 1;
      return number.endsWith('%') ? Number(number.slice(0, -1)) / 100 : Number(number) / whole;
    };
    return [channel(0, 255), channel(1, 255), channel(2, 255), channel(3, 1)];
  }
  return text === 'black' ? [0, 0, 0, 1] : [1, 1, 1, 1];
}

// In pixels, of which CSS has 96 an inch.
const UNITS = new Map(Object.entries({ '': 1, px: 1, in: 96, cm: 96 / 2.54, mm: 96 / 25.4, q: 96 / 101.6, pt: 96 / 72, pc: 16 }));
// Each character can be read in one way only: of a long text that is no length, none is looked at again and again.
const LENGTH = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*(%|[a-z]*)$/i;

/** A length in units of the drawing; per cent are of `whole`. @throws MaskError */
export function lengthOf(text: string, whole: number, place: string): number {
  const [, number, unit] = LENGTH.exec(text.trim()) ?? [];
  const factor = unit === '%' ? whole / 100 : UNITS.get(unit?.toLowerCase() ?? '?');
  if (factor === undefined) throw fault(place, 'a length in px, mm, cm, in, pt, pc or %', text);
  return Number(number) * factor;
}
