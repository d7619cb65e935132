import { bytesOf } from '../containers/bytes';
import { type Attribute, descendantsOf, type Element, type Packet } from './xml';

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const NOTE = 'http://ns.adobe.com/xmp/note/';
const EXTENDED = 'HasExtendedXMP';

/** The element that holds all of a packet's descriptions. */
export function rdfOf({ root }: Packet): Element | undefined {
  for (const element of descendantsOf(root)) if (element.namespace === RDF && element.local === 'RDF') return element;
  return undefined;
}

/** The descriptions: what properties stand in. */
export const descriptionsOf = (rdf: Element): Element[] => rdf.children.filter(({ namespace, local }) => namespace === RDF && local === 'Description');

/** Whether an attribute declares a namespace. */
export const isDeclaration = ({ name }: Attribute): boolean => name === 'xmlns' || name.startsWith('xmlns:');

/** Whether a description's attribute is a property: not one that says what is described, and no namespace. */
export const isProperty = (attribute: Attribute): boolean =>
  attribute.namespace !== RDF && attribute.name.includes(':') && !isDeclaration(attribute) && !attribute.name.startsWith('xml:');

/** Where a packet refers to its extension: attributes and elements. */
export function extendedReferences(rdf: Element): (Attribute | Element)[] {
  const refers = ({ namespace, local }: Attribute | Element) => namespace === NOTE && local === EXTENDED;
  return descriptionsOf(rdf).flatMap(({ attributes, children }) => [...attributes.filter(refers), ...children.filter(refers)]);
}

/** A description that refers to an extension, about what the others are about. */
export function extendedReference({ bytes }: Packet, rdf: Element, guid: string): Uint8Array[] {
  const prefix = bytes.subarray(rdf.start + 1, rdf.named - rdf.local.length);
  const about = descriptionsOf(rdf)[0]?.attributes.find(({ local }) => local === 'about');
  const subject = about ? [bytes.subarray(about.start, about.end)] : [bytesOf(' '), prefix, bytesOf('about=""')];
  return [bytesOf('<'), prefix, bytesOf('Description'), ...subject, bytesOf(` xmlns:xmpNote="${NOTE}" xmpNote:${EXTENDED}="${guid}"/>`)];
}
