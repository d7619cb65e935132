/** The bytes' view as numbers of several bytes. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Up to `length` bytes as characters of the same codes; what lies beyond the end is not there. */
export function charactersAt(bytes: Uint8Array, at: number, length: number): string {
  let characters = '';
  for (let i = at; i < Math.min(at + length, bytes.length); i++) characters += String.fromCharCode(bytes[i]);
  return characters;
}

/** Characters as bytes of the same codes. */
export function bytesOf(characters: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** All parts after one another, in memory of their own. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A whole number in so many bytes, the highest first. */
export const numberBytes = (value: number, size: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256);
