import { bytesOf, charactersAt, joined, viewOf } from './containers/bytes';

// Photoshop's image resources: each is a signature of four characters, a number, a name (its length, then its characters, together
// even in length), the content's length, and the content, padded to an even one. They stand in a JPEG's APP13 behind "Photoshop 3.0\0",
// in the tag 34377 of a TIFF, and in text chunks of a PNG.
//
// Why no library: ag-psd reads whole PSD files, and refuses resources that stand alone, as they do in photos.

const IPTC = 0x0404;
const SIGNATURES = new Set(['8BIM', '8BPS', 'MeSa', 'AgHg', 'PHUT', 'DCSR']);

/** What goes by its number: thumbnails show what was removed, and copies of what is carried elsewhere would contradict it. */
const DROPPED = new Map([
  [0x0409, 'thumbnail'],
  [0x040c, 'thumbnail'],
  [0x040f, 'ICC profile'],
  [0x0422, 'EXIF'],
  [0x0423, 'EXIF'],
  [0x0424, 'XMP'],
]);

interface Resource {
  id: number;
  content: Uint8Array;
  /** Where it stands, padding included. */
  start: number;
  end: number;
}

/** The resources, up to the first that can't be read. */
function resourcesIn(bytes: Uint8Array): Resource[] {
  const view = viewOf(bytes);
  const resources: Resource[] = [];
  for (let at = 0; at + 12 <= bytes.length && SIGNATURES.has(charactersAt(bytes, at, 4)); ) {
    const head = at + 6 + ((bytes[at + 6] + 2) & ~1);
    if (head + 4 > bytes.length) break;
    const length = view.getUint32(head);
    const end = head + 4 + length;
    if (end > bytes.length) break;
    const next = Math.min(end + (length & 1), bytes.length);
    resources.push({ id: view.getUint16(at + 4), content: bytes.subarray(head + 4, end), start: at, end: next });
    at = next;
  }
  return resources;
}

// Of record 2: content location, city, sublocation, state, country's code and name.
const PLACES = new Set([26, 27, 90, 92, 95, 100, 101]);

/** Resources whose IPTC names no place: its letters become spaces, so that nothing moves. The same bytes where it names none. */
export function withoutPlaces(resources: Uint8Array): Uint8Array {
  const copy = new Uint8Array(resources);
  let found = false;
  for (const { id, content } of resourcesIn(copy)) {
    if (id !== IPTC) continue;
    for (let at = 0; at + 5 <= content.length && content[at] === 0x1c; ) {
      const length = content[at + 3] * 256 + content[at + 4];
      // A longer one has its length elsewhere; no place has.
      if (length >= 0x8000) break;
      if (content[at + 1] === 2 && PLACES.has(content[at + 2]) && length > 0) {
        content.fill(0x20, at + 5, at + 5 + length);
        found = true;
      }
      at += 5 + length;
    }
  }
  return found ? copy : resources;
}

/**
 * Leaves out thumbnails, and copies of the ICC profile, the EXIF block and the XMP packet. All else stays byte for byte, also bytes
 * behind a damaged resource.
 *
 * @param resources without `Photoshop 3.0\0`
 * @returns the resources, the same bytes where nothing is left out, and the names of what is: `'thumbnail'`, `'ICC profile'`,
 * `'EXIF'`, `'XMP'`
 */
export function withoutThumbnails(resources: Uint8Array): { resources: Uint8Array; dropped: string[] } {
  const gone = resourcesIn(resources).filter(({ id }) => DROPPED.has(id));
  if (gone.length === 0) return { resources, dropped: [] };
  const starts = [0, ...gone.map(({ end }) => end)];
  const stops = [...gone.map(({ start }) => start), resources.length];
  return {
    resources: joined(starts.map((start, i) => resources.subarray(start, stops[i]))),
    dropped: [...new Set(gone.map(({ id }) => DROPPED.get(id) as string))],
  };
}

/** The IPTC records (IIM) among the resources; undefined where there are none. */
export const iptcOf = (resources: Uint8Array): Uint8Array | undefined => resourcesIn(resources).find(({ id }) => id === IPTC)?.content;

/** IPTC records (IIM) as a resource. */
export function resourcesOf(iptc: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = joined([bytesOf('8BIM\x04\x04\0\0'), new Uint8Array(4)]);
  viewOf(head).setUint32(8, iptc.length);
  return joined([head, iptc, new Uint8Array(iptc.length & 1)]);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * The text of a PNG's chunk "Raw profile type NAME", by which ImageMagick and others keep what PNG has no chunk for: a line of the
 * name, one of the length in eight characters, then hexadecimal digits in lines of 72.
 */
export function rawProfile(name: string, bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 36) {
    let line = '';
    for (const byte of bytes.subarray(at, at + 36)) line += HEX[byte];
    lines.push(line);
  }
  return ['', name, String(bytes.length).padStart(8), ...lines, ''].join('\n');
}

const digitOf = (code: number): number => {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

/** Reads the text of a chunk "Raw profile type NAME"; undefined where it is none, or does not hold as many bytes as it says. */
export function fromRawProfile(text: string): { name: string; bytes: Uint8Array<ArrayBuffer> } | undefined {
  const head = /^\n([^\n]{1,80})\n {0,20}(\d{1,10})\n/.exec(text);
  if (!head || Number(head[2]) * 2 > text.length) return undefined;
  const bytes = new Uint8Array(Number(head[2]));
  let digits = 0;
  for (let at = head[0].length; at < text.length && digits < 2 * bytes.length; at++) {
    const digit = digitOf(text.charCodeAt(at));
    if (digit < 0 && text[at].trim() !== '') return undefined;
    if (digit >= 0) bytes[digits >> 1] |= digit << (digits++ % 2 === 0 ? 4 : 0);
  }
  return digits === 2 * bytes.length ? { name: head[1], bytes } : undefined;
}
