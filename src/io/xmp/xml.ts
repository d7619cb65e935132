import { bytesOf, joined } from '../containers/bytes';

// XML of our own reading. Why no library: workers have no DOMParser, and fast-xml-parser writes quotes and spaces anew where an edit leaves
// all alone. So elements and attributes are found with their places, and edits are cuts and insertions of bytes. What is no well-formed
// XML, has a document type, or is nested or numerous beyond reason is not read at all. Each byte is looked at a fixed number of times.

const DEEPEST = 100;
const MOST_ITEMS = 200_000;

/** Namespaces by prefix, `''` for names without one. */
interface Scope {
  names: Map<string, string>;
  outer?: Scope;
}

/** A name with what its prefix stands for. */
export interface Name {
  /** As written, prefix included. */
  name: string;
  /** Without prefix. */
  local: string;
  /** URI; empty where there is none. */
  namespace: string;
}

/** An attribute, as written, and where it stands: from the white space before it to behind its closing quote. */
export interface Attribute extends Name {
  value: string;
  start: number;
  end: number;
}

/** An element and where it stands: its start tag from `start` to `open`, its end tag from `close` to `end`, both none if `empty`. */
export interface Element extends Name {
  attributes: Attribute[];
  children: Element[];
  start: number;
  /** Behind the name in the start tag. */
  named: number;
  open: number;
  close: number;
  end: number;
  empty: boolean;
  scope: Scope;
  parent?: Element;
}

/** A packet's bytes in UTF-8, a character for each of them, and its elements. */
export interface Packet {
  bytes: Uint8Array;
  text: string;
  root: Element;
}

const OPAQUE = [
  ['<?', '?>'],
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
];

const isSpace = (code: number): boolean => code === 0x20 || (code >= 9 && code <= 13);
const MARKUP = new Set(Array.from('<>/="\'&!?', (character) => character.charCodeAt(0)));
const isNameCharacter = (code: number): boolean => code > 0x20 && !MARKUP.has(code);

function past(text: string, at: number, isOne: (code: number) => boolean): number {
  let end = at;
  while (end < text.length && isOne(text.charCodeAt(end))) end++;
  return end;
}

/** The parts of a start tag that begins at `start`, names not yet resolved; undefined for what is none. */
function tagAt(text: string, start: number): { name: string; named: number; attributes: Attribute[]; open: number; empty: boolean } | undefined {
  const named = past(text, start + 1, isNameCharacter);
  const name = text.slice(start + 1, named);
  const attributes: Attribute[] = [];
  for (let at = named; name !== ''; ) {
    const next = past(text, at, isSpace);
    if (text[next] === '>') return { name, named, attributes, open: next + 1, empty: false };
    if (text[next] === '/') return text[next + 1] === '>' ? { name, named, attributes, open: next + 2, empty: true } : undefined;
    const end = past(text, next, isNameCharacter);
    const equals = past(text, end, isSpace);
    const quote = past(text, equals + 1, isSpace);
    if (next === at || end === next || text[equals] !== '=' || (text[quote] !== '"' && text[quote] !== "'")) return undefined;
    const close = text.indexOf(text[quote], quote + 1);
    if (close < 0 || attributes.length > MOST_ITEMS) return undefined;
    const attribute = text.slice(next, end);
    attributes.push({ name: attribute, local: attribute, namespace: '', value: text.slice(quote + 1, close), start: at, end: close + 1 });
    at = close + 1;
  }
  return undefined;
}

/** The namespaces that hold in an element. */
function scopeOf(attributes: readonly Attribute[], outer: Scope): Scope {
  if (!attributes.some(({ name }) => name.startsWith('xmlns'))) return outer;
  const names = new Map<string, string>();
  for (const { name, value } of attributes) {
    if (name === 'xmlns') names.set('', value);
    if (name.startsWith('xmlns:')) names.set(name.slice(6), value);
  }
  return { names, outer };
}

/** What a prefix stands for; undefined where it is not declared. */
export function namespaceOf(scope: Scope, prefix: string): string | undefined {
  for (let of: Scope | undefined = scope; of; of = of.outer) {
    const found = of.names.get(prefix);
    if (found !== undefined) return found;
  }
  return undefined;
}

function resolve(of: Name, scope: Scope, unprefixed: string): void {
  const colon = of.name.indexOf(':');
  of.local = of.name.slice(colon + 1);
  of.namespace = colon < 0 ? unprefixed : (namespaceOf(scope, of.name.slice(0, colon)) ?? '');
}

