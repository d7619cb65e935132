import { bytesOf, charactersAt, joined, viewOf } from '../containers/bytes';

// An extension's segment: signature, GUID, then as 32-bit numbers the length of the whole extension and this part's offset in it.

const SIGNATURE = 'http://ns.adobe.com/xmp/extension/\0';
const HEAD = SIGNATURE.length + 32 + 8;
const PART = 65400;
const LONGEST = 32 * 2 ** 20;

/** The contents of the JPEG segments (APP1) that hold an extension. */
export function extensionParts(extension: Uint8Array, guid: string): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: Math.ceil(extension.length / PART) }, (_, i) => {
    const head = joined([bytesOf(SIGNATURE + guid), new Uint8Array(8)]);
    viewOf(head).setUint32(HEAD - 8, extension.length);
    viewOf(head).setUint32(HEAD - 4, i * PART);
    return joined([head, extension.subarray(i * PART, (i + 1) * PART)]);
  });
}

/** Whether the content of an APP1 segment is part of an extension. */
export const isExtensionPart = (content: Uint8Array): boolean => content.length > HEAD && charactersAt(content, 0, SIGNATURE.length) === SIGNATURE;

/**
 * Joins an extension from the contents of its segments, in whatever order. Others are passed over.
 *
 * @returns undefined where parts are missing, overlap, or contradict one another, or claim more than 32 MB
 */
export function joinedExtension(parts: readonly Uint8Array[], guid: string): Uint8Array<ArrayBuffer> | undefined {
  const own = parts.filter((part) => isExtensionPart(part) && charactersAt(part, SIGNATURE.length, 32) === guid);
  const numberAt = (part: Uint8Array, at: number) => viewOf(part).getUint32(at);
  own.sort((a, b) => numberAt(a, HEAD - 4) - numberAt(b, HEAD - 4));
  const length = own.length > 0 ? numberAt(own[0], HEAD - 8) : 0;
  if (length === 0 || length > LONGEST) return undefined;
  let end = 0;
  for (const part of own) {
    if (numberAt(part, HEAD - 8) !== length || numberAt(part, HEAD - 4) !== end) return undefined;
    end += part.length - HEAD;
  }
  return end === length ? joined(own.map((part) => part.subarray(HEAD))) : undefined;
}
