// Words as files store them: in Latin-1, where a byte is the code of a character, or in UTF-8.

const STRETCH = 8192;

/** Bytes as Latin-1, however many. */
export function fromLatin1(bytes: Uint8Array): string {
  let text = '';
  // An argument each: more than some ten thousand are too many for a call.
  for (let at = 0; at < bytes.length; at += STRETCH) text += String.fromCharCode.apply(undefined, bytes.subarray(at, at + STRETCH) as unknown as number[]);
  return text;
}

/** Whether every character has a place in Latin-1, as PNG's plain text has it: no control characters but line feeds. */
export const isLatin1 = (text: string): boolean => /^[\n\x20-\x7e\xa0-\xff]*$/.test(text);

export const toUtf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Bytes as UTF-8 where they are that, else as Latin-1: comments do not say which they are. */
export function fromUnknown(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fromLatin1(bytes);
  }
}

const LONGEST = 40;

/** Text that comes from outside, for a message: no characters that steer a terminal, break a line or turn its direction. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '?');

/** A name that stands in a file, for a message: plain, and not as long as the file likes. */
export const printable = (text: string): string => {
  const clean = plain(text);
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}...` : clean;
};
