import { PictureError } from '../../errors';
import type { PictureText } from '../../picture';
import { exifDensity } from '../exif';
import { extendedXmpGuid, joinedExtension, joinedXmp, withoutExtendedXmp } from '../xmp';
import { bytesOf, charactersAt, joined, viewOf } from './bytes';
import { type Cargo, checkedSize, damaged, densityOf, type Header } from './header';
import { fromUnknown, toUtf8 } from './texts';

const EXIF = 'Exif\0\0';
const XMP = 'http://ns.adobe.com/xap/1.0/\0';
const XMP_EXTENSION = 'http://ns.adobe.com/xmp/extension/\0';
const ICC = 'ICC_PROFILE\0';
const PHOTOSHOP = 'Photoshop 3.0\0';
const START_OF_SCAN = 0xda;
const END = 0xd9;
/** The most that a segment holds. */
export const LONGEST = 65533;
/** The most that one segment holds of an EXIF block, and of an XMP packet. */
export const LONGEST_EXIF = LONGEST - EXIF.length;
export const LONGEST_XMP = LONGEST - XMP.length;
/** The longest ICC profile: 255 segments, each with a head. */
export const LONGEST_ICC = 255 * (LONGEST - ICC.length - 2);

/** A stretch of the file: its marker, where that stands, its content, and where the next begins. */
interface Segment {
  marker: number;
  start: number;
  content: Uint8Array;
  end: number;
}

/** The segments from `at` on up to the first scan, it included. Bytes that belong to none are passed over, as decoders do. */
function segmentsOf(file: Uint8Array, at = 2): Segment[] {
  const segments: Segment[] = [];
  while (at + 1 < file.length) {
    const marker = file[at + 1];
    if (file[at] !== 0xff || marker === 0 || marker === 0xff || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) {
      at++;
      continue;
    }
    if (marker === END) return [...segments, { marker, start: at, content: file.subarray(at, at), end: at + 2 }];
    const length = at + 4 <= file.length ? viewOf(file).getUint16(at + 2) : 0;
    const end = at + 2 + length;
    if (length < 2 || end > file.length) throw damaged('a JPEG segment is cut short');
    segments.push({ marker, start: at, content: file.subarray(at + 4, end), end });
    if (marker === START_OF_SCAN) break;
    at = end;
  }
  return segments;
}

const startsWith = ({ content }: Segment, prefix: string): boolean => charactersAt(content, 0, prefix.length) === prefix;
const isExif = (segment: Segment) => segment.marker === 0xe1 && startsWith(segment, EXIF);
const isXmp = (segment: Segment) => segment.marker === 0xe1 && startsWith(segment, XMP);
const isXmpExtension = (segment: Segment) => segment.marker === 0xe1 && startsWith(segment, XMP_EXTENSION);
const isPhotoshop = (segment: Segment) => segment.marker === 0xed && startsWith(segment, PHOTOSHOP);
const isComment = ({ marker }: Segment) => marker === 0xfe;
const isPictures = (segment: Segment) => segment.marker === 0xe2 && startsWith(segment, 'MPF\0');
const isAdobe = (segment: Segment) => segment.marker === 0xee && startsWith(segment, 'Adobe');
const isIcc = (segment: Segment) => segment.marker === 0xe2 && startsWith(segment, ICC);
const isJfif = (segment: Segment) => segment.marker === 0xe0 && startsWith(segment, 'JFIF\0') && segment.content.length >= 12;
const isFrame = ({ marker }: Segment) => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** The profile from its parts, each with its number and how many there are; none where a part is missing. */
function profileOf(segments: readonly Segment[]): Uint8Array | undefined {
  const ordered = segments.filter((of) => isIcc(of) && of.content.length > 14).sort((a, b) => a.content[12] - b.content[12]);
  if (ordered.length === 0 || ordered.some(({ content }, i) => content[12] !== i + 1 || content[13] !== ordered.length)) return undefined;
  return joined(ordered.map(({ content }) => content.subarray(14)));
}

function jfifDensity({ content }: Segment): number | undefined {
  const density = viewOf(content).getUint16(8);
  if (density === 0 || content[7] === 0) return undefined;
  return content[7] === 2 ? density * 2.54 : density;
}

/** Whether the scans come to an end: a file cut short would be decoded with grey where pixels are missing. */
function isWhole(file: Uint8Array, scan: number): boolean {
  for (let at = file.indexOf(0xff, scan); at >= 0 && at + 1 < file.length; at = file.indexOf(0xff, at + 1)) if (file[at + 1] === END) return true;
  return false;
}

// How much of a file's end is looked at for what stands behind the picture.
export const TAIL = 4096;

/** Whether a file goes on behind its last end marker with more than padding, such as a video or a maker's own data. */
function goesOn(file: Uint8Array): boolean {
  const tail = file.subarray(-TAIL);
  let at = tail.length - 2;
  while (at >= 0 && !(tail[at] === 0xff && tail[at + 1] === END)) at--;
  return tail.subarray(at + 2).some((byte) => byte !== 0 && byte !== 0xff);
}

