import type { PictureText } from '../../picture';
import { fromPngChunks, toPngChunks } from '../colour';
import { crc32 } from '../crc';
import { exifDensity, resetOrientation } from '../exif';
import { inflated } from '../inflate';
import { fromRawProfile, rawProfile, resourcesOf } from '../photoshop';
import { bytesOf, charactersAt, joined, viewOf } from './bytes';
import { type Cargo, checkedSize, damaged, densityOf, type Header } from './header';
import { type PngText, textChunk, textsOf, XMP_KEYWORD } from './png-texts';
import { printable } from './texts';

export const PNG_SIGNATURE = bytesOf('\x89PNG\r\n\x1a\n');
const LARGEST = 32 * 2 ** 20;

/** A PNG's chunk, its check sum verified. */
export interface PngChunk {
  type: string;
  content: Uint8Array;
  /** The chunk as it stands in the file. */
  stored: Uint8Array;
}

/** A PNG's header with what decoding needs. */
export interface PngHeader extends Header {
  format: 'png';
  bits: 1 | 2 | 4 | 8 | 16;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  colourType: number;
  interlaced: boolean;
  /** The palette's colours, three bytes each. */
  palette?: Uint8Array;
  /** The palette's alpha, or the colour that is transparent, two bytes a channel. */
  transparency?: Uint8Array;
  /** The compressed pixels, where they stand in the file. */
  compressed: Uint8Array[];
}

/** The chunks of a PNG. One that is broken ends the reading if it is critical, and is passed over if it isn't, as by libpng. */
export function pngChunks(file: Uint8Array): PngChunk[] {
  const view = viewOf(file);
  const chunks: PngChunk[] = [];
  for (let at = 8; at + 12 <= file.length; ) {
    const length = view.getUint32(at);
    const type = charactersAt(file, at + 4, 4);
    const end = at + 12 + length;
    if (end > file.length) break;
    const whole = crc32(file.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
    const critical = (file[at + 4] & 0x20) === 0;
    if (!whole && critical) throw damaged(`the check sum of the PNG's ${JSON.stringify(type)} is wrong`);
    if (whole) chunks.push({ type, content: file.subarray(at + 8, end - 4), stored: file.subarray(at, end) });
    if (type === 'IEND') return chunks;
    at = end;
  }
  throw damaged('the PNG is cut short');
}

/** The bytes up to a zero byte, and where what follows begins. */
function keywordOf(content: Uint8Array): { keyword: string; next: number } {
  const end = content.subarray(0, 80).indexOf(0);
  return { keyword: charactersAt(content, 0, Math.max(end, 0)), next: end < 0 ? content.length : end + 1 };
}

/** The profile, unless it can't be inflated: the picture can still be read without. */
async function profileOf(content: Uint8Array | undefined): Promise<Uint8Array | undefined> {
  return content && inflated(content.subarray(keywordOf(content).next + 1), LARGEST).catch(() => undefined);
}

/** What texts hold that is no words: an XMP packet, EXIF and Photoshop's resources, as older programs put them into PNGs. */
function partsOf(all: readonly PngText[]): { xmp?: Uint8Array; exif?: Uint8Array; photoshop?: Uint8Array; texts: PictureText[]; unread: string[] } {
  const parts: ReturnType<typeof partsOf> = { texts: [], unread: [] };
  for (const { bytes, ...text } of all) {
    const { keyword } = text;
    const [, raw] = /^Raw profile type (\w+)$/.exec(keyword) ?? [];
    if (keyword === XMP_KEYWORD) parts.xmp ??= bytes.slice();
    else if (raw === undefined) parts.texts.push(text);
    else {
      const profile = fromRawProfile(text.text)?.bytes;
      const kind = { xmp: 'xmp', exif: 'exif', app1: 'exif', iptc: 'photoshop', '8bim': 'photoshop' }[raw.toLowerCase()] as
        | 'xmp'
        | 'exif'
        | 'photoshop'
        | undefined;
      if (!profile || !kind) parts.unread.push(`the text ${JSON.stringify(keyword)}`);
      else if (kind === 'photoshop') parts.photoshop ??= charactersAt(profile, 0, 4) === '8BIM' ? profile : resourcesOf(profile);
      // No viewer turns a picture by such a block.
      else parts[kind] ??= kind === 'exif' ? resetOrientation(profile) : profile;
    }
  }
  return parts;
}

function pixelsPerInch(content: Uint8Array | undefined): number | undefined {
  if (content?.length !== 9 || content[8] !== 1) return undefined;
  // Whole pixels per metre are not exact: 300 per inch are stored as 11811, which is 299.9994.
  return Math.round(viewOf(content).getUint32(0) * 0.0254 * 100) / 100 || undefined;
}

const DEPTHS: Record<number, number[]> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };

// What a picture keeps in a place of its own, and what only says how the pixels are stored.
const KNOWN = /^(IHDR|PLTE|IDAT|IEND|tRNS|sBIT|hIST|cICP|gAMA|cHRM|sRGB|mDCV|cLLI|iCCP|eXIf|pHYs|tEXt|zTXt|iTXt)$/;

/** Whether pixels are as wide as they are high. */
const isSquare = (content: Uint8Array): boolean => viewOf(content).getUint32(0) === viewOf(content).getUint32(4);

