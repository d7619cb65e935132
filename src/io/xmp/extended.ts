import { bytesOf, joined } from '../containers/bytes';
import { md5Of } from './md5';
import { descriptionsOf, extendedReference, extendedReferences, isDeclaration, isProperty, rdfOf } from './rdf';
import { type Attribute, appended, type Edit, type Element, edited, namespaceOf, type Packet, packetOf } from './xml';

// A segment of a JPEG holds 65533 bytes. A longer packet of XMP is two: a standard one, and an extension in as many segments as it
// takes, which the standard one names by its MD5 (Adobe's XMP specification, part 3, 1.1.3.1).

const MOST_DECLARATIONS = 32 * 2 ** 20;

/** The packet's root of descriptions, where it has one. */
function read(bytes: Uint8Array): { packet: Packet; rdf: Element } | undefined {
  const packet = packetOf(bytes);
  const rdf = packet && rdfOf(packet);
  return rdf && { packet, rdf };
}

const copyOf = (packet: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(packet);

/**
 * The GUID that a packet's `xmpNote:HasExtendedXMP` names, as attribute or element.
 *
 * @returns 32 hexadecimal digits, as they are written; undefined where there is none
 */
export function extendedXmpGuid(packet: Uint8Array): string | undefined {
  const found = read(packet);
  if (!found) return undefined;
  const texts = extendedReferences(found.rdf).map((of) => ('value' in of ? of.value : found.packet.text.slice(of.open, of.close)).trim());
  return texts.find((text) => /^[0-9a-f]{32}$/i.test(text));
}

/** A copy of the packet that refers to no extension, for where there is none. */
export function withoutExtendedXmp(packet: Uint8Array): Uint8Array<ArrayBuffer> {
  const found = read(packet);
  const references = found ? extendedReferences(found.rdf) : [];
  return found && references.length > 0 ? edited(found.packet.bytes, references) : copyOf(packet);
}

/** The namespaces that an element and those around it declare, the nearest of each prefix. */
function declarationsIn(element: Element): Attribute[] {
  const found = new Map<string, Attribute>();
  for (let of: Element | undefined = element; of; of = of.parent) {
    for (const attribute of of.attributes) if (isDeclaration(attribute) && !found.has(attribute.name)) found.set(attribute.name, attribute);
  }
  return [...found.values()];
}

const prefixOf = ({ name }: Attribute): string => name.slice(6);

/**
 * Joins a standard packet with the extension that it refers to: the extension's `rdf:Description` elements are put in at its end,
 * each with the namespaces that were declared around it, and `xmpNote:HasExtendedXMP` goes.
 *
 * @returns undefined where either can't be read
 */
export function joinedXmp(packet: Uint8Array, extension: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const standard = read(packet);
  const more = read(extension);
  if (!standard || !more) return undefined;
  const { bytes } = more.packet;
  const around = declarationsIn(more.rdf).filter((of) => namespaceOf(standard.rdf.scope, prefixOf(of)) !== of.value);
  const descriptions = descriptionsOf(more.rdf);
  // Each description gets them all, so that two long lists would make an endless packet.
  if (around.reduce((sum, { start, end }) => sum + end - start, 0) * descriptions.length > MOST_DECLARATIONS) return undefined;
  const content = descriptions.flatMap((description) => {
    const own = new Set(description.attributes.map(({ name }) => name));
    const declarations = around.filter(({ name }) => !own.has(name)).map(({ start, end }) => bytes.subarray(start, end));
    return [bytes.subarray(description.start, description.named), ...declarations, bytes.subarray(description.named, description.end)];
  });
  return edited(standard.packet.bytes, [...extendedReferences(standard.rdf), appended(standard.packet, standard.rdf, content)]);
}

/** The white space between a packet's last element and what ends it, left there for edits in place. */
function paddingOf({ text, root }: Packet): Edit[] {
  const start = root.children[root.children.length - 1].end;
  let end = start;
  while (end < text.length && ' \t\r\n\0'.includes(text[end])) end++;
  return end > start + 1 ? [{ start, end, by: [bytesOf('\n')] }] : [];
}

/** A copy of the packet without the white space that is left for edits in place, or the packet itself where it can't be read. */
export function withoutXmpPadding(packet: Uint8Array): Uint8Array {
  const found = packetOf(packet);
  return found ? edited(found.bytes, paddingOf(found)) : packet;
}

/** The stretch of a property, with the white space before it. */
function stretchOf(text: string, { start, end }: Attribute | Element): Edit {
  let from = start;
  while (' \t\r\n'.includes(text[from - 1])) from--;
  return { start: from, end };
}

/** The extension that holds these properties: the packet's own descriptions with nothing else in them. */
function extensionOf({ bytes }: Packet, rdf: Element, properties: ReadonlySet<Attribute | Element>): Uint8Array<ArrayBuffer> {
  const raw = ({ start, end }: { start: number; end: number }) => bytes.subarray(start, end);
  const content: Uint8Array[] = [];
  for (const description of descriptionsOf(rdf)) {
    const elements = description.children.filter((of) => properties.has(of));
    const attributes = description.attributes.filter((of) => properties.has(of));
    if (elements.length + attributes.length === 0) continue;
    const subject = description.attributes.filter((of) => !isProperty(of));
    const name = bytes.subarray(description.start + 1, description.named);
    content.push(bytesOf('<'), name);
    for (const attribute of [...subject, ...attributes]) content.push(raw(attribute));
    content.push(bytesOf('>'));
    for (const element of elements) content.push(raw(element));
    content.push(bytesOf('</'), name, bytesOf('>'));
  }
  return packetAround(bytes, rdf, content);
}

/** A packet of its own around descriptions that stood in another. */
function packetAround(bytes: Uint8Array, rdf: Element, descriptions: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const name = bytes.subarray(rdf.start + 1, rdf.named);
  const declarations = declarationsIn(rdf).map(({ start, end }) => bytes.subarray(start, end));
  const head = [bytesOf('<x:xmpmeta xmlns:x="adobe:ns:meta/"><'), name, ...declarations, bytesOf('>')];
  return joined([...head, ...descriptions, bytesOf('</'), name, bytesOf('></x:xmpmeta>')]);
}

/**
 * Splits a packet that is too long for one segment of a JPEG: the largest properties go into an extension.
 *
 * @param most bytes that the standard packet may have
 * @returns a standard packet that refers to the extension, the extension, and its GUID: its MD5 as 32 upper-case hexadecimal digits.
 * undefined where the packet can't be read
 */
export function splitXmp(packet: Uint8Array, most: number): { packet: Uint8Array<ArrayBuffer>; extension: Uint8Array<ArrayBuffer>; guid: string } | undefined {
  const found = read(withoutXmpPadding(withoutExtendedXmp(packet)));
  if (!found) return undefined;
  const { rdf } = found;
  const properties = descriptionsOf(rdf)
    .flatMap((description) => [...description.attributes.filter(isProperty), ...description.children])
    .map((of) => ({ of, ...stretchOf(found.packet.text, of) }))
    .sort((a, b) => b.end - b.start - (a.end - a.start));
  const reference = (guid: string): Edit => appended(found.packet, rdf, extendedReference(found.packet, rdf, guid));
  let length = edited(found.packet.bytes, [reference('0'.repeat(32))]).length;
  const gone: typeof properties = [];
  for (const property of properties) {
    if (gone.length > 0 && length <= most) break;
    gone.push(property);
    length -= property.end - property.start;
  }
  if (length > most || gone.length === 0) {
    // What is no property can't go by itself: all goes.
    const extension = new Uint8Array(found.packet.bytes);
    const guid = md5Of(extension);
    const standard = packetAround(found.packet.bytes, rdf, extendedReference(found.packet, rdf, guid));
    return standard.length <= most ? { packet: standard, extension, guid } : undefined;
  }
  const extension = extensionOf(found.packet, rdf, new Set(gone.map(({ of }) => of)));
  const guid = md5Of(extension);
  return { packet: edited(found.packet.bytes, [...gone, reference(guid)]), extension, guid };
}
