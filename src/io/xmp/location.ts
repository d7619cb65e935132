import { type Attribute, descendantsOf, type Element, edited, packetOf } from './xml';

/** What says where a picture was taken, or what place it shows. */
const PLACES: [namespace: string, local: RegExp][] = [
  ['http://ns.adobe.com/exif/1.0/', /^GPS/],
  ['http://ns.adobe.com/photoshop/1.0/', /^(City|State|Country)$/],
  ['http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/', /^(Location|CountryCode)$/],
  ['http://iptc.org/std/Iptc4xmpExt/2008-02-29/', /^Location(Created|Shown)$/],
];

const isPlace = ({ namespace, local }: Attribute | Element): boolean => PLACES.some(([of, name]) => of === namespace && name.test(local));

/** Takes places out of a packet. @returns the packet without; itself where it names none; undefined where it can't be read, and so may */
export function xmpWithoutLocation(packet: Uint8Array): Uint8Array | undefined {
  const found = packetOf(packet);
  if (!found) return undefined;
  const gone: (Attribute | Element)[] = [];
  for (const element of descendantsOf(found.root)) {
    if (isPlace(element)) gone.push(element);
    for (const attribute of element.attributes) if (isPlace(attribute)) gone.push(attribute);
  }
  return gone.length > 0 ? edited(found.bytes, gone) : packet;
}