/** What is said of that. */
export const BEHIND = "data behind the picture's end";

/**
 * Whether restart markers are missing in the only scan of a JPEG: then so are rows. Of one with several scans that can't be told, so it
 * is taken to lack them.
 */
export function lacksRestarts(file: Uint8Array): boolean {
  const segments = segmentsOf(file);
  const interval = segments.find(({ marker, content }) => marker === 0xdd && content.length >= 2)?.content;
  const [frame, scan] = [segments.find(isFrame)?.content, segments.find(({ marker }) => marker === START_OF_SCAN)];
  const every = interval ? viewOf(interval).getUint16(0) : 0;
  if (every === 0 || !frame || !scan) return false;
  const components = frame[5];
  if (scan.content[0] !== components || segments.find(isFrame)?.marker === 0xc2) return true;
  let [across, down] = [8, 8];
  for (let i = 0; components > 1 && i < components; i++) {
    across = Math.max(across, 8 * (frame[7 + 3 * i] >> 4));
    down = Math.max(down, 8 * (frame[7 + 3 * i] & 15));
  }
  const units = Math.ceil(viewOf(frame).getUint16(3) / across) * Math.ceil(viewOf(frame).getUint16(1) / down);
  let restarts = 0;
  for (let at = file.indexOf(0xff, scan.end); at >= 0; at = file.indexOf(0xff, at + 1)) if (file[at + 1] >= 0xd0 && file[at + 1] <= 0xd7) restarts++;
  return restarts < Math.ceil(units / every) - 1;
}

/** The packet with the extension that it refers to put in; a reference to one that is not all there is taken out. */
function xmpOf(segments: readonly Segment[]): { xmp?: Uint8Array; unread: string[] } {
  const packet = segments.find(isXmp)?.content.slice(XMP.length);
  const parts = segments.filter(isXmpExtension).map(({ content }) => content);
  const guid = packet && extendedXmpGuid(packet);
  if (!packet || !guid) return { xmp: packet, unread: parts.length > 0 ? ['an extension of XMP that nothing refers to'] : [] };
  const extension = joinedExtension(parts, guid);
  const xmp = extension && joinedXmp(packet, extension);
  return xmp ? { xmp, unread: [] } : { xmp: withoutExtendedXmp(packet), unread: ["the extension of the XMP, which is incomplete or can't be read"] };
}

function photoshopOf(segments: readonly Segment[]): Uint8Array | undefined {
  const parts = segments.filter(isPhotoshop).map(({ content }) => content.subarray(PHOTOSHOP.length));
  return parts.length > 0 ? joined(parts) : undefined;
}

function commentsOf(segments: readonly Segment[]): PictureText[] {
  return segments.filter(isComment).map(({ content }) => ({ keyword: 'Comment', text: fromUnknown(content).replace(/\0+$/, '') }));
}

const APPLICATIONS: [RegExp, string][] = [
  [/^JFXX\0/, 'the thumbnail of JFIF'],
  [/^JP/, 'content credentials or other JUMBF data (APP11)'],
];

/** Whether what the segment holds is found in the header or the pixels. */
const isKnown = (of: Segment) =>
  [isJfif, isExif, isXmp, isXmpExtension, isIcc, isPhotoshop, isComment, isAdobe].some((is) => is(of)) || of.marker < 0xe0 || of.marker > 0xef;

/** What kind of segment it is, in words. */
function nameOf({ marker, content }: Segment): string {
  const start = charactersAt(content, 0, 32);
  const known = APPLICATIONS.find(([pattern]) => pattern.test(start))?.[1];
  const [identifier] = /^[\x21-\x7e][\x20-\x7e]*/.exec(start) ?? [];
  return known ?? `APP${marker - 0xe0}${identifier ? ` (${identifier})` : ''}`;
}

/** Whether there is an end marker behind the first scan. */
export function endsAtAll(file: Uint8Array): boolean {
  const scan = segmentsOf(file).find(({ marker }) => marker === START_OF_SCAN);
  return scan !== undefined && isWhole(file, scan.end);
}

/** The EXIF blocks of a JPEG, `Exif\0\0` included, where they stand in the file. */
export const jpegExifBlocks = (file: Uint8Array): Uint8Array[] =>
  segmentsOf(file)
    .filter(isExif)
    .map(({ content }) => content);

// Frames that say how the picture is compressed, by their markers.
const COMPRESSIONS: Record<number, string> = {
  195: 'lossless',
  197: 'hierarchical',
  198: 'hierarchical',
  199: 'hierarchical lossless',
  201: 'arithmetic',
  202: 'arithmetic',
  203: 'arithmetic lossless',
  205: 'hierarchical arithmetic',
  206: 'hierarchical arithmetic',
  207: 'hierarchical lossless arithmetic',
};