/** The elements of a text, in one that stands for the whole; undefined if it is not well formed, and `onFault` is told about where. */
export function elementsOf(text: string, onFault: (at: number) => void = () => undefined): Element | undefined {
  const wrong = (at: number) => {
    onFault(at);
    return undefined;
  };
  const all = text.length;
  const scope: Scope = { names: new Map() };
  const root: Element = {
    name: '',
    local: '',
    namespace: '',
    attributes: [],
    children: [],
    start: 0,
    named: 0,
    open: 0,
    close: all,
    end: all,
    empty: false,
    scope,
  };
  let current = root;
  let depth = 0;
  let items = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const opaque = '?!'.includes(text[at + 1]) ? OPAQUE.find(([start]) => text.startsWith(start, at)) : undefined;
    if (opaque) {
      const end = text.indexOf(opaque[1], at + opaque[0].length);
      if (end < 0) return wrong(at);
      at = end + opaque[1].length;
    } else if (text[at + 1] === '/') {
      const named = at + 2 + current.name.length;
      const end = past(text, named, isSpace);
      if (!current.parent || !text.startsWith(current.name, at + 2) || text[end] !== '>') return wrong(at);
      current.close = at;
      at = current.end = end + 1;
      current = current.parent;
      depth--;
    } else {
      const tag = tagAt(text, at);
      if (!tag) return wrong(at);
      items += 1 + tag.attributes.length;
      const inner = scopeOf(tag.attributes, current.scope);
      const element: Element = { ...tag, local: '', namespace: '', children: [], start: at, close: tag.open, end: tag.open, scope: inner, parent: current };
      resolve(element, inner, namespaceOf(inner, '') ?? '');
      for (const attribute of tag.attributes) resolve(attribute, inner, '');
      current.children.push(element);
      if (!tag.empty) {
        current = element;
        depth++;
      }
      if (depth > DEEPEST || items > MOST_ITEMS) return wrong(at);
      at = tag.open;
    }
  }
  return current === root && root.children.length > 0 ? root : wrong(all);
}

/** The packet in UTF-8: what is in UTF-16, which its first `<` tells by the zero beside it, is written anew. */
function inUtf8(packet: Uint8Array): Uint8Array {
  const marked = (packet[0] === 0xff && packet[1] === 0xfe) || (packet[0] === 0xfe && packet[1] === 0xff);
  const at = marked ? 2 : 0;
  const little = packet[at] === 0x3c && packet[at + 1] === 0;
  const big = packet[at] === 0 && packet[at + 1] === 0x3c;
  if (!little && !big) return packet;
  return new TextEncoder().encode(new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(packet.subarray(at)));
}

/** Reads a packet in UTF-8 or UTF-16; undefined where it is no well-formed XML. */
export function packetOf(packet: Uint8Array): Packet | undefined {
  const bytes = inUtf8(packet);
  // One character for each byte, so that places in the text are places in the packet.
  const text = new TextDecoder('latin1').decode(bytes);
  const root = elementsOf(text);
  return root && { bytes, text, root };
}

/** All elements below one, in their order. */
export function* descendantsOf(element: Element): Generator<Element> {
  const waiting = [...element.children].reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next;
    for (let i = next.children.length - 1; i >= 0; i--) waiting.push(next.children[i]);
  }
}

/** Bytes from `start` to `end` give way to others. */
export interface Edit {
  start: number;
  end: number;
  by?: Uint8Array[];
}

/** What is put in comes before what goes from there; of what goes, the longest stretch comes first. */
const inOrder = (a: Edit, b: Edit): number => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start) || b.end - a.end;

/** A copy with the edits made. An edit inside a stretch that goes is left out. */
export function edited(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { start, end, by = [] } of [...edits].sort(inOrder)) {
    if (start < at) continue;
    parts.push(bytes.subarray(at, start));
    for (const part of by) parts.push(part);
    at = end;
  }
  parts.push(bytes.subarray(at));
  return joined(parts);
}

/** Puts content in at an element's end, which may have none yet. */
export function appended({ bytes }: Packet, element: Element, content: readonly Uint8Array[]): Edit {
  if (!element.empty) return { start: element.close, end: element.close, by: [...content] };
  const name = bytes.subarray(element.start + 1, element.named);
  return { start: element.open - 2, end: element.open, by: [bytesOf('>'), ...content, bytesOf('</'), name, bytesOf('>')] };
}