/** Reads a PNG's header and what it carries; its pixels are left as they are. */
export async function pngHeader(file: Uint8Array): Promise<PngHeader> {
  const chunks = pngChunks(file);
  const contentOf = (type: string) => chunks.find((chunk) => chunk.type === type)?.content;
  const header = chunks[0]?.type === 'IHDR' && chunks[0].content.length === 13 ? chunks[0].content : undefined;
  if (!header) throw damaged('the PNG has no header');
  const view = viewOf(header);
  const [bits, colourType, compression, filter, interlace] = header.subarray(8);
  if (!DEPTHS[colourType]?.includes(bits) || compression !== 0 || filter !== 0 || interlace > 1) throw damaged("the PNG's header makes no sense");
  const palette = colourType === 3 ? contentOf('PLTE') : undefined;
  if (colourType === 3 && !(palette && palette.length >= 3 && palette.length <= 768 && palette.length % 3 === 0)) throw damaged('the PNG has no palette');
  const needed = { 0: 2, 2: 6, 3: 1 }[colourType] ?? Number.POSITIVE_INFINITY;
  const transparency = contentOf('tRNS');
  const transparent = transparency && transparency.length >= needed ? transparency : undefined;
  const profile = contentOf('iCCP');
  const icc = await profileOf(profile);
  const { texts: all, unread } = await textsOf(chunks);
  const { texts, ...parts } = partsOf(all);
  const exif = contentOf('eXIf')?.slice() ?? parts.exif;
  const others = new Set(chunks.flatMap(({ type }) => (KNOWN.test(type) ? [] : [`the chunk ${printable(type)}`])));
  const ratio = contentOf('pHYs');
  if (ratio && (pixelsPerInch(ratio) === undefined || !isSquare(ratio))) others.add('the shape of the pixels (pHYs)');
  return {
    format: 'png',
    ...checkedSize(view.getUint32(0), view.getUint32(4)),
    bits: bits as PngHeader['bits'],
    colourType,
    interlaced: interlace === 1,
    grey: colourType === 0 || colourType === 4,
    alpha: colourType >= 4 || transparent !== undefined,
    // Behind the pixels it counts for nothing.
    animated: chunks.find(({ type }) => type === 'acTL' || type === 'IDAT')?.type === 'acTL',
    palette,
    transparency: transparent,
    compressed: chunks.flatMap(({ type, content }) => (type === 'IDAT' ? [content] : [])),
    metadata: {
      icc,
      exif,
      xmp: parts.xmp,
      photoshop: parts.photoshop,
      colour: fromPngChunks(contentOf),
      density: densityOf(pixelsPerInch(contentOf('pHYs')), exif && exifDensity(exif)),
      paletteBitDepth: palette && bits,
      ...(texts.length > 0 ? { texts } : {}),
    },
    left: [...unread, ...parts.unread, ...others, ...(profile && !icc ? ["the ICC profile, which can't be read"] : [])],
  };
}

/** A chunk as it stands in a file: length, type, content, check sum. */
export function pngChunk(type: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunk = joined([new Uint8Array(4), bytesOf(type), content, new Uint8Array(4)]);
  const view = viewOf(chunk);
  view.setUint32(0, content.length);
  view.setUint32(8 + content.length, crc32(chunk.subarray(4, 8 + content.length)));
  return chunk;
}

/** The header chunk of a PNG that is not interlaced. */
export function pngStart(width: number, height: number, channels: 1 | 2 | 3 | 4, bits: 8 | 16): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  viewOf(header).setUint32(0, width);
  viewOf(header).setUint32(4, height);
  header[8] = bits;
  header[9] = [0, 4, 2, 6][channels - 1];
  return pngChunk('IHDR', header);
}

/** The chunks that carry metadata, to stand before the pixels. The ICC profile comes deflated. */
export function pngCargo({ icc, exif, xmp, photoshop, texts = [], colour, density }: Cargo): Uint8Array<ArrayBuffer>[] {
  const parts = toPngChunks(colour ?? {}).map(([type, content]) => pngChunk(type, content));
  if (icc) parts.push(pngChunk('iCCP', joined([bytesOf('icc\0\0'), icc])));
  if (density) {
    const perMetre = new Uint8Array(9);
    viewOf(perMetre).setUint32(0, Math.round(density / 0.0254));
    viewOf(perMetre).setUint32(4, Math.round(density / 0.0254));
    perMetre[8] = 1;
    parts.push(pngChunk('pHYs', perMetre));
  }
  if (xmp) parts.push(pngChunk('iTXt', joined([bytesOf(`${XMP_KEYWORD}\0\0\0\0\0`), xmp])));
  if (exif) parts.push(pngChunk('eXIf', exif));
  if (photoshop) parts.push(pngChunk(...textChunk({ keyword: 'Raw profile type 8bim', text: rawProfile('8bim', photoshop) })));
  for (const text of texts) parts.push(pngChunk(...textChunk(text)));
  return parts;
}

const CARGO = /^(iCCP|sRGB|gAMA|cHRM|cICP|mDCV|cLLI|pHYs|eXIf|tEXt|zTXt|iTXt)$/;

/** The PNG in parts, as an encoder wrote it, with the cargo in the place of what that put before the pixels. The ICC profile comes deflated. */
export function pngWith(file: Uint8Array, cargo: Cargo): Uint8Array[] {
  const view = viewOf(file);
  const kept: Uint8Array[] = [];
  let at = PNG_SIGNATURE.length;
  for (let type = ''; at + 12 <= file.length; at += 12 + view.getUint32(at)) {
    type = charactersAt(file, at + 4, 4);
    if (type === 'IDAT') break;
    if (!CARGO.test(type)) kept.push(file.subarray(at, at + 12 + view.getUint32(at)));
  }
  const [start, ...others] = kept;
  return [PNG_SIGNATURE, start, ...pngCargo(cargo), ...others, file.subarray(at)];
}