/** Reads a JPEG's header: size, colours, and what it carries. */
export function jpegHeader(file: Uint8Array): Header {
  const segments = segmentsOf(file);
  const frame = segments.find(isFrame);
  const scan = segments.find(({ marker }) => marker === START_OF_SCAN);
  if (!frame || !scan || frame.content.length < 6) throw damaged('the JPEG has no pixels');
  const [precision, , , , , components] = frame.content;
  const compression = COMPRESSIONS[frame.marker];
  if (precision !== 8 || compression || ![1, 3, 4].includes(components)) {
    const kind = `${compression ? `${compression}, ` : ''}${components} channels of ${precision} bits`;
    throw new PictureError('format', `a JPEG of a kind that is not read (${kind}): expected baseline or progressive, grey, RGB or CMYK, of 8 bits`, {
      expected: '8 bit',
      actual: { precision, components, compression },
    });
  }
  const view = viewOf(frame.content);
  const exif = segments.find(isExif)?.content.slice();
  const jfif = segments.find(isJfif);
  const { xmp, unread } = xmpOf(segments);
  const texts = commentsOf(segments);
  const icc = components === 4 ? undefined : profileOf(segments);
  const left = new Set(segments.flatMap((of) => (isKnown(of) || isPictures(of) ? [] : [nameOf(of)])));
  if (segments.filter(isExif).length > 1) left.add('a second EXIF block');
  if (segments.filter(isXmp).length > 1) left.add('a second XMP packet');
  const endMissing = !isWhole(file, scan.end);
  if (!endMissing && goesOn(file)) left.add(BEHIND);
  return {
    format: 'jpeg',
    ...checkedSize(view.getUint16(3), view.getUint16(1)),
    grey: components === 1,
    alpha: false,
    cmyk: components === 4,
    endMissing,
    metadata: {
      exif,
      xmp,
      icc,
      photoshop: photoshopOf(segments),
      ...(texts.length > 0 ? { texts } : {}),
      density: densityOf(jfif && jfifDensity(jfif), exif && exifDensity(exif)),
    },
    left: [...unread, ...left, ...(!icc && components !== 4 && segments.some(isIcc) ? ['the ICC profile, which is incomplete'] : [])],
    lost: segments.some(isPictures) ? ['further pictures (MPF)'] : [],
  };
}

function segment(marker: number, ...parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 2);
  return joined([Uint8Array.of(0xff, marker, length >> 8, length & 255), ...parts]);
}

function iccSegments(icc: Uint8Array): Uint8Array[] {
  const most = LONGEST - ICC.length - 2;
  const count = Math.ceil(icc.length / most);
  if (count > 255) return [];
  return Array.from({ length: count }, (_, i) => segment(0xe2, bytesOf(ICC), Uint8Array.of(i + 1, count), icc.subarray(i * most, (i + 1) * most)));
}

function jfif(density: number): Uint8Array {
  const perInch = Math.round(density);
  return segment(0xe0, bytesOf('JFIF\0'), Uint8Array.of(1, 1, 1, perInch >> 8, perInch & 255, perInch >> 8, perInch & 255, 0, 0));
}

/** Contents in segments of a kind, each with what the kind begins with. */
const segmentsFor = (marker: number, start: string, content: Uint8Array): Uint8Array[] => {
  const most = LONGEST - start.length;
  return Array.from({ length: Math.ceil(content.length / most) }, (_, i) => segment(marker, bytesOf(start), content.subarray(i * most, (i + 1) * most)));
};

/**
 * The JPEG in parts, with the cargo in the place of what the encoder has put there of the same kind. Each block has to fit into
 * its segment; a density of more than 65535 is left out.
 */
export function jpegWith(file: Uint8Array, { icc, exif, xmp, xmpExtension = [], photoshop, texts, density }: Cargo): Uint8Array[] {
  const segments = segmentsOf(file);
  const fits = density !== undefined && density >= 0.5 && density <= 65535;
  const replaced = (of: Segment) =>
    (fits && isJfif(of)) ||
    (exif && isExif(of)) ||
    (xmp && (isXmp(of) || isXmpExtension(of))) ||
    (icc !== undefined && isIcc(of)) ||
    (photoshop && isPhotoshop(of)) ||
    (texts && isComment(of));
  // JFIF comes first, and EXIF right after it: readers look there.
  const first = segments.findIndex((of) => !isJfif(of));
  const kept = (from: number, to?: number) => segments.slice(from, to).flatMap((of) => (replaced(of) ? [] : [file.subarray(of.start, of.end)]));
  const parts = [file.subarray(0, 2), ...(fits ? [jfif(density)] : []), ...kept(0, first)];
  if (exif) parts.push(segment(0xe1, bytesOf(EXIF), exif));
  if (xmp) parts.push(segment(0xe1, bytesOf(XMP), xmp));
  parts.push(...xmpExtension.map((content) => segment(0xe1, content)));
  if (icc) parts.push(...iccSegments(icc));
  if (photoshop) parts.push(...segmentsFor(0xed, PHOTOSHOP, photoshop));
  for (const { text } of texts ?? []) parts.push(segment(0xfe, toUtf8(text)));
  return [...parts, ...kept(first), file.subarray(segments[segments.length - 1]?.end ?? 2)];
}
