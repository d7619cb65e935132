import type { PictureText } from '../../picture';
import { inflated } from '../inflate';
import { bytesOf, joined } from './bytes';
import { fromLatin1, isLatin1, printable, toUtf8 } from './texts';

/** The keyword under which a PNG holds an XMP packet. */
export const XMP_KEYWORD = 'XML:com.adobe.xmp';
// What all texts of a file may take: a file of a megabyte can hold a gigabyte of compressed words.
const MOST = 64 * 2 ** 20;
// How many there may be: each takes a stream of its own to inflate.
const MOST_TEXTS = 100_000;
const MOST_COMPRESSED = 1000;

interface TextChunk {
  type: string;
  content: Uint8Array;
}

/** A text of a PNG: in words, and as bytes for those that are no words, such as a packet. */
export interface PngText extends PictureText {
  bytes: Uint8Array;
}

/** Up to a zero byte, and where the next begins; nothing where there is no zero byte. */
function fieldAt(content: Uint8Array, from: number, most = content.length): { field: Uint8Array; next: number } | undefined {
  const end = content.indexOf(0, from);
  return end < 0 || end - from > most ? undefined : { field: content.subarray(from, end), next: end + 1 };
}

/** Reads a text chunk; undefined where it makes no sense, or is more than `most` bytes. */
async function textOf({ type, content }: TextChunk, most: number): Promise<PngText | undefined> {
  const head = fieldAt(content, 0, 79);
  if (!head || head.field.length === 0) return undefined;
  const keyword = fromLatin1(head.field);
  const unpacked = (bytes: Uint8Array) => inflated(bytes, most).catch(() => undefined);
  if (type !== 'iTXt') {
    const bytes = type === 'tEXt' ? content.subarray(head.next) : content[head.next] === 0 ? await unpacked(content.subarray(head.next + 1)) : undefined;
    return bytes && bytes.length <= most ? { keyword, text: fromLatin1(bytes), bytes } : undefined;
  }
  // Whether it is compressed, how, then language and translated keyword.
  const language = fieldAt(content, head.next + 2);
  const translated = language && fieldAt(content, language.next);
  if (!translated) return undefined;
  const stored = content.subarray(translated.next);
  const bytes = content[head.next] === 1 ? await unpacked(stored) : stored;
  if (!bytes || bytes.length > most) return undefined;
  const utf8 = (of: Uint8Array) => new TextDecoder().decode(of);
  return {
    keyword,
    text: utf8(bytes),
    bytes,
    ...(language.field.length > 0 ? { language: fromLatin1(language.field) } : {}),
    ...(translated.field.length > 0 ? { translatedKeyword: utf8(translated.field) } : {}),
  };
}

/** The texts of a PNG's chunks, and the keywords of those that could not be read, or are too many. */
export async function textsOf(chunks: readonly TextChunk[]): Promise<{ texts: PngText[]; unread: string[] }> {
  const texts: PngText[] = [];
  const unread = new Set<string>();
  let bytes = MOST;
  let compressed = MOST_COMPRESSED;
  for (const chunk of chunks) {
    if (!/^(tEXt|zTXt|iTXt)$/.test(chunk.type)) continue;
    if (chunk.type === 'zTXt') compressed--;
    const text = texts.length < MOST_TEXTS && compressed >= 0 ? await textOf(chunk, bytes) : undefined;
    if (text) {
      texts.push(text);
      bytes -= text.bytes.length;
    } else unread.add(`the text ${JSON.stringify(printable(fromLatin1(fieldAt(chunk.content, 0, 79)?.field ?? new Uint8Array())))}, which can't be read`);
  }
  return { texts, unread: [...unread] };
}

/** The type and content of the chunk that holds a text. */
export function textChunk({ keyword, text, language = '', translatedKeyword = '' }: PictureText): [type: string, content: Uint8Array] {
  if (isLatin1(text) && !language && !translatedKeyword) return ['tEXt', joined([bytesOf(`${keyword}\0`), bytesOf(text)])];
  return ['iTXt', joined([bytesOf(`${keyword}\0\0\0${language}\0`), toUtf8(translatedKeyword), new Uint8Array(1), toUtf8(text)])];
}

/** Whether a keyword may stand in a PNG: 1 to 79 characters of Latin-1, no spaces at the ends or in a row. */
export const isKeyword = (keyword: string): boolean => keyword.length >= 1 && keyword.length <= 79 && isLatin1(keyword) && !/[\n]|^\s|\s$|\s\s/.test(keyword);
