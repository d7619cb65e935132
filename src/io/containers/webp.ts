import { exifDensity } from '../exif';
import { bytesOf, charactersAt, joined, viewOf } from './bytes';
import { type Cargo, checkedSize, damaged, type Header } from './header';
import { printable } from './texts';

const ICC_FLAG = 0x20;
const ALPHA_FLAG = 0x10;
const EXIF_FLAG = 0x08;
const XMP_FLAG = 0x04;
const ANIMATION_FLAG = 0x02;

const KNOWN = /^(VP8 |VP8L|VP8X|ALPH|ANIM|ANMF|ICCP|EXIF|XMP )$/;

interface Chunk {
  type: string;
  content: Uint8Array;
}

function chunksOf(file: Uint8Array): Chunk[] {
  const view = viewOf(file);
  const end = file.length < 20 ? 0 : 8 + view.getUint32(4, true);
  if (end < 20 || end > file.length) throw damaged('the WebP is cut short');
  const chunks: Chunk[] = [];
  for (let at = 12; at + 8 <= end; ) {
    const size = view.getUint32(at + 4, true);
    if (at + 8 + size > end) throw damaged('a WebP chunk is cut short');
    chunks.push({ type: charactersAt(file, at, 4), content: file.subarray(at + 8, at + 8 + size) });
    at += 8 + size + (size & 1);
  }
  return chunks;
}

const contentOf = (chunks: readonly Chunk[], type: string): Uint8Array | undefined => chunks.find((chunk) => chunk.type === type)?.content;

/** Size and alpha by the pixels' own header: that of a key frame of VP8, or of a lossless picture. */
function frameOf(chunks: readonly Chunk[]): { width: number; height: number; alpha: boolean } {
  const lossy = contentOf(chunks, 'VP8 ');
  if (lossy && lossy.length >= 10 && charactersAt(lossy, 3, 3) === '\x9d\x01\x2a') {
    const view = viewOf(lossy);
    return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff, alpha: contentOf(chunks, 'ALPH') !== undefined };
  }
  const lossless = contentOf(chunks, 'VP8L');
  if (!lossless || lossless.length < 5 || lossless[0] !== 0x2f) throw damaged('the WebP has no pixels');
  const bits = viewOf(lossless).getUint32(1, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, alpha: ((bits >>> 28) & 1) === 1 };
}

/** The EXIF blocks of a WebP where they stand in the file. */
export const webpExifBlocks = (file: Uint8Array): Uint8Array[] =>
  chunksOf(file)
    .filter(({ type }) => type === 'EXIF')
    .map(({ content }) => content);

/** Reads a WebP's header: size, alpha, frames, and what it carries. */
export function webpHeader(file: Uint8Array): Header {
  const chunks = chunksOf(file);
  const extended = contentOf(chunks, 'VP8X');
  const animated = extended !== undefined && (extended[0] & ANIMATION_FLAG) !== 0;
  const frames = animated ? Math.max(2, chunks.filter(({ type }) => type === 'ANMF').length) : 1;
  const frame = animated ? { width: 1, height: 1, alpha: true } : frameOf(chunks);
  const exif = contentOf(chunks, 'EXIF')?.slice();
  const others = new Set(chunks.flatMap(({ type }) => (KNOWN.test(type) ? [] : [`the chunk ${printable(type.trim())}`])));
  return {
    format: 'webp',
    ...checkedSize(frame.width, frame.height),
    grey: false,
    alpha: frame.alpha || (extended !== undefined && (extended[0] & ALPHA_FLAG) !== 0),
    animated,
    frames,
    metadata: { icc: contentOf(chunks, 'ICCP')?.slice(), exif, xmp: contentOf(chunks, 'XMP ')?.slice(), density: exif && exifDensity(exif) },
    left: [...others],
  };
}

function chunk(type: string, content: Uint8Array): Uint8Array[] {
  const head = new Uint8Array(8);
  head.set(bytesOf(type));
  viewOf(head).setUint32(4, content.length, true);
  return [head, content, new Uint8Array(content.length & 1)];
}

/** The WebP in parts, with the cargo in the place of what the encoder has put there of the same kind. A density has no place but in EXIF. */
export function webpWith(file: Uint8Array, { icc, exif, xmp }: Cargo): Uint8Array[] {
  const chunks = chunksOf(file);
  const { width, height, alpha } = frameOf(chunks);
  const before = contentOf(chunks, 'VP8X')?.[0] ?? 0;
  const cargo = {
    ICCP: icc === undefined ? contentOf(chunks, 'ICCP') : icc,
    EXIF: exif ?? contentOf(chunks, 'EXIF'),
    'XMP ': xmp ?? contentOf(chunks, 'XMP '),
  };
  const extended = new Uint8Array(10);
  extended[0] = (before & ALPHA_FLAG) | (alpha ? ALPHA_FLAG : 0) | (cargo.ICCP ? ICC_FLAG : 0) | (cargo.EXIF ? EXIF_FLAG : 0) | (cargo['XMP '] ? XMP_FLAG : 0);
  if (extended[0] === 0 && chunks.length === 1) return [file];
  const view = viewOf(extended);
  view.setUint16(4, (width - 1) & 0xffff, true);
  extended[6] = (width - 1) >> 16;
  view.setUint16(7, (height - 1) & 0xffff, true);
  extended[9] = (height - 1) >> 16;
  const pixels = chunks.filter(({ type }) => type !== 'VP8X' && !(type in cargo));
  const optional = (type: keyof typeof cargo) => (cargo[type] ? chunk(type, cargo[type]) : []);
  const body = [
    ...chunk('VP8X', extended),
    ...optional('ICCP'),
    ...pixels.flatMap(({ type, content }) => chunk(type, content)),
    ...optional('EXIF'),
    ...optional('XMP '),
  ];
  const head = joined([bytesOf('RIFF\0\0\0\0WEBP')]);
  viewOf(head).setUint32(4, 4 + body.reduce((sum, part) => sum + part.length, 0), true);
  return [head, ...body];
}
