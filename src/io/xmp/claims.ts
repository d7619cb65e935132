import { type Attribute, descendantsOf, type Element, edited, packetOf } from './xml';

// Phones put more than a picture into a file: a gain map for bright screens, a video, a depth map, a second picture. A filled picture
// is written without them, since they show what was removed, and then the packet must not say that they are there. Who says so how:
// Adobe's and Apple's gain maps, Google's Ultra HDR, motion photo, dynamic depth and older depth map formats, Adobe's thumbnails.

const CONTAINER = 'http://ns.google.com/photos/1.0/container/';
const ITEM = 'http://ns.google.com/photos/1.0/container/item/';

/** Whose properties are claims: a namespace that begins so, a name, and what is claimed. */
const CLAIMS: [namespace: string, local: RegExp, claim: string][] = [
  ['http://ns.adobe.com/hdr-gain-map/1.0/', /./, 'gain map'],
  ['http://ns.apple.com/HDRGainMap/1.0/', /./, 'gain map'],
  ['http://ns.apple.com/pixeldatainfo/1.0/', /^(AuxiliaryImage|NativeFormat|StoredFormat|IntegerData|FloatData)/, 'gain map'],
  ['http://ns.google.com/photos/1.0/camera/', /^(MotionPhoto|MicroVideo)/, 'motion photo video'],
  ['http://ns.google.com/photos/1.0/camera/', /^Relit/, 'second picture'],
  ['http://ns.oplus.com/photos/1.0/camera/', /^(MotionPhoto|MicroVideo|OLivePhoto|VideoLength)/, 'motion photo video'],
  ['http://ns.xiaomi.com/photos/1.0/camera/', /^(MotionPhoto|MicroVideo)/, 'motion photo video'],
  ['http://ns.google.com/photos/1.0/depthmap/', /./, 'depth map'],
  ['http://ns.google.com/photos/dd/1.0/', /./, 'depth map'],
  ['http://ns.google.com/photos/1.0/image/', /./, 'second picture'],
  ['http://ns.google.com/photos/1.0/audio/', /./, 'sound'],
  ['http://ns.adobe.com/xap/1.0/g/img/', /./, 'thumbnail'],
];

/** What an item of a container is called, by its semantic. */
const ITEMS: [semantic: RegExp, claim: string][] = [
  [/^(GainMap|RecoveryMap)$/i, 'gain map'],
  [/^MotionPhoto/i, 'motion photo video'],
  [/Depth|Confidence/i, 'depth map'],
];

function claimOf({ namespace, local }: Attribute | Element): string | undefined {
  if (namespace === 'http://ns.adobe.com/xap/1.0/' && local === 'Thumbnails') return 'thumbnail';
  return CLAIMS.find(([start, name]) => namespace.startsWith(start) && name.test(local))?.[2];
}

/** What a directory's items claim beside the picture itself. */
function directoryClaims(directory: Element, text: string): string[] {
  const semantics: string[] = [];
  for (const { attributes, namespace, local, open, close } of descendantsOf(directory)) {
    for (const of of attributes) if (of.namespace === ITEM && of.local === 'Semantic') semantics.push(of.value);
    if (namespace === ITEM && local === 'Semantic') semantics.push(text.slice(open, close));
  }
  return semantics
    .map((semantic) => semantic.trim())
    .filter((semantic) => semantic !== 'Primary')
    .map((semantic) => ITEMS.find(([name]) => name.test(semantic))?.[1] ?? 'second picture');
}

/**
 * Takes out what a packet claims about data that stood behind or beside the picture, or shows of it: gain maps, videos of motion
 * photos, depth maps, second pictures, thumbnails. All else stays byte for byte. A packet in UTF-16 comes back in UTF-8.
 *
 * @returns the packet without, and what was claimed: `'gain map'`, `'motion photo video'`, `'depth map'`, `'second picture'`,
 * `'sound'`, `'thumbnail'`. The packet itself where it claims nothing, or is no well-formed XML, which readers of claims can't read either.
 */
export function withoutClaims(packet: Uint8Array): { packet: Uint8Array; claims: string[] } {
  const found = packetOf(packet);
  if (!found) return { packet, claims: [] };
  const claims = new Set<string>();
  const gone: (Attribute | Element)[] = [];
  let end = 0;
  let harmless = 0;
  for (const element of descendantsOf(found.root)) {
    // What goes goes with all that is in it.
    if (element.start < end) continue;
    const isDirectory = element.namespace === CONTAINER && element.local === 'Directory' && element.start >= harmless;
    const claim = claimOf(element);
    const claimed = isDirectory ? directoryClaims(element, found.text) : claim ? [claim] : [];
    // One that claims nothing holds none that does.
    if (isDirectory && claimed.length === 0) harmless = element.end;
    if (claimed.length > 0) {
      gone.push(element);
      end = element.end;
    }
    for (const name of claimed) claims.add(name);
    for (const attribute of claimed.length > 0 ? [] : element.attributes) {
      const name = claimOf(attribute);
      if (!name) continue;
      gone.push(attribute);
      claims.add(name);
    }
  }
  return claims.size > 0 ? { packet: edited(found.bytes, gone), claims: [...claims] } : { packet, claims: [] };
}
