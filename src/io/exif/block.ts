// EXIF blocks are kept byte for byte, maker's notes included, but for the orientation. Layout: "Exif\0\0", then a TIFF file:
// byte order, 42, offset of the first directory; a directory is a count, then entries of 12 bytes: tag, type, count, value.

const PREFIX = new Uint8Array([0x45, 0x78, 0x69, 0x66, 0, 0]);
const ORIENTATION = 0x0112;
const X_RESOLUTION = 0x011a;
const RESOLUTION_UNIT = 0x0128;
const SHORT = 3;
const RATIONAL = 5;

/** The block with its `Exif\0\0` in front, whether it came with or without. */
export function withExifPrefix(exif: Uint8Array): Uint8Array {
  if (PREFIX.every((byte, i) => exif[i] === byte)) return exif;
  const block = new Uint8Array(exif.length + PREFIX.length);
  block.set(PREFIX);
  block.set(exif, PREFIX.length);
  return block;
}

/** The block without `Exif\0\0`, as PNG and WebP store it. */
export const withoutExifPrefix = (exif: Uint8Array): Uint8Array => withExifPrefix(exif).subarray(PREFIX.length);

/** Where the entries of a tag stand in the first directory of a TIFF, and the TIFF's byte order. What lies beyond the end is not there. */
export function tiffEntries(tiff: DataView, tag: number): { little: boolean; entries: number[] } {
  const entries: number[] = [];
  const little = tiff.byteLength >= 2 && tiff.getUint16(0) === 0x4949;
  const directory = tiff.byteLength < 10 ? tiff.byteLength : tiff.getUint32(4, little);
  const count = directory + 2 > tiff.byteLength ? 0 : tiff.getUint16(directory, little);
  for (let i = 0, entry = directory + 2; i < count && entry + 12 <= tiff.byteLength; i++, entry += 12) {
    if (tiff.getUint16(entry, little) === tag) entries.push(entry);
  }
  return { little, entries };
}

const tiffOf = (exif: Uint8Array): DataView => {
  const { buffer, byteOffset, length } = withoutExifPrefix(exif);
  return new DataView(buffer, byteOffset, length);
};

/** The orientation that the block asks for, 1 to 8; 1 where it says nothing that makes sense. */
export function exifOrientation(exif: Uint8Array): number {
  const tiff = tiffOf(exif);
  const { little, entries } = tiffEntries(tiff, ORIENTATION);
  if (entries.length === 0) return 1;
  const value = tiff.getUint16(entries[0] + 2, little) === SHORT ? tiff.getUint16(entries[0] + 8, little) : tiff.getUint32(entries[0] + 8, little);
  return value >= 1 && value <= 8 ? value : 1;
}

/** The horizontal resolution in pixels per inch, where the block has one. */
export function exifDensity(exif: Uint8Array): number | undefined {
  const tiff = tiffOf(exif);
  const { little, entries } = tiffEntries(tiff, X_RESOLUTION);
  if (entries.length === 0 || tiff.getUint16(entries[0] + 2, little) !== RATIONAL) return undefined;
  const at = tiff.getUint32(entries[0] + 8, little);
  if (at + 8 > tiff.byteLength) return undefined;
  const density = tiff.getUint32(at, little) / tiff.getUint32(at + 4, little);
  if (!(density > 0 && Number.isFinite(density))) return undefined;
  const unit = tiffEntries(tiff, RESOLUTION_UNIT).entries[0];
  return unit !== undefined && tiff.getUint16(unit + 8, little) === 3 ? density * 2.54 : density;
}

/** Sets the block's orientation to 1 where it stands. */
export function resetOrientationInPlace(exif: Uint8Array): void {
  const prefixed = PREFIX.every((byte, i) => exif[i] === byte);
  const start = prefixed ? PREFIX.length : 0;
  const tiff = new DataView(exif.buffer, exif.byteOffset + start, exif.length - start);
  const { little, entries } = tiffEntries(tiff, ORIENTATION);
  for (const entry of entries) {
    if (tiff.getUint16(entry + 2, little) === SHORT) tiff.setUint16(entry + 8, 1, little);
    else tiff.setUint32(entry + 8, 1, little);
  }
}

/** A copy of the block with its orientation set to 1. A block that can't be read is copied as it is. */
export function resetOrientation(exif: Uint8Array): Uint8Array {
  const block = new Uint8Array(withExifPrefix(exif));
  resetOrientationInPlace(block);
  return block;
}
