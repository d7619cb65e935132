// Picture files that carry metadata of every kind, put together byte by byte, not by way of the code under test. Each thing that is
// carried holds a word of its own, by which it is found in what comes out.
import { createHash } from 'node:crypto';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { displayProfile } from '../../src/io/icc';
import { ascii, type Entry, tiffOf } from './exif-block';

export type Kind =
  | 'icc'
  | 'exif'
  | 'long-exif'
  | 'maker-note'
  | 'thumbnail'
  | 'xmp'
  | 'long-xmp'
  | 'extended-xmp'
  | 'iptc'
  | 'photoshop'
  | 'comment'
  | 'text'
  | 'compressed-text'
  | 'international-text'
  | 'unknown'
  | 'gain-map';

export type Format = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'gif';

/** What each format has a place for. */
export const KINDS: Record<Format, Kind[]> = {
  jpeg: ['icc', 'exif', 'maker-note', 'thumbnail', 'xmp', 'extended-xmp', 'iptc', 'photoshop', 'comment', 'unknown', 'gain-map'],
  png: [
    'icc',
    'exif',
    'long-exif',
    'maker-note',
    'thumbnail',
    'xmp',
    'long-xmp',
    'iptc',
    'text',
    'compressed-text',
    'international-text',
    'comment',
    'unknown',
  ],
  webp: ['icc', 'exif', 'long-exif', 'maker-note', 'thumbnail', 'xmp', 'long-xmp', 'unknown', 'gain-map'],
  avif: ['icc', 'exif', 'xmp', 'long-xmp', 'gain-map'],
  tiff: ['icc', 'exif', 'xmp', 'long-xmp', 'iptc', 'photoshop', 'gain-map'],
  gif: ['comment', 'unknown'],
};

/** The words by which what is said of a kind is known in warnings. */
export const SAID: Record<Kind, RegExp> = {
  icc: /ICC profile/,
  exif: /ImageDescription|(?<!of )the EXIF \(/,
  'long-exif': /UserComment|(?<!of )the EXIF \(/,
  'maker-note': /maker note|(?<!of )the EXIF \(/,
  // Left out by design: it shows what was removed.
  thumbnail: /thumbnail/,
  xmp: /XMP/,
  'long-xmp': /XMP/,
  'extended-xmp': /XMP/,
  iptc: /IPTC/,
  photoshop: /Photoshop/,
  comment: /"Comment"/,
  text: /"Title"/,
  'compressed-text': /"Description"/,
  'international-text': /"Author"/,
  unknown: /APP9|prVt|PRVT|PRVTDATA/,
  'gain-map': /gain map/,
};

const NOISE = Buffer.from(Array.from({ length: 48 * 33 * 3 }, (_, i) => (i * 7919 + ((i * i) >> 3)) & 255));
const base = () => sharp(NOISE, { raw: { width: 48, height: 33, channels: 3 } });
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A word's many repetitions, with others between, as nothing compresses or splits it by accident. */
const long = (word: string, length: number) =>
  Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('md5')
      .update(word + i)
      .digest('hex'),
  ).join('');

const profileOf = (word: string) => displayProfile(word, { white: [0.3127, 0.329], red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06] }, [2.2]);

type Words = Partial<Record<Kind, string>>;

function exifOf(words: Words): Buffer | undefined {
  const { exif, 'long-exif': longer, 'maker-note': note, thumbnail } = words;
  if (!exif && !longer && !note && !thumbnail) return undefined;
  const inner: Entry[] = [];
  if (note) inner.push([0x927c, 7, note.length, latin1(note)]);
  if (longer) {
    const comment = latin1(`ASCII\0\0\0${longer}${long(longer, 90_000)}`);
    inner.push([0x9286, 7, comment.length, comment]);
  }
  const first: Entry[] = [];
  if (exif) first.push(ascii(0x010e, exif));
  if (inner.length > 0) first.push([0x8769, 4, 1, inner]);
  if (first.length === 0) first.push(ascii(0x010f, 'maker'));
  const second: Entry[] = [];
  if (thumbnail) {
    const image = Buffer.concat([latin1('\xff\xd8\xff\xdb'), latin1(thumbnail), latin1('\xff\xd9')]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(image.length);
    second.push([0x0201, 4, 1, { image }], [0x0202, 4, 1, length]);
  }
  return tiffOf(true, second.length > 0 ? [first, second] : [first]);
}

const GAIN_MAP = '<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" hdrgm:GainMapMax="2.5"/>';

/** A packet with a property for each word, the last of them as long as is asked for. */
function packetOf(list: readonly string[], gainMap: boolean, length = 0, extra = ''): string {
  const properties = list.map((word, i) => `<d:p${i}>${word}${length && i === list.length - 1 ? long(word, length) : ''}</d:p${i}>`).join('');
  const description = `<rdf:Description rdf:about="" xmlns:d="urn:d"${extra}>${properties}</rdf:Description>`;
  return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${description}${gainMap ? GAIN_MAP : ''}</rdf:RDF></x:xmpmeta>`;
}

const given = (...list: (string | undefined)[]) => list.filter((word) => word !== undefined);

const xmpOf = ({ xmp, 'long-xmp': longer, 'gain-map': gainMap }: Words) =>
  xmp || longer || gainMap ? packetOf(given(xmp, longer), Boolean(gainMap), longer ? 150_000 : 0) : undefined;

const iimOf = (word: string) => Buffer.concat([Buffer.from([0x1c, 2, 120, word.length >> 8, word.length & 255]), latin1(word)]);
const resource = (id: number, content: Buffer) =>
  Buffer.concat([latin1('8BIM'), Buffer.from([id >> 8, id & 255, 0, 0]), u32(content.length), content, Buffer.alloc(content.length & 1)]);

function resourcesOf({ iptc, photoshop }: Words): Buffer | undefined {
  const parts = [...(photoshop ? [resource(0x03f3, latin1(photoshop))] : []), ...(iptc ? [resource(0x0404, iimOf(iptc))] : [])];
  return parts.length > 0 ? Buffer.concat(parts) : undefined;
}

const segment = (marker: number, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255]), body]);
};

async function jpeg(words: Words): Promise<Buffer> {
  const file = await base()
    .jpeg({ quality: 90, progressive: words.exif !== undefined })
    .toBuffer();
  const parts: Buffer[] = [];
  const exif = exifOf(words);
  if (exif) parts.push(segment(0xe1, latin1('Exif\0\0'), exif));
  const { 'extended-xmp': extended, unknown, comment, icc } = words;
  if (extended) {
    const extension = Buffer.from(packetOf([extended], false, 100_000));
    const guid = createHash('md5').update(extension).digest('hex').toUpperCase();
    const standard = packetOf(
      given(words.xmp),
      Boolean(words['gain-map']),
      0,
      ` xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="${guid}"`,
    );
    parts.push(segment(0xe1, latin1('http://ns.adobe.com/xap/1.0/\0'), Buffer.from(standard)));
    for (let at = 0; at < extension.length; at += 60_000) {
      parts.push(
        segment(0xe1, latin1('http://ns.adobe.com/xmp/extension/\0'), latin1(guid), u32(extension.length), u32(at), extension.subarray(at, at + 60_000)),
      );
    }
  } else if (xmpOf(words)) parts.push(segment(0xe1, latin1('http://ns.adobe.com/xap/1.0/\0'), Buffer.from(xmpOf(words)!)));
  const resources = resourcesOf(words);
  if (resources) parts.push(segment(0xed, latin1('Photoshop 3.0\0'), resources));
  if (comment) parts.push(segment(0xfe, latin1(comment)));
  if (unknown) parts.push(segment(0xe9, latin1('PRIVATE\0'), latin1(unknown)));
  if (icc) parts.push(segment(0xe2, latin1('ICC_PROFILE\0\x01\x01'), Buffer.from(profileOf(icc))));
  return Buffer.concat([file.subarray(0, 2), ...parts, file.subarray(2)]);
}

export const chunk = (type: string, content: Uint8Array) => {
  const body = Buffer.concat([latin1(type), content]);
  return Buffer.concat([u32(content.length), body, u32(crc32(body))]);
};

/** Chunks before the pixels of a PNG. */
export const withChunks = (png: Buffer, ...chunks: Buffer[]) => Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);

async function png(words: Words): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const exif = exifOf(words);
  const xmp = xmpOf(words);
  const resources = resourcesOf(words);
  if (words.icc) chunks.push(chunk('iCCP', Buffer.concat([latin1('p\0\0'), deflateSync(profileOf(words.icc))])));
  if (exif) chunks.push(chunk('eXIf', exif));
  if (xmp) chunks.push(chunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`)));
  if (resources) {
    const hex = resources.toString('hex').replace(/.{72}/g, '$&\n');
    chunks.push(
      chunk('zTXt', Buffer.concat([latin1('Raw profile type 8bim\0\0'), deflateSync(latin1(`\n8bim\n${String(resources.length).padStart(8)}\n${hex}\n`))])),
    );
  }
  if (words.text) chunks.push(chunk('tEXt', latin1(`Title\0${words.text}`)));
  if (words.comment) chunks.push(chunk('tEXt', latin1(`Comment\0${words.comment}`)));
  if (words['compressed-text']) chunks.push(chunk('zTXt', Buffer.concat([latin1('Description\0\0'), deflateSync(latin1(words['compressed-text']))])));
  if (words['international-text']) chunks.push(chunk('iTXt', Buffer.from(`Author\0\0\0fr\0Auteur\0${words['international-text']} é`)));
  if (words.unknown) chunks.push(chunk('prVt', latin1(words.unknown)));
  return withChunks(await base().png().toBuffer(), ...chunks);
}

async function webp(words: Words): Promise<Buffer> {
  const file = await base().webp({ quality: 90 }).toBuffer();
  const exif = exifOf(words);
  const xmp = xmpOf(words);
  const part = (type: string, content: Uint8Array) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(content.length);
    return Buffer.concat([latin1(type), size, content, Buffer.alloc(content.length & 1)]);
  };
  const flags = (words.icc ? 0x20 : 0) | (exif ? 8 : 0) | (xmp ? 4 : 0);
  const body = Buffer.concat([
    latin1('WEBP'),
    part('VP8X', Buffer.from([flags, 0, 0, 0, 47, 0, 0, 32, 0, 0])),
    ...(words.icc ? [part('ICCP', profileOf(words.icc))] : []),
    file.subarray(12),
    ...(words.unknown ? [part('PRVT', latin1(words.unknown))] : []),
    ...(exif ? [part('EXIF', exif)] : []),
    ...(xmp ? [part('XMP ', Buffer.from(xmp))] : []),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([latin1('RIFF'), size, body]);
}

/** AVIF and TIFF by their encoder, with what it can be given. */
async function bySharp(words: Words, format: 'avif' | 'tiff'): Promise<Buffer> {
  let of = sharp(await png({ icc: words.icc }));
  if (words.icc) of = of.keepIccProfile();
  if (words.exif && format === 'avif') of = of.withExif({ IFD0: { ImageDescription: words.exif } });
  const xmp = xmpOf(words);
  if (xmp) of = of.withXmp(xmp);
  if (format === 'avif') return of.avif({ quality: 80, effort: 1 }).toBuffer();
  const file = await of.tiff({ compression: 'lzw' }).toBuffer();
  const added: [number, number, Buffer][] = [];
  if (words.exif) added.push([0x010e, 2, latin1(`${words.exif}\0`)]);
  if (words.iptc) added.push([33723, 7, iimOf(words.iptc)]);
  const resources = words.photoshop ? resourcesOf({ photoshop: words.photoshop, iptc: words.iptc }) : undefined;
  if (resources) added.push([34377, 1, resources]);
  return added.length > 0 ? withTags(file, added) : file;
}

/** A little-endian TIFF whose first directory stands anew at its end, with these tags in it. */
function withTags(file: Buffer, added: readonly [number, number, Buffer][]): Buffer {
  const at = file.readUInt32LE(4);
  const count = file.readUInt16LE(at);
  const entries = Array.from({ length: count }, (_, i) => file.subarray(at + 2 + 12 * i, at + 14 + 12 * i));
  const parts: Buffer[] = [file, Buffer.alloc(file.length & 1)];
  let end = file.length + (file.length & 1);
  for (const [tag, type, content] of added) {
    const entry = Buffer.alloc(12);
    entry.writeUInt16LE(tag, 0);
    entry.writeUInt16LE(type, 2);
    entry.writeUInt32LE(content.length, 4);
    entry.writeUInt32LE(end, 8);
    entries.push(entry);
    const even = Buffer.concat([content, Buffer.alloc(content.length & 1)]);
    parts.push(even);
    end += even.length;
  }
  entries.sort((a, b) => a.readUInt16LE(0) - b.readUInt16LE(0));
  const head = Buffer.alloc(2);
  head.writeUInt16LE(entries.length);
  const whole = Buffer.concat([...parts, head, ...entries, Buffer.alloc(4)]);
  whole.writeUInt32LE(end, 4);
  return whole;
}

async function gif({ comment, unknown }: Words): Promise<Buffer> {
  const file = await base().gif().toBuffer();
  const table = file[10] & 0x80 ? 3 << ((file[10] & 7) + 1) : 0;
  const block = (text: string) => Buffer.concat([Buffer.from([text.length]), latin1(text)]);
  const parts: Buffer[] = [];
  if (comment) parts.push(latin1('\x21\xfe'), block(comment), Buffer.alloc(1));
  if (unknown) parts.push(latin1('\x21\xff'), block('PRVTDATA1.0'), block(unknown), Buffer.alloc(1));
  return Buffer.concat([file.subarray(0, 13 + table), ...parts, file.subarray(13 + table)]);
}

const MAKE: Record<Format, (words: Words) => Promise<Buffer>> = {
  jpeg,
  png,
  webp,
  gif,
  avif: (words) => bySharp(words, 'avif'),
  tiff: (words) => bySharp(words, 'tiff'),
};

/** A file of a format that carries a word in each place that is named. */
export const fileWith = (format: Format, words: Words): Promise<Buffer> => MAKE[format](words);

/** All that a file holds, as text: with what a PNG compresses or writes in hexadecimal. Text of profiles is in two bytes a character. */
export function contentOf(file: Buffer): string {
  const texts = [file.toString('latin1')];
  for (let at = 8; file[0] === 0x89 && at + 12 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const type = file.toString('latin1', at + 4, at + 8);
    const content = file.subarray(at + 8, at + 8 + file.readUInt32BE(at));
    const packed = type === 'iCCP' || type === 'zTXt';
    const text = packed ? inflateSync(content.subarray(content.indexOf(0) + 2)).toString('latin1') : content.toString('latin1');
    if (packed) texts.push(text);
    const [, hexadecimal] = /^(?:Raw profile type \w+\0)?\n\w+\n *\d+\n([\s0-9a-f]+)$/.exec(text) ?? [];
    if (hexadecimal) texts.push(Buffer.from(hexadecimal.replace(/\s/g, ''), 'hex').toString('latin1'));
  }
  return texts.join('\n').replaceAll('\0', '');
}
